/** Lays wires between the cards: right angles, round every card in the way, apart from each other where it can be. */
import type { Box, XY } from "./geometry";
import { search } from "./routing-search";

/** A wire to lay. `from` stands on the right edge of its card, `to` on the left edge of its own. */
export interface Span {
  key: string;
  from: XY;
  to: XY;
  /** Wires of one net may run over each other: those that leave one port. */
  net: string;
}

export type Route = readonly XY[];

const STUB = 16;
const CLEARANCES = [12, 7, 3, 0.5];
/** A wire that goes back to the beginning of the next row keeps to the middle between the rows where there is room. */
const BACK = [36, ...CLEARANCES];
const BEND = 24;
const OVERLAP = 400;
const APART = 9;

interface Piece {
  net: string;
  at: number;
  low: number;
  high: number;
}

/** The pieces of wire that lie already, by direction and, so that neighbours are found at once, by place. */
class Laid {
  private readonly upright = new Map<number, Piece[]>();
  private readonly level = new Map<number, Piece[]>();

  add(route: Route, net: string): void {
    for (const [a, b] of segments(route)) {
      const piece = a.x === b.x ? pieceOf(net, a.x, a.y, b.y) : pieceOf(net, a.y, a.x, b.x);
      const lists = a.x === b.x ? this.upright : this.level;
      const slot = Math.floor(piece.at / APART);
      const list = lists.get(slot);
      if (list) list.push(piece);
      else lists.set(slot, [piece]);
    }
  }

  /** How many pieces of other nets a route would run over. */
  overlap(route: Route, net: string): number {
    let sum = 0;
    for (let index = 1; index < route.length; index++) {
      const a = route[index - 1] as XY;
      const b = route[index] as XY;
      if (a.x === b.x) sum += beside(this.upright, net, a.x, a.y, b.y);
      else sum += beside(this.level, net, a.y, a.x, b.x);
    }
    return sum;
  }
}

function pieceOf(net: string, at: number, from: number, to: number): Piece {
  return { net, at, low: Math.min(from, to), high: Math.max(from, to) };
}

function beside(lists: ReadonlyMap<number, readonly Piece[]>, net: string, at: number, from: number, to: number): number {
  const low = Math.min(from, to) + 1;
  const high = Math.max(from, to) - 1;
  const slot = Math.floor(at / APART);
  let sum = 0;
  for (let near = slot - 1; near <= slot + 1; near++) {
    for (const piece of lists.get(near) ?? []) {
      if (piece.net !== net && piece.low < high && piece.high > low && Math.abs(piece.at - at) < APART) sum += 1;
    }
  }
  return sum;
}

/** Routes for all wires. Those in `kept` that still run free stay as they are. */
export function routeAll(spans: readonly Span[], boxes: readonly Box[], kept?: ReadonlyMap<string, Route>): Map<string, Route> {
  const routes = new Map<string, Route>();
  const laid = new Laid();
  const open: Span[] = [];
  for (const span of spans) {
    const old = kept?.get(span.key);
    if (old && ends(old, span) && free(old, boxes, 0)) {
      routes.set(span.key, old);
      laid.add(old, span.net);
    } else open.push(span);
  }
  open.sort((a, b) => reachOf(a) - reachOf(b));
  for (const span of open) {
    const route = routeOne(span, boxes, laid);
    routes.set(span.key, route);
    laid.add(route, span.net);
  }
  return routes;
}

function routeOne(span: Span, boxes: readonly Box[], laid: Laid): Route {
  for (const clearance of span.to.x < span.from.x ? BACK : CLEARANCES) {
    const best = simple(span, boxes, clearance, laid) ?? search(span.from, span.to, Math.max(STUB, clearance + 1), boxes, clearance);
    if (best) return best;
  }
  return direct(span);
}

/** Over everything, where cards lie so close that nothing passes between. */
export function direct({ from, to }: { from: XY; to: XY }): Route {
  const x = (from.x + to.x) / 2;
  return tidy([from, { x, y: from.y }, { x, y: to.y }, to]);
}

