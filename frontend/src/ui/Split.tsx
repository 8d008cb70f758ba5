/** Content with a rail beside it; one below the other where there is little room. */
import classes from "@/ui/Split.module.css";

export function Split({ rail, label, children }: { rail: React.ReactNode; label: string; children: React.ReactNode }) {
  return (
    <div className={classes.split}>
      <div className={classes.main}>{children}</div>
      <aside className={classes.rail} aria-label={label}>
        {rail}
      </aside>
    </div>
  );
}

/** A framed part with a small heading. */
export function Panel({ title, aside, children }: { title: string; aside?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className={classes.panel} aria-label={title}>
      <header className={classes.head}>
        <h2>{title}</h2>
        {aside ? <span className={classes.aside}>{aside}</span> : null}
      </header>
      <div className={classes.body}>{children}</div>
    </section>
  );
}
