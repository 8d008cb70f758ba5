/** What became of a replay: a bar while lines are on their way, then what is posted and why the rest is not. */
import { useEffect } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReplayAnswer } from "@/lib/api/work";
import { count } from "@/lib/words";
import { Mark, type Tone } from "@/ui/Mark";
import { again, replayedQuery, type ReplayRest } from "@/features/exceptions/api";
import classes from "@/features/exceptions/Exceptions.module.css";

interface BecameProps {
  answer: ReplayAnswer;
  /** The cause that was replayed: cases of it that came since are told. */
  group: string;
}

export function Became({ answer, group }: BecameProps) {
  const { mark, left } = answer;
  const query = useQuery(replayedQuery(mark, group));
  const seen = query.data;
  const over = seen?.going === 0;
  useEffect(() => {
    if (over) void again(); // the page beside it is not to stand behind
  }, [over]);
  if (!mark || !seen) return <p aria-live="polite">{answer.sentence}</p>;
  const through = seen.lines - seen.going;
  return (
    <>
      {seen.going > 0 ? <progress className={classes.bar} max={seen.lines} value={through} aria-label="Lines that came to an end" /> : null}
      <p aria-live="polite">{seen.lines === 0 && left.length > 0 ? null : seen.sentence}</p>
      {seen.rest.length + left.length + seen.new === 0 ? null : (
        <ul className={classes.rest}>
          {seen.rest.map((each) => <Rest key={`${each.kind} ${each.sentence} ${each.group}`} rest={each} here={group} />)}
          {left.map((each) => <li key={each.sentence}><Mark tone="warn">{count(each.lines, "line was", "lines were")} not tried</Mark> {each.sentence}</li>)}
          {seen.new > 0 ? <li><Mark tone="waiting">{count(seen.new, "new case", "new cases")}</Mark> of this cause came since. Look again to replay {seen.new === 1 ? "it" : "them"} too.</li> : null}
        </ul>
      )}
    </>
  );
}

const KINDS: Record<ReplayRest["kind"], readonly [Tone, string, string]> = {
  going: ["info", "line is on its way", "lines are on their way"], held: ["warn", "line is held again", "lines are held again"], ended: ["none", "line ended", "lines ended"],
};

function Rest({ rest, here }: { rest: ReplayRest; here: string }) {
  const [tone, one, many] = KINDS[rest.kind];
  return (
    <li>
      <Mark tone={tone}>{count(rest.lines, one, many)}</Mark> {rest.sentence}{" "}
      {rest.group && rest.group !== here ? <Link to="/exceptions/$group" params={{ group: rest.group }}>Its cause</Link> : null}
    </li>
  );
}