/** The best of the plain shapes: straight, one step, or round by one level stretch. */
function simple(span: Span, all: readonly Box[], clearance: number, laid: Laid): Route | null {
  const { from, to, net } = span;
  const stub = Math.max(STUB, clearance + 1);
  const out = from.x + stub;
  const into = to.x - stub;
  // No plain shape leaves this range, so no other card can stand in its way.
  const [low, high] = [Math.min(from.x, into - 24) - clearance, Math.max(to.x, out + 24) + clearance];
  const boxes = all.filter((box) => box.x < high && box.x + box.width > low);
  let best: Route | null = null;
  let least = Infinity;
  /** Takes a route when it is free and better; says whether nothing of its length can be better. */
  const consider = (points: XY[]): boolean => {
    const route = tidy(points);
    const cost = lengthOf(route) + BEND * (route.length - 2);
    if (cost >= least || !free(route, boxes, clearance, from, to)) return false;
    const over = laid.overlap(route, net);
    if (cost + OVERLAP * over < least) {
      least = cost + OVERLAP * over;
      best = route;
    }
    return over === 0;
  };
  if (from.y === to.y && from.x < to.x && consider([from, to])) return best;
  if (out <= into) {
    for (const x of columns(out, into)) if (consider([from, { x, y: from.y }, { x, y: to.y }, to])) return best;
  }
  const across = Math.abs(into - out) + 2 * stub;
  for (const y of levels(boxes, from, to, clearance)) {
    if (Math.abs(y - from.y) + Math.abs(y - to.y) + across >= least) break;
    for (const [a, b] of TURNS) {
      if (consider([from, { x: out + a, y: from.y }, { x: out + a, y }, { x: into - b, y }, { x: into - b, y: to.y }, to])) break;
    }
  }
  return best;
}

/** How far from its ends a wire may turn, the nearest first. */
const TURNS = [[0, 0], [12, 0], [0, 12], [12, 12], [24, 12], [12, 24], [24, 24]] as const;

/** Where a step may turn: the middle first, then outwards. */
function columns(out: number, into: number): number[] {
  const middle = Math.round((out + into) / 2);
  const list = [middle];
  for (let away = 12; away <= (into - out) / 2 && list.length < 60; away += 12) list.push(middle + away, middle - away);
  return [...list, out, into];
}

/** Levels at which a wire can pass, the nearest first: just above and below each card. */
function levels(boxes: readonly Box[], from: XY, to: XY, clearance: number): number[] {
  const found = new Set<number>();
  for (const box of boxes) {
    for (const extra of [1, 13, 25]) {
      found.add(box.y - clearance - extra);
      found.add(box.y + box.height + clearance + extra);
    }
  }
  const away = (y: number): number => Math.abs(y - from.y) + Math.abs(y - to.y);
  return [...found].sort((a, b) => away(a) - away(b)).slice(0, 120);
}

/** Whether no piece runs through a card, or nearer to one than `clearance`; at its own two ends it may touch. */
export function free(route: Route, boxes: readonly Box[], clearance: number, from = route[0], to = route.at(-1)): boolean {
  for (let index = 1; index < route.length; index++) {
    const a = route[index - 1] as XY;
    const b = route[index] as XY;
    const left = a.x < b.x ? a.x : b.x;
    const right = a.x < b.x ? b.x : a.x;
    const top = a.y < b.y ? a.y : b.y;
    const bottom = a.y < b.y ? b.y : a.y;
    for (const box of boxes) {
      if (left >= box.x + box.width + clearance || right <= box.x - clearance) continue;
      if (top >= box.y + box.height + clearance || bottom <= box.y - clearance) continue;
      if (clearance > 0 && touches(a, b, box, from, to, left, right, top, bottom)) continue;
      return false;
    }
  }
  return true;
}

