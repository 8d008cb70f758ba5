/** What else the signature binds: connections, steps, rules, waivers, files, and who signed. From the sealed bytes. */
import { text } from "./bytes";
import { type Child, facts, h, table } from "./dom";
import { titleOf } from "./leaves";
import { note } from "./panel";
import type { Connection, Result, Sealed } from "./sealed";
import type { Signed } from "./verify";
import { type Context, nameOf } from "./who";
import { listed, moment, plain, several, size, transport } from "./words";

export function connections(release: Sealed): HTMLElement {
  const rows = Object.entries(release.manifest.environment.connections).map(([name, each]) => [
    [h("strong", {}, each.system), h("br"), h("code", {}, name)],
    [plain(each.domain), h("br"), side(release, name)],
    [h("code", {}, `${each.host}:${String(each.port)}${each.base_path ?? ""}`)],
    [each.transport === "plain" ? h("strong", { class: "badtext" }, transport(each.transport)) : transport(each.transport), pins(each)],
    limits(each),
  ]);
  return table("Connections", [{ title: "System" }, { title: "Side" }, { title: "Address", wide: true }, { title: "Transport" }, { title: "At most" }], rows);
}

function side(release: Sealed, connection: string): string {
  const uses = release.manifest.flow.steps.filter((each) => each.connection === connection).map((each) => each.title);
  return uses.length > 0 ? `used by ${listed(uses)}` : "not used";
}

function pins(each: Connection): Child {
  const found = each.pins ?? [];
  return found.length > 0 ? [h("br"), h("span", { class: "muted" }, `pinned to ${found.map((pin) => pin.slice(0, 12)).join(", ")}`)] : null;
}

function limits(each: Connection): string {
  return each.throttle ? `${String(each.throttle.per_second)} a second, ${String(each.throttle.in_flight)} at once` : "no limit";
}

export function steps(release: Sealed): HTMLElement {
  return h("ol", { class: "steps" }, release.manifest.flow.steps.map((step) => h(
    "li", {},
    h("strong", {}, step.title), " ", h("span", { class: "muted" }, `${plain(step.kind)} ${String(step.version)}`, step.connection ? ` on ${step.connection}` : ""),
    h("details", {}, h("summary", {}, "Settings"), h("pre", { tabindex: 0, "aria-label": `Settings of ${step.title}` }, JSON.stringify(step.config, null, 1))),
  )));
}

/** The sealed verdict. The words of a rule are shown only where the policy set here is the one that judged. */
export function rules(ctx: Context, release: Sealed): Child {
  const { verdict, policies } = release.manifest;
  const results = Array.isArray(verdict.results) ? verdict.results : [];
  const refused = results.filter((each) => !each.allowed).length;
  const words = ctx.about.policies.digest === policies ? ctx.about.policies.rules : {};
  return [
    refused > 0 ? note("bad", `${several(refused, "question")} of ${String(results.length)} were answered with no.`) : note("ok", `${several(results.length, "question")} were put to the rules, and each was answered with yes.`),
    h("details", {}, h("summary", {}, "Every question and the rules that answered it"), table(
      "Questions put to the policies", [{ title: "Asked" }, { title: "About" }, { title: "Answer" }, { title: "Rules", wide: true }],
      results.map((each) => [asked(release, each), about(each), each.allowed ? "yes" : h("strong", { class: "badtext" }, "no"), named(each, words)]),
    )),
    h("p", { class: "muted" }, "Policy set ", h("code", {}, policies.slice(0, 12)), Object.keys(words).length > 0 ? ", the one that is installed here." : ", another one than is installed here: rules are shown by their number."),
  ];
}

function asked(release: Sealed, each: Result): string {
  const what = { receive: "may receive", connect: "may connect", seal: "may be sealed" }[each.action] ?? plain(each.action);
  return each.step ? `${titleOf(release, each.step)}: ${what}` : `Whole flow: ${what}`;
}

function about(each: Result): string {
  const [level, concept, classes, protections] = each.about.split("|");
  return each.about ? `${level ?? ""} ${plain(concept ?? "")}, ${(classes ?? "").split("+").join(", ")}${protections ? `, ${protections.split("+").join(", ")}` : ""}` : "the whole";
}

function named(each: Result, words: Record<string, { title: string }>): Child {
  const all = [...each.permits, ...each.forbids.map((id) => `${id} forbids`), ...each.waived.map((id) => `${id} waived`)];
  return all.map((id, at) => [at > 0 ? h("br") : null, h("code", {}, id), " ", words[id.split(" ")[0] ?? ""]?.title ?? ""]);
}

export function waivers(release: Sealed): Child {
  const found = release.manifest.waivers;
  if (found.length === 0) return h("p", {}, "None: every rule holds as it stands.");
  return found.map((each) => note("warn", h("strong", {}, each.rule), ` need not hold ${each.step ? `at ${titleOf(release, each.step)}` : "in the whole flow"} until ${moment(each.expires)}. ${each.owner} answers for it: ${each.reason} Instead: ${each.control}`));
}

export function files(release: Sealed): HTMLElement {
  return h("ul", { class: "plain files" }, release.files.map((file) => h(
    "li", {},
    h("details", {}, h("summary", {}, h("code", {}, file.path), h("span", { class: "muted" }, ` ${size(file.bytes.length)}, ${file.digest.slice(0, 12)}`)), h("pre", { tabindex: 0, "aria-label": file.path }, readable(file.bytes))),
  )));
}

function readable(bytes: Parameters<typeof text>[0]): string {
  try {
    return text(bytes);
  } catch {
    return "These bytes are no text.";
  }
}

const SAID: Record<string, string> = { authorship: "sealed it as author", approval: "approved it", activation: "activated it", revocation: "revoked it", "master-change": "signed it" };

export function signatures(ctx: Context, found: Signed[]): HTMLElement {
  if (found.length === 0) return h("p", {}, "Nobody has signed this yet.");
  return h("ul", { class: "plain people" }, [...found].sort((one, other) => one.at.localeCompare(other.at)).map((each) => h(
    "li", {},
    h("strong", {}, each.person ? nameOf(each.person, ctx.about.root) : "Somebody"), ` ${SAID[each.act] ?? plain(each.act)}`,
    h("span", { class: "muted" }, ` ${moment(each.at)}, ${each.how}. `),
    each.holds === true ? h("span", { class: "oktext" }, "✓ checked in this browser") : each.holds === null ? h("span", { class: "muted" }, "checked by the desk, not by this browser") : h("strong", { class: "badtext" }, "✕ does not hold"),
  )));
}

export function headline(release: Sealed, ctx: Context): HTMLElement {
  const { flow, environment, authors, made, expires, evidence, previous } = release.manifest;
  return facts([
    ["Purpose", plain(flow.purpose)],
    ["Environment", `${environment.name}, ${environment.label} data`],
    ["Built by", listed(authors.map((each) => nameOf(each, ctx.about.root)))],
    ["Made", moment(made)],
    ["Runs until", moment(expires)],
    ["Criticality", flow.criticality],
    ["Answers for it", Object.entries(flow.owners).map(([what, whom]) => `${what}: ${plain(whom)}`).join(", ")],
    ["Tested", evidence ? `${String(evidence.passed)} of ${several(evidence.cases, "test case")} passed` : "no test evidence inside the seal"],
    ["Takes the place of", previous ? h("code", {}, previous.slice(0, 12)) : "nothing: it is the first"],
  ]);
}
