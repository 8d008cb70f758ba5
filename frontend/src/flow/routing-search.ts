/** A way between cards where no plain shape fits: A* over the lines along the edges of all cards. */
import type { Box } from "./geometry";
import type { XY } from "./geometry";

const BEND = 30;

/** A route with level ends of length `stub`, at least `clearance` from every card; or null when there is none. */
export function search(from: XY, to: XY, stub: number, boxes: readonly Box[], clearance: number): XY[] | null {
  const start = { x: from.x + stub, y: from.y };
  const goal = { x: to.x - stub, y: to.y };
  const grid = gridOf(boxes, clearance, start, goal);
  const found = shortest(grid, start, goal);
  if (!found) return null;
  return straight([from, ...found, to]);
}

interface Grid {
  xs: number[];
  ys: number[];
  /** Whether the way from (x, y) to the next line right, or down, is free. */
  right: Uint8Array;
  down: Uint8Array;
}

function gridOf(boxes: readonly Box[], clearance: number, start: XY, goal: XY): Grid {
  const gap = clearance + 1;
  const xs = lines(boxes.flatMap((box) => [box.x - gap, box.x + box.width + gap]), start.x, goal.x);
  const ys = lines(boxes.flatMap((box) => [box.y - gap, box.y + box.height + gap]), start.y, goal.y);
  const right = new Uint8Array(xs.length * ys.length).fill(1);
  const down = new Uint8Array(xs.length * ys.length).fill(1);
  for (const box of boxes) block(box, clearance, xs, ys, right, down);
  return { xs, ys, right, down };
}

function lines(values: readonly number[], ...more: number[]): number[] {
  return [...new Set([...values, ...more])].sort((a, b) => a - b);
}

function block(box: Box, clearance: number, xs: readonly number[], ys: readonly number[], right: Uint8Array, down: Uint8Array): void {
  const [left, edge, top, bottom] = [box.x - clearance, box.x + box.width + clearance, box.y - clearance, box.y + box.height + clearance];
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? 0;
    if (x >= edge) break;
    const next = xs[i + 1] ?? Infinity;
    if (next <= left) continue;
    for (let j = 0; j < ys.length; j++) {
      const y = ys[j] ?? 0;
      if (y >= bottom) break;
      const below = ys[j + 1] ?? Infinity;
      const at = i * ys.length + j;
      if (y > top && next > left) right[at] = 0;
      if (x > left && below > top) down[at] = 0;
    }
  }
}

function shortest({ xs, ys, right, down }: Grid, start: XY, goal: XY): XY[] | null {
  const rows = ys.length;
  const size = xs.length * rows;
  const cost = new Float64Array(size * 2).fill(Infinity);
  const came = new Int32Array(size * 2).fill(-1);
  const heap = new Heap();
  const begin = xs.indexOf(start.x) * rows + ys.indexOf(start.y);
  const end = xs.indexOf(goal.x) * rows + ys.indexOf(goal.y);
  const rest = (at: number): number => Math.abs((xs[Math.floor(at / rows)] ?? 0) - goal.x) + Math.abs((ys[at % rows] ?? 0) - goal.y);
  // Two states a crossing: reached on the level (0) or upright (1), so that turns can be counted.
  cost[begin * 2] = 0;
  heap.push(begin * 2, rest(begin));
  for (let state = heap.pop(); state >= 0; state = heap.pop()) {
    const at = state >> 1;
    if (at === end && (state & 1) === 0) return unwind(came, state, rows, xs, ys);
    const here = cost[state] ?? Infinity;
    const i = Math.floor(at / rows);
    const j = at % rows;
    const go = (to: number, upright: number, length: number): void => {
      const next = to * 2 + upright;
      const whole = here + length + ((state & 1) === upright ? 0 : BEND);
      if (whole < (cost[next] ?? Infinity)) {
        cost[next] = whole;
        came[next] = state;
        heap.push(next, whole + rest(to));
      }
    };
    if (i + 1 < xs.length && right[at]) go(at + rows, 0, (xs[i + 1] ?? 0) - (xs[i] ?? 0));
    if (i > 0 && right[at - rows]) go(at - rows, 0, (xs[i] ?? 0) - (xs[i - 1] ?? 0));
    if (j + 1 < rows && down[at]) go(at + 1, 1, (ys[j + 1] ?? 0) - (ys[j] ?? 0));
    if (j > 0 && down[at - 1]) go(at - 1, 1, (ys[j] ?? 0) - (ys[j - 1] ?? 0));
  }
  return null;
}

function unwind(came: Int32Array, last: number, rows: number, xs: readonly number[], ys: readonly number[]): XY[] {
  const points: XY[] = [];
  for (let state = last; state >= 0; state = came[state] ?? -1) {
    const at = state >> 1;
    points.push({ x: xs[Math.floor(at / rows)] ?? 0, y: ys[at % rows] ?? 0 });
  }
  return points.reverse();
}

function straight(points: readonly XY[]): XY[] {
  const clean: XY[] = [];
  for (const point of points) {
    const [before, last] = [clean.at(-2), clean.at(-1)];
    if (last?.x === point.x && last.y === point.y) continue;
    const level = before && last && before.y === last.y && last.y === point.y;
    const upright = before && last && before.x === last.x && last.x === point.x;
    if (level || upright) clean.pop();
    clean.push(point);
  }
  return clean;
}

/** A binary heap of numbers by cost. */
class Heap {
  private readonly items: number[] = [];
  private readonly costs: number[] = [];

  push(item: number, cost: number): void {
    let at = this.items.length;
    this.items.push(item);
    this.costs.push(cost);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if ((this.costs[up] ?? 0) <= cost) break;
      this.swap(at, up);
      at = up;
    }
  }

  /** The cheapest, or -1. */
  pop(): number {
    const top = this.items[0];
    if (top === undefined) return -1;
    const item = this.items.pop() ?? -1;
    const cost = this.costs.pop() ?? 0;
    if (this.items.length > 0) {
      this.items[0] = item;
      this.costs[0] = cost;
      this.sink();
    }
    return top;
  }

  private sink(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < this.items.length && (this.costs[below] ?? 0) < (this.costs[least] ?? 0)) least = below;
      }
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    const [item, cost] = [this.items[a] ?? 0, this.costs[a] ?? 0];
    this.items[a] = this.items[b] ?? 0;
    this.costs[a] = this.costs[b] ?? 0;
    this.items[b] = item;
    this.costs[b] = cost;
  }
}
