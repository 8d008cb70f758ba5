/** How grave something is, as word and tone: the risk of a change, the severity of a case. */
import type { CaseSeverity, Tier } from "@/lib/api/work";
import type { Tone } from "@/ui/Mark";

export const TIERS: Record<Tier, readonly [Tone, string]> = { low: ["ok", "Low risk"], medium: ["info", "Medium risk"], high: ["warn", "High risk"] };

export const SEVERITY: Record<CaseSeverity, readonly [Tone, string]> = { high: ["bad", "High"], medium: ["warn", "Medium"], low: ["info", "Low"] };
