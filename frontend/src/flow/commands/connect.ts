/** Draws a wire. One that is there already stays as it is. */
import type { FlowCommand } from "../command";
import { hasWire, type Wire, wireKey } from "../document";

export function connect(wire: Wire): FlowCommand {
  return {
    title: "Connected two steps",
    run: (flow) => {
      if (!hasWire(flow, wire)) flow.wires.push({ from: wire.from, to: wire.to });
      return [{ kind: "wire", id: wireKey(wire) }];
    },
  };
}
