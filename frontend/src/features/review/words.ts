/** How a review's state and risk are said. */
export { OPEN, STATES } from "@/ui/reviewState";
export { TIERS } from "@/ui/tones";
