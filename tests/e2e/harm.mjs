/** What must do no harm: a second tab, a lost connection, impatience, hostile texts, wrong files, forged sessions. */
import { createRequire } from "node:module";
import { api, contextFor, evidence, open, troubles } from "./browser.mjs";
import { drawn, tapped, walked } from "./drawn.mjs";
import { edited } from "./edited.mjs";
import { begun, enter, write } from "./hands.mjs";
import { HOSTILE, hurt } from "./hostile_strings.mjs";

const { io } = createRequire(new URL("../../frontend/package.json", import.meta.url))("socket.io-client");
const SAVED = /^Saved/;

export async function harm(browser, given, only = null) {
  const passed = [];
  const failed = [];
  const check = async (name, person, act) => {
    if (only && !only.test(name)) return;
    const context = await contextFor(browser, given, person);
    const page = await context.newPage();
    const found = troubles(page);
    const dialogs = [];
    page.on("dialog", (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss(); });
    try {
      await act(page, context);
      if (dialogs.length) throw new Error(`a dialog came up: ${dialogs[0]}`);
      if (found.length) throw new Error(`console: ${found[0]}`);
      passed.push(name);
    } catch (error) {
      failed.push(`${name}: ${String(error.message ?? error).split("\n").slice(0, 3).join(" ")}`);
      await evidence(page, given, name.replace(/\W+/g, "-"));
    } finally {
      await context.close();
    }
  };
  await impatience(check, given);
  await undoing(check, given);
  await edited(check, given);
  await drawn(check, given);
  await walked(check, given);
  await tapped(check, given);
  await themes(check, given);
  await tabs(check, given);
  await connection(check, given);
  await texts(check, given);
  await files(check, given);
  await reveals(check, given);
  await forged(check, given);
  return { passed, failed };
}

async function opened(page, given, draft) {
  await open(page, `${given.origin}/drafts/${draft.id}`);
  await write(page);
}

/** The name of the flow in the inspector: an edit that anybody can see. */
async function rename(page, name) {
  await page.getByRole("complementary", { name: "Inspector" }).getByRole("textbox", { name: "Name" }).fill(name);
  await page.keyboard.press("Tab");
}

/** The system's theme is followed until somebody chooses one. */
async function themes(check, given) {
  await check("the page follows the theme of the system while it is open, and one that was chosen stays", "ana", async (page) => {
    const theme = (name) => page.locator(`html[data-mantine-color-scheme=${name}]`).waitFor({ state: "attached" });
    await open(page, `${given.origin}/flows`);
    await theme("light");
    await page.emulateMedia({ colorScheme: "dark" });
    await theme("dark");
    await page.getByRole("button", { name: "Light theme" }).click();
    await theme("light");
    await page.reload();
    await page.getByRole("button", { name: "Dark theme" }).waitFor();
    await theme("light");
  });
}

