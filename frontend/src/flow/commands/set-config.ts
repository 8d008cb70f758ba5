/** Sets one place of a step's config. Typing in one field is one step of undo. */
import type { FlowCommand } from "../command";
import { type Json, stepOf } from "../document";
import { setAt, valueAt } from "../pointers";

export function setConfig(id: string, pointer: string, value: Json, label = "a setting"): FlowCommand {
  return {
    title: `Changed ${label}`,
    merge: `config ${id} ${pointer}`,
    run: (flow) => {
      const step = stepOf(flow, id);
      if (!step || same(valueAt(step.config, pointer), value)) return;
      setAt(step.config, pointer, value);
    },
  };
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
