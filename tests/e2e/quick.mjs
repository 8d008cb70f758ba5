/** The short way through: somebody signs in, a canvas is drawn and says what leaks, the desk opens; axe on both. */
import { axe, contextFor, evidence, open, troubles } from "./browser.mjs";
import { enter, LEAKING } from "./hands.mjs";

export async function quick(browser, given) {
  const passed = [];
  const failed = [];
  const context = await contextFor(browser, given, null);
  const page = await context.newPage();
  const found = troubles(page);
  const check = async (name, act) => {
    if (failed.length) return; // each goes on from the one before
    try {
      await act();
      passed.push(name);
    } catch (error) {
      failed.push(`${name}: ${String(error.message ?? error).split("\n").slice(0, 2).join(" ")}; ${await evidence(page, given, "quick")}`);
    }
  };
  await check("Ana signs in by the page", () => enter(page, given, "Ana"));
  await check("the canvas draws the draft that leaks, and says where", async () => {
    await page.getByRole("region", { name: "Drafts" }).getByRole("link", { name: new RegExp(`^${LEAKING}`) }).click();
    await page.getByRole("heading", { level: 1, name: LEAKING }).waitFor();
    const steps = page.getByRole("application", { name: "Flow canvas" }).locator(".react-flow__node");
    await steps.nth(5).waitFor();
    if ((await steps.count()) !== 6) throw new Error(`${await steps.count()} steps are drawn, not 6`);
    await page.getByRole("article").filter({ hasText: "LG-FLD-001" }).first().waitFor();
  });
  await check("axe finds nothing on the canvas", async () => none(await axe(page)));
  await check("the desk opens on its own origin, and axe finds nothing there", async () => {
    await open(page, `${given.desk}/`);
    await page.getByRole("heading", { level: 1, name: "What waits for a signature" }).waitFor();
    none(await axe(page));
  });
  await check("no page complained in the console", () => none(found));
  await context.close();
  return { passed, failed };
}

function none(found) {
  if (found.length) throw new Error(JSON.stringify(found[0]).slice(0, 300));
}
