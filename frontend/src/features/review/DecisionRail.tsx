/** Who has signed, whose signature is missing, who may, and the way to the desk with the digest to compare. */
import { Button } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Act, Review } from "@/lib/api/work";
import { roleWord } from "@/lib/words";
import { Avatar } from "@/ui/Avatar";
import { Digest } from "@/ui/Digest";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Split";
import { Time } from "@/ui/Time";
import { OPEN } from "@/features/review/words";
import classes from "@/features/review/Review.module.css";

const ACTS: Record<Act["act"], string> = { author: "Sign as author", approve: "Approve and sign", activate: "Activate" };

const VERBS: Record<Act["act"], string> = { author: "sign as author", approve: "approve", activate: "activate" };

export function DecisionRail({ review, viewed, of }: { review: Review; viewed: number; of: number }) {
  const { card, people } = review;
  const open = OPEN.has(card.state);
  return (
    <>
      {open ? (
        <Panel title="Decide on the desk">
          <SignOn review={review} viewed={viewed} of={of} />
        </Panel>
      ) : null}
      <Panel title="Signatures" aside={`${String(card.approvals)} of ${String(card.needed)} approvals`}>
        {people.authored.map((each) => <Person key={`author ${each.person}`} name={each.name} what="signed as author" at={each.at} />)}
        {people.approvals.map((each) => <Person key={each.person} name={each.name} what={`approved, ${each.roles.map(roleWord).join(", ")}`} at={each.at} />)}
        {people.activator ? <Person name={people.activator.name} what="activated it" /> : null}
        {open ? people.missing.map((each) => (
          <p key={each} className={classes.missing}>
            <Mark tone="waiting">{""}</Mark>
            <span>{each}</span>
          </p>
        )) : null}
        <p className={classes.small}>
          {people.authors.map((each) => each.name).join(", ")} worked on this draft{people.authors.length === 1 ? " and neither approves nor activates it" : ": none of them approves or activates it"}.
        </p>
      </Panel>
      <Panel title="Why this risk">
        <ul className={classes.why}>{review.tier_why.map((each) => <li key={each}>{each}</li>)}</ul>
      </Panel>
      <Panel title="Release" aside={<>until {review.expires.slice(0, 10)}</>}>
        <Digest value={card.release} whole />
        <p className={classes.small}>The desk computes this digest again from the bytes that were handed in. So does this command, whose last line is <code>Release</code> and the digest above:</p>
        <code className={classes.command}>{review.verify}</code>
      </Panel>
    </>
  );
}

function SignOn({ review, viewed, of }: { review: Review; viewed: number; of: number }) {
  const act = review.people.acts.find((each) => each.may);
  const meant = review.people.acts.filter((each) => each.meant);
  const empty = review.answers.some((each) => !each.filled);
  if (!act) {
    return (
      <ul className={classes.why}>
        {(meant.length > 0 ? meant : review.people.acts).map((each) => (
          <li key={each.act}>
            You may not {VERBS[each.act]}: {each.why}
          </li>
        ))}
        {review.people.acts.length === 0 ? <li>None of your roles signs releases.</li> : null}
      </ul>
    );
  }
  const blocked = empty && act.act === "approve";
  return (
    <>
      <Button component="a" href={blocked ? undefined : act.link} target="_blank" rel="noopener" fullWidth disabled={blocked} data-disabled={blocked || undefined} rightSection={<ExternalLink size={14} aria-hidden="true" />}>
        {ACTS[act.act]}
      </Button>
      <p className={classes.small}>
        {blocked ? "An answer is empty: nobody should sign. " : null}
        {act.act === "approve" ? `You opened ${String(viewed)} of the ${String(of)} parts that a decision rests on. ` : null}
        The desk is another site: it shows those bytes again and signs with your key. This page follows by itself.
      </p>
    </>
  );
}

function Person({ name, what, at }: { name: string; what: string; at?: number }) {
  return (
    <div className={classes.person}>
      <Avatar name={name} small />
      <span>
        <strong>{name}</strong> {what} {at === undefined ? null : <span className={classes.small}><Time at={at} /></span>}
      </span>
    </div>
  );
}
