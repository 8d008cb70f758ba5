/** How the state of a flow is said. */
import type { FlowCard } from "@/lib/api/types";
import type { Tone } from "@/ui/Mark";

export const FLOW_STATES: Record<FlowCard["state"], readonly [Tone, string]> = {
  draft: ["draft", "Draft"], "in-review": ["waiting", "In review"], approved: ["ok", "Approved"], live: ["live", "Live"], stopped: ["paused", "Stopped"],
};
