/** How the state of a message is said. */
import type { Tone } from "@/ui/Mark";
import type { MessageCard } from "@/features/messages/api";

export const MESSAGE_STATES: Record<MessageCard["state"], readonly [Tone, string]> = {
  waiting: ["waiting", "Waiting"], "in-flight": ["info", "On its way"], parked: ["warn", "Held"], delivered: ["ok", "Delivered"], filtered: ["none", "Ended on purpose"],
};
