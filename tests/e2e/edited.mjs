/** What hands do to a flow: keys act on what has the focus, a click chooses what it hits, and what was tried before an edit says so. */
import { open } from "./browser.mjs";
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
