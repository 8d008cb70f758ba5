/** How causes are said. */
import type { CauseCard } from "@/lib/api/work";
import type { Tone } from "@/ui/Mark";

export { SEVERITY } from "@/ui/tones";

export const CAUSE_STATES: Record<CauseCard["state"], readonly [Tone, string]> = {
  new: ["waiting", "New"], "taken-on": ["info", "Taken on"], resolved: ["ok", "Resolved"], "came-back": ["bad", "Came back"],
};
