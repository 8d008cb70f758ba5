/** What waits for a signature. */
import { waiting, type WaitingRelease } from "../api";
import { ASIDE, asideBy } from "../aside";
import { type Child, h } from "../dom";
import { note } from "../panel";
import { barred, type Context, nameOf } from "../who";
import { day, listed, several } from "../words";

export async function home(ctx: Context): Promise<Child> {
  const { releases, aside, masters } = await waiting();
  return [
    h("h1", { tabindex: -1 }, "What waits for a signature"),
    h("p", { class: "lead" }, "Here you read sealed bytes and sign them with a key that only you hold. Nothing flows until it is signed."),
    ctx.keys.length === 0 ? note("info", "This browser holds no key yet. ", h("a", { href: "/keys" }, "Make one"), " to sign; reading takes none.") : null,
    h("h2", {}, "Releases"),
    releases.length === 0 ? empty("No release waits.") : h("ul", { class: "plain list" }, releases.map((each) => release(ctx, each))),
    aside.length > 0 ? [h("h2", {}, "Sent back or withdrawn"), h("ul", { class: "plain list" }, aside.map((each) => setAside(ctx, each)))] : null,
    h("h2", {}, "Master data"),
    masters.length === 0 ? empty("No change of master data waits.") : h("ul", { class: "plain list" }, masters.map((each) => h(
      "li", { class: "card item" },
      h("div", {}, h("a", { href: `/master/${each.master}`, class: "title" }, each.title), h("p", { class: "muted" }, `Step ${String(each.sequence)}; signed by ${listed(each.signed.map((one) => nameOf(one, ctx.about.root)))}`)),
      h("span", { class: "tag" }, `${String(each.signed.length)} of ${several(each.needed, "steward")}`),
    ))),
  ];
}

const WAITS = { author: ["authorship", "its author seals it"], approve: ["approval", "people approve it"], activate: ["activation", "an operator activates it"] } as const;

function release(ctx: Context, each: WaitingRelease): HTMLElement {
  const [act, words] = WAITS[each.waits];
  const person = ctx.key?.person ?? "";
  const mine = barred(ctx, act) === null && (act === "authorship" ? each.authors.includes(person) : !each.authors.includes(person) && !each.approvers.includes(person));
  return h(
    "li", { class: "card item" },
    h(
      "div", {},
      h("a", { href: `/release/${each.release}#act=${each.waits}`, class: "title" }, each.name),
      h("p", { class: "muted" }, `${each.environment}, made ${day(each.made)} by ${listed(each.authors.map((one) => nameOf(one, ctx.about.root)))}. Approved by ${listed(each.approvers.map((one) => nameOf(one, ctx.about.root)))}.`),
      h("code", { class: "muted" }, each.release.slice(0, 12)),
    ),
    h("span", { class: mine ? "tag mine" : "tag" }, mine ? "Waits for you: " : "Waits until ", mine ? { author: "seal", approve: "approve", activate: "activate" }[each.waits] : words),
  );
}

/** Waits for nobody: its authors hand in the next one. */
function setAside(ctx: Context, each: WaitingRelease): Child {
  if (!each.aside) return null;
  return h(
    "li", { class: "card item" },
    h("div", {}, h("a", { href: `/release/${each.release}`, class: "title" }, each.name), h("p", { class: "muted" }, `${asideBy(ctx, each.aside)}.`), h("code", { class: "muted" }, each.release.slice(0, 12))),
    h("span", { class: "tag" }, ASIDE[each.aside.how]),
  );
}

function empty(sentence: string): HTMLElement {
  return h("p", { class: "empty" }, sentence);
}
