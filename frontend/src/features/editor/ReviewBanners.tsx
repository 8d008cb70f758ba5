/** What became of a draft in review: the changes that were asked for, and its end. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, ClipboardCheck, Info, MessageSquareWarning } from "lucide-react";
import { ApiError } from "@/lib/api/http";
import type { Draft } from "@/lib/api/types";
import { INBOX, reviewQuery } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { STATES } from "@/ui/reviewState";
import { Time } from "@/ui/Time";
import { draftQuery } from "./api";
import classes from "./PenBanner.module.css";

/** The words with which the last review sent it back, until it is handed in again. */
export function AskedForBanner({ draft }: { draft: Draft }) {
  const asked = draft.asked_for;
  if (!asked || draft.locked) return null;
  return (
    <section className={classes.banner} data-tone="warn" aria-label="Changes that were asked for" role="status">
      <MessageSquareWarning size={15} aria-hidden="true" />
      <span className={classes.words}>
        <strong>{asked.name} asks for changes</strong> (<Time at={asked.at} />): {asked.text}
      </span>
      <Link to="/reviews/$review" params={{ review: asked.review }} search={{ tab: "comments" }}>
        Read the review
      </Link>
    </section>
  );
}

/** While it is in review: how far that is, and the ways on. */
export function LockedBanner({ draft }: { draft: Draft }) {
  useRoom("inbox", INBOX);
  const review = useQuery({ ...reviewQuery(draft.review ?? ""), enabled: draft.review !== null }).data;
  const state = review ? STATES[review.card.state][1] : null;
  const sign = review?.people.acts.find((each) => each.act === "author" && each.may);
  return (
    <section className={classes.banner} aria-label="Who writes" role="status">
      <Info size={15} aria-hidden="true" />
      <span className={classes.text}>
        This draft is in review{state ? ` (${lowered(state)})` : ""} and read only until that ends. {draft.review ? <><Link to="/reviews/$review" params={{ review: draft.review }}>Withdraw the review</Link> to go on.</> : "Withdraw the review to go on."}
      </span>
      {sign ? <a href={sign.link} target="_blank" rel="noreferrer">Sign as author</a> : null}
    </section>
  );
}

/** In the place of Submit: there is nothing to hand in, but somewhere to look. */
export function InReview({ draft }: { draft: Draft }) {
  const review = useQuery({ ...reviewQuery(draft.review ?? ""), enabled: draft.review !== null }).data;
  return (
    <Button variant="default" component={Link} to={draft.review ? `/reviews/${draft.review}` : "/reviews"} leftSection={<ClipboardCheck size={14} aria-hidden="true" />}>
      {review ? STATES[review.card.state][1] : "In review"}
    </Button>
  );
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What is said of a draft that is none any more; null while it is one. */
export function useEnded(id: string): { sentence: string; link: string | null } | null {
  const { error } = useQuery({ ...draftQuery(id), enabled: false });
  return error instanceof ApiError && error.status === 404 ? error.refusal : null;
}

export function EndedBanner({ sentence, link }: { sentence: string; link: string | null }) {
  return (
    <section className={classes.banner} aria-label="What became of this draft" role="status">
      <CircleCheck size={15} aria-hidden="true" />
      <span className={classes.text}>{sentence} What you see here is read only.</span>
      {link ? <Link to={link}>{link === "/flows" ? "All flows" : "Open the flow"}</Link> : null}
    </section>
  );
}
