/** Sizes and places on the canvas. A step's card has a known size, so that wires can be laid before it is drawn. */
import { ordered } from "./graph";
import { endOf, type Flow, type Point } from "./document";

export const GRID = 20;
export const CARD_WIDTH = 208;
export const CARD_HEIGHT = 68;
export const SINK_HEIGHT = 100;
export const PORT_STEP = 28;
export const GAP_X = 120;
export const GAP_Y = 40;
/** So many columns stand side by side and can be read on a usual screen; what follows goes on in the row below, as a text does. */
const COLUMNS = 4;
/** A flow of more rows is not seen whole anyway: it stays in one. */
const ROWS = 4;
const ROW_GAP = 104;

export interface XY {
  x: number;
  y: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What the catalogue says of a kind, as far as its card shows it. */
export interface Ports {
  inputs: readonly string[];
  outputs: readonly string[];
  sink: boolean;
}

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}

export function cardHeight(ports: Ports): number {
  const base = ports.sink ? SINK_HEIGHT : CARD_HEIGHT;
  return Math.max(base, PORT_STEP * Math.max(ports.inputs.length, ports.outputs.length) + 12);
}

/** How far below the card's top a port stands. */
export function portOffset(names: readonly string[], port: string, height: number): number {
  const at = Math.max(0, names.indexOf(port));
  return height / 2 + (at - (Math.max(1, names.length) - 1) / 2) * PORT_STEP;
}

/** Places for steps that have none yet: columns by depth, in rows. Only shown, not stored, until somebody moves something. */
export function placed(flow: Flow, heightOf: (id: string) => number): Map<string, Point> {
  const places = new Map<string, Point>();
  const known = flow.steps.filter((step) => flow.layout[step.id]);
  // A file that places a single step has no layout worth keeping.
  const kept = known.length * 2 >= flow.steps.length ? known : [];
  const stand = new Set(kept);
  const missing = flow.steps.filter((step) => !stand.has(step));
  for (const step of kept) places.set(step.id, flow.layout[step.id] ?? [0, 0]);
  if (missing.length === 0) return places;
  const depth = depths(flow);
  const bottom = Math.max(-GAP_Y, ...[...places].map(([id, at]) => at[1] + heightOf(id)));
  const left = places.size > 0 ? Math.min(...[...places.values()].map((at) => at[0])) : 0;
  const fold = places.size === 0 ? folded(missing.map((step) => [depth.get(step.id) ?? 0, heightOf(step.id)])) : null;
  const next = new Map<number, number>();
  for (const step of missing) {
    const column = depth.get(step.id) ?? 0;
    const [x, top] = fold?.[column] ?? [left + column * (CARD_WIDTH + GAP_X), bottom > -GAP_Y ? bottom + 2 * GAP_Y : 0];
    const y = next.get(column) ?? top;
    // Cards of one row are centred on it, whatever their height: wires between them run straight.
    places.set(step.id, [x, y - (heightOf(step.id) - CARD_HEIGHT) / 2]);
    next.set(column, y + heightOf(step.id) + GAP_Y);
  }
  return places;
}

/** Where each column begins when a long flow goes on in rows. Nothing where it fits one row, or too many would be needed. */
function folded(cards: readonly (readonly [column: number, height: number])[]): Point[] | null {
  const heights: number[] = [];
  for (const [column, height] of cards) heights[column] = (heights[column] ?? -GAP_Y) + height + GAP_Y;
  if (heights.length <= COLUMNS || heights.length > COLUMNS * ROWS) return null;
  const tops: Point[] = [];
  let top = 0;
  for (let first = 0; first < heights.length; first += COLUMNS) {
    const row = heights.slice(first, first + COLUMNS);
    for (const at of row.keys()) tops.push([at * (CARD_WIDTH + GAP_X), top]);
    top += Math.max(...row) + ROW_GAP;
  }
  return tops;
}

function depths(flow: Flow): Map<string, number> {
  const before = new Map<string, string[]>(flow.steps.map((step) => [step.id, []]));
  for (const wire of flow.wires) before.get(endOf(wire.to).step)?.push(endOf(wire.from).step);
  const depth = new Map<string, number>();
  for (const id of ordered(flow)) depth.set(id, Math.max(-1, ...(before.get(id) ?? []).map((each) => depth.get(each) ?? -1)) + 1);
  return depth;
}
