/** What became in a step of what came to it: how many go on, and how many end there. */
import { Mark } from "@/ui/Mark";
import classes from "./Ways.module.css";

interface Counts {
  on: number;
  ended: number;
  rejected: number;
  held: number;
}

/** A number alone where all go on. */
export function Ways({ step: { on, ended, rejected, held } }: { step: Counts }) {
  if (ended + rejected + held === 0) return <Mark tone="ok">{String(on)}</Mark>;
  return (
    <span className={classes.ways} data-ways>
      {on > 0 ? <Mark tone="ok">{on === 1 ? "1 goes on" : `${String(on)} go on`}</Mark> : null}
      {ended > 0 ? <Mark tone="none">{ended === 1 ? "1 ends here on purpose" : `${String(ended)} end here on purpose`}</Mark> : null}
      {rejected > 0 ? <Mark tone="warn">{rejected === 1 ? "1 line is rejected" : `${String(rejected)} lines are rejected`}</Mark> : null}
      {held > 0 ? <Mark tone="warn">{`${String(held)} held`}</Mark> : null}
    </span>
  );
}
