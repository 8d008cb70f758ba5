/** The flow before and after, as the server draws it, with the steps and wires that differ in words. */
import type { Review } from "@/lib/api/work";
import { FlowPicture } from "@/ui/FlowPicture";
import { Section } from "@/ui/Page";
import classes from "@/features/review/Review.module.css";

export function Graph({ review }: { review: Review }) {
  const { card, base, graph } = review;
  const picture = (side: "before" | "after") => `/api/v1/reviews/${encodeURIComponent(card.id)}/picture.svg?side=${side}`;
  const marks = [
    ...graph.added.map((step) => ["added", "+", step] as const),
    ...graph.changed.map((step) => ["changed", "~", step] as const),
    ...graph.removed.map((step) => ["removed", "–", step] as const),
    ...graph.wires_added.map((wire) => ["added", "+", wire.join(" → ")] as const),
    ...graph.wires_removed.map((wire) => ["removed", "–", wire.join(" → ")] as const),
  ];
  return (
    <div className="stack">
      <Section title={base ? "Steps and wires that differ" : "Steps"} aside={base ? "+ added   ~ changed   – removed" : null}>
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
      <div className={classes.sides}>
        {base ? (
          <div className={classes.side}>
            <h3>Before: {review.base_is_live ? "the live version" : "the version it began from"}</h3>
            <FlowPicture src={picture("before")} alt={`${card.name} as it is now`} />
          </div>
        ) : null}
        <div className={classes.side}>
          <h3>{base ? "After: this change" : "The whole flow: nothing of it has run yet"}</h3>
          <FlowPicture src={picture("after")} alt={`${card.name} after this change`} />
        </div>
      </div>
    </div>
  );
}
