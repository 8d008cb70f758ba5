/** The pictures of the README, taken in a running demo: what leaks, what is decided, what is held. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { api, contextFor, open } from "./browser.mjs";
import { LEAKING } from "./hands.mjs";

const SIZE = { width: 1360, height: 860 };

export async function pictures(browser, given, all) {
  mkdirSync(given.folder, { recursive: true });
  const placed = (name) => all.find((each) => each.name === name);
  const wanted = [
    ["canvas", placed("canvas"), async (page) => {
      await page.getByRole("heading", { level: 1, name: LEAKING }).waitFor();
      await page.getByRole("button", { name: "Hide the inspector" }).click();
      await page.keyboard.press("F8");
      await page.getByRole("article").filter({ hasText: "LG-FLD-001" }).first().waitFor();
    }],
    ["exceptions", placed("exception"), async (page) => { await page.getByRole("table", { name: "Cases of this cause" }).waitFor(); }],
  ];
  for (const one of wanted) await taken(browser, given, ...one);
  await taken(browser, given, "review", { ...placed("reviews"), path: `/reviews/${await mended(browser, given)}?tab=exposure` }, async (page) => { await page.getByRole("tabpanel").waitFor(); });
  return { folder: given.folder, pictures: wanted.length + 1 };
}

async function taken(browser, given, name, { person, origin, path }, act) {
  const context = await contextFor(browser, { ...given, origin }, person, SIZE);
  const page = await context.newPage();
  await open(page, `${origin}${path}`);
  await act(page);
  await page.mouse.move(640, 4);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(given.folder, `${name}.png`) });
  await context.close();
}

/** The draft that leaks, with its first fix, handed in; gives its review. */
async function mended(browser, given) {
  const context = await contextFor(browser, given, "ana");
  const page = await context.newPage();
  await page.goto(`${given.origin}/signin`);
  const ask = async (method, path, body) => {
    const answer = await api(page, method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const { drafts } = await ask("GET", "/drafts");
  const { id } = drafts.find((each) => each.name === LEAKING && !each.locked);
  const { findings } = await ask("GET", `/drafts/${id}/analysis`);
  const { edits, title } = findings.find((each) => each.severity === "hard").fixes[0];
  const { document } = await ask("POST", `/drafts/${id}/preview`, { edits });
  await ask("POST", `/drafts/${id}/pen`, { take: true });
  const { revision } = await ask("GET", `/drafts/${id}`);
  await ask("PUT", `/drafts/${id}`, { revision, document, summary: title });
  await ask("POST", `/drafts/${id}/cases`, { title: "Two charge lines", text: given.sample });
  await ask("POST", `/drafts/${id}/cases/run`);
  const { review } = await ask("POST", `/drafts/${id}/submit`, { summary: "Day surgery posts its consumption", reason: "Day surgery opens on Monday, ticket 4712." });
  await context.close();
  return review;
}
