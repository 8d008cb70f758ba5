/** The newest step of a master: which rows it adds, changes and retires, read from the signed steps themselves. */
import { content, master as viewOf } from "../api";
import { type Bytes, type Json, text } from "../bytes";
import { signatures } from "../bound";
import { apart, type Child, facts, h, table } from "../dom";
import { note, panel } from "../panel";
import { signed, type Signed } from "../verify";
import { keysAddress } from "../ways";
import { barred, type Context, nameOf, rolesOf } from "../who";
import { day, groups, listed, phrase, several } from "../words";

interface Row {
  key: string[];
  values: Record<string, string>;
  valid_from: string | null;
  valid_to: string | null;
  status: string;
  superseded_by: string[] | null;
  unit: string | null;
  base_unit: string | null;
  units: { unit: string; factor: string; valid_from: string | null; valid_to: string | null }[];
}
interface Snapshot {
  master: string;
  contract: string;
  sequence: number;
  previous: string | null;
  add: Row[];
  change: Row[];
  retire: [string[], string][];
}
interface Contract {
  title: string;
  key: string[];
  columns: Record<string, { title: string; sensitivity: number }>;
  steward_role: string;
}
const MOST = 200;

export async function master(ctx: Context, name: string, again: (sentence: string) => void): Promise<Child> {
  const view = await viewOf(name);
  const bytes = await Promise.all(view.steps.map((step) => content(step.snapshot)));
  const steps = bytes.map((each) => JSON.parse(text(each)) as Snapshot);
  const contract = JSON.parse(text(await content(view.contract))) as Contract;
  const last = view.steps.at(-1);
  const newest = steps.at(-1);
  if (!last || !newest) throw new Error("This master has no step.");
  chained(view.steps, steps, bytes);
  const said = (await Promise.all(last.envelopes.map(async (each) => signed(await content(each), ctx.about.root)))).flat();
  const before = rowsOf(steps.slice(0, -1));
  return [
    h("p", { class: "crumb" }, h("a", { href: "/" }, "What waits"), " / master data"),
    h("h1", { tabindex: -1 }, contract.title),
    h("p", { class: "lead" }, `Step ${String(newest.sequence)}: ${counted(newest)}.`),
    h(
      "section", { class: "card identity", "aria-labelledby": "identity" },
      h("h2", { id: "identity" }, "What you sign"),
      h("p", { class: "digest" }, apart(groups(last.snapshot))),
      h("p", { class: "phrase", "aria-label": "The digest in six words" }, phrase(last.snapshot)),
      note("ok", `This browser fetched all ${several(steps.length, "step")}, computed the SHA-256 of each, and each follows the one before.`),
      facts([["Rows before", String(before.size)], ["Rows after", String(rowsOf(steps).size)], ["It takes", several(view.needed, "steward")]]),
      view.prepared.map((each) => h("p", { class: "prepared" }, h("strong", {}, nameOf(each.person, ctx.about.root)), ` prepared it ${day(each.at)}: ${each.reason}`)),
      view.prepared.length > 0 ? h("p", { class: "muted" }, "Who prepared it and why is what the designer says; you sign the rows alone.") : null,
      past(newest, before),
    ),
    h("section", { class: "card part", "aria-labelledby": "rows" }, h("h2", { id: "rows" }, "Rows"), rows(newest, contract, before)),
    h("section", { class: "card part", "aria-labelledby": "people" }, h("h2", { id: "people" }, "Who signed so far"), signatures(ctx, said)),
    h("section", { class: "signing", "aria-labelledby": "sign" }, h("h2", { id: "sign" }, "Your signature"), signing(ctx, newest, last.snapshot, said, contract, view.needed, again)),
  ];
}

/** Each step names the digest of the one before: the newest stands for all. */
function chained(named: { sequence: number; snapshot: string }[], steps: Snapshot[], bytes: Bytes[]): void {
  steps.forEach((step, at) => {
    const right = step.sequence === at + 1 && named[at]?.sequence === step.sequence && step.previous === (named[at - 1]?.snapshot ?? null);
    if (!right || (bytes[at]?.length ?? 0) === 0) throw new Error(`Step ${String(at + 1)} of this master does not follow the one before. Sign nothing, and tell an administrator.`);
  });
}

const keyOf = (row: Pick<Row, "key" | "valid_from">): string => JSON.stringify([row.key, row.valid_from]);

function rowsOf(steps: Snapshot[]): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const step of steps) {
    for (const row of [...step.add, ...step.change]) found.set(keyOf(row), row);
    for (const [key, on] of step.retire) {
      for (const [name, row] of found) if (JSON.stringify(row.key) === JSON.stringify(key) && row.valid_to === null) found.set(name, { ...row, valid_to: on });
    }
  }
  return found;
}

/** Says so where a step begins or ends a row before today. */
function past(step: Snapshot, before: Map<string, Row>): Child {
  const begins = step.add.map((row) => row.valid_from);
  const ends = [...step.add, ...step.change].map((row) => (row.valid_to === before.get(keyOf(row))?.valid_to ? null : row.valid_to));
  const today = new Date().toISOString().slice(0, 10);
  const first = [...begins, ...ends, ...step.retire.map(([, on]) => on)].filter((each): each is string => each !== null && each < today).sort()[0];
  return first ? note("warn", `Takes effect backwards from ${first}: lines of that time are looked up anew only when replayed.`) : null;
}

