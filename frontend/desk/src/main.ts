/** The desk's page: an address, what it shows, and who signs. Every change of address reads everything again. */
import { about, Refused } from "./api";
import { type Child, h, say, show } from "./dom";
import { note } from "./panel";
import { home } from "./pages/home";
import { keys } from "./pages/keys";
import { master } from "./pages/master";
import { release } from "./pages/release";
import { designerAddress, dropName, keysAddress } from "./ways";
import { choose, type Context, context, isListed, nameOf } from "./who";
import { listed, role } from "./words";

const page = document.getElementById("page") as HTMLElement;
const top = document.getElementById("top") as HTMLElement;
const NOTICE_MS = 1_500;
let turn = 0;

async function open(told = ""): Promise<void> {
  const mine = ++turn;
  page.setAttribute("aria-busy", "true");
  try {
    const ctx = await context(await about());
    if (mine !== turn) return;
    header(ctx);
    const inside = await at(ctx);
    if (mine !== turn) return;
    show(page, told ? h("div", { class: "told", role: "status" }, note("ok", told)) : null, inside);
    title();
    if (ctx.keys.some((key) => !isListed(key, ctx.about.root))) notice(ctx, mine);
  } catch (error) {
    if (mine !== turn) return;
    const sentence = error instanceof Refused || error instanceof Error ? error.message : "This cannot be shown.";
    show(page, h("h1", { tabindex: -1 }, "This cannot be shown"), note("bad", sentence), h("p", {}, h("a", { href: "/" }, "What waits for a signature")));
    title();
  }
  page.removeAttribute("aria-busy");
  page.querySelector<HTMLElement>("h1")?.focus({ preventScroll: told === "" ? false : true });
  if (told) { window.scrollTo(0, 0); say(told); }
}

async function at(ctx: Context): Promise<Child> {
  const [, kind, name] = location.pathname.split("/");
  const again = (sentence: string): void => { void open(sentence); };
  if (!kind) return home(ctx);
  if (kind === "keys") return keys(ctx, again);
  if (kind === "release" && name) return release(ctx, name, again);
  if (kind === "master" && name) return master(ctx, name, again);
  throw new Error("There is nothing at this address.");
}

function title(): void {
  document.title = `${page.querySelector("h1")?.textContent ?? "Approval desk"} · Lockgate approval desk`;
}

function header(ctx: Context): void {
  const { root, designer } = ctx.about;
  const environments = Object.entries(root.environments).map(([name, label]) => h("span", { class: "chip" }, `${name}, ${label} data`));
  show(
    top,
    root.demo ? h("p", { class: "demo" }, h("strong", {}, "Demo trust, synthetic data."), " The keys of this root protect nothing.") : null,
    h(
      "div", { class: "bar" },
      h("a", { href: "/", class: "name" }, "Lockgate", h("span", {}, " approval desk")),
      environments,
      h("span", { class: "grow" }),
      signer(ctx),
      h("nav", { "aria-label": "Desk" }, h("a", { href: keysAddress() }, "Your keys"), designer ? h("a", { href: designerAddress(designer), rel: "noreferrer" }, "Designer") : null),
    ),
  );
}

function signer(ctx: Context): Child {
  const root = ctx.about.root;
  if (!ctx.key) return h("a", { href: keysAddress(), class: "who" }, "No key yet");
  const words = (person: string): string => `${nameOf(person, root)}, ${listed((root.persons[person]?.roles ?? []).map(role), "not enrolled")}`;
  if (ctx.keys.length === 1) return h("span", { class: "who" }, words(ctx.key.person));
  const pick = h(
    "select", { id: "who", onchange: (event) => { choose((event.target as HTMLSelectElement).value); dropName(); void open(); } },
    ctx.keys.map((key) => h("option", { value: key.keyid, selected: key.keyid === ctx.key?.keyid }, `${words(key.person)}${key.kind === "passkey" ? " (passkey)" : ""}`)),
  );
  return h("span", { class: "who" }, h("label", { for: "who" }, "You sign as"), pick);
}

/** Looks now and then whether an administrator has enrolled a key that waits. */
function notice(ctx: Context, mine: number): void {
  window.setTimeout(() => {
    if (mine !== turn) return;
    void about().then((now) => {
      if (mine !== turn) return;
      const done = ctx.keys.find((key) => !isListed(key, ctx.about.root) && isListed(key, now.root));
      if (done) void open(`${nameOf(done.person, now.root)} is enrolled and may sign.`);
      else notice(ctx, mine);
    }, () => { notice(ctx, mine); });
  }, NOTICE_MS);
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest("a");
  if (!link || link.origin !== location.origin || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.classList.contains("skip")) { page.focus(); return; }
  history.pushState(null, "", link.href);
  void open();
});
window.addEventListener("popstate", () => { void open(); });
void open();
