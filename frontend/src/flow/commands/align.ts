/** Brings steps into line, or to equal distances. */
import type { FlowCommand } from "../command";
import type { Flow, Point } from "../document";
import { CARD_WIDTH } from "../geometry";

export type Alignment = "left" | "top" | "middle" | "columns" | "rows";

const TITLES: Record<Alignment, string> = {
  left: "Aligned steps left", top: "Aligned steps at the top", middle: "Aligned steps on one line",
  columns: "Spread steps evenly across", rows: "Spread steps evenly down",
};

export function align(ids: readonly string[], how: Alignment, heightOf: (id: string) => number): FlowCommand {
  return {
    title: TITLES[how],
    run: (flow) => {
      const at = ids.flatMap((id) => (flow.layout[id] ? [{ id, place: flow.layout[id] }] : []));
      if (at.length < 2) return;
      if (how === "left") each(flow, at, Math.min(...at.map(({ place }) => place[0])), null);
      else if (how === "top") each(flow, at, null, Math.min(...at.map(({ place }) => place[1])));
      else if (how === "middle") middle(flow, at, heightOf);
      else spread(flow, at, how === "columns" ? 0 : 1, heightOf);
    },
  };
}

type Placed = { id: string; place: Point }[];

function each(flow: Flow, at: Placed, x: number | null, y: number | null): void {
  for (const { id, place } of at) flow.layout[id] = [x ?? place[0], y ?? place[1]];
}

function middle(flow: Flow, at: Placed, heightOf: (id: string) => number): void {
  const centre = at.reduce((sum, { id, place }) => sum + place[1] + heightOf(id) / 2, 0) / at.length;
  for (const { id, place } of at) flow.layout[id] = [place[0], Math.round(centre - heightOf(id) / 2)];
}

function spread(flow: Flow, at: Placed, axis: 0 | 1, heightOf: (id: string) => number): void {
  const size = (id: string) => (axis === 0 ? CARD_WIDTH : heightOf(id));
  const line = [...at].sort((a, b) => a.place[axis] - b.place[axis]);
  const first = line[0];
  const last = line.at(-1);
  if (!first || !last || line.length < 3) return;
  const room = last.place[axis] + size(last.id) - first.place[axis] - line.reduce((sum, { id }) => sum + size(id), 0);
  let next = first.place[axis];
  for (const { id, place } of line) {
    flow.layout[id] = axis === 0 ? [Math.round(next), place[1]] : [place[0], Math.round(next)];
    next += size(id) + room / (line.length - 1);
  }
}
