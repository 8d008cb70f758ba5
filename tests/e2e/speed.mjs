/** How fast it is here and now: told, never judged, for other work of the machine is in the figures. */
import { api, contextFor, open } from "./browser.mjs";

const STEPS = 200;

export async function speed(browser, given) {
  const first = await loaded(browser, given);
  const context = await contextFor(browser, given, "ana");
  const page = await context.newPage();
  try {
    await page.goto(`${given.origin}/signin`);
    const { draft, analysis_ms } = await long(page);
    await open(page, `${given.origin}/flows`);
    await page.evaluate(watched, STEPS);
    await page.getByRole("row").filter({ hasText: "A long flow" }).getByRole("link", { name: "Open draft" }).click();
    await page.locator(".react-flow__node").nth(STEPS - 1).waitFor({ state: "attached" });
    const canvas_200_ready_ms = await page.evaluate(ready, `/drafts/${draft}`);
    await page.waitForTimeout(1_000);
    return { ...first, analysis_200_ms: analysis_ms, canvas_200_ready_ms, pan_p95_ms: await panned(page) };
  } catch (error) {
    return { ...first, broke: String(error.message ?? error).split("\n")[0] };
  } finally {
    await context.close();
  }
}

/** In the page, before: keeps when that many cards were painted. Asking from outside now and then would add the time between two questions. */
function watched(steps) {
  window.cards_painted = new Promise((told) => {
    const seen = new MutationObserver(() => {
      if (document.querySelectorAll(".react-flow__node").length < steps) return;
      seen.disconnect();
      requestAnimationFrame(() => { requestAnimationFrame(() => { told(performance.now()); }); });
    });
    seen.observe(document, { subtree: true, childList: true });
  });
}

/** In the page: milliseconds from the end of the draft's answer until all cards were painted. */
async function ready(path) {
  const painted = await window.cards_painted;
  const answer = performance.getEntriesByType("resource").find((each) => each.name.endsWith(path));
  return Math.round(painted - answer.responseEnd);
}

/** What a browser without a cache fetches until somebody can sign in, as it comes over the wire; fonts apart. */
async function loaded(browser, given) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const fonts = new Set();
  const bytes = { text: 0, fonts: 0 };
  await session.send("Network.enable");
  session.on("Network.requestWillBeSent", ({ requestId, type }) => { if (type === "Font") fonts.add(requestId); });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { bytes[fonts.has(requestId) ? "fonts" : "text"] += encodedDataLength; });
  await page.goto(`${given.origin}/signin`);
  await page.getByRole("button", { name: /^Ana / }).waitFor();
  await context.close();
  return { first_load_kb: Math.round(bytes.text / 1024), first_fonts_kb: Math.round(bytes.fonts / 1024) };
}

/** A flow of 200 steps: looks at a chain of checks, saved once more to hear what the answer to an edit takes. */
async function long(page) {
  const { body } = await api(page, "POST", "/drafts", { name: "A long flow", from: { pattern: "supply-consumption" } });
  const [source, check, ...rest] = body.document.steps;
  const more = Array.from({ length: STEPS - rest.length - 2 }, (_, n) => ({ ...check, id: `check-${n}`, title: `Check ${n}` }));
  const chain = [source, check, ...more, ...rest];
  const wires = chain.slice(1).map((step, n) => ({ from: `${chain[n].id}.out`, to: `${step.id}.in` }));
  const document = { ...body.document, steps: chain, wires, layout: {} };
  const first = await api(page, "PUT", `/drafts/${body.id}`, { revision: body.revision, document, summary: "Made long" });
  const began = Date.now();
  await api(page, "PUT", `/drafts/${body.id}`, { revision: first.body.revision, document: { ...document, name: "A long flow" }, summary: "Saved again" });
  const analysis_ms = Date.now() - began;
  await api(page, "POST", `/drafts/${body.id}/pen`, { take: false });
  return { draft: body.id, analysis_ms };
}

/** Frame times while the canvas is dragged about. */
async function panned(page) {
  await page.evaluate(() => {
    window.frames_seen = [];
    let last = performance.now();
    const frame = (now) => { window.frames_seen.push(now - last); last = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
  });
  const box = await page.getByRole("application", { name: "Flow canvas" }).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height - 60];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let n = 0; n < 90; n += 1) await page.mouse.move(x + Math.sin(n / 8) * 240, y - Math.abs(Math.cos(n / 8)) * 80);
  await page.mouse.up();
  const frames = (await page.evaluate(() => window.frames_seen)).sort((a, b) => a - b);
  return Math.round(frames[Math.floor(frames.length * 0.95)] * 10) / 10;
}
