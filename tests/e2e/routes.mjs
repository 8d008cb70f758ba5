/** Every address of the designer with somebody who may open it; names of drafts, reviews and the like are asked for. */
import { api, contextFor } from "./browser.mjs";

export async function routes(browser, given) {
  const context = await contextFor(browser, given, "ana");
  const page = await context.newPage();
  await page.goto(`${given.origin}/signin`);
  const drafts = (await api(page, "GET", "/drafts")).body.drafts;
  const leaking = drafts.find((each) => !each.locked) ?? drafts[0];
  const review = (await api(page, "GET", "/reviews")).body.reviews[0];
  await context.close();
  const operator = await contextFor(browser, given, "priya");
  const other = await operator.newPage();
  await other.goto(`${given.origin}/signin`);
  const group = (await api(other, "GET", "/exceptions")).body?.groups?.[0];
  const message = (await api(other, "GET", "/messages")).body?.messages?.[0];
  await operator.close();
  return [
    route("signin", null, "/signin"),
    route("home", "ana", "/"),
    route("home-approver", "omar", "/"),
    route("home-operator", "priya", "/"),
    route("home-steward", "sam", "/"),
    route("flows", "ana", "/flows"),
    route("flows-empty", "ana", "/flows?q=nothinghasthisname"),
    route("flow", "ana", "/flows/supply-consumption"),
    route("flow-missing", "ana", "/flows/nobody-drew-this"),
    leaking && route("draft", "ana", `/drafts/${leaking.id}`),
    leaking && route("draft-outline", "ana", `/drafts/${leaking.id}?view=outline`),
    leaking && route("draft-test", "ana", `/drafts/${leaking.id}/test`),
    route("reviews", "omar", "/reviews"),
    review && route("review", "omar", `/reviews/${review.id}`),
    review && route("review-author", "ana", `/reviews/${review.id}`),
    route("exceptions", "priya", "/exceptions"),
    group && route("exception", "priya", `/exceptions/${group.group}`),
    route("messages", "priya", "/messages"),
    message && route("message", "priya", `/messages/${message.number ?? message.message ?? message.id}`),
    route("masters", "sam", "/masters"),
    route("master", "sam", "/masters/items"),
    route("monitor", "priya", "/monitor"),
    route("audit", "omar", "/audit"),
    route("help", "ana", "/help"),
    route("no-such-page", "ana", "/no-such-page"),
    ...(given.desk ? [{ name: "desk", person: null, address: `${given.desk}/` }, { name: "desk-keys", person: null, address: `${given.desk}/keys` }] : []),
    ...given.erps.map((address, number) => ({ name: `erp-${number + 1}`, person: null, address })),
  ].filter(Boolean);

  function route(name, person, path) {
    return { name, person, address: `${given.origin}${path}` };
  }
}

/** Another draft that leaks, for the pages that show problems: the first one is mended by then. */
export async function leaky(browser, given) {
  const context = await contextFor(browser, given, "ana");
  const page = await context.newPage();
  await page.goto(`${given.origin}/signin`);
  const made = await api(page, "POST", "/drafts", { name: "Evening surgery consumption", from: { pattern: "supply-consumption" } });
  const { id, revision, document } = made.body;
  document.steps = document.steps.filter((step) => step.id !== "tokenise");
  document.wires = document.wires
    .filter((wire) => wire.from !== "tokenise.out")
    .map((wire) => (wire.to === "tokenise.in" ? { ...wire, to: "to-material.in" } : wire));
  const saved = await api(page, "PUT", `/drafts/${id}`, { revision, document, summary: "Without its mask" });
  if (saved.status !== 200) throw new Error(`a second draft that leaks was not saved: ${saved.status}`);
  await api(page, "POST", `/drafts/${id}/pen`, { take: false });
  await context.close();
}