/** The row of a key that still holds. */
function standing(rows: Map<string, Row>, key: string[]): Row | undefined {
  return [...rows.values()].find((row) => row.valid_to === null && JSON.stringify(row.key) === JSON.stringify(key));
}

function counted(step: Snapshot): string {
  const parts = ([[step.add.length, "added"], [step.change.length, "changed"], [step.retire.length, "ended"]] as const).filter(([n]) => n > 0);
  return listed(parts.map(([n, what]) => `${several(n, "row")} ${what}`), "no row");
}

function rows(step: Snapshot, contract: Contract, before: Map<string, Row>): Child {
  const columns = Object.entries(contract.columns);
  const head = [{ title: "Change" }, { title: contract.key.join(", ") }, ...columns.map(([name, each]) => ({ title: each.title || name })), { title: "Valid" }, { title: "Units and successor" }];
  const all: { mark: string; cells: Child[] }[] = [
    ...step.retire.map(([key, on]) => ({ mark: "gone", cells: [sign("–", "ended"), code(key), ...columns.map(([name]) => h("code", {}, standing(before, key)?.values[name] ?? "")), `before ${on}`, extra(standing(before, key))] })),
    ...step.change.map((row) => ({ mark: "changed", cells: [sign("~", "changed"), code(row.key), ...columns.map(([name]) => changed(before.get(keyOf(row))?.values[name], row.values[name])), changed(span(before.get(keyOf(row))), span(row), false), changed(extra(before.get(keyOf(row))), extra(row), false)] })),
    ...step.add.map((row) => ({ mark: "fresh", cells: [sign("+", "added"), code(row.key), ...columns.map(([name]) => h("code", {}, row.values[name] ?? "")), span(row), extra(row)] })),
  ];
  const shown = all.slice(0, MOST);
  return [
    table("Rows of this step", head, shown.map((each) => each.cells), shown.map((each) => each.mark)),
    all.length > MOST ? note("warn", `The first ${String(MOST)} of ${String(all.length)} rows are shown. Read the others with: lockgate master.`) : null,
  ];
}

function sign(mark: string, word: string): HTMLElement {
  return h("span", { class: "tag" }, h("span", { "aria-hidden": "true" }, `${mark} `), word);
}

function code(key: string[]): HTMLElement {
  return h("code", {}, key.join(" ^ "));
}

function span(row: Row | undefined): string {
  if (!row) return "";
  const parts = [row.valid_from ? `from ${row.valid_from}` : "", row.valid_to ? `before ${row.valid_to}` : "", row.status === "retired" ? "retired" : ""].filter(Boolean);
  return parts.join(", ") || "always";
}

function extra(row: Row | undefined): string {
  if (!row) return "";
  return [
    row.unit ? `a ${row.unit}` : "", row.base_unit ? `kept in ${row.base_unit}` : "",
    ...row.units.map((each) => `${each.unit} = ${each.factor}`), row.superseded_by ? `follow ${row.superseded_by.join(" ^ ")}` : "",
  ].filter(Boolean).join(", ");
}

function changed(old: string | undefined, now: string | undefined, spelled = true): Child {
  const words = (text: string | undefined): Child => (spelled ? h("code", {}, text ?? "") : text ?? "");
  if (old === now) return words(now);
  return [h("del", {}, h("span", { class: "quiet" }, "was "), words(old)), " ", h("ins", {}, h("span", { class: "quiet" }, "now "), words(now))];
}

function signing(ctx: Context, step: Snapshot, snapshot: string, said: Signed[], contract: Contract, needed: number, again: (sentence: string) => void): Child {
  const signers = [...new Set(said.filter((each) => each.act === "master-change" && each.holds !== false).map((each) => each.person))];
  const why = barred(ctx, "master-change") ?? own(ctx, signers, contract, needed);
  if (why) return note("info", h("p", {}, why), ctx.key ? null : h("p", {}, h("a", { href: keysAddress() }, "Make a key")));
  return panel(ctx, {
    act: "master-change", subject: snapshot, about: `master/${step.master}`, title: `Sign step ${String(step.sequence)} of ${contract.title}`, button: "Sign the change",
    meaning: [`I read the rows: ${counted(step)}.`, "They are right for the days on which they are valid."],
    predicate: (): Record<string, Json> => ({ master: step.master, sequence: step.sequence }),
    done: signers.length + 1 >= needed ? "Signed. The change is in force." : "Signed. Another steward signs next.",
  }, again);
}

function own(ctx: Context, signers: string[], contract: Contract, needed: number): string | null {
  const person = ctx.key?.person ?? "";
  if (signers.includes(person)) return signers.length >= needed ? "You have signed this step, and it is in force." : `You have signed this step already. It takes ${several(needed, "steward")}: another one signs next.`;
  if (!rolesOf(person, ctx.about.root).includes(contract.steward_role)) return `This master is signed by people with the role ${contract.steward_role}.`;
  return signers.length >= needed ? `This step is in force: ${listed(signers.map((each) => nameOf(each, ctx.about.root)))} signed it.` : null;
}

