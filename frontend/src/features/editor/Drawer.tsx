/** The lower drawer: problems, or a test run. Its height is the person's. */
import { useRef, useState } from "react";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useAnalysis } from "./context";
import { ProblemsPanel } from "./ProblemsPanel";
import { RunPanel } from "./RunPanel";
import { show, useView } from "./view";
import classes from "./Drawer.module.css";

const LEAST = 96;

export function Drawer() {
  const drawer = useView((view) => view.drawer);
  const analysis = useAnalysis();
  const [height, setHeight] = useState(272);
  const begun = useRef<{ y: number; height: number } | null>(null);
  const most = () => Math.max(LEAST, window.innerHeight - 260);
  const limited = (next: number) => Math.max(LEAST, Math.min(most(), next));
  const problems = analysis ? analysis.findings.length : null;
  return (
    <section className={classes.drawer} aria-label="Problems and test runs" style={drawer ? { height } : undefined}>
      {drawer ? (
        // A separator that is moved by hand or by arrow keys.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
        <div
          className={classes.grip}
          role="separator"
          aria-orientation="horizontal"
          aria-label="Height of the drawer"
          aria-valuenow={height}
          aria-valuemin={LEAST}
          aria-valuemax={most()}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          onKeyDown={(event) => {
            if (event.key === "ArrowUp") setHeight(limited(height + 24));
            else if (event.key === "ArrowDown") setHeight(limited(height - 24));
            else return;
            event.preventDefault();
          }}
          onPointerDown={(event) => {
            begun.current = { y: event.clientY, height };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            if (begun.current) setHeight(limited(begun.current.height + begun.current.y - event.clientY));
          }}
          onPointerUp={() => { begun.current = null; }}
        />
      ) : null}
      <div className={classes.tabs}>
        <div className="row" role="tablist" aria-label="Drawer">
          <Tab id="problems" drawer={drawer} title={problems === null ? "Problems" : `Problems ${String(problems)}`} />
          <Tab id="run" drawer={drawer} title="Test run" />
        </div>
        <button type="button" className={classes.fold} aria-label={drawer ? "Close the drawer" : "Open the drawer"} onClick={() => { show({ drawer: drawer ? null : "problems" }); }}>
          {drawer ? <ChevronDown size={16} aria-hidden="true" /> : <ChevronUp size={16} aria-hidden="true" />}
        </button>
      </div>
      {drawer ? (
        <div className={classes.body} role="tabpanel" id="drawer-panel" aria-labelledby={`drawer-${drawer}`}>
          {drawer === "problems" ? <ProblemsPanel /> : <RunPanel />}
        </div>
      ) : null}
    </section>
  );
}

function Tab({ id, title, drawer }: { id: "problems" | "run"; title: string; drawer: string | null }) {
  const on = drawer === id;
  return (
    <button type="button" role="tab" id={`drawer-${id}`} aria-selected={on} aria-controls={on ? "drawer-panel" : undefined} className={classes.tab} onClick={() => { show({ drawer: id }); }}>
      {title}
    </button>
  );
}
