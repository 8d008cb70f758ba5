/** The steps a sample met, and what it came to. */
import { titled } from "@/lib/titled";
import { count } from "@/lib/words";
import { Mark } from "@/ui/Mark";
import { Ways } from "@/ui/Ways";
import type { Comparison, Run } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

export const POSTINGS = "postings";
export const FAULTS = "faults";
export const COMPARED = "compared";

interface StepListProps {
  run: Run;
  /** Of a test case: what it expected beside what came. */
  compared: Comparison | null;
  current: string | null;
  onPick: (step: string) => void;
}

export function StepList({ run, compared, current, onPick }: StepListProps) {
  const titleOf = (step: string) => run.titles[step] ?? step;
  return (
    <section className={classes.column} aria-label="Steps">
      <h2>Steps</h2>
      {compared ? (
        <div className={classes.list}>
          <button type="button" className={classes.pick} aria-pressed={current === COMPARED} onClick={() => { onPick(COMPARED); }}>
            <span>Expected and came</span>
            <Mark tone={compared.passed ? "ok" : "bad"}>{compared.passed ? "Passed" : "Failed"}</Mark>
          </button>
        </div>
      ) : null}
      {run.refused ? <Mark tone="bad">{`Refused${run.refused.place ? ` at ${run.refused.place}` : ""}`}</Mark> : null}
      {run.filtered ? <Mark tone="none">{"Nothing to do with it"}</Mark> : null}
      {run.steps.length > 0 ? (
        <ol className={classes.list}>
          {run.steps.map((each) => (
            <li key={each.step}>
              <button type="button" className={classes.pick} aria-pressed={each.step === current} onClick={() => { onPick(each.step); }}>
                <span>{titleOf(each.step)}</span>
                <Ways step={each} />
              </button>
            </li>
          ))}
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
          {end.item || "The message"} {end.how === "parked" ? "is held" : "ends on purpose"} at {titleOf(end.step)}: {titled(end.sentence || end.reason.replaceAll("-", " "), titleOf)}
        </p>
      ))}
      <p className={classes.small}>{count(run.ms, "millisecond")}, {run.label} data</p>
    </section>
  );
}
