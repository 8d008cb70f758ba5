/** A whole config at once, as it was written in the text editor. */
import type { FlowCommand } from "../command";
import { type Config, stepOf } from "../document";
import { same } from "./set-config";

export function replaceConfig(id: string, config: Config): FlowCommand {
  return {
    title: "Changed settings as text",
    merge: `config ${id}`,
    run: (flow) => {
      const step = stepOf(flow, id);
      if (step && !same(step.config, config)) step.config = config;
    },
  };
}
