/** Removes one place of a step's config: a setting goes back to its default, a list loses an entry. */
import type { FlowCommand } from "../command";
import { stepOf } from "../document";
import { removeAt, valueAt } from "../pointers";

export function removeConfig(id: string, pointer: string, label = "a setting"): FlowCommand {
  return {
    title: `Removed ${label}`,
    run: (flow) => {
      const step = stepOf(flow, id);
      if (step && valueAt(step.config, pointer) !== undefined) removeAt(step.config, pointer);
    },
  };
}
