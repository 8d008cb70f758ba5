/** One line drawing a category; a kind is told by its letters, so that a new one needs no drawing here. */
import { ArrowRightFromLine, ArrowRightToLine, type LucideIcon, SlidersHorizontal } from "lucide-react";

export type Category = "source" | "transform" | "sink" | "unknown";

export const CATEGORY_ICONS: Record<Category, LucideIcon> = {
  source: ArrowRightFromLine,
  transform: SlidersHorizontal,
  sink: ArrowRightToLine,
  unknown: SlidersHorizontal,
};

export const CATEGORY_WORDS: Record<Category, string> = { source: "Source", transform: "Step", sink: "Sink", unknown: "Step" };

/** `map_to_master` as `MM`, `mask` as `Ma`. */
export function lettersOf(kind: string): string {
  const parts = kind.split("_").filter((part) => !["to", "of", "the"].includes(part));
  const [first = "?", second] = parts;
  return second ? (first.charAt(0) + second.charAt(0)).toUpperCase() : first.charAt(0).toUpperCase() + first.slice(1, 2);
}
