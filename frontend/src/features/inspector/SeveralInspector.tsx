/** Several steps at once: which, and a way to each. */
import { useDesk, useEditorState, useFlow } from "@/features/editor/context";
import { count } from "@/lib/words";
import classes from "./Inspector.module.css";

export function SeveralInspector() {
  const { editor } = useDesk();
  const flow = useFlow();
  const selected = useEditorState((state) => state.selected);
  const steps = flow.steps.filter((step) => selected.has(step.id));
  return (
    <>
      <header className={classes.head}>
        <div className={classes.kind}>
          <h2>{count(selected.size, "part")} selected</h2>
        </div>
        <p className={classes.sentence}>Copy, duplicate, align, arrange or delete them together.</p>
      </header>
      <div className={classes.body}>
        <ul className={classes.list}>
          {steps.map((step) => (
            <li key={step.id}>
              <button type="button" className={classes.jump} onClick={() => { editor.select([step.id]); }}>
                <span className="clip">{step.title}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
