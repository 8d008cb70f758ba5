/** The flow file as the editor holds it. What it does not know it leaves as it is. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Config = { [name: string]: Json };
export type Point = [number, number];

export interface Step {
  id: string;
  kind: string;
  version: number;
  title: string;
  connection?: string | null;
  config: Config;
}

export interface Wire {
  from: string;
  to: string;
}

export interface Note {
  id: string;
  text: string;
  at: Point;
}

export interface Flow {
  format: string;
  id: string;
  name: string;
  purpose: string;
  steps: Step[];
  wires: Wire[];
  notes: Note[];
  layout: Record<string, Point>;
  [more: string]: unknown;
}

export interface End {
  readonly step: string;
  readonly port: string;
}

/** A flow from what the server sent: lists that are missing are empty. */
export function readFlow(document: Record<string, unknown>): Flow {
  const text = (name: string): string => (typeof document[name] === "string" ? document[name] : "");
  const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
  return {
    ...document,
    format: text("format") || "lockgate/flow/1",
    id: text("id"),
    name: text("name"),
    purpose: text("purpose"),
    steps: list<Step>(document["steps"]).map((step) => ({ ...step, config: step.config ?? {} })),
    wires: list<Wire>(document["wires"]),
    notes: list<Note>(document["notes"]),
    layout: (document["layout"] as Record<string, Point> | undefined) ?? {},
  };
}

const ends = new Map<string, End>();
const MOST_ENDS = 20_000;

/** Asked for every wire at every edit: each text is taken apart once. */
export function endOf(text: string): End {
  const known = ends.get(text);
  if (known) return known;
  if (ends.size >= MOST_ENDS) ends.clear();
  const [step = "", port = ""] = text.split(".");
  const end = Object.freeze({ step, port });
  ends.set(text, end);
  return end;
}

export function endText({ step, port }: End): string {
  return `${step}.${port}`;
}

export function wireKey(wire: Wire): string {
  return `${wire.from}>${wire.to}`;
}

export function stepOf(flow: Flow, id: string): Step | undefined {
  return flow.steps.find((step) => step.id === id);
}

export function wiresInto(flow: Flow, step: string): Wire[] {
  return flow.wires.filter((wire) => endOf(wire.to).step === step);
}

export function wiresOutOf(flow: Flow, step: string): Wire[] {
  return flow.wires.filter((wire) => endOf(wire.from).step === step);
}

export function hasWire(flow: Flow, wire: Wire): boolean {
  return flow.wires.some((each) => each.from === wire.from && each.to === wire.to);
}

/** A new step id: the kind as a slug, with a number where it is taken. */
export function freshId(taken: ReadonlySet<string>, base: string): string {
  const slug = base.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "").slice(0, 56) || "step";
  if (!taken.has(slug)) return slug;
  for (let number = 2; ; number++) {
    const id = `${slug}-${String(number)}`;
    if (!taken.has(id)) return id;
  }
}

export function idsOf(flow: Flow): Set<string> {
  return new Set([...flow.steps.map((step) => step.id), ...flow.notes.map((note) => note.id)]);
}

/** JSON with sorted names: two documents are the same exactly when these texts are. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return `{${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
