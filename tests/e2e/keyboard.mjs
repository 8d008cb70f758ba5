/**
 * The newcomer's story up to submit by keyboard alone: Tab, arrows, Enter, shortcuts and the command palette.
 *
 * Nothing is clicked, nothing is asked of the API, and no script of a page is called: where the focus is, is looked at.
 */
import { contextFor, evidence, open } from "./browser.mjs";

const NAME = "Evening surgery consumption";
const MASK = /^Make a pseudonym of/;

export async function keyboard(browser, given) {
  const steps = [];
  let doing = "";
  const context = await contextFor(browser, given, null);
  const page = await context.newPage();
  const { press, type, at, tabTo, chosen } = hands(page);
  const step = async (name, act) => {
    doing = name;
    await act();
    steps.push(name);
  };
  try {
    await step("sign in as Ana", async () => {
      await open(page, `${given.origin}/signin`);
      await tabTo("button", /^Ana /);
      await press("Enter");
      await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    });
    await step("begin a flow from a pattern", async () => {
      await press("n");
      await page.getByRole("dialog", { name: "New flow" }).getByRole("radio", { name: /^Supply consumption / }).first().waitFor();
      await at("input", /^Name/);
      await type(NAME);
      await tabTo("input", /Blank/);
      await chosen("ArrowDown", /^Supply consumption(?! [a-z])/);
      await tabTo("button", /^Make the draft$/);
      await press("Enter");
      await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
      await page.getByText("Writing", { exact: true }).waitFor();
    });
    await step("another flow listens there already: take the place that is proposed", async () => {
      await page.getByRole("button", { name: "Submit, 1 blocker" }).waitFor();
      await press("F8");
      await page.getByRole("article").filter({ hasText: "LG-SOURCE-TAKEN" }).first().waitFor();
      await tabTo("button", /^Listen at /);
      await press("Enter");
      await page.getByRole("region", { name: "Preview of a fix" }).waitFor();
      await tabTo("button", /^Apply$/);
      await press("Enter");
      await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
      await page.getByRole("status").filter({ hasText: /^Saved/ }).waitFor();
    });
    await step("find the mask on the canvas and take it out: the draft leaks", async () => {
      await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
      await press("Control+f");
      await at("input", /./);
      await type("case reference");
      await press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await press("Shift+Delete");
      await page.getByRole("button", { name: /^Submit, \d+ blocker/ }).waitFor();
    });
    await step("go to the problem, look at its fix, apply it", async () => {
      await press("F8");
      await page.getByRole("article").filter({ hasText: "LG-FLD-001" }).first().waitFor();
      await press(".");
      await page.getByRole("region", { name: "Preview of a fix" }).waitFor();
      await press("Escape");
      await page.getByRole("region", { name: "Preview of a fix" }).waitFor({ state: "detached" });
      await tabTo("button", MASK);
      await press("Enter");
      await page.getByRole("region", { name: "Preview of a fix" }).waitFor();
      await tabTo("button", /^Apply$/);
      await press("Enter");
      await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
      await page.getByRole("status").filter({ hasText: /^Saved/ }).waitFor();
    });
    await step("undo the fix and do it again", async () => {
      await press("Control+z");
      await page.getByRole("button", { name: /^Submit, \d+ blocker/ }).waitFor();
      await press("Control+Shift+z");
      await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
      await page.getByRole("status").filter({ hasText: /^Saved/ }).waitFor();
    });
    await step("to the test bench by the palette, and try a message there", async () => {
      await press("Control+k");
      await at("input", /^Search or do$/);
      await type("Test bench");
      await press("Enter");
      await page.getByRole("heading", { level: 1, name: `Test ${NAME}` }).waitFor();
      await tabTo("textarea", /Or paste one/);
      await page.keyboard.insertText(given.theatre_sample);
      await tabTo("button", /^Run$/);
      await press("Enter");
      await page.getByRole("region", { name: "Steps" }).waitFor();
      await tabTo("button", /^What would be sent/);
      await press("Enter");
      await page.getByRole("region", { name: "Posting 1" }).waitFor();
    });
    await step("save it as a test case and run all", async () => {
      await tabTo("input", /Save as test case/);
      await type("Two charge lines of the evening");
      await press("Enter");
      await page.getByRole("region", { name: "Test cases" }).getByRole("button", { name: /^Two charge lines of the evening/ }).waitFor();
      await tabTo("button", /^Run all test cases$/);
      await press("Enter");
      await page.getByText(/\d+ passed, 0 failed/).waitFor();
    });
    await step("back to the canvas, and submit", async () => {
      await press("Escape");
      await page.getByRole("heading", { level: 1, name: NAME, exact: true }).waitFor();
      await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
      await page.getByText("Writing", { exact: true }).waitFor();
      await press("Control+Enter");
      await page.getByRole("dialog", { name: "Submit for review" }).waitFor();
      await tabTo("textarea", /Who asked for it, and why/);
      await type("Evening surgery opens in June, ticket 4713.");
      await tabTo("button", /^Submit$/);
      await press("Enter");
      await page.getByRole("dialog", { name: "Handed in" }).waitFor();
    });
    return { passed: true, steps };
  } catch (error) {
    await evidence(page, given, "keyboard");
    return { passed: false, steps, failed: `${doing}: ${String(error.message ?? error).split("\n").slice(0, 3).join(" ")}` };
  } finally {
    await context.close();
  }
}

/** What a keyboard can do. */
function hands(page) {
  const press = (key) => page.keyboard.press(key);
  /** Where the focus is: its tag and the words it is known by. */
  const focus = () =>
    page.evaluate(() => {
      const said = (node) => (node.nodeType === Node.TEXT_NODE ? node.data : node.ariaHidden === "true" ? "" : [...node.childNodes].map(said).join(" "));
      const one = document.activeElement ?? document.body;
      const labels = "labels" in one && one.labels ? [...one.labels].map(said).join(" ") : "";
      return { tag: one.tagName.toLowerCase(), text: (one.ariaLabel || labels || said(one)).replace(/\s+/g, " ").trim() };
    });
  return {
    press,
    type: (text) => page.keyboard.type(text),
    /** Waits until the focus came there by itself. */
    async at(tag, words) {
      for (let tries = 0; tries < 100; tries += 1) {
        const here = await focus();
        if (here.tag === tag && words.test(here.text)) return;
        await page.waitForTimeout(50);
      }
      throw new Error(`the focus did not come to a ${tag} with ${String(words)}`);
    },
    /** Presses Tab until what has the focus says the words; what cannot be reached so fails here. */
    async tabTo(tag, words) {
      for (let presses = 0; presses < 150; presses += 1) {
        const here = await focus();
        if (here.tag === tag && words.test(here.text)) return;
        await press("Tab");
      }
      throw new Error(`no ${tag} with ${String(words)} was reached in 150 presses of Tab`);
    },
    /** Presses an arrow until the choice that has the focus says the words. */
    async chosen(key, words) {
      for (let presses = 0; presses < 30; presses += 1) {
        if (words.test((await focus()).text)) return;
        await press(key);
      }
      throw new Error(`no choice with ${String(words)} was reached`);
    },
  };
}
