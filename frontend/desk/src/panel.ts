/** The panel in which a person means it: everything ticked, then one signature, then one envelope. */
import { giveEnvelope, Refused } from "./api";
import type { Json } from "./bytes";
import { apart, type Child, facts, fill, h, say, show } from "./dom";
import { sign, trouble } from "./keys";
import { capacity, type Context, instant, nameOf } from "./who";
import { groups, phrase } from "./words";

export interface Offer {
  /** The name of the act in the statement. */
  act: string;
  title: string;
  button: string;
  /** What is ticked, sentence by sentence. */
  meaning: string[];
  /** Asks for a text of at least so many characters. */
  reason?: { label: string; least: number };
  danger?: boolean;
  subject: string;
  about: string;
  predicate: (reason: string) => Record<string, Json>;
  done: string;
}

/** A form that signs once. `after` is told when the desk keeps the envelope. */
export function panel(ctx: Context, offer: Offer, after: (sentence: string) => void): HTMLElement {
  const key = ctx.key;
  const ticks = offer.meaning.map((sentence, at) => tick(`${offer.act}-${String(at)}`, sentence, ready));
  const reason = offer.reason ? textarea(offer.reason, `${offer.act}-why`, ready) : null;
  const button = h("button", { type: "submit", class: offer.danger ? "button danger" : "button", disabled: true }, offer.button);
  const left = h("p", { class: "muted left" });
  const wrong = h("div", { role: "alert" });
  let busy = false;
  /** What is shown here is not what stands at the desk any more: nothing is signed before it is loaded again. */
  let stale = false;

  function missing(): number {
    const open = ticks.filter((each) => !each.box.checked).length;
    return open + (reason && reason.box.value.trim().length < reason.least ? 1 : 0);
  }
  function ready(): void {
    const n = missing();
    button.disabled = busy || stale || n > 0;
    show(left, stale ? "Load this page again before you sign." : busy ? "Signing …" : n > 0 ? `${String(n)} of ${String(ticks.length + (reason ? 1 : 0))} still open before you can sign.` : key ? `You sign as ${nameOf(key.person, ctx.about.root)}.` : "");
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy || stale || missing() > 0 || !key) return;
    busy = true;
    ready();
    show(wrong);
    try {
      const said = { ...offer.predicate(reason?.box.value.trim().normalize("NFC") ?? ""), at: instant(ctx), origin: location.origin };
      await giveEnvelope(await sign(key, offer.subject, offer.about, offer.act, said));
      after(offer.done);
    } catch (error) {
      const sentence = error instanceof Refused ? error.message : trouble(error);
      show(wrong, h("p", { class: "note bad" }, mark("✕", "Not signed"), sentence), error instanceof Refused && error.status > 0 ? h("p", {}, h("button", { type: "button", class: "button", onclick: () => { location.reload(); } }, "Load this page again")) : null);
      say(sentence);
      busy = false;
      stale = error instanceof Refused && error.status === 409;
      ready();
    }
  }

  const form = h(
    "form", { class: offer.danger ? "panel danger" : "panel", onsubmit: (event) => void submit(event) },
    h("h3", {}, offer.title),
    facts([
      ["Signed by", `${capacity(ctx)}, ${key?.kind === "passkey" ? "with a passkey" : "with the key in this browser"}`],
      ["Over the digest", [apart(groups(offer.subject)), h("br"), phrase(offer.subject)]],
    ]),
    ticks.length > 0 ? h("fieldset", {}, h("legend", {}, "What you say by signing"), ticks.map((each) => each.row)) : null,
    reason?.row,
    wrong,
    h("div", { class: "do" }, button, left),
  );
  ready();
  return form;
}

export function mark(sign: string, words: string): HTMLElement {
  return h("span", { class: "mark" }, h("span", { "aria-hidden": "true" }, sign), h("span", { class: "quiet" }, `${words}: `));
}

function tick(id: string, sentence: string, changed: () => void): { row: HTMLElement; box: HTMLInputElement } {
  const box = h("input", { type: "checkbox", id, onchange: changed });
  return { box, row: h("label", { class: "tick", for: id }, box, h("span", {}, sentence)) };
}

function textarea(asked: { label: string; least: number }, id: string, changed: () => void): { row: HTMLElement; box: HTMLTextAreaElement; least: number } {
  const box = h("textarea", { id, rows: 3, maxlength: 500, oninput: changed });
  const row = h("div", { class: "field" }, h("label", { for: id }, asked.label), box, h("p", { class: "muted" }, `At least ${String(asked.least)} characters; everybody who meets this reads it. No patient data.`));
  return { box, row, least: asked.least };
}

export function note(kind: "ok" | "bad" | "warn" | "info", ...children: Child[]): HTMLElement {
  const signs = { ok: ["✓", "Good"], bad: ["✕", "Problem"], warn: ["!", "Attention"], info: ["i", "Note"] } as const;
  const [sign, words] = signs[kind];
  const made = h("div", { class: `note ${kind}` }, mark(sign, words));
  fill(made, h("div", {}, children));
  return made;
}
