/** How the state of a review is said. */
import type { ReviewState } from "@/lib/api/work";
import type { Tone } from "@/ui/Mark";

export const STATES: Record<ReviewState, readonly [Tone, string]> = {
  "waits-for-author": ["waiting", "Waits for its author"],
  "waits-for-approval": ["waiting", "Waits for approval"],
  approved: ["ok", "Approved"],
  live: ["live", "Live"],
  replaced: ["none", "Replaced"],
  returned: ["warn", "Sent back"],
  withdrawn: ["none", "Withdrawn"],
  revoked: ["bad", "Revoked"],
  void: ["bad", "Void"],
};

export const OPEN: ReadonlySet<ReviewState> = new Set<ReviewState>(["waits-for-author", "waits-for-approval", "approved"]);
