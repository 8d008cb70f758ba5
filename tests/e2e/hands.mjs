/** What the stories do on pages, by the names that people read: sign in, a key on the desk, a signature. */
import { api, open } from "./browser.mjs";

export const LEAKING = "Day surgery consumption";
export const DAY_SURGERY = "4450"; // the cost centre that only day surgery charges
/** What is pressed by somebody who wants to write. */
export const PEN = /^(Take the pen|Write here instead)$/;

/** Enters as one of the demo's people, through the page. */
export async function enter(page, given, name) {
  await open(page, `${given.origin}/signin`);
  await page.getByRole("region", { name: "People of the demo" }).getByRole("button", { name: new RegExp(`^${name} `) }).click();
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
}

/** From the review to the desk by its link, which opens another page; a key is made there if this browser has none. */
export async function sign(page, { name, link, button, done }) {
  const [desk] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: link }).last().click()]); // of two the one in the dialog
  await desk.locator("h1").first().waitFor();
  await settled(desk);
  await enrolled(desk, name);
  await desk.bringToFront();
  const form = desk.locator("#act form");
  await form.waitFor();
  for (const box of await form.getByRole("checkbox").all()) await box.check();
  await form.getByRole("button", { name: button, exact: true }).click();
  await desk.getByText(done).first().waitFor();
  await desk.close();
}

/** A key of this browser at the desk's own origin, which the demo enrols by itself. */
async function enrolled(desk, name) {
  if (!(await desk.getByText("This browser holds no key of yours").count())) return;
  const back = desk.url();
  await desk.goto(`${new URL(back).origin}/keys`);
  await settled(desk);
  await desk.getByLabel("Your short name").fill(name.toLowerCase());
  await desk.getByRole("button", { name: /Make a key/ }).click();
  await desk.getByRole("listitem").filter({ has: desk.getByRole("heading", { name: new RegExp(name, "i") }) }).getByText("signs now").waitFor();
  await desk.goto("about:blank"); // a change of the part behind # alone loads nothing
  await desk.goto(back);
  await settled(desk);
}

async function settled(desk) {
  await desk.waitForFunction(() => document.querySelector("h1") && !document.getElementById("page")?.hasAttribute("aria-busy"));
}

/** The pen comes by itself where nobody has it; it is asked for where somebody else, or another tab, has it. */
export async function write(page) {
  const writing = page.getByText("Writing", { exact: true });
  await writing.waitFor({ timeout: 3_000 }).catch(() => page.getByRole("button", { name: PEN }).first().click());
  await writing.waitFor();
}

/** A draft to harm, begun from a pattern by its author, that listens where no live flow does. */
export async function begun(page, given, name) {
  await page.goto(`${given.origin}/signin`);
  const { body } = await api(page, "POST", "/drafts", { name, from: { pattern: "supply-consumption" } });
  const [source, ...others] = body.document.steps;
  const document = { ...body.document, steps: [{ ...source, connection: "north-theatre" }, ...others] };
  await api(page, "PUT", `/drafts/${body.id}`, { revision: body.revision, document, summary: "" });
  await api(page, "POST", `/drafts/${body.id}/pen`, { take: false });
  return (await api(page, "GET", `/drafts/${body.id}`)).body;
}
