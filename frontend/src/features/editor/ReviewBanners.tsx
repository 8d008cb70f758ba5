/** What became of a draft in review: the changes that were asked for, and its end. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, MessageSquareWarning } from "lucide-react";
import { ApiError } from "@/lib/api/http";
import type { Draft } from "@/lib/api/types";
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
