/** Remarks on the whole, a step, a wire or a field. */
import { useState } from "react";
import { Button, Select } from "@mantine/core";
import type { Review, ReviewComment } from "@/lib/api/work";
import { fits } from "@/lib/limits";
import { useOnce } from "@/lib/once";
import { Avatar } from "@/ui/Avatar";
import { Chip } from "@/ui/Mark";
import { Time } from "@/ui/Time";
import { failed, toast } from "@/ui/toasts";
import { Words } from "@/ui/Words";
import { comment, resolve } from "@/features/review/api";
import classes from "@/features/review/Review.module.css";

const WHOLE = "";

export function Comments({ review }: { review: Review }) {
  const [text, setText] = useState("");
  const [step, setStep] = useState(WHOLE);
  const { run, busy } = useOnce(async () => {
    try {
      await comment(review.card.id, text.trim(), step === WHOLE ? {} : { step });
      setText("");
      toast("The comment is kept with the review.", "ok");
    } catch (error) {
      failed(error);
    }
  });
  return (
    <div className="stack">
      {review.comments.length > 0 ? (
        <div className={classes.list}>
          {review.comments.map((each) => <Remark key={each.number} remark={each} review={review.card.id} titles={review.titles} />)}
        </div>
      ) : (
        <p className="muted">Nobody has commented yet. A comment may point at a step; the author sees it on the canvas.</p>
      )}
      <form
        className={classes.write}
        onSubmit={(event) => {
          event.preventDefault();
          if (fits("NewComment.text", text)) void run();
        }}
      >
        <Words id="remark" rows={3} limit="NewComment.text" label="Your comment" value={text} onChange={setText} />
        <Select label="About" data={[{ value: WHOLE, label: "The whole change" }, ...stepsOf(review).map((id) => ({ value: id, label: review.titles[id] ?? id }))]} value={step} allowDeselect={false} maw={320} onChange={(chosen) => { setStep(chosen ?? WHOLE); }} />
        <Button type="submit" loading={busy} disabled={!fits("NewComment.text", text)}>
          Comment
        </Button>
      </form>
    </div>
  );
}

function Remark({ remark, review, titles }: { remark: ReviewComment; review: string; titles: Readonly<Record<string, string>> }) {
  const { run, busy } = useOnce(() => resolve(review, remark.number).catch(failed));
  const about = remark.place.field ?? remark.place.wire?.join(" → ") ?? (remark.place.step ? (titles[remark.place.step] ?? remark.place.step) : null);
  return (
    <article className={classes.comment} data-kind={remark.kind}>
      <div className={classes.meta}>
        <Avatar name={remark.name} small />
        <strong>{remark.name}</strong>
        {remark.kind === "return" ? <Chip tone="warn">asked for changes</Chip> : null}
        {about ? <code>{about}</code> : null}
        <Time at={remark.at} />
        <span className="grow" />
        {remark.kind === "comment" ? (
          remark.resolved_by ? <span>settled by {remark.resolved_by}</span> : <Button size="xs" variant="subtle" color="gray" loading={busy} onClick={() => void run()}>Settle</Button>
        ) : null}
      </div>
      <p>{remark.text}</p>
    </article>
  );
}

function stepsOf(review: Review): string[] {
  const after = review.graph.after;
  const steps = after && typeof after === "object" && "steps" in after && Array.isArray(after.steps) ? (after.steps as { id?: unknown }[]) : [];
  return steps.map((each) => each.id).filter((id) => typeof id === "string");
}
