/** A release that was sent back or withdrawn: what is said of it, and that nothing is signed for it. */
import type { Aside } from "./api";
import { h } from "./dom";
import { note } from "./panel";
import { type Context, nameOf } from "./who";
import { moment } from "./words";

export const ASIDE = { returned: "Sent back", withdrawn: "Withdrawn", unreadable: "Set aside" } as const;

/** Who did what, and when. */
export function asideBy(ctx: Context, aside: Aside): string {
  if (aside.how === "unreadable") return "Somebody set this release aside, and what they wrote cannot be read";
  return `${nameOf(aside.person, ctx.about.root)} ${aside.how === "returned" ? "sent this release back" : "withdrew this release"} on ${moment(aside.at)}`;
}

/** Why nothing is signed, for the place where the form would stand. */
export function asideSentence(ctx: Context, aside: Aside): string {
  const next = aside.how === "unreadable" ? "Ask an administrator to look at the release store." : "Its authors change the draft, or answer, and hand it in again.";
  return `${asideBy(ctx, aside)}: no approval and no activation is taken for it. ${next}`;
}

export function asideBar(ctx: Context, aside: Aside): HTMLElement {
  const { designer } = ctx.about;
  const words = aside.how === "unreadable" ? `The file ${aside.words} of the release store.` : aside.words;
  return note(
    "bad",
    h("p", {}, h("strong", {}, `${asideBy(ctx, aside)}.`), " No approval and no activation is taken for it."),
    words ? h("p", { class: "said" }, words) : null,
    h("p", {}, aside.how === "unreadable" ? "Ask an administrator to look at it. " : "Its authors change the draft, or answer, and hand it in again. ", designer && aside.review ? h("a", { href: `${designer}/reviews/${aside.review}`, rel: "noreferrer" }, "Read the review") : null),
    h("p", { class: "muted" }, "This is a note in the release store and no signature. What runs already, a revocation stops."),
  );
}
