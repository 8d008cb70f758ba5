/** What a signature changes: this release beside the one that runs, or beside the one that it names as its own before. */
import { note } from "./panel";
import { type Child, h } from "./dom";
import type { Json } from "./bytes";
import { type Change, difference, isLong } from "./difference";
import { type Sealed, who } from "./sealed";

const PARTS = [
  ["exposure", "Exposure: who learns what"],
  ["behaviour", "Behaviour: what is done"],
  ["configuration", "Configuration: what is called and kept how"],
] as const;

export function changesTitle(release: Sealed): string {
  if (release.base?.how === "runs" || (!release.base && !release.view.active)) return "What changes against what runs";
  return release.view.active?.this ? "What it changed against the release before" : "What changes against the release before";
}

export function changes(release: Sealed): Child {
  const { base, before, view, manifest } = release;
  if (!base && who(release, "revocation").length > 0) return h("p", {}, "It was revoked and never runs again; nothing had run before it.");
  if (!base) return h("p", {}, view.active ? "It runs, and nothing ran before it: all of it was new." : "Nothing runs yet: all of it is new.");
  const name = h("code", {}, base.release.slice(0, 12));
  if (!before) return note("bad", "The bytes of release ", name, ` cannot be read here, so what changes cannot be shown: ${base.trouble} Compare the two where both are, with `, h("code", {}, "lockgate show"), ", before you sign.");
  const found = difference(before, manifest);
  return [
    h("p", {}, lead(release), name, ". This browser compared the sealed bytes of both."),
    base.how === "runs" && manifest.previous !== base.release ? note("warn", made(manifest.previous)) : null,
    PARTS.map(([part, title]) => [h("h3", {}, title), found[part].length === 0 ? h("p", { class: "muted" }, "No change.") : h("ul", { class: "plain changes" }, found[part].map(line))]),
  ];
}

function lead({ base, view, manifest }: Sealed): string {
  if (base?.how === "runs") return `In ${manifest.environment.name} now runs release `;
  return view.active?.this ? "It took the place of release " : "Nothing of this flow runs there now; it names as the one before it release ";
}

/** Two people can work on one flow: what was true when this was made may be true no longer. */
function made(previous: string | null): string {
  return previous ? `When this was made, release ${previous.slice(0, 12)} ran; another one runs now. What you read here is against the one that runs.` : "This was made as the first release of its flow; another one runs now. What you read here is against the one that runs.";
}

function line(change: Change): HTMLElement {
  const whole = isLong(change.before) || isLong(change.after);
  return h(
    "li", {},
    change.direction === "other" ? null : [h("span", { class: "tag" }, change.direction), " "],
    change.sentence,
    whole ? h("details", {}, h("summary", {}, "Before and after, whole"), value("Before", change.before), value("After", change.after)) : null,
  );
}

function value(title: string, shown: Json): Child {
  return shown === null ? null : [h("p", { class: "muted" }, title), h("pre", { tabindex: 0, "aria-label": title }, typeof shown === "string" ? shown : JSON.stringify(shown, null, 1))];
}
