/** Categories of kinds, and the letters that tell a kind: a new one needs no drawing. */
export type Category = "source" | "transform" | "sink" | "unknown";

export const CATEGORY_WORDS: Record<Category, string> = { source: "Source", transform: "Step", sink: "Sink", unknown: "Step" };

/** `map_to_master` as `MM`, `mask` as `Ma`. */
export function lettersOf(kind: string): string {
  const parts = kind.split("_").filter((part) => !["to", "of", "the"].includes(part));
  const [first = "?", second] = parts;
  return second ? (first.charAt(0) + second.charAt(0)).toUpperCase() : first.charAt(0).toUpperCase() + first.slice(1, 2);
}
