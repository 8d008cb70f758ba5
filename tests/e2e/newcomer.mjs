/**
 * The newcomer's story in a real browser: the draft that leaks is mended, tried and submitted; its author is refused;
 * Omar and Mei sign on the desk, Priya activates, and the first message is seen at the ERP's page.
 *
 * Everything goes through pages, by the names that people read; nothing is asked of the API.
 */
import { contextFor, evidence } from "./browser.mjs";
import { DAY_SURGERY, enter, LEAKING, sign, write } from "./hands.mjs";

const SUMMARY = "Day surgery posts its consumption";
const WORDS = "Say in the summary from when it runs.";
const SIGNERS = [
  ["Omar", "Approve and sign", /Approved and signed|Approved by Omar/],
  ["Mei", "Approve and sign", /Approved and signed|Approved by Mei/],
  ["Priya", "Activate", /Activated as number/],
];

export async function newcomer(browser, given, began) {
  const steps = [];
  const contexts = [];
  let doing = "";
  const step = async (name, act) => {
    doing = name;
    await act();
    steps.push({ name, at: Math.round((Date.now() - began) / 100) / 10 });
  };
  const somebody = async (name) => {
    const context = await contextFor(browser, given, null);
    contexts.push(context);
    const page = await context.newPage();
    await enter(page, given, name);
    return page;
  };
  try {
    let ana;
    await step("Ana signs in", async () => { ana = await somebody("Ana"); });
    await step("she opens the draft that leaks", () => ana.getByRole("region", { name: "Drafts" }).getByRole("link", { name: new RegExp(`^${LEAKING}`) }).click());
    await step("she reads what is wrong and applies the fix", () => mended(ana));
    await step("she tries it with a sample, saves that as a test case, runs all", () => tried(ana, given.sample));
    await step("she submits it", () => submitted(ana));
    const left = await contexts[0].newPage();
    await step("she leaves the draft open in another tab", () => left.goto(ana.url()));
    await step("Omar asks for changes: she finds his words, nobody can sign, and she hands it in again", async () => returned(await somebody("Omar"), ana));
    await step("she seals it as its author, on the desk", async () => {
      await sign(ana, { name: "Ana", link: "Sign as author", button: "Seal as author", done: /Sealed/ });
      await ana.getByRole("button", { name: "Open the review" }).click();
    });
    await step("her own approval is refused, and the page says why", async () => {
      await ana.getByText(/You may not approve: /).waitFor();
      if (await ana.getByRole("link", { name: "Approve and sign" }).count()) throw new Error("the author is offered to approve");
    });
    for (const [name, button, done] of SIGNERS) {
      await step(`${name} signs on the desk: ${button}`, async () => {
        const page = await somebody(name);
        await page.getByRole("region", { name: "Waits for you" }).getByRole("link", { name: new RegExp(LEAKING) }).click();
        await page.getByText(SUMMARY).first().waitFor();
        await sign(page, { name, link: button, button, done });
      });
    }
    await step("the first message is seen at the ERP", () => arrived(contexts.at(-1), given));
    await step("old addresses say what became of them", () => old(left, contexts.at(-1), given));
    return { passed: true, steps, seconds: steps.at(-1).at };
  } catch (error) {
    for (const page of contexts.flatMap((each) => each.pages())) await evidence(page, given, `newcomer-${new URL(page.url()).port}-${contexts.indexOf(page.context())}`);
    return { passed: false, steps, seconds: null, failed: `${doing}: ${String(error.message ?? error).split("\n").slice(0, 3).join(" ")}` };
  } finally {
    for (const context of contexts) await context.close();
  }
}

async function mended(page) {
  await page.getByRole("heading", { level: 1, name: LEAKING }).waitFor();
  await write(page);
  const leak = page.getByRole("article").filter({ hasText: "LG-FLD-001" }).first();
  await leak.waitFor();
  await leak.getByRole("button").filter({ hasNotText: "Show on canvas" }).first().click();
  await page.getByRole("region", { name: "Preview of a fix" }).getByRole("button", { name: "Apply", exact: true }).click();
  await page.getByRole("button", { name: "Submit", exact: true }).waitFor(); // while something blocks, its name says so
  await page.getByRole("status").filter({ hasText: /^Saved/ }).waitFor();
}

