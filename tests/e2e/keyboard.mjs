/** By keyboard alone: sign in, reach the flow list and a draft, see its problem, and try a fix without a pointer. */
import { contextFor, open } from "./browser.mjs";
import { PEN } from "./hands.mjs";

const STEPS = ["sign in", "to the flows by keys", "open a draft", "reach the fix of a problem", "preview and leave it"];

const DRAFT = /Evening surgery consumption/;

export async function keyboard(browser, given) {
  const done = [];
  const context = await contextFor(browser, given, null);
  const page = await context.newPage();
  const result = (passed, failed = null) => ({
    passed,
    failed,
    done,
    not_covered: ["keyboard story beyond the preview of a fix: building, testing and submitting by keyboard alone"],
  });
  try {
    await open(page, `${given.origin}/signin`);
    await until(page, /^Ana\b|Ana/, "button");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.pathname.startsWith("/signin"));
    await page.locator("h1").first().waitFor();
    done.push(STEPS[0]);
    await page.getByRole("navigation").first().waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("f");
    await page.waitForURL((url) => url.pathname === "/flows");
    await page.locator("h1").first().waitFor();
    done.push(STEPS[1]);
    await until(page, DRAFT, "a").catch(async () => {
      await page.keyboard.press("g"); // a catalogue without links: the work that lies at home has some
      await page.keyboard.press("h");
      await page.waitForURL((url) => url.pathname === "/");
      await until(page, DRAFT, "a");
    });
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => /^\/(flows|drafts)\//.test(url.pathname));
    if (new URL(page.url()).pathname.startsWith("/flows/")) {
      await page.locator("h1").first().waitFor();
      await until(page, /draft/i, "a", /^\/drafts\//);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.pathname.startsWith("/drafts/"));
    }
    done.push(STEPS[2]);
    await page.getByRole("article").first().waitFor();
    if (await page.getByRole("button", { name: PEN }).count()) {
      await until(page, PEN, "button");
      await page.keyboard.press("Enter");
      await page.waitForTimeout(1_000);
    }
    await until(page, /Leave 'caseReference'|mask|Insert/i, "button");
    done.push(STEPS[3]);
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Preview of a fix" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("region", { name: "Preview of a fix" }).waitFor({ state: "detached" });
    done.push(STEPS[4]);
    return result(true);
  } catch (error) {
    return result(false, `${STEPS[done.length]}: ${String(error.message ?? error).split("\n")[0]}`);
  } finally {
    await context.close();
  }
}

/** Presses Tab until what has the focus says the words; a page in which it cannot be reached fails here. */
async function until(page, words, tag, path = null) {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      return { tag: one?.tagName.toLowerCase() ?? "", text: `${one?.getAttribute("aria-label") ?? ""} ${one?.textContent ?? ""}`, path: one instanceof HTMLAnchorElement ? one.pathname : "" };
    });
    if (at.tag === tag && (path ? path.test(at.path) : words.test(at.text.trim()))) return;
  }
  throw new Error(`no ${tag} with ${String(words)} was reached in 120 presses of Tab`);
}
