/** Both versions in one picture: what was added, removed and changed by sign, word, colour and dash; the same as a list. */
import { useState } from "react";
import type { Review } from "@/lib/api/work";
import { Choice } from "@/ui/Choice";
import { FlowPicture } from "@/ui/FlowPicture";
import { Section } from "@/ui/Page";
import classes from "@/features/review/Review.module.css";

const SIDES = [["both", "Both in one"], ["before", "Before"], ["after", "After"]] as const;
type Side = (typeof SIDES)[number][0];

export function Graph({ review }: { review: Review }) {
  const { card, base } = review;
  const [side, setSide] = useState<Side>("both");
  const picture = `/api/v1/reviews/${encodeURIComponent(card.id)}/picture.svg?side=${base ? side : "after"}`;
  const alts: Record<Side, string> = { both: `${card.name}: what this change adds, removes and changes`, before: `${card.name} before this change`, after: `${card.name} after this change` };
  return (
    <div className="stack">
      <Section
        title={base ? (review.base_is_live ? "Against the live version" : "Against the version it began from") : "The whole flow: nothing of it has run yet"}
        aside={base ? <Choice<Side> label="Which version" value={side} options={SIDES} onChange={setSide} /> : null}
      >
        <div className={classes.side}><FlowPicture src={picture} alt={base ? alts[side] : alts.after} /></div>
      </Section>
      {base ? <Marks review={review} /> : null}
    </div>
  );
}

/** The same in words. */
function Marks({ review }: { review: Review }) {
  const { graph, titles } = review;
  const named = (step: string) => titles[step] ?? step;
  const wire = (ends: readonly string[]) => ends.map((end) => named(end.split(".")[0] ?? end)).join(" → ");
  const marks = [
    ...graph.added.map((step) => ["added", "+", named(step)] as const),
    ...graph.changed.map((step) => ["changed", "~", named(step)] as const),
    ...graph.removed.map((step) => ["removed", "–", named(step)] as const),
    ...graph.wires_added.map((ends) => ["added", "+", wire(ends)] as const),
    ...graph.wires_removed.map((ends) => ["removed", "–", wire(ends)] as const),
  ];
  return (
    <Section title="Steps and wires that differ" aside="+ added   ~ changed   – removed">
      {marks.length === 0 ? (
        <p className="muted">The graph is the same: no step and no wire differs.</p>
      ) : (
        <ul className={classes.steps}>
          {marks.map(([kind, sign, text]) => (
            <li key={`${kind} ${text}`} data-kind={kind}>
              <span aria-hidden="true">{sign} </span>
              <span className="quiet">{kind}: </span>
              {text}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
