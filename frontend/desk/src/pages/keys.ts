/** The keys that this browser holds: make one, have it enrolled, choose, forget. */
import { giveEnrolment, Refused, type RootKey } from "../api";
import { digest } from "../bytes";
import { type Child, facts, h, say, show, table } from "../dom";
import { canPasskey, forget, type HeldKey, keep, type Kind, make, request, trouble } from "../keys";
import { mark, note } from "../panel";
import { dropName, releaseAddress, wanted } from "../ways";
import { choose, type Context, instant, isListed, nameOf, rolesOf } from "../who";
import { day, listed, phrase, role } from "../words";

const SHORT_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const NO_SHORT_NAME = "This is no short name. It is one word of letters, digits and hyphens that begins with a letter, such as ‘omar’ or ‘ana-maria’: an administrator gives it, and the trust root lists you by it.";

export function keys(ctx: Context, again: (sentence: string) => void): Child {
  const back = releaseAddress();
  return [
    h("p", { class: "crumb" }, h("a", { href: "/" }, "What waits"), back ? [" / ", h("a", { href: back }, "back to the release")] : null, " / your keys"),
    h("h1", { tabindex: -1 }, "Your keys"),
    h("p", { class: "lead" }, "A key is made here and never leaves this browser, or your authenticator. What it signs counts as long as the trust root lists it."),
    ctx.keys.length === 0 ? h("p", { class: "empty" }, "This browser holds no key.") : h("ul", { class: "plain list" }, ctx.keys.map((key) => held(ctx, key, again))),
    enrolment(ctx, again),
    everyKey(ctx),
    lost(),
  ];
}

/** What the trust root lists for the people of this browser, wherever the key is held: a key that is not theirs is seen. */
function everyKey(ctx: Context): Child {
  const { root } = ctx.about;
  const people = [...new Set([...ctx.keys.map((key) => key.person), ...(wanted() ? [wanted() ?? ""] : [])])].filter((each) => each in root.persons).sort();
  return people.map((person) => {
    const listedKeys = Object.entries(root.keys).filter(([, key]) => key.person === person).sort(([one], [other]) => (root.since[one] ?? 0) - (root.since[other] ?? 0));
    return h(
      "section", { class: "card part", "aria-labelledby": `keys-${person}` },
      h("h2", { id: `keys-${person}` }, `Every key of ${nameOf(person, root)}`),
      listedKeys.length === 0 ? h("p", {}, "The trust root lists none.") : table(
        `Keys of ${nameOf(person, root)} in the trust root`, [{ title: "Key" }, { title: "Kind" }, { title: "Listed since" }, { title: "Held" }],
        listedKeys.map(([keyid, key]) => [h("code", {}, keyid.slice(0, 12)), kindOf(key), `version ${String(root.since[keyid] ?? 0)} of the trust root (now ${String(root.version)})`, ctx.keys.some((each) => each.keyid === keyid) ? "in this browser" : "elsewhere"]),
      ),
      h("p", { class: "muted" }, "Each of them signs for this person. If one is not theirs, an administrator takes it out at once."),
    );
  });
}

function kindOf(key: RootKey): string {
  if (key.form === "webauthn") return "passkey";
  return key.origin ? "key of a browser" : "key file";
}

function lost(): HTMLElement {
  return h(
    "section", { class: "card part", "aria-labelledby": "lost" },
    h("h2", { id: "lost" }, "If a key is lost, or stolen"),
    h("p", {}, h("strong", {}, "Lost, and in nobody’s hands: "), "make another one and have it enrolled. The old one still counts until an administrator takes it out, with ", h("code", {}, "lockgate trust remove KEY"), "."),
    h("p", {}, h("strong", {}, "Stolen, or on a machine that is gone: "), "tell an administrator at once. Until that command was run, whoever has it signs as you; afterwards nothing counts that it signed, and what rests on it stops until others have signed."),
    h("p", { class: "muted" }, "KEY is its first 12 digits, as they stand above."),
  );
}

