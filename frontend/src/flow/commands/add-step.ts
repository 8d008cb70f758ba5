/** Puts a new step on the canvas; after another step when one is named. */
import type { FlowCommand } from "../command";
import { type Config, freshId, idsOf, type Point } from "../document";

export interface NewStep {
  kind: string;
  version: number;
  title: string;
  config: Config;
  connection?: string | null;
}

export function addStep(step: NewStep, at: Point, after?: { from: string; input: string }): FlowCommand {
  return {
    title: `Added ${step.title}`,
    run: (flow) => {
      const id = freshId(idsOf(flow), step.kind);
      flow.steps.push({ id, ...step });
      flow.layout[id] = at;
      if (after) flow.wires.push({ from: after.from, to: `${id}.${after.input}` });
      return [{ kind: "step", id }];
    },
  };
}
