/** One release: read from its sealed bytes, then signed. */
import type { Json } from "../bytes";
import * as bound from "../bound";
import { ASIDE, asideBar, asideSentence } from "../aside";
import { changes, changesTitle } from "../changes";
import { apart, type Child, h, say, show } from "../dom";
import { leaves, titled, titleOf, weight } from "../leaves";
import { lacking, mayNot, type ReleaseAct } from "../may";
import { note, type Offer, panel } from "../panel";
import { type Sealed, sealed, who } from "../sealed";
import { keysAddress } from "../ways";
import { capacity, type Context, nameOf } from "../who";
import { groups, listed, phrase, plain, several, size } from "../words";

/** What the designer's link asks for, and what the statement is called. */
const ACTS: Record<string, ReleaseAct> = { author: "authorship", seal: "authorship", approve: "approval", activate: "activation", revoke: "revocation" };
const TITLES: Record<ReleaseAct, string> = { authorship: "Seal as author", approval: "Approve", activation: "Activate", revocation: "Revoke" };

const VERBS: Record<ReleaseAct, string> = { authorship: "seal", approval: "approve", activation: "activate", revocation: "revoke" };

export async function release(ctx: Context, digest: string, again: (sentence: string) => void): Promise<Child> {
  const found = await sealed(digest, ctx.about.root);
  const { manifest } = found;
  return [
    h("p", { class: "crumb" }, h("a", { href: "/" }, "What waits"), " / release"),
    h("h1", { tabindex: -1 }, manifest.flow.name),
    h("p", { class: "lead" }, standing(ctx, found)),
    found.view.aside && who(found, "revocation").length === 0 ? asideBar(ctx, found.view.aside) : null,
    task(ctx, found),
    identity(found),
    part("changes", changesTitle(found), changes(found)),
    part("about", "What this is", bound.headline(found, ctx), h("details", {}, h("summary", {}, several(manifest.flow.steps.length, "step")), bound.steps(found))),
    h("section", { "aria-labelledby": "leaves" }, h("h2", { id: "leaves" }, "What leaves, and for where"), exposure(found), leaves(found)),
    part("rules", "Rules", bound.rules(ctx, found), advice(found)),
    part("waivers", "Waivers", bound.waivers(found)),
    part("connections", "Connections", bound.connections(found)),
    part("files", "Contracts and files inside the seal", bound.files(found)),
    part("people", "Who signed so far", bound.signatures(ctx, found.signed)),
    h("section", { "aria-labelledby": "sign", class: "signing" }, h("h2", { id: "sign" }, "Your signature"), signing(ctx, found, again)),
  ];
}

function part(id: string, title: string, ...inside: Child[]): HTMLElement {
  return h("section", { class: "card part", "aria-labelledby": id }, h("h2", { id }, title), inside);
}

/** Where this release stands, in one sentence. */
function standing(ctx: Context, found: Sealed): string {
  const names = (act: string): string => listed(who(found, act).map((each) => nameOf(each, ctx.about.root)));
  if (who(found, "revocation").length > 0) return `Revoked by ${names("revocation")}.`;
  if (found.view.active?.this) return `Active in ${found.manifest.environment.name}, by activation ${String(found.view.active.sequence)} of ${names("activation")}.`;
  if (found.view.aside) return `${ASIDE[found.view.aside.how]}: it waits for nobody.`;
  if (who(found, "authorship").length === 0) return "Handed in: its bytes are fixed, and no author has sealed them by signing yet.";
  const approvers = who(found, "approval");
  const lack = lacking(ctx, approvers);
  return `Approved by ${names("approval")}. ${lack ?? "It may be activated."}`;
}

/** What the reader of this page came for, with the way to it: nobody has to find the form at its end. */
function task(ctx: Context, found: Sealed): Child {
  const asked = ACTS[new URLSearchParams(location.hash.slice(1)).get("act") ?? ""];
  if (!asked || !ctx.key || mayNot(ctx, found, asked) !== null) return null;
  return note("info", `You are asked to ${VERBS[asked]} this release as ${capacity(ctx)}. Read what follows; you sign `, h("a", { href: "#sign", onclick: toForm }, "at the end of this page"), ".");
}

function toForm(event: Event): void {
  event.preventDefault();
  document.getElementById("sign")?.scrollIntoView();
  document.querySelector<HTMLElement>("#act input, #act button")?.focus();
}

function identity(found: Sealed): HTMLElement {
  const files = found.files.reduce((sum, file) => sum + file.bytes.length, found.bytes);
  return h(
    "section", { class: "card identity", "aria-labelledby": "identity" },
    h("h2", { id: "identity" }, "What you sign"),
    h("p", { class: "digest" }, apart(groups(found.digest))),
    h("p", { class: "phrase", "aria-label": "The digest in six words" }, phrase(found.digest)),
    note("ok", `This browser fetched ${several(found.files.length + 1, "file")} (${size(files)}), computed the SHA-256 of each, and every one is what its digest says. All that you read here comes from those bytes.`),
    h("p", { class: "muted" }, "To compare on another machine: ", h("code", {}, `lockgate export ${found.digest.slice(0, 12)}`), " and ", h("code", {}, "lockgate verify"), ", which computes the proof again and prints the same digest."),
  );
}

