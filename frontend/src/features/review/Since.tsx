/** What is new to the reader since the last look; a first look is kept by itself. */
import { useEffect } from "react";
import { Button } from "@mantine/core";
import type { Review } from "@/lib/api/work";
import { useOnce } from "@/lib/once";
import { Time } from "@/ui/Time";
import { failed } from "@/ui/toasts";
import { looked } from "@/features/review/api";
import classes from "@/features/review/Review.module.css";

const MOST = 6;

export function Since({ review }: { review: Review }) {
  const { card, since, looked: seen } = review;
  const { run, busy } = useOnce(() => looked(card.id, seen).catch(failed));
  const nothing = since === null;
  const { comments, signed } = seen;
  useEffect(() => {
    if (nothing) void looked(card.id, { comments, signed }).catch(() => undefined); // a mark of the reader; nothing hangs on it
  }, [card.id, nothing, comments, signed]);
  if (!since) return null;
  return (
    <section className={classes.since} aria-label="New since you looked">
      <div className="row">
        <strong>{since.sentence}</strong>
        <span className={classes.small}>You looked <Time at={since.at} /></span>
        <span className="grow" />
        <Button size="xs" variant="default" style={{ flex: "none" }} loading={busy} onClick={() => void run()}>I have seen it</Button>
      </div>
      {since.changes.length > 0 ? (
        <ul className={classes.plain}>
          {since.changes.slice(0, MOST).map((each) => <li key={`${each.pointer} ${each.sentence}`}>{each.sentence}</li>)}
          {since.changes.length > MOST ? <li>and {since.changes.length - MOST} more, in the parts below</li> : null}
        </ul>
      ) : null}
    </section>
  );
}
