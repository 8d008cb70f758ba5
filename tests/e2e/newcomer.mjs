/**
 * The newcomer's story in a real browser: the draft that leaks is mended, tried and submitted; its author is refused;
 * Omar and Mei sign on the desk, Priya activates, and the first message is seen at the ERP's page.
 *
 * Where a page does not offer a step yet, the page's own session asks the API: such steps are told as `by: "api"`.
 */
import { api, contextFor, open, PEN } from "./browser.mjs";

const LEAKING = "Day surgery consumption";

export async function newcomer(browser, given, began) {
  const steps = [];
  const step = async (name, by, act) => {
    const result = await act();
    steps.push({ name, by, at: Math.round((Date.now() - began) / 100) / 10 });
    return result;
  };
  const contexts = {};
  const as = async (person) => {
    contexts[person] ??= await contextFor(browser, given, null);
    const page = await contexts[person].newPage();
    return page;
  };
  try {
    const ana = await as("ana");
    await step("sign in as Ana", "page", async () => {
      await open(ana, `${given.origin}/signin`);
      await ana.getByRole("button", { name: /^Ana\b/ }).or(ana.getByRole("button", { name: /Ana/ })).first().click();
      await ana.waitForURL((url) => !url.pathname.startsWith("/signin"));
    });
    const { id } = (await api(ana, "GET", "/drafts")).body.drafts.find((each) => each.name === LEAKING);
    await step("open the draft that leaks", "page", () => open(ana, `${given.origin}/drafts/${id}`));
    await step("read the finding and apply its fix", "page", () => fix(ana, id));
    const text = given.sample;
    await step("test with a sample, save it as a case, run all", "api", async () => {
      must(await api(ana, "POST", `/drafts/${id}/runs`, { text }), 200);
      must(await api(ana, "POST", `/drafts/${id}/cases`, { title: "Two charge lines", text }), 201);
      const ran = must(await api(ana, "POST", `/drafts/${id}/cases/run`, {}), 200);
      if (ran.failed) throw new Error(`${ran.failed} test cases fail`);
    });
    const made = await step("submit", "api", async () =>
      must(await api(ana, "POST", `/drafts/${id}/submit`, { summary: "Day surgery posts its consumption", reason: "Day surgery opens on Monday, ticket 4712." }), 201));
    await step("own approval is refused, and the page says why", "page", async () => {
      await open(ana, `${given.origin}/reviews/${made.review}`);
      const acts = must(await api(ana, "GET", `/reviews/${made.review}`), 200).people.acts;
      const approve = acts.find((each) => each.act === "approve");
      if (approve.may) throw new Error("the author may approve");
    });
    if (!given.desk) throw new Error("the desk is not built: nobody can sign");
    for (const [person, act, button, done] of [
      ["ana", "author", "Seal as author", /Sealed/],
      ["omar", "approve", "Approve and sign", /Approved and signed/],
      ["mei", "approve", "Approve and sign", /Approved and signed/],
      ["priya", "activate", "Activate", /Activated as number/],
    ]) {
      await step(`${person} signs on the desk: ${act}`, "page", async () => sign(await as(person), given, person, made.release, act, button, done));
    }
    await step("the first message is seen at the ERP", "page", () => arrived(browser, given, began));
    return { passed: true, steps, seconds: steps.at(-1).at, by_api: steps.filter((each) => each.by === "api").map((each) => each.name) };
  } catch (error) {
    return { passed: false, steps, seconds: null, failed: String(error.message ?? error).split("\n")[0], by_api: steps.filter((each) => each.by === "api").map((each) => each.name) };
  } finally {
    for (const context of Object.values(contexts)) await context.close();
  }
}

function must(answer, status) {
  if (answer.status !== status) throw new Error(`the API answered ${answer.status}: ${answer.body?.sentence ?? ""}`);
  return answer.body;
}

async function fix(page, id) {
  await page.getByRole("article").first().waitFor();
  const pen = page.getByRole("button", { name: PEN });
  if (await pen.count()) await pen.first().click();
  const problems = page.getByRole("article").filter({ hasText: "LG-FLD-001" });
  await problems.first().waitFor();
  await problems.first().getByRole("button").filter({ hasNotText: "Show on canvas" }).first().click();
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  for (let tries = 0; tries < 50; tries += 1) {
    const found = must(await api(page, "GET", `/drafts/${id}/analysis`), 200);
    if (found.blocks === 0) return;
    await page.waitForTimeout(200);
  }
  throw new Error("the fix was not saved, or did not end the problem");
}

/** A new key in this browser, enrolled by the demo by itself; everything ticked; signed. */
async function sign(page, given, person, release, act, button, done) {
  await open(page, `${given.desk}/keys`);
  const listed = page.getByText("Enrolled: the trust root lists this key.");
  if (!(await listed.count())) {
    await page.getByLabel("Your short name").fill(person);
    await page.getByRole("button", { name: "Make a key and ask for enrolment" }).click();
    await listed.first().waitFor();
  }
  await open(page, `${given.desk}/release/${release}#act=${act}`);
  const form = page.locator("form.panel");
  for (const box of await form.getByRole("checkbox").all()) await box.check();
  await form.getByRole("button", { name: button, exact: true }).click();
  await page.getByText(done).first().waitFor();
}

/** Lines of day surgery name its own items as all do; the flow's counter tells that the posting was its. */
async function arrived(browser, given, began) {
  const context = await contextFor(browser, given, "priya");
  const page = await context.newPage();
  await page.goto(`${given.origin}/monitor`);
  try {
    while (Date.now() - began < 240_000) {
      const flows = must(await api(page, "GET", "/flows"), 200).flows;
      const flow = flows.find((each) => each.id === "day-surgery-consumption");
      if ((flow?.counters?.delivered ?? 0) > 0) {
        await open(page, given.erps[0]);
        await page.locator("tbody tr").first().waitFor();
        return;
      }
      await page.waitForTimeout(500);
    }
  } finally {
    await context.close();
  }
  throw new Error("no message of day surgery was delivered");
}
