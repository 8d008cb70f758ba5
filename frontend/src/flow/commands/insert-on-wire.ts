/** Puts a new step on a wire: the wire becomes two. What lies downstream makes room. */
import type { FlowCommand } from "../command";
import { downstream } from "../graph";
import { endOf, freshId, idsOf, type Wire, wireKey } from "../document";
import type { NewStep } from "./add-step";
import { CARD_WIDTH, GAP_X, snap } from "../geometry";

export function insertOnWire(wire: Wire, step: NewStep, ports: { input: string; output: string }): FlowCommand {
  return {
    title: `Inserted ${step.title}`,
    run: (flow) => {
      const at = flow.wires.findIndex((each) => wireKey(each) === wireKey(wire));
      if (at < 0) return [];
      const id = freshId(idsOf(flow), step.kind);
      const before = endOf(wire.from).step;
      const after = endOf(wire.to).step;
      const place = flow.steps.findIndex((each) => each.id === after);
      flow.steps.splice(place < 0 ? flow.steps.length : place, 0, { id, ...step });
      flow.wires.splice(at, 1, { from: wire.from, to: `${id}.${ports.input}` }, { from: `${id}.${ports.output}`, to: wire.to });
      makeRoom(flow.layout, before, after, id, downstream(flow, after));
      return [{ kind: "step", id }];
    },
  };
}

type Layout = Record<string, [number, number]>;

function makeRoom(layout: Layout, before: string, after: string, id: string, beyond: ReadonlySet<string>): void {
  const from = layout[before];
  const to = layout[after];
  if (!from || !to) return;
  const room = to[0] - from[0] - CARD_WIDTH;
  const needed = CARD_WIDTH + 2 * GAP_X;
  const shift = Math.max(0, needed - room);
  if (shift > 0) {
    for (const each of [after, ...beyond]) {
      const place = layout[each];
      if (each !== before && place) layout[each] = [place[0] + snap(shift), place[1]];
    }
  }
  const x = shift > 0 ? from[0] + CARD_WIDTH + GAP_X : (from[0] + to[0]) / 2;
  layout[id] = [snap(x), snap(room > 0 ? (from[1] + to[1]) / 2 : to[1])];
}
