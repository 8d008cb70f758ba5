/** What is asked for and offered while a path is being typed. */
import type { FieldRow } from "@/lib/api/types";

/** A path without what picks one of several: so the tables know it. */
function bare(text: string): string {
  return text.replace(/\[[^\]]*\]/g, "");
}

/** What is looked for: what is typed; before anything is typed, the field whose part stands there. */
export function askedFor(typed: string | null, value: string): string {
  return bare(typed ?? value.replace(/\.\d+$/, "")).replace(/\.$/, "");
}

export interface Offered {
  row: FieldRow;
  /** What is written when it is chosen. */
  path: string;
  /** It is a part of what is typed, or of what stands there. */
  part: boolean;
  /** It has parts that are not in the list yet: to choose it shows them. */
  opens: boolean;
  name: string;
}

/** The rows as they are offered. A field whose parts stand beneath it is the whole of it. */
export function offered(rows: readonly FieldRow[], typed: string | null, value: string): Offered[] {
  const asked = askedFor(typed, value).toLowerCase();
  const field = typed?.endsWith(".") ? rows.filter((row) => `${row.path.toLowerCase()}.`.startsWith(`${asked}.`)) : rows;
  return field.map((row) => {
    const path = row.path.toLowerCase();
    const part = asked !== "" && path.startsWith(`${asked}.`);
    const whole = `${asked}.`.startsWith(`${path}.`);
    return { row, path: indexed(row.path, typed), part, opens: row.parts > 1 && !whole, name: whole && row.parts > 1 ? `${row.name}, the whole field` : part ? (row.name.split(": ").at(-1) ?? row.name) : row.name };
  });
}

/** A path under which somebody typed an index keeps it: `PID-3[1].` and `PID-3.1` are `PID-3[1].1`. */
function indexed(path: string, typed: string | null): string {
  if (!typed?.includes("[")) return path;
  const begun = typed.replace(/\.$/, "");
  return path.toLowerCase().startsWith(bare(begun).toLowerCase()) ? begun + path.slice(bare(begun).length) : path;
}

/** Whether a text can stand as a setting: an empty one, or a path to its end. Words of a name only look for one. */
export function isWhole(text: string): boolean {
  return !/[.-]$|\S\s+\S/.test(text);
}
