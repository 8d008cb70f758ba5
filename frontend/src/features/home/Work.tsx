/** A short list of what waits, each line a link; or a sentence that nothing does. */
import { Link } from "@tanstack/react-router";
import { Panel } from "@/ui/Split";
import classes from "@/features/home/Home.module.css";

export interface Item {
  key: string;
  to: string;
  title: string;
  sub?: React.ReactNode;
  aside?: React.ReactNode;
}

export function Work({ title, all, items, none, most = 5 }: { title: string; all?: string; items: readonly Item[]; none: React.ReactNode; most?: number }) {
  const rest = items.length - most;
  return (
    <Panel title={title} aside={all ? <Link to={all}>{rest > 0 ? `${String(rest)} more` : "All"}</Link> : null}>
      {items.length === 0 ? (
        <p className="muted">{none}</p>
      ) : (
        <ul className={classes.list}>
          {items.slice(0, most).map((item) => (
            <li key={item.key}>
              <Link to={item.to} className={classes.item}>
                <span className={classes.words}>
                  <span className={classes.title}>{item.title}</span>
                  {item.sub ? <span className={classes.sub}>{item.sub}</span> : null}
                </span>
                {item.aside ? <span className={classes.aside}>{item.aside}</span> : null}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
