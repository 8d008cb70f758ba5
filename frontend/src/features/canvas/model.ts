/** The flow as React Flow wants it: cards with known sizes, wires with known routes. Objects stay the same while nothing about them changes. */
import { Position, type Edge, type Node } from "@xyflow/react";
import type { Analysis, Catalogue, SinkMeter, StepReport, WireLoad } from "@/lib/api/types";
import { count, sensitivityWord } from "@/lib/words";
import { meterWords } from "@/ui/Meter";
import { endOf, type Flow, type Note, type Point, type Step, stepOf, wireKey } from "@/flow/document";
import { type Box, cardHeight, CARD_WIDTH, portOffset, type Ports, type XY } from "@/flow/geometry";
import { labelPlace, pathOf, type Route, type Span } from "@/flow/routing";
import { kindOf, loadOf, meterOf, portsOf, reportOf } from "@/features/editor/context";
import { type Category, lettersOf } from "./icons";

export interface StepData extends Record<string, unknown> {
  title: string;
  letters: string;
  category: Category;
  kindTitle: string | null;
  sentence: string;
  connection: string | null;
  blocks: number;
  warns: number;
  meter: { reads: number; offered: number; excess: number } | null;
  ports: Ports;
  ghost: boolean;
  /** A fix on trial changes it. */
  changed: boolean;
  dim: boolean;
}
export type StepNode = Node<StepData, "step">;
export interface NoteData extends Record<string, unknown> {
  text: string;
  dim: boolean;
}
export type NoteNode = Node<NoteData, "note">;
export type CanvasNode = StepNode | NoteNode;

export interface WireData extends Record<string, unknown> {
  path: string;
  label: XY;
  load: WireLoad | null;
  ghost: boolean;
  dim: boolean;
  blocked: boolean;
  words: string;
}
export type WireEdge = Edge<WireData, "wire">;

export const NOT_INSTALLED = "This kind is not installed; its settings are kept.";
export const NOTE_WIDTH = 200;
export const NOTE_HEIGHT = 96;

interface Shown {
  flow: Flow;
  catalogue: Catalogue;
  analysis: Analysis | undefined;
  /** Steps that stand in the flow already; others are on trial. Null: all do. */
  real: Flow | null;
  lit: { steps: ReadonlySet<string>; wires: ReadonlySet<string> } | null;
  /** Steps that a fix on trial changes. */
  changed: ReadonlySet<string> | null;
}

/** What the last drawing made, by id, with the text that says whether anything changed. */
export class Memory<T> {
  private items = new Map<string, { sign: string; item: T }>();
  private fresh = new Map<string, { sign: string; item: T }>();

  take(id: string, sign: string, make: () => T): T {
    const old = this.items.get(id);
    const entry = old?.sign === sign ? old : { sign, item: make() };
    this.fresh.set(id, entry);
    return entry.item;
  }

  turn(): void {
    this.items = this.fresh;
    this.fresh = new Map();
  }
}

export function nodesOf(
  shown: Shown,
  places: ReadonlyMap<string, Point>,
  selected: ReadonlySet<string>,
  active: string | null,
  memory: Memory<CanvasNode>,
): CanvasNode[] {
  const total = shown.flow.steps.length;
  const around = loadsOf(shown);
  const nodes: CanvasNode[] = shown.flow.steps.map((step, index) => {
    const report = reportOf(shown.analysis, step.id);
    const meter = meterOf(shown.analysis, step.id);
    const at = places.get(step.id) ?? [0, 0];
    const dim = shown.lit !== null && !shown.lit.steps.has(step.id);
    const ghost = shown.real !== null && stepOf(shown.real, step.id) === undefined;
    const changed = shown.changed?.has(step.id) ?? false;
    const sign = JSON.stringify([changed, step.title, step.kind, step.version, step.connection, report, meter?.reads, meter?.offered, meter?.excess_s3, at, selected.has(step.id), active === step.id, dim, ghost, index, total]);
    return memory.take(step.id, sign, () => stepNode(shown, step, at, { report, meter, dim, ghost, changed, selected: selected.has(step.id), active: active === step.id, around: around.get(step.id), words: `step ${String(index + 1)} of ${String(total)}` }));
  });
  for (const note of shown.flow.notes) {
    const at = places.get(note.id) ?? note.at;
    const sign = JSON.stringify([note, at, selected.has(note.id), active === note.id, shown.lit !== null]);
    nodes.push(memory.take(note.id, sign, () => noteNode(note, at, selected.has(note.id), active === note.id, shown.lit !== null)));
  }
  memory.turn();
  return nodes;
}