async function tried(page, sample) {
  await page.getByRole("link", { name: "Test", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: `Test ${LEAKING}` }).waitFor();
  await page.getByLabel("Drop a message here, or choose a file").setInputFiles({ name: "charges.hl7", mimeType: "text/plain", buffer: Buffer.from(sample) });
  await page.getByRole("region", { name: "Steps" }).getByRole("button", { name: /What would be sent/ }).click();
  await page.getByRole("region", { name: "Posting 1" }).waitFor();
  await page.getByLabel("Save as test case").fill("Two charge lines");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("region", { name: "Test cases" }).getByRole("button", { name: /^Two charge lines/ }).waitFor();
  await page.getByRole("button", { name: "Run all test cases" }).click();
  await page.getByText(/\d+ passed, 0 failed/).waitFor();
}

async function submitted(page) {
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: LEAKING }).click();
  await handedIn(page);
}

async function handedIn(page) {
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  const sheet = page.getByRole("dialog", { name: "Submit for review" });
  await sheet.getByLabel("What changes").fill(SUMMARY);
  await sheet.getByLabel("Who asked for it, and why").fill("Day surgery opens on Monday, ticket 4712.");
  await sheet.getByRole("button", { name: "Submit", exact: true }).click();
  await page.getByRole("dialog", { name: "Handed in" }).waitFor();
}

async function returned(omar, ana) {
  const link = await ana.getByRole("dialog").getByRole("link", { name: "Sign as author" }).getAttribute("href");
  await omar.getByRole("region", { name: "Waits for others" }).getByRole("link", { name: new RegExp(LEAKING) }).click();
  await omar.getByRole("button", { name: "Ask for changes" }).click();
  await omar.getByRole("dialog", { name: "Ask for changes" }).getByLabel("What has to change").fill(WORDS);
  await omar.getByRole("button", { name: "Send back" }).click();
  await omar.getByText("Sent back", { exact: true }).first().waitFor();
  await omar.goto(ana.url());
  await omar.getByRole("heading", { level: 1, name: LEAKING }).waitFor();
  if (await omar.getByRole("button", { name: /^Submit/ }).count()) throw new Error("an approver is offered to submit");
  const handed = ana.getByRole("dialog", { name: "Handed in" });
  await handed.getByText("Sent back", { exact: true }).waitFor();
  const desk = await ana.context().newPage();
  await desk.goto(link);
  await desk.getByText("Omar sent this release back on").first().waitFor();
  await desk.close();
  await ana.keyboard.press("Escape");
  await ana.getByRole("status", { name: "Changes that were asked for" }).getByText(WORDS).waitFor();
  await ana.getByRole("link", { name: "Home" }).first().click();
  await ana.getByRole("region", { name: "Waits for you" }).getByRole("link", { name: new RegExp(`Omar asks for changes: ${LEAKING}`) }).click();
  await write(ana);
  await handedIn(ana);
}

async function old(left, operator, given) {
  await left.getByRole("status", { name: "What became of this draft" }).getByText("This draft went live as version 1").waitFor();
  if (await left.getByRole("button", { name: /^Submit/ }).count()) throw new Error("what is live is offered to be submitted");
  await left.reload();
  await left.getByText("This draft went live").waitFor();
  await left.getByRole("link", { name: "Open the flow" }).click();
  await left.getByRole("heading", { level: 1, name: LEAKING }).waitFor();
  const page = await operator.newPage();
  await page.goto(`${given.origin}/exceptions/nope`);
  await page.getByText("No page has this address").waitFor();
}

/** The page of the ERP keeps itself new; a row with the cost centre of day surgery can come by no other flow. */
async function arrived(context, given) {
  const page = await context.newPage();
  await page.goto(given.erps[0].address);
  await page.getByRole("table").getByRole("cell", { name: DAY_SURGERY, exact: true }).first().waitFor({ timeout: 60_000 });
}
