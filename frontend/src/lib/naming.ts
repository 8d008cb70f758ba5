/** How settings are called: a place in a config as the form calls it, in people's own spelling. */

const WORDS: Record<string, string> = {
  field: "Field", text: "Fixed text", number: "Fixed number", fn: "Function", if: "If, then, else", test: "Condition",
  all: "All of", any: "Any of", not: "Not", equal: "Equal", in: "Is one of", present: "Has a value", compare: "Compare numbers", "starts-with": "Starts with",
};

/** `fallback_charset` as `Fallback charset`, `in` as `Is one of`. */
export function wordOf(name: string): string {
  return WORDS[name] ?? spaced(name);
}

/** `fallback_charset` as `Fallback charset`. */
export function spaced(name: string): string {
  const text = name.replace(/[_-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}

/**
 * `/fields/1/to` as `Fields, 2, to`. What people named themselves (`/fields/usedAt`) keeps its spelling.
 * `entries` are names for the entries of a list: those of a key's parts.
 */
export function settingName(pointer: string, entries: readonly string[] = []): string {
  const [first = "", ...rest] = pointer.split("/").slice(1).map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
  const below = rest.map((part, index) => {
    if (/^\d+$/.test(part)) return (index === rest.length - 1 ? entries[Number(part)] : undefined) ?? String(Number(part) + 1);
    return WORDS[part]?.toLowerCase() ?? part.replace(/_/g, " ");
  });
  return [spaced(first), ...below].join(", ");
}
