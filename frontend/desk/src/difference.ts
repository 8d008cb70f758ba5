/**
 * What changed between two sealed releases, by consequence: who learns more, then what is done otherwise, then the rest.
 *
 * It says of the same two manifests, word for word, what `flows/diff.py` says on the command line and in the designer;
 * here it is computed in the browser of the person who signs, from bytes that this browser hashed itself.
 */
import type { Json } from "./bytes";
import type { Atom, Connection, Manifest } from "./sealed";

export type Direction = "wider" | "narrower" | "other";
export interface Change {
  direction: Direction;
  sentence: string;
  before: Json;
  after: Json;
}
/** `exposure`: what reaches whom. `behaviour`: what is done. `configuration`: what is called or kept how. */
export interface Difference {
  exposure: Change[];
  behaviour: Change[];
  configuration: Change[];
}
type Members = Record<string, Json>;

export function difference(old: Manifest, now: Manifest): Difference {
  const rank: Record<Direction, number> = { wider: 0, other: 1, narrower: 2 };
  const exposure = [...reaching(old, now), ...destinations(old, now), ...contracts(old, now)];
  return {
    exposure: exposure.sort((one, other) => rank[one.direction] - rank[other.direction]),
    behaviour: behaviour(old, now),
    configuration: configuration(old, now),
  };
}

// -- exposure ----------------------------------------------------------------------------------------------------------

/** Fields that reach a sink which they did not, no longer do, or do under other protections. */
function reaching(old: Manifest, now: Manifest): Change[] {
  const [before, after] = [arrivals(old), arrivals(now)];
  return both(before, after, pairwise).flatMap((place) => {
    const [sink, field] = JSON.parse(place) as [string, string];
    const [was, is] = [before.get(place) ?? new Map<string, Atom>(), after.get(place) ?? new Map<string, Atom>()];
    return [
      ...lacking(is, was).map((atom) => change("wider", `'${sink}' now gets ${atom} in '${field}'.`, null, null)),
      ...lacking(was, is).map((atom) => change("narrower", `'${sink}' no longer gets ${atom} in '${field}'.`, null, null)),
    ];
  });
}

/** [sink, field] -> what arrives there, by its words. */
function arrivals(seen: Manifest): Map<string, Map<string, Atom>> {
  return new Map(Object.entries(seen.lineage).flatMap(([sink, report]) => Object.entries(report.fields).map(
    ([field, atoms]) => [JSON.stringify([sink, field]), new Map(atoms.map((atom) => [words(atom), atom]))] as const,
  )));
}

function words(atom: Atom): string {
  const how = atom.protections.join(" and ") || "as it is";
  return `${atom.origin} (${atom.concept}, S${String(atom.sensitivity)} ${atom.classes.join(", ")}), ${how}`;
}

const REACH = ["domain", "system", "transport", "host", "port", "base_path", "pins", "secret"] as const;

/** Sinks that are new, gone, or send to another place. */
function destinations(old: Manifest, now: Manifest): Change[] {
  const [before, after] = [sinks(old), sinks(now)];
  const fresh = lacking(after, before).map((sink) => change("wider", `'${sink}' is a new sink: ${place(after.get(sink))}.`, null, after.get(sink)));
  const gone = lacking(before, after).map((sink) => change("narrower", `'${sink}', ${place(before.get(sink))}, is gone.`, before.get(sink), null));
  const moved = [...before.keys()].filter((sink) => after.has(sink)).sort().flatMap((sink) => {
    const [was, is] = [before.get(sink) ?? {}, after.get(sink) ?? {}];
    const names = ["connection", "operation", ...REACH].filter((name) => !alike(was[name], is[name]));
    return names.length === 0 ? [] : [change("wider", `'${sink}' sends elsewhere: ${place(is)} instead of ${place(was)} (${names.join(", ")}).`, was, is)];
  });
  return [...fresh, ...gone, ...moved];
}

/** Sink -> how its destination is reached. */
function sinks(seen: Manifest): Map<string, Members> {
  const steps = new Map(seen.flow.steps.map((step) => [step.id, step]));
  return new Map(Object.keys(seen.fields).map((sink) => {
    const step = steps.get(sink);
    const connection: Partial<Connection> = seen.environment.connections[step?.connection ?? ""] ?? {};
    const reach = Object.fromEntries(REACH.map((name) => [name, connection[name] ?? null]));
    return [sink, { connection: step?.connection ?? null, operation: members(step?.config)["operation"] ?? null, ...reach }];
  }));
}

function place(reach: Members = {}): string {
  const [system, transport, host, port] = ["system", "transport", "host", "port"].map((name) => plainly(reach[name]));
  return `${system ?? ""} at ${transport ?? ""} ${host ?? ""}:${port ?? ""}${reach["base_path"] ? plainly(reach["base_path"]) : ""}`;
}

/** Fields that the contract of a sink takes which it did not, or no longer. */
function contracts(old: Manifest, now: Manifest): Change[] {
  return Object.keys(now.fields).filter((sink) => sink in old.fields).sort().flatMap((sink) => {
    const [was, is] = [new Set(old.fields[sink]), new Set(now.fields[sink])];
    return [
      ...lacking(is, was).map((field) => change("wider", `'${sink}' may now be sent '${field}'.`, null, null)),
      ...lacking(was, is).map((field) => change("narrower", `'${sink}' may no longer be sent '${field}'.`, null, null)),
    ];
  });
}

// -- behaviour and configuration ---------------------------------------------------------------------------------------

