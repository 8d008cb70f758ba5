/**
 * Every address of the designer, of the desk and of the stand-ins: who may open it, what its heading is, and how many
 * rows it must show. What it must show is what the server told this very page; the page is counted by its roles.
 *
 * `bare` is the same place in a designer with nothing in it; `failing` is the heading when the server does not answer.
 */
import { api, contextFor } from "./browser.mjs";
import { LEAKING } from "./hands.mjs";

const MOST_AT_HOME = 5;
const PERSONAS = /\/session\/personas$/;

export async function places(browser, given) {
  const full = await known(browser, given);
  return [
    place("signin", null, "/signin", { heading: "Lockgate", rows: buttons("People of the demo", "/session/personas", (said) => said.personas), bare: { without: PERSONAS }, faults: PERSONAS, failing: "Lockgate" }),
    place("home of an analyst", "ana", "/", { heading: "Home", rows: lines("Drafts", "/drafts", (said) => said.drafts.slice(0, MOST_AT_HOME)) }),
    place("home of an approver", "omar", "/", { heading: "Home", rows: lines("Waits for you", "/reviews", (said) => said.reviews.filter((each) => each.mine).slice(0, MOST_AT_HOME)) }),
    place("home of a steward", "sam", "/", { heading: "Home", rows: lines("Masters", "/masters", (said) => said.masters.slice(0, MOST_AT_HOME)) }),
    place("home of an operator", "priya", "/", { heading: "Home", rows: lines("Exceptions", "/exceptions", (said) => said.groups.slice(0, MOST_AT_HOME)) }),
    place("flows", "ana", "/flows", { heading: "Flows", rows: table("Flows", "/flows", (said) => said.flows) }),
    place("flow", "ana", "/flows/supply-consumption", { heading: "Supply consumption", rows: table("Sealed versions of this flow", "/flows/supply-consumption", (said) => said.versions), bare: { path: "/flows/:flow", heading: "Nothing in it" }, failing: "Flow" }),
    place("canvas", "ana", `/drafts/${full.draft}`, { heading: LEAKING, rows: shown(".react-flow__node", `/drafts/${full.draft}`, (said) => said.document.steps), bare: { path: "/drafts/:draft", heading: "Nothing in it" }, failing: "Draft" }),
    place("outline", "ana", `/drafts/${full.draft}?view=outline`, { heading: LEAKING, rows: shown("[role=tree] > li > [role=treeitem]", `/drafts/${full.draft}`, (said) => said.document.steps), bare: { path: "/drafts/:draft?view=outline", heading: "Nothing in it" }, failing: "Draft" }),
    place("test bench", "ana", `/drafts/${full.draft}/test`, { heading: `Test ${LEAKING}`, rows: lines("Test cases", `/drafts/${full.draft}/cases`, (said) => said.cases), bare: { path: "/drafts/:draft/test", heading: "Test Nothing in it" }, failing: "Test Draft" }),
    place("reviews", "omar", "/reviews", { heading: "Reviews", rows: table("Reviews", "/reviews", (said) => said.reviews) }),
    place("review", "omar", `/reviews/${full.review.id}`, { heading: full.review.name, rows: lines("Seven answers", `/reviews/${full.review.id}`, (said) => said.answers), bare: { path: "/reviews/r0000000000000000", heading: "Review", missing: true }, failing: "Review" }),
    place("exceptions", "priya", "/exceptions", { heading: "Exceptions", rows: table("Causes", "/exceptions", (said) => said.groups) }),
    place("exception", "priya", `/exceptions/${full.cause.group}`, { heading: full.cause.title, rows: table("Cases of this cause", `/exceptions/${full.cause.group}`, (said) => said.members), bare: { path: `/exceptions/${"0".repeat(32)}`, heading: "Exception", missing: true }, failing: "Exception" }),
    place("case", "priya", `/cases/${full.case}`, { heading: new RegExp(`^Case ${full.case}: `), rows: table("Lines of this case", `/cases/${full.case}`, (said) => said.postings), bare: { path: "/cases/1", heading: "Case 1", missing: true }, failing: `Case ${full.case}` }),
    place("messages", "priya", "/messages", { heading: "Messages", rows: table("Messages, newest first", "/messages", (said) => said.messages) }),
    place("message", "priya", `/messages/${full.message}`, { heading: `Message ${full.message}`, rows: shown("[aria-label=Timeline] > li", `/messages/${full.message}`, (said) => said.moments), bare: { path: "/messages/1", heading: "Message 1", missing: true }, failing: `Message ${full.message}` }),
    place("fields of a message", "priya", `/messages/${full.message}?tab=fields`, { heading: `Message ${full.message}`, rows: table(/^Fields of/, `/messages/${full.message}/fields`, (said) => said.fields), bare: { path: "/messages/1?tab=fields", heading: "Message 1", missing: true }, failing: `Message ${full.message}` }),
    place("masters", "sam", "/masters", { heading: "Masters", rows: table("Masters", "/masters", (said) => said.masters) }),
    place("master", "sam", "/masters/items?tab=rows", { heading: "Item codes and their ERP materials", rows: table("Rows in force", "/masters/items", (said) => said.rows), bare: { path: "/masters/items?tab=rows", heading: "Master", missing: true }, failing: "Master" }),
    place("missing keys", "sam", "/masters/items?tab=unmapped", { heading: "Item codes and their ERP materials", rows: table("Keys that traffic brought and the master lacks", "/masters/items/unmapped", (said) => said.keys), bare: { path: "/masters/items?tab=unmapped", heading: "Master", missing: true }, failing: "Master" }),
    place("monitor", "priya", "/monitor", { heading: "Monitor", rows: table("Flows", "/monitor", (said) => said.flows) }),
    place("audit", "omar", "/audit", { heading: "Audit", rows: table("What was found, newest first", "/audit/search", (said) => said.entries), bare: { path: "/audit?what=operations" } }),
    place("audit, signatures", "omar", "/audit?what=signatures", { heading: "Audit", rows: table("What was found, newest first", "/audit/search", (said) => said.entries), bare: { path: "/audit?what=operations" } }),
    place("audit, chains", "omar", "/audit?writer=designer", { heading: "Audit", rows: table("Records, newest first", "/audit", (said) => said.entries), bare: { path: "/audit?writer=intake" } }),
    place("help", "ana", "/help", { heading: "Help", rows: { shown: (page) => page.getByRole("table", { name: "Glossary" }).locator("tbody tr").count(), told: () => null }, bare: { path: "/help?q=nothingiscalledthis" }, failing: null }),
    place("an address of nothing", "ana", "/no-such-page", { heading: "Not found", rows: none(), bare: { nothing: true }, failing: null }),
    ...["graph", "exposure", "changes", "policies", "tests", "comments"].map((part) => only(`review, ${part}`, "omar", `/reviews/${full.review.id}?tab=${part}`, full.review.name, within("tabpanel"))),
    only("audit, revealed values", "omar", "/audit?what=revealed", "Audit", none()),
    only("stopping a flow", "priya", "/flows/supply-consumption", "Supply consumption", opened("Stop Supply consumption"), (page) => page.getByRole("button", { name: "Stop this flow…" }).click()),
    only("steps of a master", "sam", "/masters/items?tab=steps", "Item codes and their ERP materials", within("tabpanel")),
    only("new flow", "ana", "/flows", "Flows", opened("New flow"), (page) => page.getByRole("button", { name: "New flow" }).click()),
    only("command palette", "ana", "/", "Home", opened(/./), (page) => page.keyboard.press("Control+k")),
    only("shortcuts", "ana", "/", "Home", opened(/./), (page) => page.keyboard.press("?")),
    only("a step's settings", "ana", `/drafts/${full.draft}`, LEAKING, within("complementary"), (page) => page.locator(".react-flow__node").nth(1).click()),
    only("a wire's fields", "ana", `/drafts/${full.draft}`, LEAKING, within("complementary"), (page) => page.locator("[data-wire]").last().click()),
    only("a message tried on the bench", "ana", `/drafts/${full.draft}/test`, `Test ${LEAKING}`, within("region"), async (page) => {
      await page.getByLabel("Drop a message here, or choose a file").setInputFiles({ name: "charges.hl7", mimeType: "text/plain", buffer: Buffer.from(given.sample) });
      await page.getByRole("region", { name: "Steps" }).waitFor();
    }),
    { name: "desk", person: null, origin: given.desk, path: "/", heading: "What waits for a signature", rows: none(), bare: null, failing: null },
    { name: "keys of the desk", person: null, origin: given.desk, path: "/keys", heading: "Your keys", rows: none(), bare: null, failing: null },
    ...given.erps.map(({ name, address, title }) => ({ name, person: null, origin: address, path: "/", heading: title, rows: { shown: (page) => page.locator("tbody tr").count(), told: () => null }, bare: null, failing: null })),
  ];

  /** A part of a page that is looked at filled only; `act` opens it. */
  function only(name, person, path, heading, rows, act) {
    return { name, person, origin: given.origin, path, heading, rows, act, bare: null, failing: null };
  }

  function place(name, person, path, { bare: other = {}, failing, ...rest }) {
    return { name, person, origin: given.origin, path, ...rest, bare: { origin: given.bare, path, heading: rest.heading, ...other }, failing: failing === undefined ? rest.heading : failing };
  }
}

