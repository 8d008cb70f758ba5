/** Plays what is asked for in a running demo and prints one JSON line. Arguments: a file of what is given, what to do, and which places. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contextFor, EXCLUDED, launch, open } from "./browser.mjs";
import { harm } from "./harm.mjs";
import { keyboard } from "./keyboard.mjs";
import { newcomer } from "./newcomer.mjs";
import { pictures } from "./pictures.mjs";
import { places } from "./places.mjs";
import { quick } from "./quick.mjs";
import { speed } from "./speed.mjs";
import { states } from "./states.mjs";

const NEWCOMER_SECONDS = 180;
const THEMES = ["light", "dark"];
const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const [wanted, which, among] = process.argv.slice(3);
const browser = await launch(given);
try {
  const play = { stories, screenshots, pictures: drawn, newcomer: alone, keyboard: keys, states: visits, harm: harmed, quick: short, speed: fast, desk: nothing, refusals: nothing }[wanted];
  if (!play) throw new Error(`nothing is called ${wanted}`);
  console.log(JSON.stringify(await play()));
} finally {
  await browser.close();
}

async function stories() {
  const seen = await states(browser, given, await places(browser, given)); // first: the draft that leaks is there still
  const typed = await keyboard(browser, given); // before the newcomer's flow listens at the place that it takes
  const story = await newcomer(browser, given, Date.now() - given.up_ms); // its clock runs since the demo was started
  const tried = await harm(browser, given); // last: it leaves much behind
  return told({ seen, typed, story, tried, figures: await speed(browser, given) });
}

async function alone() {
  return told({ story: await newcomer(browser, given, Date.now() - given.up_ms) });
}

async function keys() {
  return told({ typed: await keyboard(browser, given) });
}

async function visits() {
  return told({ seen: await states(browser, given, await places(browser, given), which ? new RegExp(which) : null) });
}

async function harmed() {
  return told({ tried: await harm(browser, given, which ? new RegExp(which) : null) });
}

async function fast() {
  return told({ figures: await speed(browser, given) });
}

async function short() {
  return told({ tried: await quick(browser, given) });
}

/** Parts that are played elsewhere are only counted. */
function nothing() {
  return told({});
}

/** The report. */
function told({ seen = [], typed = null, story = null, tried = { passed: [], failed: [] }, figures = null }) {
  const findings = seen.flatMap((each) => each.axe.map((found) => ({ place: each.place, state: each.state, theme: each.theme, ...found })));
  const failures = [
    ...seen.filter((each) => each.failed).map((each) => `${each.place}, ${each.state}, ${each.theme}: ${each.failed}`),
    ...seen.filter((each) => each.troubles.length).map((each) => `${each.place}, ${each.state}, ${each.theme}: console: ${each.troubles[0]}`),
    ...findings.map((each) => `${each.place}, ${each.state}, ${each.theme}: axe ${each.rule}`),
    ...(story && !story.passed ? [`newcomer: ${story.failed}`] : []),
    ...(story?.seconds >= NEWCOMER_SECONDS ? [`newcomer: ${story.seconds} s`] : []),
    ...tried.failed,
    ...(typed && !typed.passed ? [`keyboard: ${typed.failed}`] : []),
  ];
  return {
    routes: new Set(seen.map((each) => each.place)).size,
    states: seen.length,
    axe_findings: findings.length,
    axe_exclusions: EXCLUDED,
    keyboard_story: typed?.passed ?? null,
    newcomer_seconds: story?.seconds ?? null,
    passed: seen.filter((each) => !each.failed && !each.axe.length && !each.troubles.length).length + Number(story?.passed ?? 0) + Number(typed?.passed ?? 0) + tried.passed.length,
    failed: failures.length,
    failures,
    speed: figures,
    axe: findings,
    newcomer: story,
    keyboard: typed,
    checks: tried.passed,
  };
}

async function drawn() {
  return { ...(await pictures(browser, given, await places(browser, given))), failed: 0 };
}

async function screenshots() {
  const all = (await places(browser, given)).filter((each) => !among || new RegExp(among).test(each.name));
  mkdirSync(given.folder, { recursive: true });
  const written = [];
  for (const theme of THEMES) {
    for (const width of [1440, 400]) {
      for (const person of new Set(all.map((each) => each.person))) {
        const context = await contextFor(browser, given, person, { theme, width, height: width === 1440 ? 900 : 860 });
        for (const place of all.filter((each) => each.person === person)) {
          const page = await context.newPage();
          const file = `${place.name.replace(/\W+/g, "-")}-${theme}-${width}.png`;
          await open(page, `${place.origin.replace(/\/$/, "")}${place.path}`).catch(() => undefined); // a page that broke is worth a picture too
          await place.act?.(page).catch(() => undefined);
          await page.waitForFunction(() => !document.querySelector("[data-state=loading]"), undefined, { timeout: 5_000 }).catch(() => undefined);
          await page.screenshot({ path: join(given.folder, file), fullPage: true });
          written.push(file);
          await page.close();
        }
        await context.close();
      }
    }
  }
  return { folder: given.folder, pictures: written.length, failed: 0 };
}
