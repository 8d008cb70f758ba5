/** Plays what is asked for in a running demo and prints one JSON line. Arguments: a file of what is given, and what to do. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, contextFor, launch, open, troubles } from "./browser.mjs";
import { newcomer } from "./newcomer.mjs";
import { keyboard } from "./keyboard.mjs";
import { leaky, routes } from "./routes.mjs";

const THEMES = ["light", "dark"];
const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wanted = process.argv[3];
const browser = await launch(given);
try {
  const play = { screenshots, newcomer: alone, keyboard: keys, stories }[wanted];
  if (!play) throw new Error(`nothing is called ${wanted}`);
  console.log(JSON.stringify(await play()));
} finally {
  await browser.close();
}

/** The newcomer's story and nothing else. */
async function alone() {
  const story = await newcomer(browser, given, given.began);
  return { newcomer_seconds: story.seconds, passed: Number(story.passed), failed: Number(!story.passed), newcomer: story };
}

/** The story by keyboard and nothing else. */
async function keys() {
  const story = await keyboard(browser, given);
  return { keyboard_story: story, passed: Number(story.passed), failed: Number(!story.passed) };
}

async function stories() {
  const story = await newcomer(browser, given, given.began); // first: its clock runs since the demo was started
  await leaky(browser, given);
  const places = await routes(browser, given);
  const seen = await visits(places);
  const typed = await keyboard(browser, given);
  const findings = seen.flatMap((each) => each.axe.map((found) => ({ state: each.name, theme: each.theme, ...found })));
  const failed = [
    ...seen.filter((each) => each.failed).map((each) => `${each.name} ${each.theme}: ${each.failed}`),
    ...seen.filter((each) => each.troubles.length).map((each) => `${each.name} ${each.theme}: console: ${each.troubles[0]}`),
    ...findings.map((each) => `${each.state} ${each.theme}: axe ${each.rule}`),
    ...(story.passed ? [] : [`newcomer: ${story.failed}`]),
    ...(story.passed && story.seconds >= 180 ? [`newcomer: ${story.seconds} s`] : []),
    ...(typed.passed ? [] : [`keyboard: ${typed.failed}`]),
  ];
  return {
    routes: new Set(places.map((each) => new URL(each.address).pathname)).size,
    states: seen.length,
    axe_findings: findings.length,
    keyboard_story: typed,
    newcomer_seconds: story.seconds,
    passed: seen.filter((each) => !each.failed && !each.axe.length && !each.troubles.length).length + Number(story.passed) + Number(typed.passed),
    failed: failed.length,
    failures: failed,
    axe: findings,
    newcomer: story,
    not_covered: [
      "empty and error states beyond a filter that finds nothing, a flow and an address that do not exist",
      "rows counted in each state",
      ...(story.by_api.length ? [`newcomer steps asked of the API because no page offers them here: ${story.by_api.join("; ")}`] : []),
      ...typed.not_covered,
    ],
  };
}

/** Each place in both themes: its heading, no trouble in the console, axe. */
async function visits(places) {
  const seen = [];
  for (const theme of THEMES) {
    await eachPerson(places, { theme }, async (page, place, found) => {
      const state = { name: place.name, theme, axe: [], troubles: found, failed: null };
      try {
        await open(page, place.address);
        state.axe = await axe(page);
      } catch (error) {
        state.failed = String(error.message ?? error).split("\n")[0];
      }
      seen.push(state);
    });
  }
  return seen;
}

async function screenshots() {
  const places = await routes(browser, given);
  mkdirSync(given.folder, { recursive: true });
  const written = [];
  for (const theme of THEMES) {
    for (const width of [1440, 400]) {
      await eachPerson(places, { theme, width, height: width === 1440 ? 900 : 860 }, async (page, place) => {
        const file = `${place.name}-${theme}-${width}.png`;
        await open(page, place.address).catch(() => undefined); // a page that broke is worth a picture too
        await page.screenshot({ path: join(given.folder, file), fullPage: true });
        written.push(file);
      });
    }
  }
  return { folder: given.folder, pictures: written.length };
}

/** One context a person: signing in costs more than a page does. */
async function eachPerson(places, settings, act) {
  for (const person of new Set(places.map((each) => each.person))) {
    const context = await contextFor(browser, given, person, settings);
    try {
      for (const place of places.filter((each) => each.person === person)) {
        const page = await context.newPage();
        const found = troubles(page);
        await act(page, place, found);
        await page.close();
      }
    } finally {
      await context.close();
    }
  }
}