interface Looks {
  report: StepReport | undefined;
  meter: SinkMeter | undefined;
  dim: boolean;
  ghost: boolean;
  changed: boolean;
  selected: boolean;
  active: boolean;
  around: Around | undefined;
  words: string;
}

/** What comes to a step, and what leaves it. */
interface Around {
  into: WireLoad[];
  out: WireLoad[];
}

function loadsOf(shown: Shown): Map<string, Around> {
  const around = new Map<string, Around>(shown.flow.steps.map((step) => [step.id, { into: [], out: [] }]));
  for (const wire of shown.flow.wires) {
    const load = loadOf(shown.analysis, wire);
    if (!load) continue;
    around.get(endOf(wire.from).step)?.out.push(load);
    around.get(endOf(wire.to).step)?.into.push(load);
  }
  return around;
}

function stepNode(shown: Shown, step: Step, [x, y]: Point, looks: Looks): StepNode {
  const kind = kindOf(shown.catalogue, step);
  const ports = portsOf(shown.catalogue, step, looks.report);
  const height = cardHeight(ports);
  const data: StepData = {
    title: step.title,
    letters: lettersOf(step.kind),
    category: looks.report && looks.report.category !== "unknown" ? looks.report.category : (kind?.category ?? "unknown"),
    kindTitle: kind?.title ?? null,
    sentence: looks.report?.sentence ?? kind?.effects_sentence ?? "",
    connection: step.connection ?? null,
    blocks: looks.report?.blocks ?? 0,
    warns: looks.report?.warns ?? 0,
    meter: looks.meter ? { reads: looks.meter.reads, offered: looks.meter.offered, excess: looks.meter.excess_s3 } : null,
    ports,
    ghost: looks.ghost,
    changed: looks.changed,
    dim: looks.dim,
  };
  return {
    id: step.id,
    type: "step",
    position: { x, y },
    data,
    width: CARD_WIDTH,
    height,
    measured: { width: CARD_WIDTH, height },
    handles: [
      ...ports.inputs.map((name) => ({ id: name, type: "target" as const, position: Position.Left, x: 0, y: portOffset(ports.inputs, name, height), width: 1, height: 1 })),
      ...ports.outputs.map((name) => ({ id: name, type: "source" as const, position: Position.Right, x: CARD_WIDTH, y: portOffset(ports.outputs, name, height), width: 1, height: 1 })),
    ],
    selected: looks.selected,
    draggable: !looks.ghost,
    ariaRole: "button",
    ariaLabel: stepWords(data, looks),
    domAttributes: { tabIndex: looks.active ? 0 : -1, "aria-roledescription": "step", "aria-pressed": looks.selected },
  };
}

function noteNode(note: Note, [x, y]: Point, selected: boolean, active: boolean, dim: boolean): NoteNode {
  return {
    id: note.id, type: "note", position: { x, y }, data: { text: note.text, dim }, width: NOTE_WIDTH, height: NOTE_HEIGHT,
    measured: { width: NOTE_WIDTH, height: NOTE_HEIGHT }, selected, ariaRole: "button", ariaLabel: `Note: ${note.text || "empty"}`,
    domAttributes: { tabIndex: active ? 0 : -1, "aria-roledescription": "note", "aria-pressed": selected },
  };
}

/** "Mask patient, Mask fields, step 2 of 6, in 23 fields up to S4, out 9 fields up to S1, no problems" */
function stepWords(data: StepData, { around, words: place }: Looks): string {
  const told = (word: string, list: readonly WireLoad[]) => {
    const most = [...list].sort((a, b) => b.bare - a.bare)[0];
    return most ? [`${word} ${count(most.fields, "field")} up to S${String(most.bare)}`] : [];
  };
  const problems = data.blocks + data.warns === 0 ? "no problems" : [data.blocks ? count(data.blocks, "blocker") : "", data.warns ? count(data.warns, "warning") : ""].filter(Boolean).join(", ");
  // What the card shows comes first, as it stands there.
  const meter = data.meter ? meterWords(data.meter.reads, data.meter.offered, data.meter.excess) : data.ports.sink ? (data.connection ?? "no connection yet") : "";
  const seen = [data.title, data.kindTitle === null ? NOT_INSTALLED : data.sentence, meter, ...(data.ports.outputs.length > 1 ? data.ports.outputs : [])].filter(Boolean).join(" ");
  return [seen, data.changed ? "changed by this fix" : "", data.kindTitle ?? "unknown kind", place, ...told("in", around?.into ?? []), ...told("out", around?.out ?? []), problems].filter(Boolean).join(", ");
}

