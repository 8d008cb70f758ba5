/** Mend the cause, see what a replay would do, replay all of its cases. */
import type { Cause, ReplayAnswer } from "@/lib/api/work";
import { count } from "@/lib/words";
import { MendStage } from "@/features/exceptions/MendStage";
import { ReplayLines, ReplayStage, useReplay } from "@/features/exceptions/Replay";
import classes from "@/features/exceptions/Exceptions.module.css";

export function Mend({ cause }: { cause: Cause }) {
  const { card } = cause;
  const open = card.state !== "resolved";
  const replaying = useReplay({ group: card.group }, open);
  const { answer } = replaying;
  return (
    <>
      <div className={classes.mend}>
        <MendStage fix={card.fix} names={card.key_names} group={card.group} flow={card.flows[0] ?? null} />
        <ReplayStage replaying={replaying} open={open} what={count(card.cases, "case")} over="Every case of this cause is resolved">
          {answer && !answer.dry_run ? <Progress answer={answer} cause={cause} /> : null}
        </ReplayStage>
      </div>
      <ReplayLines answer={answer} />
    </>
  );
}

/** How many of the replayed cases are through; the page asks again by itself. */
function Progress({ answer, cause }: { answer: ReplayAnswer; cause: Cause }) {
  const left = cause.card.state === "resolved" ? 0 : cause.members.filter((each) => each.state === "open").length + cause.more;
  const total = Math.max(answer.cases, left);
  const done = total - left;
  return (
    <>
      <progress className={classes.bar} max={total} value={done} aria-label="Cases resolved" />
      <p className={classes.small}>{done} of {count(total, "case")} resolved{left > 0 && answer.park > 0 ? `; ${String(answer.park)} held again` : ""}</p>
    </>
  );
}
