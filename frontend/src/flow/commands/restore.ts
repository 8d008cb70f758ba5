/** An earlier state of the draft takes the place of this one: an edit like any other, so it can be undone. */
import type { FlowCommand } from "../command";
import { canonical, type Flow } from "../document";

export function restore(revision: number, before: Flow): FlowCommand {
  return {
    title: `Restored revision ${String(revision)}`,
    run: (flow) => {
      const now = flow as Record<string, unknown>;
      for (const name of Object.keys(now)) if (!Object.hasOwn(before, name)) Reflect.deleteProperty(now, name);
      for (const [name, value] of Object.entries(before)) if (canonical(now[name]) !== canonical(value)) now[name] = value;
    },
  };
}
