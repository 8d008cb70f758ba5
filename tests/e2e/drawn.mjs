/** Every pattern of the library, drawn on the canvas: no wire runs under a step that is neither of its ends, as it opens and arranged. */
import { api, open } from "./browser.mjs";
import { write } from "./hands.mjs";

/** Seen by nobody: a wire's rounded corner may graze the pixel beside a card. */
const TOUCH = 1;

export async function drawn(check, given) {
  await check("no wire runs under a foreign step on any flow of the library, as it opens and arranged", "ana", async (page) => {
    await page.goto(`${given.origin}/signin`);
    const { patterns } = (await api(page, "GET", "/library")).body;
    if (patterns.length < 5) throw new Error(`only ${patterns.length} patterns to begin from`);
    for (const pattern of patterns.filter((each) => each.usable)) {
      const { body } = await api(page, "POST", "/drafts", { name: `Drawn: ${pattern.name}`.slice(0, 80), from: { pattern: pattern.id } });
      await open(page, `${given.origin}/drafts/${body.id}`);
      await write(page);
      await page.locator(".react-flow__node").nth(body.document.steps.length - 1).waitFor({ state: "attached" });
      told(pattern.id, "as it opens", await page.evaluate(under, TOUCH), body.document.wires.length);
      await page.getByRole("button", { name: /^Arrange/ }).click();
      await page.getByRole("button", { name: /^Undo: / }).waitFor(); // arranging takes a moment, in which what was saved before is still said
      await page.getByRole("status").filter({ hasText: /^Saved/ }).waitFor();
      told(pattern.id, "arranged", await page.evaluate(under, TOUCH), body.document.wires.length);
    }
  });
}

/** Longer than what is drawn at once: what is out of view is drawn when the focus comes to it. */
export async function walked(check, given) {
  await check("the arrows walk along a flow of 320 steps, and every step that has the focus is in view", "ana", async (page) => {
    await page.goto(`${given.origin}/signin`);
    const { body } = await api(page, "POST", "/drafts", { name: "A very long flow", from: { pattern: "supply-consumption" } });
    await api(page, "POST", `/drafts/${body.id}/pen`, { take: true });
    const [source, check] = body.document.steps;
    const steps = [source, ...Array.from({ length: 319 }, (_, n) => ({ ...check, id: `check-${n}`, title: `Check ${n}` }))];
    const wires = steps.slice(1).map((step, n) => ({ from: `${steps[n].id}.out`, to: `${step.id}.in` }));
    const saved = await api(page, "PUT", `/drafts/${body.id}`, { revision: body.revision, document: { ...body.document, steps, wires, layout: {} }, summary: "Made very long" });
    if (saved.status !== 200) throw new Error(`the answer to the draft is ${saved.status}`);
    await open(page, `${given.origin}/drafts/${body.id}`);
    await page.locator(".react-flow__node").first().focus();
    for (let n = 1; n <= 14; n += 1) {
      await page.keyboard.press("ArrowRight");
      await page.locator(".react-flow__node:focus").and(page.getByRole("button", { name: new RegExp(`step ${n + 1} of 320`) })).waitFor();
    }
    const canvas = await page.getByRole("application", { name: "Flow canvas" }).boundingBox();
    const card = await page.locator(".react-flow__node:focus").boundingBox();
    if (card.x < canvas.x || card.x + card.width > canvas.x + canvas.width) throw new Error("the step that has the focus is out of view");
  });
}

/** On a phone what a step does lies over the canvas, and goes away again. */
export async function tapped(check, given) {
  await check("on a phone a tap shows what a step does over the canvas, and Escape and a button take it away", "ana", async (page) => {
    await page.setViewportSize({ width: 400, height: 860 });
    await page.goto(`${given.origin}/signin`);
    const { body } = await api(page, "POST", "/drafts", { name: "Held in one hand", from: { pattern: "supply-consumption" } });
    await open(page, `${given.origin}/drafts/${body.id}`);
    const [sheet, step] = [page.getByRole("complementary", { name: "Inspector" }), page.locator(".react-flow__node").first()];
    for (const away of [() => page.keyboard.press("Escape"), () => page.getByRole("button", { name: "Close the inspector" }).click()]) {
      await step.click();
      await sheet.getByRole("tab", { name: "Settings" }).waitFor();
      await away();
      await sheet.waitFor({ state: "detached" });
    }
  });
}

function told(pattern, when, { wires, crossings }, wanted) {
  if (wires !== wanted) throw new Error(`${pattern}, ${when}: ${wires} wires are drawn of ${wanted}`);
  if (crossings.length) throw new Error(`${pattern}, ${when}: ${crossings[0]}`);
}

/** Runs in the page: walks along every wire in steps of 3 px and looks which card lies there. */
function under(touch) {
  const cards = [...document.querySelectorAll(".react-flow__node")].map((card) => ({ id: card.dataset.id, box: card.getBoundingClientRect() }));
  const crossings = [];
  const drawn = [...document.querySelectorAll(".react-flow__edge")];
  for (const edge of drawn) {
    const path = edge.querySelector("path");
    const onScreen = path.getScreenCTM();
    const ends = edge.dataset.id.split(">").map((end) => end.split(".")[0]);
    for (let along = 0; along <= path.getTotalLength(); along += 3) {
      const { x, y } = path.getPointAtLength(along).matrixTransform(onScreen);
      const hit = cards.find(({ id, box }) => !ends.includes(id) && x > box.left + touch && x < box.right - touch && y > box.top + touch && y < box.bottom - touch);
      if (hit) crossings.push(`the wire ${edge.dataset.id} runs under ${hit.id}`);
    }
  }
  return { wires: drawn.length, crossings };
}
