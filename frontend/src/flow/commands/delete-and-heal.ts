/** Removes steps and wires what came before them to what comes after. */
import type { FlowCommand } from "../command";
import { endOf, hasWire, wiresInto, wiresOutOf } from "../document";
import { neighbour, removeSteps } from "./delete";

export function deleteAndHeal(steps: readonly string[]): FlowCommand {
  return {
    title: steps.length === 1 ? "Deleted a step and joined its neighbours" : `Deleted ${String(steps.length)} steps and joined their neighbours`,
    run: (flow) => {
      const next = neighbour(flow, steps);
      for (const id of steps) {
        const befores = wiresInto(flow, id).map((wire) => wire.from).filter((from) => endOf(from).step !== id);
        const afters = wiresOutOf(flow, id).map((wire) => wire.to).filter((to) => endOf(to).step !== id);
        removeSteps(flow, new Set([id]));
        for (const from of befores) {
          for (const to of afters) {
            if (!hasWire(flow, { from, to })) flow.wires.push({ from, to });
          }
        }
      }
      return next ? [{ kind: "step", id: next }] : [];
    },
  };
}
