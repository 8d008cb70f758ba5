/** What hands do to a flow: keys act on what has the focus, a click chooses what it hits, and what was tried before an edit says so. */
import { api, open } from "./browser.mjs";
import { begun, write } from "./hands.mjs";

export async function edited(check, given) {
  await check("keys act on the step that the arrows came to in the outline, not on the one that was selected on the canvas", "ana", async (page) => {
    const draft = await opened(page, given, "Walked in the outline");
    const [, second, third, fourth] = draft.document.steps;
    await card(page, fourth).click({ position: { x: 60, y: 16 } });
    await page.keyboard.press("o");
    const tree = page.getByRole("tree", { name: "Steps of the flow" });
    await tree.getByRole("treeitem").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown"); // past the wire of the first step
    const here = tree.locator(":focus");
    same(await here.getAttribute("data-step"), second.id, "the step that has the focus");
    same(await tree.locator("[aria-selected=true]").count(), 1, "what is selected");
    same(await here.getAttribute("aria-selected"), "true", "whether the focus is selected");
    await page.keyboard.press("a");
    await page.getByRole("dialog", { name: `Add after ${second.title}` }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Delete");
    await tree.locator(`[data-step="${second.id}"]`).waitFor({ state: "detached" });
    for (const step of [third, fourth]) same(await tree.locator(`[data-step="${step.id}"]`).count(), 1, `what is left of ${step.title}`);
  });
  await check("one click chooses a wire while a step is selected, and with Shift a second step joins the first", "ana", async (page) => {
    const draft = await opened(page, given, "Clicked on a wire");
    const [, second, third] = draft.document.steps;
    const chips = page.locator("[data-wire]");
    for (let at = 0; at < (await chips.count()); at += 1) {
      await card(page, second).click({ position: { x: 60, y: 16 } });
      await chips.nth(at).click();
      same(await chips.nth(at).getAttribute("aria-pressed"), "true", `whether wire ${at + 1} is chosen after one click`);
    }
    await card(page, second).click({ position: { x: 60, y: 16 } });
    await card(page, third).click({ position: { x: 60, y: 16 }, modifiers: ["Shift"] });
    same(await page.locator(".react-flow__node.selected").count(), 2, "steps that are selected");
  });
  await check("a step that is added after one with a way out goes between, and as a branch only where that is chosen", "ana", async (page) => {
    const draft = await opened(page, given, "Added between");
    const [, second, third] = draft.document.steps;
    const wires = async () => {
      await page.getByRole("status").filter({ hasText: /^Saved/ }).waitFor();
      return (await api(page, "GET", `/drafts/${draft.id}`)).body.document.wires.map((wire) => `${wire.from}>${wire.to}`);
    };
    const [into, branch] = [`${second.id}.out>filter.in`, `${second.id}.out>${third.id}.in`];
    for (const between of [true, false]) {
      await card(page, second).click({ position: { x: 60, y: 16 } });
      await page.keyboard.press("a");
      const dialog = page.getByRole("dialog", { name: `Add after ${second.title}` });
      if (!between) await dialog.getByRole("radio", { name: /^As a branch/ }).click();
      await dialog.getByRole("combobox", { name: "Type to filter kinds" }).fill("route");
      await page.keyboard.press("Enter");
      await card(page, { id: "filter" }).waitFor();
      const now = await wires();
      same(now.includes(into), true, "whether the new step is fed");
      same(now.includes(branch), !between, `whether the old wire is left, ${between ? "between" : "as a branch"}`);
      await page.keyboard.press("Control+z");
      await card(page, { id: "filter" }).waitFor({ state: "detached" });
    }
  });
  await check("a wire that is dropped on a source says why not, and on the body of a step it ends there", "ana", async (page) => {
    const draft = await opened(page, given, "Dropped on a body");
    const [source, second] = draft.document.steps;
    await page.keyboard.press("f");
    await pulled(page, second, source);
    await page.getByText("takes nothing in: it is where records begin.").waitFor();
    same(await page.getByRole("dialog").count(), 0, "dialogs");
    const drawn = await page.locator("[data-wire]").count();
    await pulled(page, draft.document.steps.at(-3), draft.document.steps.at(-2)); // that wire is there already
    await page.getByText(/feeds .* already\./).waitFor();
    same(await page.locator("[data-wire]").count(), drawn, "wires");
  });
  await check("what a message did before an edit is told as of before, until it is undone or run again", "ana", async (page) => {
    const draft = await opened(page, given, "Tried, then edited");
    await page.getByRole("tab", { name: "Test run" }).click();
    await page.locator("input[type=file]").setInputFiles({ name: "theatre.hl7", mimeType: "text/plain", buffer: Buffer.from(given.theatre_sample) });
    await page.getByText(/would be sent/).first().waitFor();
    const aged = page.getByText("Before the last edit, run again");
    same(await aged.count(), 0, "what is said of age at first");
    await card(page, draft.document.steps[2]).click({ position: { x: 60, y: 16 } });
    await page.keyboard.press("Delete");
    await aged.waitFor();
    same(await page.locator(".react-flow__node").getByLabel("passed by the message").count(), 0, "ticks on cards");
    await page.keyboard.press("Control+z");
    await aged.waitFor({ state: "detached" });
  });
  await check("a fix on trial marks the step that it changes, in view, and a problem of the whole flow opens its setting", "ana", async (page) => {
    await page.goto(`${given.origin}/signin`);
    const { body } = await api(page, "POST", "/drafts", { name: "Begun from nothing", from: { blank: true, purpose: "supply-consumption" } });
    await api(page, "POST", `/drafts/${body.id}/pen`, { take: false });
    await open(page, `${given.origin}/drafts/${body.id}`);
    await write(page);
    await page.getByRole("complementary", { name: "Palette" }).getByRole("button", { name: /HL7 v2 over MLLP/ }).click();
    const first = await page.locator(".react-flow__node").boundingBox();
    for (const tools of await page.locator(".react-flow__panel").all()) {
      const box = await tools.boundingBox();
      same(first.x < box.x + box.width && box.x < first.x + first.width && first.y < box.y + box.height && box.y < first.y + first.height, false, "whether the first step lies under tools");
    }
    const problem = page.getByRole("article").filter({ hasText: "LG-FLW-002" });
    await problem.getByRole("button", { name: "Open the setting" }).click();
    await page.waitForFunction(() => document.activeElement?.labels?.[0]?.textContent.startsWith("Owner of cases"));
    const draft = await opened(page, given, "Leaks by a fix");
    await card(page, draft.document.steps[3]).click({ position: { x: 60, y: 16 } });
    await page.keyboard.press("Shift+Delete");
    const leak = page.getByRole("article").filter({ hasText: "LG-FLD-001" }).first();
    await leak.getByRole("button", { name: /^Leave / }).click();
    await page.getByRole("region", { name: "Preview of a fix" }).waitFor();
    await page.locator(".react-flow__node [data-changed]").first().waitFor();
  });
  await check("a draft in review says how far that is, leads there and to the desk, and the withdrawn review leads back", "ana", async (page) => {
    const draft = await opened(page, given, "Looked at in review");
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    const sheet = page.getByRole("dialog", { name: "Submit for review" });
    await sheet.getByLabel("Who asked for it, and why").fill("Somebody who looks, ticket 4715.");
    await sheet.getByRole("button", { name: "Submit", exact: true }).click();
    await page.getByRole("dialog", { name: "Handed in" }).waitFor();
    await page.keyboard.press("Escape");
    const banner = page.getByRole("status", { name: "Who writes" }).or(page.locator("section[aria-label='Who writes']"));
    await banner.getByRole("link", { name: "Sign as author" }).first().waitFor();
    await banner.getByRole("link", { name: "Withdraw the review" }).first().waitFor();
    same(await page.getByRole("button", { name: "Submit", exact: true }).count(), 0, "buttons that submit");
    await page.getByRole("link", { name: "Waits for its author" }).click();
    await page.getByRole("button", { name: "Withdraw" }).click();
    const dialog = page.getByRole("dialog");
    for (const field of await dialog.getByRole("textbox").all()) await field.fill("Not yet.");
    await dialog.getByRole("button", { name: /Withdraw/ }).click();
    await page.getByRole("link", { name: "Open the draft" }).click();
    await page.getByText("Writing", { exact: true }).waitFor();
    same(page.url().endsWith(draft.id), true, "whether it is the draft");
  });
}

/** From the output of one step to the middle of another. */
async function pulled(page, from, to) {
  const [a, b] = [await card(page, from).boundingBox(), await card(page, to).boundingBox()];
  await page.mouse.move(a.x + a.width, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width + 20, a.y + a.height / 2 + 40, { steps: 5 });
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 8 });
  await page.mouse.up();
}

async function opened(page, given, name) {
  const draft = await begun(page, given, name);
  await open(page, `${given.origin}/drafts/${draft.id}`);
  await write(page);
  return draft;
}

const card = (page, step) => page.locator(`.react-flow__node[data-id="${step.id}"]`);

function same(is, should, what) {
  if (is !== should) throw new Error(`${what}: ${String(is)}, not ${String(should)}`);
}
