/** Moves one end of a wire to another port. */
import type { FlowCommand } from "../command";
import { hasWire, type Wire, wireKey } from "../document";

export function reconnect(before: Wire, after: Wire): FlowCommand {
  return {
    title: "Moved a wire",
    run: (flow) => {
      const at = flow.wires.findIndex((wire) => wireKey(wire) === wireKey(before));
      if (at < 0 || hasWire(flow, after)) return [];
      flow.wires[at] = { from: after.from, to: after.to };
      return [{ kind: "wire", id: wireKey(after) }];
    },
  };
}
