/** Sets or removes (`undefined`) what the flow says of itself: name, purpose, owners, ordering, retention. */
import type { FlowCommand } from "../command";
import type { Json } from "../document";
import { removeAt, setAt, valueAt } from "../pointers";
import { same } from "./set-config";

export function setFlow(pointer: string, value: Json | undefined, label = "the flow"): FlowCommand {
  return {
    title: `Changed ${label}`,
    merge: `flow ${pointer}`,
    run: (flow) => {
      const before = valueAt(flow, pointer);
      if (same(before, value)) return;
      if (value === undefined) removeAt(flow, pointer);
      else setAt(flow, pointer, value);
    },
  };
}
