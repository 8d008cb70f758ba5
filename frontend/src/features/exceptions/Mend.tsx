/** Mend the cause, see what a replay would do, replay all of its cases. */
import type { Cause, ReplayAnswer } from "@/lib/api/work";
import { count } from "@/lib/words";
import { MendStage, useMends } from "@/features/exceptions/MendStage";
import { Refused } from "@/features/exceptions/Refused";
import { ReplayLines, ReplayStage, useReplay } from "@/features/exceptions/Replay";
import classes from "@/features/exceptions/Exceptions.module.css";

export function Mend({ cause }: { cause: Cause }) {
  const { card } = cause;
  const open = card.state !== "resolved";
  const refused = isRefused(cause);
  const mends = useMends(card.fix);
  const replaying = useReplay({ group: card.group }, open && !refused);
  const { answer } = replaying;
  return (
    <>
      <div className={classes.mend}>
        {open ? <MendStage fix={card.fix} names={card.key_names} group={card.group} flow={card.flows[0] ?? null} /> : null}
        {open && refused ? (
          <Refused what="its cases" />
        ) : (
          <ReplayStage replaying={replaying} open={open} what={count(card.cases, "case")} over="Every case of this cause is resolved" second={mends}>
            {answer && !answer.dry_run ? <Progress answer={answer} cause={cause} /> : null}
          </ReplayStage>
        )}
      </div>
      <ReplayLines answer={answer} />
    </>
  );
}

/** Frames that were never taken: nothing of them is kept. */
export function isRefused({ members }: Cause): boolean {
  return members.length > 0 && members.every((each) => each.message === null);
}

/** How many of the replayed cases are through; the page asks again by itself. */
function Progress({ answer, cause }: { answer: ReplayAnswer; cause: Cause }) {
  const left = cause.card.state === "resolved" ? 0 : cause.members.filter((each) => each.state === "open").length + cause.more;
  const total = Math.max(answer.cases, left);
  const done = total - left;
  const { lines } = cause.card;
  const rest = left === 0 ? "" : lines > 0 ? `; ${count(lines, "line is", "lines are")} held again` : "; the rest waits for the other side";
  return (
    <>
      <progress className={classes.bar} max={total} value={done} aria-label="Cases resolved" />
      <p className={classes.small}>{done} of {count(total, "case")} resolved{rest}</p>
    </>
  );
}
