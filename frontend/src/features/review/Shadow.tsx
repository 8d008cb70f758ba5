/** What the change would have made of the messages of the last day, beside the version that is live. Nothing is sent. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Review } from "@/lib/api/work";
import { useOnce } from "@/lib/once";
import { count } from "@/lib/words";
import { Section } from "@/ui/Page";
import { Time } from "@/ui/Time";
import { failed } from "@/ui/toasts";
import { runShadow } from "@/features/review/api";
import classes from "@/features/review/Review.module.css";

export function Shadow({ review }: { review: Review }) {
  const { shadow, may_shadow: may, card, base } = review;
  const { run, busy } = useOnce(() => runShadow(card.id).catch(failed));
  return (
    <Section
      title="Messages of the last day"
      aside={may ? <Button size="xs" variant="default" loading={busy} onClick={() => void run()}>{shadow ? "Run them again" : "Run them through it"}</Button> : null}
    >
      {shadow ? (
        <>
          <p>{shadow.sentence} <span className={classes.small}><Time at={shadow.at} /></span></p>
          {shadow.lines.length > 0 ? (
            <ul className={classes.plain}>
              {shadow.lines.map((line) => (
                <li key={line.sentence}>
                  {count(line.count, "message")} {line.sentence}{" "}
                  {line.examples.slice(0, 5).map((each) => <span key={each}><Link to="/messages/$message" params={{ message: String(each) }}>{each}</Link> </span>)}
                </li>
              ))}
            </ul>
          ) : null}
        </>
      ) : (
        <p className="muted">{base ? "Not run yet: an approver has the messages of the last day run through both versions. Nothing is sent, and no value is shown." : "No version of this flow has run, so there is no traffic to compare with."}</p>
      )}
    </Section>
  );
}