function exposure(found: Sealed): HTMLElement {
  const reports = Object.entries(found.manifest.lineage);
  return h("p", {}, reports.length === 0 ? "Nothing leaves." : `${several(reports.length, "sink")}: `, reports.map(([name, report], at) => [at > 0 ? "; " : "", titleOf(found, name), ...weight(report)]));
}

function advice(found: Sealed): Child {
  const { refusal, advice: found_ } = found.view;
  return [
    refusal ? note("bad", `The desk computed the proof again: ${refusal.sentence}`) : note("ok", "The desk computed the proof again from these bytes, and it came out the same. Every runtime does so too."),
    found_.length > 0 ? h("div", {}, h("h3", {}, "Advice"), h("ul", { class: "plain" }, found_.map((each) => h("li", {}, titled(found, each))))) : null,
  ];
}

function signing(ctx: Context, found: Sealed, again: (sentence: string) => void): Child {
  const asked = ACTS[new URLSearchParams(location.hash.slice(1)).get("act") ?? ""];
  const acts: ReleaseAct[] = found.view.aside ? ["revocation"] : ["authorship", "approval", "activation", "revocation"];
  const open = acts.filter((act) => mayNot(ctx, found, act) === null);
  const first = asked ?? open.find((act) => act !== "revocation") ?? (who(found, "authorship").length === 0 ? "authorship" : lacking(ctx, who(found, "approval")) ? "approval" : "activation");
  const place = h("div", { id: "act" });
  const buttons = acts.map((act) => h("button", { type: "button", class: "choice", "aria-pressed": "false", onclick: () => { pick(act); } }, TITLES[act]));
  function pick(act: ReleaseAct): void {
    buttons.forEach((each, at) => { each.setAttribute("aria-pressed", String(acts[at] === act)); });
    const why = mayNot(ctx, found, act);
    show(place, why ? refusal(ctx, why) : panel(ctx, offer(ctx, found, act), again));
    say(why ?? `${TITLES[act]}: open`);
  }
  if (!found.view.aside) pick(first);
  else show(place, note("info", asideSentence(ctx, found.view.aside)));
  return [h("div", { class: "choices", role: "group", "aria-label": "What you want to sign" }, buttons), place];
}

function refusal(ctx: Context, why: string): HTMLElement {
  return note("info", h("p", {}, why), ctx.key ? null : h("p", {}, h("a", { href: keysAddress() }, "Make a key")));
}

function offer(ctx: Context, found: Sealed, act: ReleaseAct): Offer {
  const { flow, environment, shown } = found.manifest;
  const of: Record<string, Json> = { flow: flow.id, environment: environment.name };
  const base = { act, subject: found.digest, about: `flow/${flow.id}`, title: `${TITLES[act]}: ${flow.name} in ${environment.name}`, button: TITLES[act] };
  const sinks = Object.keys(found.manifest.lineage).map((name) => `I read every field that leaves for “${titleOf(found, name)}”.`);
  switch (act) {
    case "authorship":
      return { ...base, button: "Seal as author", meaning: ["This is what I built, and these are all of its authors.", ...sinks], predicate: () => of, done: "Sealed. Now other people read and approve it." };
    case "approval":
      return { ...base, button: "Approve and sign", meaning: [...(found.base ? ["I read what changes against the release before it."] : []), ...sinks, "I read the rules, the waivers and the connections.", `I agree that this runs for the purpose “${plain(flow.purpose)}” in ${environment.name}, and I am not one of its authors.`], predicate: () => ({ ...of, shown }), done: "Approved and signed." };
    case "activation": {
      const active = found.view.active;
      const next = (active?.sequence ?? 0) + 1;
      return { ...base, button: "Activate", meaning: [`${listed(who(found, "approval").map((each) => nameOf(each, ctx.about.root)))} approved it, and I am neither an author nor an approver.`, active ? `It takes the place of what runs now (activation ${String(active.sequence)}).` : "It is the first release of this flow that runs there."], predicate: () => ({ ...of, sequence: next }), done: `Activated as number ${String(next)}. The runtime takes it up within seconds.` };
    }
    case "revocation":
      return { ...base, danger: true, button: "Revoke for good", meaning: ["It stops for good: runtimes end it within 20 seconds, and it can never be activated again."], reason: { label: "Why it is revoked", least: 10 }, predicate: (why) => ({ ...of, why }), done: "Revoked. Runtimes end it within 20 seconds." };
  }
}
