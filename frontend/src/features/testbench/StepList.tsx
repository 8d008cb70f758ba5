/** The steps a sample met, and what it came to. */
import { count } from "@/lib/words";
import { Mark } from "@/ui/Mark";
import type { Run } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

export const POSTINGS = "postings";
export const FAULTS = "faults";

export function StepList({ run, current, onPick }: { run: Run; current: string | null; onPick: (step: string) => void }) {
  return (
    <section className={classes.column} aria-label="Steps">
      <h2>Steps</h2>
      {run.refused ? <Mark tone="bad">{`Refused${run.refused.place ? ` at ${run.refused.place}` : ""}`}</Mark> : null}
      {run.filtered ? <Mark tone="none">{"Nothing to do with it"}</Mark> : null}
      {run.steps.length > 0 ? (
        <ol className={classes.list}>
          {run.steps.map((each) => {
            const stopped = each.records.filter((passage) => passage.stop?.how === "parked").length;
            return (
              <li key={each.step}>
                <button type="button" className={classes.pick} aria-pressed={each.step === current} onClick={() => { onPick(each.step); }}>
                  <span>{run.titles[each.step] ?? each.step}</span>
                  {stopped > 0 ? <Mark tone="warn">{`${String(stopped)} held`}</Mark> : <Mark tone="ok">{String(each.records.length + each.more)}</Mark>}
                </button>
              </li>
            );
          })}
          <li>
            <button type="button" className={classes.pick} aria-pressed={current === POSTINGS} onClick={() => { onPick(POSTINGS); }}>
              <span>What would be sent</span>
              <Mark tone="info">{String(run.postings.length)}</Mark>
            </button>
          </li>
          <li>
            <button type="button" className={classes.pick} aria-pressed={current === FAULTS} onClick={() => { onPick(FAULTS); }}>
              <span>What if it goes wrong</span>
            </button>
          </li>
        </ol>
      ) : null}
      {run.ends.map((end, index) => (
        <p key={index} className={classes.small}>
          {end.item || "The message"} {end.how === "parked" ? "is held" : "ends on purpose"} at {run.titles[end.step] ?? end.step}: {end.sentence || end.reason.replaceAll("-", " ")}
        </p>
      ))}
      <p className={classes.small}>{count(run.ms, "millisecond")}, {run.label} data</p>
    </section>
  );
}
