/** How the health of a flow is said, and drawn. */
import type { FlowNow } from "@/lib/api/work";
import type { Tone } from "@/ui/Mark";

export const HEALTH: Record<FlowNow["health"], readonly [Tone, string]> = {
  well: ["ok", "Well"], slow: ["warn", "Slow"], failing: ["bad", "Failing"], stopped: ["bad", "Not running"], off: ["none", "Stopped"],
};
export const WORST_FIRST: readonly FlowNow["health"][] = ["failing", "stopped", "slow", "well", "off"];

/** What somebody should look at; a flow that was stopped on purpose is none of it. */
export function inTrouble(flow: FlowNow): boolean {
  return flow.health !== "well" && flow.health !== "off";
}

/** How many parts each window of the monitor has, and what one is. */
export const PARTS = { hour: [60, "minute"], day: [96, "quarter hour"] } as const;