function held(ctx: Context, key: HeldKey, again: (sentence: string) => void): HTMLElement {
  const root = ctx.about.root;
  const listedNow = isListed(key, root);
  const current = ctx.key?.keyid === key.keyid;
  const sure = h("button", { type: "button", class: "button danger small", onclick: () => void forget(key.keyid).then(() => { again("Forgotten in this browser."); }) }, "Really forget it");
  const asked = h("div", { class: "do", hidden: true }, forgetting(key, listedNow), sure);
  return h(
    "li", { class: "card key" },
    h("h2", {}, nameOf(key.person, root), current && listedNow ? h("span", { class: "tag mine" }, "signs now") : null),
    facts([
      ["Kind", key.kind === "passkey" ? "passkey" : "key in this browser, cannot be taken out"],
      ["Made", day(key.made)],
      ["Key", h("code", {}, key.keyid.slice(0, 12))],
      ["Roles", listed(rolesOf(key.person, root).map(role), "none yet")],
    ]),
    listedNow ? enrolled(key, root.demo) : waits(key),
    h(
      "div", { class: "do" },
      current || !listedNow ? null : h("button", { type: "button", class: "button quietly small", onclick: () => { choose(key.keyid); dropName(); again(`${nameOf(key.person, root)} signs now.`); } }, "Sign with this key"),
      h("button", { type: "button", class: "button quietly small", onclick: () => { asked.hidden = false; sure.focus(); } }, "Forget"),
    ),
    asked,
  );
}

/** What forgetting does, and what it does not. */
function forgetting(key: HeldKey, isIn: boolean): HTMLElement {
  const here = key.kind === "passkey" ? "This browser no longer offers it; the passkey itself stays in your device or security key." : "This browser forgets it for good: nobody can sign with it any more, or bring it back.";
  return h("p", {}, here, isIn ? [" The trust root goes on listing it, and what it signed goes on counting, until an administrator runs ", h("code", {}, `lockgate trust remove ${key.keyid.slice(0, 12)}`), "."] : null);
}

function enrolled(key: HeldKey, demo: boolean): HTMLElement {
  if (!key.phrase) return note("ok", "Enrolled: the trust root lists this key.");
  return note(
    "ok",
    h("p", {}, demo ? "Enrolled: the demo enrolled you. In an installation an administrator compares these six words with you first." : "Enrolled: the trust root lists this key. These are the six words that an administrator compared with you."),
    h("p", { class: "phrase" }, key.phrase),
  );
}

function waits(key: HeldKey): HTMLElement {
  return note("warn", h("p", {}, "Waits for an administrator. Read these six words to them; they must see the same ones."), h("p", { class: "phrase" }, key.phrase || "…"), h("p", { class: "muted" }, "This page notices by itself when it is done."));
}

function enrolment(ctx: Context, again: (sentence: string) => void): HTMLElement {
  const root = ctx.about.root;
  const people = Object.entries(root.persons).filter(([, who]) => who.roles.some((each) => each !== "administrator"));
  const options = h("datalist", { id: "people" }, people.map(([id, who]) => h("option", { value: id }, `${who.name}, ${who.roles.map(role).join(", ")}`)));
  const person = h("input", { id: "person", type: "text", list: "people", autocomplete: "off", spellcheck: "false", required: true, maxlength: 63, value: wanted() ?? "", "aria-describedby": "person-help" });
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
    const short = person.value.trim().toLowerCase();
    if (!SHORT_NAME.test(short)) {
      show(wrong, h("p", { class: "note bad" }, mark("✕", "Not made"), NO_SHORT_NAME));
      say(NO_SHORT_NAME);
      person.focus();
      return;
    }
    person.value = short;
    button.disabled = true;
    show(wrong);
    try {
      const key = await make(short, radios.find((each) => each.box.checked)?.kind ?? "browser", instant(ctx));
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
    h("div", { class: "field" }, h("label", { for: "person" }, "Your short name"), person, options, h("p", { class: "muted", id: "person-help" }, "One word by which the trust root knows you, or shall know you, such as ‘omar’: what you sign in with, not your full name.")),
    h("fieldset", {}, h("legend", {}, "Where the key is held"), radios.map((each) => each.row)),
    wrong, h("div", { class: "do" }, button),
  );
}