/** Boxes of all cards, for routing. */
export function boxesOf(flow: Flow, places: ReadonlyMap<string, Point>, sizeOf: (id: string) => Ports): Map<string, Box> {
  const boxes = new Map<string, Box>();
  for (const step of flow.steps) {
    const [x, y] = places.get(step.id) ?? [0, 0];
    boxes.set(step.id, { x, y, width: CARD_WIDTH, height: cardHeight(sizeOf(step.id)) });
  }
  return boxes;
}

export function spansOf(flow: Flow, boxes: ReadonlyMap<string, Box>, sizeOf: (id: string) => Ports): Span[] {
  return flow.wires.flatMap((wire) => {
    const [from, to] = [endOf(wire.from), endOf(wire.to)];
    const [a, b] = [boxes.get(from.step), boxes.get(to.step)];
    if (!a || !b) return [];
    return [{
      key: wireKey(wire),
      net: wire.from,
      from: { x: a.x + a.width, y: a.y + portOffset(sizeOf(from.step).outputs, from.port, a.height) },
      to: { x: b.x, y: b.y + portOffset(sizeOf(to.step).inputs, to.port, b.height) },
    }];
  });
}

export function edgesOf(shown: Shown, routes: ReadonlyMap<string, Route>, chosen: string | null, blocked: ReadonlySet<string>, memory: Memory<WireEdge>): WireEdge[] {
  const titles = new Map(shown.flow.steps.map((step) => [step.id, step.title]));
  const edges = shown.flow.wires.flatMap((wire) => {
    const key = wireKey(wire);
    const route = routes.get(key);
    if (!route) return [];
    const [from, to] = [endOf(wire.from), endOf(wire.to)];
    const load = loadOf(shown.analysis, wire) ?? null;
    const dim = shown.lit !== null && !shown.lit.wires.has(key);
    const ghost = shown.real !== null && !shown.real.wires.some((each) => wireKey(each) === key);
    const path = pathOf(route);
    const sign = JSON.stringify([path, load, dim, ghost, chosen === key, blocked.has(key), titles.get(from.step), titles.get(to.step)]);
    return [
      memory.take(key, sign, () => ({
        id: key, type: "wire" as const, source: from.step, sourceHandle: from.port, target: to.step, targetHandle: to.port, selected: chosen === key, focusable: false,
        data: { path, label: labelPlace(route), load, dim, ghost, blocked: blocked.has(key), words: wireWords(titles.get(from.step) ?? from.step, titles.get(to.step) ?? to.step, load, blocked.has(key)) },
      })),
    ];
  });
  memory.turn();
  return edges;
}

/** `S4`, or nothing that is as it came. */
export function levelWord(level: number): string {
  return level < 0 ? "none" : `S${String(level)}`;
}

/** `1175` as `1.2k`: the exact number stands in the label and in the table. */
export function compact(n: number): string {
  return n < 1000 ? String(n) : `${(n / 1000).toFixed(1)}k`;
}

/** "S4 · 23, from Validate to Charge file, 23 fields, highest S4 direct identifier, blocked" */
export function wireWords(from: string, to: string, load: WireLoad | null, blocked: boolean): string {
  if (load && load.sensitivity < 0) return `nothing, from ${from} to ${to}, nothing reaches this wire${blocked ? ", blocked" : ""}`;
  // What is seen comes first, so that whoever speaks to the page can say it.
  const seen = load ? `${levelWord(load.bare)} · ${compact(load.fields)}${load.sensitivity > load.bare ? ` S${String(load.sensitivity)}` : ""}` : "…";
  const carried = load ? `${count(load.fields, "field")}, highest ${sensitivityWord(load.bare)}${load.sensitivity > load.bare ? ` and protected ${sensitivityWord(load.sensitivity)}` : ""}` : "not analysed yet";
  return `${seen}, from ${from} to ${to}, ${carried}${blocked ? ", blocked" : ""}`;
}