async function impatience(check, given) {
  await check("Enter twice begins one flow", "ana", async (page) => {
    await open(page, `${given.origin}/flows`);
    await page.getByRole("button", { name: "New flow" }).click();
    const dialog = page.getByRole("dialog", { name: "New flow" });
    await dialog.getByRole("textbox", { name: "Name" }).fill("Begun by impatience");
    await page.keyboard.press("Enter");
    await dialog.getByText("Say what the flow is for.").waitFor();
    await dialog.getByRole("combobox", { name: "Purpose" }).or(dialog.getByRole("textbox", { name: "Purpose" })).first().click();
    await page.getByRole("option", { name: "Supply consumption" }).click();
    await dialog.getByRole("textbox", { name: "Name" }).focus();
    await Promise.all([page.keyboard.press("Enter"), page.keyboard.press("Enter")]);
    await page.getByRole("heading", { level: 1, name: "Begun by impatience" }).waitFor();
    const { drafts } = (await api(page, "GET", "/drafts")).body;
    same(drafts.filter((each) => each.name === "Begun by impatience").length, 1, "drafts of that name");
  });
  await check("a double click saves one test case, and submits once", "ana", async (page) => {
    const draft = await begun(page, given, "Submitted by impatience");
    await open(page, `${given.origin}/drafts/${draft.id}/test`);
    await page.getByLabel("Or paste one").fill(given.theatre_sample);
    await page.getByRole("button", { name: "Run", exact: true }).dblclick();
    await page.getByLabel("Save as test case").fill("Saved by a double click");
    await page.getByRole("button", { name: "Save", exact: true }).dblclick();
    const saved = page.getByRole("region", { name: "Test cases" }).getByRole("button", { name: /^Saved by a double click/ });
    await saved.first().waitFor();
    await opened(page, given, draft);
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    const sheet = page.getByRole("dialog", { name: "Submit for review" });
    await sheet.getByLabel("Who asked for it, and why").fill("Somebody in a hurry, ticket 4714.");
    await sheet.getByRole("button", { name: "Submit", exact: true }).dblclick();
    await page.getByRole("dialog", { name: "Handed in" }).waitFor();
    same((await api(page, "GET", `/drafts/${draft.id}/cases`)).body.cases.filter((each) => each.title === "Saved by a double click").length, 1, "test cases");
    same((await api(page, "GET", "/reviews")).body.reviews.filter((each) => each.name === "Submitted by impatience").length, 1, "reviews");
  });
  await check("a cause is taken on once by a double click and two Enters", "priya", async (page) => {
    await open(page, `${given.origin}/exceptions`);
    await page.getByRole("table", { name: "Causes" }).getByRole("link").first().click();
    const take = page.getByRole("button", { name: "Take on" });
    await take.dblclick({ delay: 5 });
    const give = page.getByRole("button", { name: "Hand back" });
    await give.waitFor();
    await give.focus();
    await Promise.all([page.keyboard.press("Enter"), page.keyboard.press("Enter")]);
    await take.waitFor();
  });
}

