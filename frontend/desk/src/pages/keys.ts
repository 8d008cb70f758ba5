/** The keys that this browser holds: make one, have it enrolled, choose, forget. */
import { giveEnrolment, Refused } from "../api";
import { digest } from "../bytes";
import { type Child, facts, h, say, show } from "../dom";
import { canPasskey, forget, type HeldKey, keep, type Kind, make, request, trouble } from "../keys";
import { mark, note } from "../panel";
import { choose, type Context, instant, isListed, nameOf, rolesOf } from "../who";
import { day, listed, phrase, role } from "../words";

export function keys(ctx: Context, again: (sentence: string) => void): Child {
  return [
    h("p", { class: "crumb" }, h("a", { href: "/" }, "What waits"), " / your keys"),
    h("h1", { tabindex: -1 }, "Your keys"),
    h("p", { class: "lead" }, "A key is made here and never leaves this browser, or your authenticator. If it is lost, make another one and have it enrolled: that is all."),
    ctx.keys.length === 0 ? h("p", { class: "empty" }, "This browser holds no key.") : h("ul", { class: "plain list" }, ctx.keys.map((key) => held(ctx, key, again))),
    enrolment(ctx, again),
  ];
}

function held(ctx: Context, key: HeldKey, again: (sentence: string) => void): HTMLElement {
  const root = ctx.about.root;
  const listedNow = isListed(key, root);
  const current = ctx.key?.keyid === key.keyid;
  const sure = h("button", { type: "button", class: "button danger small", hidden: true, onclick: () => void forget(key.keyid).then(() => { again("Forgotten."); }) }, "Really forget it");
  return h(
    "li", { class: "card key" },
    h("h2", {}, nameOf(key.person, root), current && listedNow ? h("span", { class: "tag mine" }, "signs now") : null),
    facts([
      ["Kind", key.kind === "passkey" ? "passkey" : "key in this browser, cannot be taken out"],
      ["Made", day(key.made)],
      ["Key", h("code", {}, key.keyid.slice(0, 12))],
      ["Roles", listed(rolesOf(key.person, root).map(role), "none yet")],
    ]),
    listedNow ? note("ok", "Enrolled: the trust root lists this key.") : waits(key),
    h(
      "div", { class: "do" },
      current || !listedNow ? null : h("button", { type: "button", class: "button quietly small", onclick: () => { choose(key.keyid); location.hash = ""; again(`${nameOf(key.person, root)} signs now.`); } }, "Sign with this key"),
      h("button", { type: "button", class: "button quietly small", onclick: () => { sure.hidden = false; sure.focus(); } }, "Forget"), sure,
    ),
  );
}

function waits(key: HeldKey): HTMLElement {
  return note("warn", h("p", {}, "Waits for an administrator. Read these six words to them; they must see the same ones."), h("p", { class: "phrase" }, key.phrase || "…"), h("p", { class: "muted" }, "This page notices by itself when it is done."));
}

function enrolment(ctx: Context, again: (sentence: string) => void): HTMLElement {
  const root = ctx.about.root;
  const people = Object.entries(root.persons).filter(([, who]) => who.roles.some((each) => each !== "administrator"));
  const options = h("datalist", { id: "people" }, people.map(([id, who]) => h("option", { value: id }, `${who.name}, ${who.roles.map(role).join(", ")}`)));
  const person = h("input", { id: "person", type: "text", list: "people", autocomplete: "off", spellcheck: "false", required: true, pattern: "[a-z][a-z0-9\\-]{0,62}", maxlength: 63, "aria-describedby": "person-help" });
  const kinds: [Kind, string, string][] = [["browser", "A key in this browser", "Made now, stored in this browser only. It cannot be exported."], ["passkey", "A passkey", "Held by your device or security key. You confirm every signature with a finger, a face or a PIN."]];
  const radios = kinds.map(([kind, title, words], at) => {
    const box = h("input", { type: "radio", name: "kind", id: `kind-${kind}`, value: kind, checked: at === 0, disabled: kind === "passkey" && !canPasskey() });
    return { kind, box, row: h("label", { class: "tick", for: `kind-${kind}` }, box, h("span", {}, h("strong", {}, title), h("br"), h("span", { class: "muted" }, words))) };
  });
  const button = h("button", { type: "submit", class: "button" }, "Make a key and ask for enrolment");
  const wrong = h("div", { role: "alert" });
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    show(wrong);
    try {
      const key = await make(person.value.trim(), radios.find((each) => each.box.checked)?.kind ?? "browser", instant(ctx));
      const asked = await request(key, instant(ctx));
      const kept = { ...key, phrase: phrase(await digest(asked)) };
      const answer = await giveEnrolment(asked);
      if (answer.phrase !== kept.phrase) throw new Error("The desk read other words than this browser: enrol nowhere, and tell an administrator.");
      await keep(kept);
      choose(kept.keyid);
      again(`A key for ${nameOf(key.person, root)} is made, and waits for enrolment.`);
    } catch (error) {
      const sentence = error instanceof Refused ? error.message : trouble(error);
      show(wrong, h("p", { class: "note bad" }, mark("✕", "Not made"), sentence));
      say(sentence);
      button.disabled = false;
    }
  }
  return h(
    "form", { class: "card part", onsubmit: (event) => void submit(event) },
    h("h2", {}, "A new key"),
    h("div", { class: "field" }, h("label", { for: "person" }, "Your short name"), person, options, h("p", { class: "muted", id: "person-help" }, "As the trust root has it, or shall have it: small letters, such as ‘omar’.")),
    h("fieldset", {}, h("legend", {}, "Where the key is held"), radios.map((each) => each.row)),
    wrong, h("div", { class: "do" }, button),
  );
}
