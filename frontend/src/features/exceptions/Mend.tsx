/** Mend the cause, see what a replay would do, replay all of its cases. */
import type { Cause } from "@/lib/api/work";
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
  const going = open && !refused && card.lines === 0;
  return (
    <>
      <div className={classes.mend}>
        {open ? <MendStage going={going} fix={card.fix} names={card.key_names} group={card.group} flow={card.flows[0] ?? null} /> : null}
        {open && refused ? (
          <Refused what="its cases" />
        ) : (
          <ReplayStage replaying={replaying} open={open} going={going} what={card.lines > 0 ? count(card.open, "case") : ""} over="Every case of this cause is resolved" second={mends} group={card.group} />
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
