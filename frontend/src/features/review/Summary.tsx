/** The seven answers in words, why the risk is what it is, and what the signatures cover. */
import { Link } from "@tanstack/react-router";
import type { Review } from "@/lib/api/work";
import { Mark } from "@/ui/Mark";
import { Section } from "@/ui/Page";
import { Time } from "@/ui/Time";
import classes from "@/features/review/Review.module.css";

/** The part of this page that an answer rests on, in the order of the answers. */
const EVIDENCE: readonly (string | null)[] = [null, null, "exposure", "policies", "tests", "tests", null];

export function Summary({ review }: { review: Review }) {
  const empty = review.answers.filter((each) => !each.filled).length;
  return (
    <div className="stack">
      <Section
        title="Seven answers"
        aside={empty === 0 ? <Mark tone="ok">All answered</Mark> : <Mark tone="bad">{empty === 1 ? "One is empty: nobody should sign" : `${String(empty)} are empty: nobody should sign`}</Mark>}
      >
        <ol className={classes.answers}>
          {review.answers.map((each, index) => (
            <li key={each.question} className={classes.answer} data-wide={index === review.answers.length - 1 || undefined}>
              <p className={classes.question}>
                <span>{each.question}</span>
                {EVIDENCE[index] ? <Link to="/reviews/$review" params={{ review: review.card.id }} search={{ tab: EVIDENCE[index] }} replace aria-label={`Show: ${each.question}`}>Show</Link> : null}
              </p>
              <p className={classes.told}>{each.filled ? each.answer : <Mark tone="bad">No answer</Mark>}</p>
            </li>
          ))}
        </ol>
      </Section>
      <div className="columns">
        <Section title="What the signatures cover">
          <ul className={classes.plain}>{review.covers.map((each) => <li key={each}>{each}</li>)}</ul>
        </Section>
        <Section title="What happened">
          <ol className={classes.plain}>
            {review.history.map((each) => (
              <li key={`${String(each.at)} ${each.sentence}`}>
                <strong>{each.who}</strong> {each.sentence} <span className={classes.small}><Time at={each.at} /></span>
              </li>
            ))}
          </ol>
        </Section>
      </div>
    </div>
  );
}
