/** The left navigation; icons alone when small, at the bottom on a phone. */
import { useEffect, useRef } from "react";
import { Tooltip } from "@mantine/core";
import { Link, useRouterState } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { PLACES } from "@/app/shell/navigation";
import { change } from "@/lib/settings";
import classes from "@/app/shell/Nav.module.css";

export function Nav({ small, folds }: { small: boolean; folds: boolean }) {
  const case_ = useRouterState({ select: (state) => state.location.pathname.startsWith("/cases/") }); // a case stands below its cause
  const bar = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const here = bar.current?.querySelector<HTMLElement>("[aria-current=page]"); // on a phone the bar is wider than the screen
    if (bar.current && here) bar.current.scrollLeft = here.offsetLeft - bar.current.clientWidth / 2 + here.offsetWidth / 2;
  }, [path]);
  return (
    <nav ref={bar} className={classes.nav} data-small={small || undefined} aria-label="Main">
      <ul className={classes.list}>
        {PLACES.map(({ to, title, icon: Icon, group }, index) => (
          <li key={to} data-begins={index > 0 && PLACES[index - 1]?.group !== group ? true : undefined}>
            <Tooltip label={title} position="right" disabled={!small}>
              <Link to={to} className={classes.link} activeOptions={{ exact: to === "/" }} activeProps={{ "aria-current": "page" }} {...(to === "/exceptions" && case_ ? { "aria-current": "page" as const } : {})}>
                <Icon size={17} aria-hidden="true" />
                <span className={classes.word}>{title}</span>
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      {folds ? (
        <button type="button" className={classes.fold} aria-label={small ? "Open the navigation" : "Collapse the navigation"} onClick={() => { change({ nav: small ? "open" : "small" }); }}>
          {small ? <PanelLeftOpen size={16} aria-hidden="true" /> : <PanelLeftClose size={16} aria-hidden="true" />}
        </button>
      ) : null}
    </nav>
  );
}
