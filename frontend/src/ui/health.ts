/** How the health of a flow is said, and drawn. */
import type { FlowNow } from "@/lib/api/work";
import type { Tone } from "@/ui/Mark";

export const HEALTH: Record<FlowNow["health"], readonly [Tone, string]> = {
  well: ["ok", "Well"], slow: ["warn", "Slow"], failing: ["bad", "Failing"], stopped: ["paused", "Stopped"],
};
export const WORST_FIRST: readonly FlowNow["health"][] = ["failing", "stopped", "slow", "well"];

/** How many parts each window of the monitor has, and what one is. */
export const PARTS = { hour: [60, "minute"], day: [96, "quarter hour"] } as const;
