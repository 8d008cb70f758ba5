/** Each place filled, empty and failing, light and dark: its heading, its rows, no trouble in the console, axe. */
import { blank } from "./places.mjs";
import { axe, contextFor, evidence, open, troubles } from "./browser.mjs";

const REFUSAL = { error: "fault", sentence: "The designer failed at this. Nothing was changed.", pointer: null, reference: "e2e-0001" };
const KNOWN = /\/api\/v1\/(session|installation)/;
const FAULTS = {
  "server failing": (route) => route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify(REFUSAL) }),
  "network lost": (route) => route.abort("internetdisconnected"),
};

export async function states(browser, given, places, only = null) {
  const seen = [];
  const last = (person) => Number(person === null); // stand-ins: a file is laid down once a minute
  for (const person of [...new Set(places.map((each) => each.person))].sort((one, other) => last(one) - last(other))) {
    const own = places.filter((each) => each.person === person && (!only || only.test(each.name)));
    if (own.length === 0) continue;
    await among(browser, given, given.origin, person, async (context) => {
      for (const place of own) {
        seen.push(...(await visit(context, given, place, "filled", {})));
        if (place.failing) for (const [name, answer] of Object.entries(FAULTS)) seen.push(...(await visit(context, given, place, name, { answer })));
      }
    });
  }
  const empty = places.filter((each) => each.bare && (!only || only.test(each.name)));
  for (const named of [false, true]) {
    const draft = named ? await blank(browser, given) : null;
    for (const place of empty.filter((each) => each.bare.path.includes(":") === named)) {
      const path = named ? place.bare.path.replace(":draft", draft.id).replace(":flow", draft.flow) : place.bare.path;
      await among(browser, given, given.bare, place.person, async (context) => {
        seen.push(...(await visit(context, given, { ...place, bare: { ...place.bare, path } }, "empty", {})));
      });
    }
  }
  return seen;
}

async function among(browser, given, origin, person, act) {
  const context = await contextFor(browser, { ...given, origin }, person);
  try {
    await act(context);
  } finally {
    await context.close();
  }
}

/** One state of one place, in both themes. */
async function visit(context, given, place, state, { answer }) {
  const page = await context.newPage();
  const found = troubles(page);
  const said = listen(page);
  const named = names(page, given.marks);
  const results = [];
  const at = state === "empty" ? { ...place, ...place.bare } : place;
  try {
    if (answer) await page.route((url) => (at.faults ? at.faults.test(url.pathname) : url.pathname.startsWith("/api/v1/") && !KNOWN.test(url.pathname)), answer);
    if (at.without) await page.route(at.without, (route) => route.fulfill({ status: 404, contentType: "application/json", body: JSON.stringify({ ...REFUSAL, error: "not-found" }) }));
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await open(page, `${at.origin.replace(/\/$/, "")}${at.path}`);
    for (const theme of ["light", "dark"]) {
      const result = { place: place.name, state, theme, rows: null, axe: [], troubles: found, failed: null };
      results.push(result);
      try {
        if (theme === "dark") {
          await undone(page);
          await darken(page);
        }
        if (at.act) await at.act(page);
        result.rows = await holds(page, at, state, answer, said);
        if (state === "filled") await page.getByText(/demo trust, synthetic data/i).first().waitFor({ timeout: 3_000 });
        result.axe = await axe(page);
        const leaked = await named();
        if (leaked) throw new Error(leaked);
      } catch (error) {
        result.failed = String(error.message ?? error).split("\n")[0];
        await evidence(page, given, `${place.name}-${state}-${theme}`.replace(/\W+/g, "-"));
      }
    }
  } finally {
    await page.close();
  }
  return results;
}

/** Heading and rows; gives the rows. */
async function holds(page, at, state, answer, said) {
  const heading = answer ? at.failing : at.heading;
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor({ timeout: 6_000 });
  const wanted = () => (state === "filled" ? at.rows.told(said) : state === "empty" && !at.nothing && !at.missing && !at.without ? (at.rows.told(said) ?? 0) : 0);
  let last = "";
  for (let tries = 0; tries < 60; tries += 1) {
    const [rows, told] = [await at.rows.shown(page), wanted()];
    const alert = await page.locator("[data-state=error]").count();
    if (told === undefined) last = "the server told nothing of its rows";
    else if (told !== null && rows !== told) last = `${rows} rows, and the server told of ${told}`;
    else if (told === null && state === "filled" && rows === 0) last = "no row";
    else if (state === "empty" && rows !== 0) last = `${rows} rows where nothing should be`;
    else if ((answer || at.missing) && !at.faults && alert === 0) last = "nothing says that it failed";
    else if (!answer && !at.missing && alert > 0) last = "something says that it failed";
    else return rows;
    await page.waitForTimeout(150);
  }
  throw new Error(last);
}

/** What the server said to this page, by path. */
function listen(page) {
  const bodies = new Map();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/api/v1/") || response.request().method() !== "GET") return;
    response.json().then((body) => bodies.set(pathname.slice(7), body), () => undefined);
  });
  return (path) => bodies.get(path);
}

/** Where a patient is named that nobody revealed: answers, frames of sockets, addresses, and the page itself with its tooltips and pictures. */
function names(page, marks) {
  const found = [];
  const look = (where, text) => {
    const mark = marks.find((each) => text.includes(each));
    if (mark) found.push(`${where} names a patient (${mark})`);
  };
  page.on("response", (response) => {
    if (/json|svg|html/.test(response.headers()["content-type"] ?? "")) response.text().then((text) => look(new URL(response.url()).pathname, text), () => undefined);
  });
  page.on("request", (request) => look("an address", decodeURIComponent(request.url())));
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => look("a frame of a socket", String(payload)));
    socket.on("framesent", ({ payload }) => look("a frame of a socket", String(payload)));
  });
  return async () => {
    look("the page", await page.content());
    return found[0];
  };
}

/** No switch is reached behind a dialog. */
async function undone(page) {
  if (await page.getByRole("dialog").count()) await page.keyboard.press("Escape");
}

/** As the system does in the evening, while the page is open. */
async function darken(page) {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  if (await page.locator("html[data-mantine-color-scheme]").count()) await page.locator("html[data-mantine-color-scheme=dark]").waitFor({ state: "attached" });
  await page.mouse.move(700, 5);
}
