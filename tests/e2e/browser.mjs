/** A browser for the stories: one context a person, answers of the API from inside the page, axe on any page. */
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const front = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = front("playwright-core");
const AXE = readFileSync(front.resolve("axe-core/axe.min.js"), "utf8");
export const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What axe is told to pass over: { rule, selector, reason }. */
export const EXCLUDED = [];

export async function launch(given) {
  return chromium.launch({ executablePath: given.browser, args: given.flags, headless: true });
}

/** A context in which nobody, or one of the demo's people, is signed in. */
export async function contextFor(browser, given, person, { theme = "light", width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ colorScheme: theme, viewport: { width, height }, reducedMotion: "reduce" });
  context.setDefaultTimeout(15_000);
  if (person) {
    const page = await context.newPage();
    await page.goto(`${given.origin}/signin`);
    const answer = await api(page, "POST", "/session/persona", { person });
    if (answer.status !== 200) throw new Error(`signing in as ${person} ended with ${answer.status}`);
    await page.close();
  }
  return context;
}

/** A request as the page itself makes it. */
export async function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { "X-Lockgate": "1", "X-Lockgate-Tab": "e2e", ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
      const answer = await fetch(`/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body],
  );
}

/** What a page writes into the console as an error: a broken policy, a crash. */
export function troubles(page) {
  const found = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) found.push(message.text().slice(0, 300));
  });
  page.on("pageerror", (error) => found.push(String(error).slice(0, 300)));
  return found;
}

/** Goes there and waits until nothing loads any more; whether the page is what it should be, its caller looks. */
export async function open(page, address) {
  await page.goto(address);
  await page.locator("h1").first().waitFor({ timeout: 6_000 }).catch(() => undefined);
  await page.waitForLoadState("networkidle", { timeout: 800 }).catch(() => undefined); // sockets and live pages never rest
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached", timeout: 3_000 }).catch(() => undefined);
}

/** The findings of axe. Its code runs in an isolated world through the devtools: the page's policy stays as it is. */
export async function axe(page) {
  const session = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await session.send("Page.getFrameTree");
    const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
    const run = async (expression, awaitPromise) => {
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    await run(`${AXE};0`, false);
    const options = JSON.stringify({ runOnly: { type: "tag", values: TAGS }, resultTypes: ["violations"] });
    return JSON.parse(await run(`axe.run(document, ${options}).then((r) => JSON.stringify(r.violations.map((v) => ({ rule: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map((n) => n.html.slice(0, 200)).slice(0, 5) }))))`, true));
  } finally {
    await session.detach();
  }
}

/** What a page looked like when a story broke off there, for whoever reads the report. */
export async function evidence(page, given, name) {
  mkdirSync(given.folder, { recursive: true });
  const path = join(given.folder, `broke-${name}.png`);
  await page.screenshot({ path }).catch(() => undefined);
  return path;
}
