/** Another kind in a step's place: wires stay where ports allow it, settings of the same name stay. */
import type { FlowCommand } from "../command";
import { endOf, stepOf } from "../document";
import type { NewStep } from "./add-step";

export function replaceStep(id: string, by: NewStep, ports: { inputs: readonly string[]; outputs: readonly string[] }, keeps: readonly string[]): FlowCommand {
  return {
    title: `Replaced a step by ${by.title}`,
    run: (flow) => {
      const step = stepOf(flow, id);
      if (!step) return [];
      const kept = Object.fromEntries(Object.entries(step.config).filter(([name]) => keeps.includes(name)));
      step.kind = by.kind;
      step.version = by.version;
      step.title = by.title;
      step.config = { ...by.config, ...kept };
      if (by.connection === undefined) Reflect.deleteProperty(step, "connection");
      else step.connection = by.connection;
      const end = (text: string, names: readonly string[]): string | null => {
        const { step: at, port } = endOf(text);
        if (at !== id) return text;
        const name = names.includes(port) ? port : names[0];
        return name === undefined ? null : `${id}.${name}`;
      };
      flow.wires = flow.wires.flatMap((wire) => {
        const from = end(wire.from, ports.outputs);
        const to = end(wire.to, ports.inputs);
        return from === null || to === null ? [] : [{ from, to }];
      });
      return [{ kind: "step", id }];
    },
  };
}
