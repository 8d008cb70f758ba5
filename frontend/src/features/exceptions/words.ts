/** How causes are said. */
import type { CauseCard, CaseSeverity } from "@/lib/api/work";
import type { Tone } from "@/ui/Mark";

export const SEVERITY: Record<CaseSeverity, readonly [Tone, string]> = { high: ["bad", "High"], medium: ["warn", "Medium"], low: ["info", "Low"] };

export const CAUSE_STATES: Record<CauseCard["state"], readonly [Tone, string]> = {
  new: ["waiting", "New"], "taken-on": ["info", "Taken on"], resolved: ["ok", "Resolved"], "came-back": ["bad", "Came back"],
};