async function undoing(check, given) {
  await check("a fix that is undone before it was saved blocks again, and the history of what was done is whole", "ana", async (page) => {
    const draft = await begun(page, given, "Undone at once");
    await opened(page, given, draft);
    await page.keyboard.press("Control+f");
    await page.keyboard.type("case reference");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Shift+Delete");
    await page.getByRole("button", { name: /^Submit, \d+ blocker/ }).waitFor();
    await page.getByRole("status").filter({ hasText: SAVED }).waitFor();
    const leak = page.getByRole("article").filter({ hasText: "LG-FLD-001" }).first();
    await page.keyboard.press("F8");
    await leak.getByRole("button", { name: /^Make a pseudonym of/ }).click();
    await page.getByRole("region", { name: "Preview of a fix" }).getByRole("button", { name: "Apply", exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+z"); // within the pause of the autosave
    await page.getByRole("button", { name: /^Submit, \d+ blocker/ }).waitFor();
    await page.keyboard.press("Control+Shift+z");
    await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
    await page.getByRole("status").filter({ hasText: SAVED }).waitFor();
    same(sorted((await api(page, "GET", `/drafts/${draft.id}`)).body.document), sorted(draft.document), "the document after all was undone");
  });
}

/** As JSON with sorted names: the order of names says nothing. */
function sorted(value) {
  return JSON.stringify(value, (_, each) => (each && typeof each === "object" && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each));
}

async function tabs(check, given) {
  await check("the second tab is told, and takes over when asked", "ana", async (page, context) => {
    const draft = await begun(page, given, "Open in two tabs");
    await opened(page, given, draft);
    const second = await context.newPage();
    await open(second, `${given.origin}/drafts/${draft.id}`);
    await second.getByText("You have this draft open in another tab, and write there.").waitFor();
    await rename(page, "Written in the first tab");
    await page.getByRole("status").filter({ hasText: SAVED }).waitFor();
    await second.getByRole("heading", { level: 1, name: "Written in the first tab" }).waitFor(); // it follows
    await second.getByRole("button", { name: "Write here instead" }).click();
    await second.getByText("Writing", { exact: true }).waitFor();
    await page.getByText("You have this draft open in another tab, and write there.").waitFor();
    const stale = await api(page, "PUT", `/drafts/${draft.id}`, { revision: draft.revision, document: draft.document, summary: "From an old revision" });
    same(stale.status, 409, "the answer to a stale revision");
  });
}

async function connection(check, given) {
  await check("a lost connection keeps edits, and saves them when it is back", "ana", async (page, context) => {
    const draft = await begun(page, given, "Drawn in a tunnel");
    await opened(page, given, draft);
    await context.setOffline(true);
    await rename(page, "Drawn offline");
    await page.getByRole("status").filter({ hasText: /^Offline, \d+ change/ }).waitFor();
    await context.setOffline(false);
    await page.getByRole("status").filter({ hasText: SAVED }).waitFor({ timeout: 30_000 });
    same((await api(page, "GET", `/drafts/${draft.id}`)).body.document.name, "Drawn offline", "the name on the server");
  });
  await check("what was edited offline is there after the tab was closed", "ana", async (page, context) => {
    const draft = await begun(page, given, "Closed in a tunnel");
    await opened(page, given, draft);
    await context.setOffline(true);
    await rename(page, "Closed offline");
    await page.getByRole("status").filter({ hasText: /^Offline, \d+ change/ }).waitFor();
    const next = await context.newPage();
    await page.close({ runBeforeUnload: false });
    await context.setOffline(false);
    await open(next, `${given.origin}/drafts/${draft.id}`);
    await next.getByRole("heading", { level: 1, name: "Closed offline" }).waitFor(); // the tab that had the pen is gone: nothing has to be pressed
    await next.getByRole("status").filter({ hasText: SAVED }).waitFor();
  });
  await check("an offline edit outlasts a look at the test bench, is saved once, and nobody is asked about it", "ana", async (page, context) => {
    const draft = await begun(page, given, "To the bench in a tunnel");
    await opened(page, given, draft);
    await page.waitForFunction(() => performance.getEntriesByType("resource").some((each) => /TestBenchPage.*js/.test(each.name))); // it comes by itself
    await page.waitForLoadState("networkidle", { timeout: 800 }).catch(() => undefined); // the socket never rests
    await context.setOffline(true);
    await rename(page, "Back from the bench");
    await page.getByRole("status").filter({ hasText: /^Offline, \d+ change/ }).waitFor();
    await page.getByRole("link", { name: "Test", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Test To the bench in a tunnel" }).waitFor();
    await page.getByRole("heading", { name: "The connection is lost" }).first().waitFor();
    await page.goBack();
    await page.getByText("1 change of yours", { exact: false }).waitFor();
    await context.setOffline(false);
    await page.getByText("Writing", { exact: true }).waitFor();
    await page.getByRole("status").filter({ hasText: SAVED }).waitFor();
    await open(page, `${given.origin}/drafts/${draft.id}`);
    await page.getByText("Writing", { exact: true }).waitFor();
    same(await page.getByText("What shall hold?").count(), 0, "questions about what holds");
    same(await page.getByRole("alert").locator("*").count(), 0, "what went wrong");
    same((await api(page, "GET", `/drafts/${draft.id}`)).body.document.name, "Back from the bench", "the name on the server");
  });
  await check("what one tab kept offline is taken on by the other tab that takes the pen", "ana", async (page, context) => {
    const draft = await begun(page, given, "Kept by one tab");
    await opened(page, given, draft);
    const second = await context.newPage();
    await open(second, `${given.origin}/drafts/${draft.id}`);
    await second.getByText("You have this draft open in another tab, and write there.").waitFor();
    await context.setOffline(true);
    await rename(page, "Taken on by the other");
    await page.getByRole("status").filter({ hasText: /^Offline, \d+ change/ }).waitFor();
    await page.getByRole("link", { name: "Test", exact: true }).click();
    await page.getByRole("heading", { name: "The connection is lost" }).first().waitFor();
    await page.goBack();
    await page.close();
    await context.setOffline(false);
    await second.getByRole("heading", { level: 1, name: "Taken on by the other" }).waitFor();
    await second.getByRole("status").filter({ hasText: SAVED }).waitFor();
  });
  await check("a text that is typed in one field is one revision", "ana", async (page) => {
    const draft = await begun(page, given, "Typed");
    await opened(page, given, draft);
    await page.getByRole("complementary", { name: "Inspector" }).getByRole("textbox", { name: "Name" }).focus();
    await page.keyboard.press("End");
    await page.keyboard.type(" letter by letter");
    await page.keyboard.press("Tab");
    await page.getByRole("status").filter({ hasText: SAVED }).waitFor();
    const { revisions } = (await api(page, "GET", `/drafts/${draft.id}/revisions`)).body;
    same(revisions[0].number - draft.revision, 1, "revisions of seventeen letters");
  });
}

async function texts(check, given) {
  await check("200 hostile names of steps and notes are text on canvas, outline and inspector", "ana", async (page) => {
    const draft = await begun(page, given, HOSTILE[0]);
    const step = draft.document.steps[3];
    const steps = HOSTILE.map((title, n) => ({ ...step, id: `mask-${n}`, title }));
    const notes = HOSTILE.map((text, n) => ({ id: `note-${n}`, text, at: [n * 10, 600] }));
    const document = { ...draft.document, name: HOSTILE[1], steps: [...draft.document.steps, ...steps], notes };
    await api(page, "POST", `/drafts/${draft.id}/pen`, { take: true });
    same((await api(page, "PUT", `/drafts/${draft.id}`, { revision: draft.revision, document, summary: HOSTILE[2] })).status, 200, "the answer to the draft");
    await api(page, "POST", `/drafts/${draft.id}/pen`, { take: false });
    await open(page, `${given.origin}/drafts/${draft.id}?view=outline`);
    const tree = page.getByRole("tree", { name: "Steps of the flow" });
    await tree.getByText("Item to material").first().waitFor();
    const said = await tree.textContent();
    same(HOSTILE.filter((text) => !said.includes(text)).length, 0, "names that the outline does not show letter by letter");
    same((await page.evaluate(hurt)).join(" "), "", "what became more than text");
    await open(page, `${given.origin}/drafts/${draft.id}`);
    await page.locator(".react-flow__node").nth(100).waitFor({ state: "attached" });
    await page.mouse.move(600, 400);
    same((await page.evaluate(hurt)).join(" "), "", "what became more than text on the canvas");
    await open(page, `${given.origin}/flows`);
    same((await page.evaluate(hurt)).join(" "), "", "what became more than text in the list");
  });
  await check("200 hostile comments are text", "omar", async (page) => {
    await page.goto(`${given.origin}/signin`);
    const [review] = (await api(page, "GET", "/reviews")).body.reviews;
    for (const text of HOSTILE) same((await api(page, "POST", `/reviews/${review.id}/comments`, { text, place: {} })).status, 201, "the answer to a comment");
    await open(page, `${given.origin}/reviews/${review.id}?tab=comments`);
    await page.getByRole("tab", { name: /^Comments/ }).click();
    await page.getByRole("article").nth(199).waitFor();
    const said = await page.getByRole("article").evaluateAll((all) => all.map((each) => each.textContent).join("\n"));
    same(HOSTILE.filter((text) => !said.includes(text.trim())).length, 0, "comments that are not shown letter by letter");
    same((await page.evaluate(hurt)).join(" "), "", "what became more than text");
  });
  await check("200 hostile values of HL7 are text, before and after", "ana", async (page) => {
    const draft = await begun(page, given, "Tried with hostile values");
    await open(page, `${given.origin}/drafts/${draft.id}/test`);
    for (let n = 0; n < HOSTILE.length; n += 4) {
      const values = HOSTILE.slice(n, n + 4).map(cost);
      await page.getByLabel("Or paste one").fill(charged(given.theatre_sample, values));
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByRole("region", { name: "Steps" }).getByRole("button", { name: /^Utilisation event/ }).click();
      const records = page.getByRole("region", { name: /^Record \d+$/ });
      await records.first().getByText(values[0]).first().waitFor();
      await page.evaluate(() => { for (const folded of document.querySelectorAll("section details:not([open])")) folded.open = true; }); // of many records only the first stands open
      await records.last().getByRole("table").first().waitFor();
      const said = (await records.evaluateAll((all) => all.map((each) => each.textContent))).join("\n");
      same(values.filter((text) => !said.includes(text)).join(" "), "", "values that are not shown letter by letter");
      same((await page.evaluate(hurt)).join(" "), "", "what became more than text");
    }
  });
  await check("200 hostile names of files are text", "ana", async (page) => {
    const draft = await begun(page, given, "Given hostile files");
    await open(page, `${given.origin}/drafts/${draft.id}/test`);
    const input = page.getByLabel("Drop a message here, or choose a file");
    for (const text of HOSTILE) {
      await input.setInputFiles({ name: text.replaceAll("/", "\u2215"), mimeType: "application/octet-stream", buffer: Buffer.from([0, 1, 2]) });
      await page.getByText(`'${text.replaceAll("/", "\u2215")}' is not text.`, { exact: true }).waitFor();
    }
    same((await page.evaluate(hurt)).join(" "), "", "what became more than text");
  });
}

/** One charge line a value: what stands in the cost centre is shown to everybody. */
function charged(sample, values) {
  const segments = sample.split("\r").filter(Boolean);
  const line = segments.find((each) => each.startsWith("FT1|")).split("|");
  const lines = values.map((text, n) => [...line.slice(0, 1), String(n + 1), ...line.slice(2, 13), text.replace(/[\\|^&~]/g, (sign) => ({ "\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\" })[sign]), ...line.slice(14)].join("|"));
  return [...segments.filter((each) => !/^(FT1|NTE|DG1)/.test(each)), ...lines].join("\r") + "\r";
}

const cost = (text) => text.slice(0, 120).trim();

async function files(check, given) {
  await check("files that are too large or of another kind are answered with a sentence", "ana", async (page) => {
    const draft = await begun(page, given, "Given wrong files");
    await open(page, `${given.origin}/drafts/${draft.id}/test`);
    const input = page.getByLabel("Drop a message here, or choose a file");
    const give = (name, buffer) => input.setInputFiles({ name, mimeType: "application/octet-stream", buffer });
    await give("whole-year.hl7", Buffer.alloc(2_600_000, "A"));
    await page.getByText(/'whole-year.hl7' has 3 MB; a sample has at most 1.5/).waitFor();
    await give("picture.png", Buffer.from([137, 80, 78, 71, 0, 0, 0, 13]));
    await page.getByText("'picture.png' is not text.").waitFor();
    await give("letter.pdf", Buffer.from("%PDF-1.7 a letter"));
    await page.getByText("Not recognised as HL7 or FHIR").or(page.getByRole("alert").filter({ hasText: /./ })).first().waitFor();
    await give("nothing.txt", Buffer.from("  "));
    await page.getByRole("alert").or(page.getByText(/Not recognised|empty/i)).first().waitFor();
    await opened(page, given, draft);
    await page.getByRole("tab", { name: "Test run" }).click();
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose a file" }).click()]);
    await chooser.setFiles({ name: "whole-year.hl7", mimeType: "text/plain", buffer: Buffer.alloc(2_600_000, "A") });
    await page.getByText(/whole-year\.hl7/).first().waitFor();
  });
}

/** One field is revealed with a reason: its value is there then, and nowhere before, and the audit says so. */
async function reveals(check, given) {
  await check("one field is revealed with a reason, and the audit keeps it", "priya", async (page, context) => {
    const said = [];
    page.on("response", (response) => { if (response.url().includes("/api/v1/")) response.text().then((text) => said.push([response.url(), text]), () => undefined); });
    await open(page, `${given.origin}/messages`);
    const [message] = (await api(page, "GET", "/messages?state=delivered&flow=supply-consumption")).body.messages;
    await open(page, `${given.origin}/messages/${message.number}?tab=fields`);
    const row = page.getByRole("table", { name: /^Fields of/ }).getByRole("row").filter({ hasText: /PID-5/ }).first();
    await row.getByLabel("masked value").waitFor();
    same(given.marks.filter((mark) => said.some(([, text]) => text.includes(mark))).length, 0, "patients named before anything was revealed");
    await row.getByRole("button", { name: /^Reveal / }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("The ward asks whose suture it was, ticket 4715.");
    const [{ record }] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith("/reveal")).then((response) => response.json()),
      dialog.getByRole("button", { name: "Reveal", exact: true }).click(),
    ]);
    await row.locator("mark").waitFor();
    const shown = await row.locator("mark").textContent();
    if (!given.marks.some((mark) => shown.includes(mark))) throw new Error("what was revealed is no patient's name");
    const other = await contextFor(context.browser(), given, "omar");
    const audit = await other.newPage();
    await open(audit, `${given.origin}/audit`);
    await audit.getByRole("cell", { name: `Priya asked to see a field of message ${message.number}.` }).first().waitFor();
    if ((await audit.content()).includes(shown)) throw new Error("the audit of people holds the value");
    await open(audit, `${given.origin}/audit?writer=delivery&before=${record + 1}`); // who sees the value has the reason beside it, where the value is kept
    await audit.getByRole("cell", { name: "The ward asks whose suture it was, ticket 4715." }).first().waitFor();
    if ((await audit.content()).includes(shown)) throw new Error("the audit of the runtime holds the value");
    await other.close();
  });
}

async function forged(check, given) {
  await check("a forged session is refused by page, API and socket", "ana", async (page, context) => {
    await open(page, `${given.origin}/flows`);
    const [cookie] = (await context.cookies(given.origin)).filter((each) => each.httpOnly);
    const value = `${cookie.value.slice(0, -4)}${cookie.value.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
    same(await heard(given, `${cookie.name}=${value}`), "refused", "the socket of a forged session");
    same(await heard(given, `${cookie.name}=${cookie.value}`), "open", "the socket of the real one");
    same((await fetch(`${given.origin}/api/v1/flows`, { headers: { Cookie: `${cookie.name}=${value}` } })).status, 401, "the API's answer");
    await context.addCookies([{ ...cookie, value }]);
    await page.goto(`${given.origin}/flows`);
    await page.getByRole("region", { name: "People of the demo" }).waitFor();
  });
  await check("whose role it is not is refused by page and API", "sam", async (page) => {
    await open(page, `${given.origin}/flows`);
    same(await page.getByRole("button", { name: "New flow" }).count(), 0, "buttons for a new flow");
    same((await api(page, "POST", "/drafts", { name: "A steward's", from: { blank: true } })).status, 403, "the API's answer");
    const [review] = (await api(page, "GET", "/reviews")).body?.reviews ?? [];
    if (review) same((await api(page, "POST", `/reviews/${review.id}/return`, { text: "Not mine to return" })).status, 403, "the API's answer to a return");
  });
}

function heard(given, cookie) {
  return new Promise((done) => {
    const socket = io(given.origin, { transports: ["websocket"], extraHeaders: { Cookie: cookie, Origin: given.origin }, reconnection: false, timeout: 8_000 });
    const end = (word) => { socket.close(); done(word); };
    socket.on("connect", () => end("open"));
    socket.on("connect_error", () => end("refused"));
  });
}

function same(is, should, what) {
  if (is !== should) throw new Error(`${what}: ${String(is)}, not ${String(should)}`);
}