const within = (role) => ({ shown: (page) => page.getByRole(role).locator("p, tr, li, article, svg, img, input").count(), told: () => null });
const opened = (name) => ({ shown: (page) => page.getByRole("dialog", { name }).count(), told: () => null });
const none = () => ({ shown: () => 0, told: () => 0 });
const table = (caption, path, of) => counted((page) => page.getByRole("table", { name: caption }).locator("tbody tr"), path, of);
const lines = (region, path, of) => counted((page) => page.getByRole("region", { name: region, exact: true }).getByRole("listitem"), path, of);
const buttons = (region, path, of) => counted((page) => page.getByRole("region", { name: region }).getByRole("button"), path, of);
const shown = (selector, path, of) => counted((page) => page.locator(selector), path, of);

function counted(find, path, of) {
  return { shown: (page) => find(page).count(), told: (said) => (said(path) === undefined ? undefined : of(said(path)).length) };
}

/** What addresses name: a draft, a review, a cause and a message that are there. */
async function known(browser, given) {
  const [{ drafts }, { reviews }] = await asked(browser, given, given.origin, "ana", ["GET", "/drafts"], ["GET", "/reviews"]);
  const [{ groups }, { messages }] = await asked(browser, given, given.origin, "priya", ["GET", "/exceptions"], ["GET", "/messages"]);
  const [{ members }] = await asked(browser, given, given.origin, "priya", ["GET", `/exceptions/${groups[0].group}`]);
  return { case: members[0].number, draft: drafts.find((each) => each.name === LEAKING && !each.locked).id, review: reviews[0], cause: groups[0], message: messages.find((each) => each.postings > 0).number };
}

/** A draft without a step in the designer with nothing in it; its lists are looked at before. */
export async function blank(browser, given) {
  const [draft] = await asked(browser, given, given.bare, "ana", ["POST", "/drafts", { name: "Nothing in it", from: { blank: true } }]);
  await asked(browser, given, given.bare, "ana", ["POST", `/drafts/${draft.id}/pen`, { take: false }]);
  return draft;
}

async function asked(browser, given, origin, person, ...questions) {
  const context = await contextFor(browser, { ...given, origin }, person);
  const page = await context.newPage();
  await page.goto(`${origin}/signin`);
  const found = [];
  for (const [method, path, body] of questions) found.push((await api(page, method, path, body)).body);
  await context.close();
  return found;
}