/** The stub that leaves or enters a wire's own card comes near to it, and only there. */
function touches(a: XY, b: XY, box: Box, from: XY | undefined, to: XY | undefined, left: number, right: number, top: number, bottom: number): boolean {
  if (left < box.x + box.width && right > box.x && top < box.y + box.height && bottom > box.y) return false;
  const leaves = from !== undefined && a.x === from.x && a.y === from.y && Math.abs(from.x - box.x - box.width) < 0.5 && from.y >= box.y && from.y <= box.y + box.height;
  const enters = to !== undefined && b.x === to.x && b.y === to.y && Math.abs(to.x - box.x) < 0.5 && to.y >= box.y && to.y <= box.y + box.height;
  return leaves || enters;
}

export function segments(route: Route): [XY, XY][] {
  const pieces: [XY, XY][] = [];
  for (let index = 1; index < route.length; index++) {
    const [a, b] = [route[index - 1], route[index]];
    if (a && b) pieces.push([a, b]);
  }
  return pieces;
}

/** Without points that lie on the way between their neighbours. */
export function tidy(points: readonly XY[]): XY[] {
  const clean: XY[] = [];
  for (const point of points) {
    const last = clean.at(-1);
    if (last && last.x === point.x && last.y === point.y) continue;
    const before = clean.at(-2);
    if (last && before && onWay(before, last, point)) clean[clean.length - 1] = point;
    else clean.push(point);
  }
  return clean;
}

function onWay(a: XY, b: XY, c: XY): boolean {
  if (a.x === b.x && b.x === c.x) return (b.y - a.y) * (c.y - b.y) >= 0;
  return a.y === b.y && b.y === c.y && (b.x - a.x) * (c.x - b.x) >= 0;
}

export function lengthOf(route: Route): number {
  return segments(route).reduce((sum, [a, b]) => sum + Math.abs(a.x - b.x) + Math.abs(a.y - b.y), 0);
}

function ends(route: Route, span: Span): boolean {
  const [first, last] = [route[0], route.at(-1)];
  return first !== undefined && last !== undefined && near(first, span.from) && near(last, span.to);
}

function near(a: XY, b: XY): boolean {
  return Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1;
}

function reachOf({ from, to }: Span): number {
  return Math.abs(from.x - to.x) + 2 * Math.abs(from.y - to.y) + (to.x < from.x ? 10_000 : 0);
}

/** As an SVG path with rounded corners. */
export function pathOf(route: Route, radius = 8): string {
  const [first] = route;
  if (!first) return "";
  let text = `M${place(first)}`;
  for (let index = 1; index < route.length; index++) {
    const [before, here, after] = [route[index - 1], route[index], route[index + 1]];
    if (!before || !here) continue;
    if (!after) {
      text += `L${place(here)}`;
      continue;
    }
    const turn = Math.min(radius, distance(before, here) / 2, distance(here, after) / 2);
    text += `L${place(towards(here, before, turn))}Q${place(here)} ${place(towards(here, after, turn))}`;
  }
  return text;
}

/** Where a wire says what it carries: on its last level piece, which it shares with no other wire, near its end. */
export function labelPlace(route: Route): XY {
  const pieces = segments(route);
  const last = pieces.at(-1);
  if (last && last[0].y === last[1].y && Math.abs(last[1].x - last[0].x) >= LABEL_ROOM) {
    const length = last[1].x - last[0].x;
    return { x: last[1].x - Math.sign(length) * Math.min(Math.abs(length) / 2, LABEL_AWAY), y: last[1].y };
  }
  const [a, b] = [...pieces].sort((left, right) => pieceLength(right) - pieceLength(left))[0] ?? [{ x: 0, y: 0 }, { x: 0, y: 0 }];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

const LABEL_ROOM = 72;
const LABEL_AWAY = 64;

function pieceLength([a, b]: [XY, XY]): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function place({ x, y }: XY): string {
  return `${String(Math.round(x * 100) / 100)} ${String(Math.round(y * 100) / 100)}`;
}

function distance(a: XY, b: XY): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function towards(from: XY, to: XY, by: number): XY {
  const whole = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / whole, y: from.y + ((to.y - from.y) * by) / whole };
}
