/** Gives a step another title. Its id stays: wires, comments and tests name it by that. */
import type { FlowCommand } from "../command";
import { stepOf } from "../document";

export function renameStep(id: string, title: string): FlowCommand {
  return {
    title: "Renamed a step",
    merge: `title ${id}`,
    run: (flow) => {
      const step = stepOf(flow, id);
      if (step && step.title !== title) step.title = title;
    },
  };
}