const NAMES_ONLY = new Set(["name", "owners", "alerts", "criticality", "layer", "notes", "layout", "business_keys"]);
const APART = new Set(["steps", "wires", "format"]);

function behaviour(old: Manifest, now: Manifest): Change[] {
  const [was, is] = [steps(old), steps(now)];
  const flows = [members(old.flow), members(now.flow)] as const;
  const parts = union(...flows).filter((part) => !NAMES_ONLY.has(part) && !APART.has(part));
  return [
    ...lacking(is, was).map((name) => change("other", `Step '${name}' (${plainly(is.get(name)?.["kind"])}) is new.`, null, is.get(name))),
    ...lacking(was, is).map((name) => change("other", `Step '${name}' (${plainly(was.get(name)?.["kind"])}) is gone.`, was.get(name), null)),
    ...[...is.keys()].filter((name) => was.has(name)).flatMap((name) => ["kind", "version", "connection", "config"].flatMap(
      (part) => changes(was.get(name)?.[part] ?? null, is.get(name)?.[part] ?? null, `/flow/steps/${name}/${part}`),
    )),
    ...wires(old, now),
    ...parts.flatMap((part) => changes(flows[0][part] ?? null, flows[1][part] ?? null, `/flow/${part}`)),
    ...changes(old.nodes, now.nodes, "/nodes"),
    ...changes(old.files, now.files, "/files"),
  ];
}

function wires(old: Manifest, now: Manifest): Change[] {
  const [was, is] = [old, now].map((seen) => seen.flow.wires.map((wire) => [wire.from, wire.to]));
  const beyond = (some: string[][] = [], others: string[][] = []): string[][] => some.filter((wire) => !others.some((other) => alike(wire, other)));
  return [
    ...beyond(is, was).map((wire) => change("other", `A wire from '${wire[0] ?? ""}' to '${wire[1] ?? ""}' is new.`, null, wire)),
    ...beyond(was, is).map((wire) => change("other", `The wire from '${wire[0] ?? ""}' to '${wire[1] ?? ""}' is gone.`, wire, null)),
  ];
}

function configuration(old: Manifest, now: Manifest): Change[] {
  const [was, is] = [steps(old), steps(now)];
  const flows = [members(old.flow), members(now.flow)] as const;
  return [
    ...union(...flows).filter((part) => NAMES_ONLY.has(part)).flatMap((part) => changes(flows[0][part] ?? null, flows[1][part] ?? null, `/flow/${part}`)),
    ...[...is.keys()].filter((name) => was.has(name)).flatMap((name) => changes(was.get(name)?.["title"], is.get(name)?.["title"], `/flow/steps/${name}/title`)),
    ...changes(members(old.environment), members(now.environment), "/environment"),
  ];
}

function steps(seen: Manifest): Map<string, Members> {
  return new Map(seen.flow.steps.map((step) => [step.id, members(step)]));
}

/** Every place below `pointer` at which two values differ; elements of lists are told by their number. */
function changes(was: Json | undefined, now: Json | undefined, pointer: string): Change[] {
  if (was === undefined) return now === undefined ? [] : [change("other", `${pointer} is new: ${short(now)}.`, null, now)];
  if (now === undefined) return [change("other", `${pointer} is gone; it was ${short(was)}.`, was, null)];
  if (nested(was) && nested(now) && Array.isArray(was) === Array.isArray(now)) {
    const [before, after] = [members(was), members(now)];
    return union(before, after).flatMap((name) => changes(before[name], after[name], `${pointer}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`));
  }
  return alike(was, now) ? [] : [change("other", `${pointer} is ${short(now)} instead of ${short(was)}.`, was, now)];
}

// -- small things ------------------------------------------------------------------------------------------------------

function change(direction: Direction, sentence: string, before: unknown, after: unknown): Change {
  return { direction, sentence, before: (before ?? null) as Json, after: (after ?? null) as Json };
}

function nested(value: Json): value is Json[] | Members {
  return typeof value === "object" && value !== null;
}

/** The members of an object; of a list, by their numbers. */
function members(value: unknown): Members {
  return typeof value === "object" && value !== null ? Object.fromEntries<Json>(Object.entries(value)) : {};
}

function union(one: Members, other: Members): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}

function both<T>(one: Map<string, T>, other: Map<string, T>, order: (one: string, other: string) => number): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].sort(order);
}

/** By the first name, then by the second. */
function pairwise(one: string, other: string): number {
  const [[a = "", b = ""], [c = "", d = ""]] = [JSON.parse(one) as string[], JSON.parse(other) as string[]];
  return a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1;
}

/** What the one has and the other has not. */
function lacking(one: { keys(): Iterable<string> }, other: { has(name: string): boolean }): string[] {
  return [...one.keys()].filter((name) => !other.has(name)).sort();
}

/** Equal values; in sealed bytes the members of every object stand in one order. */
function alike(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** Longer texts are cut, and what has members is counted: a reader finds both whole below the sentence. */
export function short(value: Json): string {
  if (typeof value === "string") return isLong(value) ? `'${[...value].slice(0, 57).join("")}...'` : `'${value}'`;
  return nested(value) ? `${String(Object.keys(value).length)} entries` : plainly(value);
}

export function isLong(value: Json): boolean {
  return typeof value === "string" ? [...value].length > 60 : nested(value);
}

function plainly(value: Json | undefined): string {
  if (value === null || value === undefined) return "None";
  return typeof value === "boolean" ? (value ? "True" : "False") : typeof value === "string" ? value : JSON.stringify(value);
}
