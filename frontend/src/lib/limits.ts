/** How long a text must be and may be, as the server asks for it: no form lets pass what is refused afterwards. */
import { LIMITS } from "@/lib/api/limits";

export type Limited = keyof typeof LIMITS;

export function longest(name: Limited): number {
  return LIMITS[name].max;
}

export function shortest(name: Limited): number {
  return LIMITS[name].min;
}

/** Whether the server takes the text, without the spaces around it. */
export function fits(name: Limited, text: string): boolean {
  const { min, max } = LIMITS[name];
  const { length } = text.trim();
  return length >= min && length <= max;
}

/** What is still missing, for the line under a field; nothing where the text is long enough, or nothing need be said. */
export function lacking(name: Limited, text: string): string {
  const { min } = LIMITS[name];
  const left = min - text.trim().length;
  if (min <= 1 || left <= 0) return "";
  return left === min ? `At least ${String(min)} characters.` : `${String(left)} more ${left === 1 ? "character" : "characters"}.`;
}
