/** Removes wires. */
import type { FlowCommand } from "../command";
import { endOf, type Wire, wireKey } from "../document";

export function disconnect(wires: readonly Wire[]): FlowCommand {
  const gone = new Set(wires.map(wireKey));
  return {
    title: wires.length === 1 ? "Removed a wire" : `Removed ${String(wires.length)} wires`,
    run: (flow) => {
      flow.wires = flow.wires.filter((wire) => !gone.has(wireKey(wire)));
      const first = wires[0];
      return first ? [{ kind: "step", id: endOf(first.from).step }] : [];
    },
  };
}
