/** A row as its form holds it. What the form does not show is kept too: a change sends back all that was signed. */
import { plain } from "@/lib/words";
import type { MasterPage, MasterRow, RowGiven, Unmapped } from "@/features/masters/api";

export interface UnitLine {
  unit: string;
  factor: string;
  from: string;
  to: string;
}

/** Texts are as they stand in the fields; "" where a row has nothing. */
export interface RowForm {
  key: readonly string[];
  values: Readonly<Record<string, string>>;
  from: string;
  to: string;
  retired: boolean;
  successor: readonly string[];
  unit: string;
  base: string;
  units: readonly UnitLine[];
}

const FACTOR = /^\d{1,15}(\.\d{1,12})?$/;

export function formOf(row: MasterRow): RowForm {
  return {
    key: row.key, values: row.values, from: row.valid_from ?? "", to: row.valid_to ?? "", retired: row.status === "retired",
    successor: row.superseded_by ?? row.key.map(() => ""), unit: row.unit ?? "", base: row.base_unit ?? "", units: row.units.map(lineOf),
  };
}

/** An empty row, or one for a missing key. Units come from the nearest row; which material it is, does not. */
export function blank(master: MasterPage, missing?: Unmapped): RowForm {
  const near = missing?.suggestions[0];
  const units = master.columns.filter((column) => column.concept === "unit" && near?.values[column.name]);
  return {
    key: master.key.map((_, index) => missing?.key[index] ?? ""), values: Object.fromEntries(master.columns.map(({ name }) => [name, units.some((column) => column.name === name) ? (near?.values[name] ?? "") : ""])),
    from: "", to: "", retired: false, successor: master.key.map(() => ""), unit: "", base: near?.base_unit ?? "", units: [],
  };
}

export function rowOf(form: RowForm): RowGiven {
  return {
    key: [...form.key], values: { ...form.values }, valid_from: form.from || null, valid_to: form.to || null, status: form.retired ? "retired" : "active",
    superseded_by: form.successor.some(Boolean) ? [...form.successor] : null, unit: form.unit || null, base_unit: form.base || null,
    units: form.units.map((each) => ({ unit: each.unit, factor: each.factor, valid_from: each.from || null, valid_to: each.to || null })),
  };
}

/** What is wrong in a field, by the field: a part of the key by its place, a column by its name, `from`, `to`, `unit`. */
export type Wrongs = Readonly<Record<string, string>>;

export function wrongsIn(form: RowForm, master: MasterPage): Wrongs {
  const found: Record<string, string> = {};
  for (const column of master.columns) {
    const value = form.values[column.name] ?? "";
    if (value && column.pattern && !new RegExp(`^(?:${column.pattern})$`).test(value)) found[column.name] = `Not like this: ${spelt(column.pattern)}.`;
  }
  if (form.from && form.to && form.to <= form.from) found["to"] = "It would end before it begins.";
  if (form.unit && form.unit !== form.base && !form.units.some((each) => each.unit === form.unit)) found["unit"] = `Say below how many ${form.base || "base units"} one ${form.unit} is.`;
  return found;
}

/** What keeps the row from being sent; "" when nothing does. */
export function wrongIn(form: RowForm, master: MasterPage): string {
  if (form.key.some((part) => !part)) return "Every part of the key is needed.";
  const lacks = master.columns.find((column) => column.pattern !== null && !form.values[column.name]);
  if (lacks) return `${lacks.title} is needed.`;
  const [wrong] = Object.values(wrongsIn(form, master));
  if (wrong) return wrong;
  if (form.successor.some(Boolean) && !form.successor.every(Boolean)) return "The code that takes its place needs every part of its key.";
  const line = form.units.findIndex((each) => !each.unit || !FACTOR.test(each.factor) || (each.from && each.to && each.to <= each.from));
  if (line >= 0) return `Unit ${String(line + 1)} needs a code, a factor such as 12 or 0.5, and an end after its beginning.`;
  return form.units.length > 0 && !form.base ? "Factors count in the unit of stock: name it." : "";
}

/** Units that nobody forbids and a person should look at twice: of the row as it was, nothing is said. */
export function unusual(form: RowForm, was: MasterRow | undefined, master: MasterPage): string[] {
  const known = new Set(master.units);
  const before = new Set([was?.base_unit, was?.unit, ...(was?.units ?? []).map((each) => each.unit)]);
  const typed = [form.base, form.unit, ...form.units.map((each) => each.unit)].filter((each) => each !== "" && !known.has(each) && !before.has(each));
  const strange = [...new Set(typed)].map((each) => `No other row has the unit ${each}.${known.size > 0 && known.size <= MOST_UNITS ? ` There are ${master.units.join(", ")}.` : ""}`);
  const column = master.columns.find((each) => each.concept === "unit");
  const value = column ? (form.values[column.name] ?? "") : "";
  const apart = column && form.base && value && value !== form.base && (value !== was?.values[column.name] || form.base !== was.base_unit);
  return [...strange, ...(apart ? [`${column.title} is ${value}, but factors count in ${form.base}.`] : [])];
}
const MOST_UNITS = 12;

const SIGNS: Readonly<Record<string, string>> = { ".": "dot", "-": "dash", _: "underscore", " ": "space", "/": "slash", ":": "colon", "+": "plus" };

/** `[A-Za-z0-9.-]{1,40}` as `letters, digits, dot, dash, at most 40`; a pattern of several parts stands as it is. */
export function spelt(pattern: string): string {
  const [, letters, least, most, sign] = /^\[([^\]^]+)\](?:\{(\d+)(?:,(\d+))?\}|([+*]))?$/.exec(pattern) ?? [];
  if (letters === undefined) return `in the form ${pattern}`;
  const ranges: readonly string[] = letters.match(/[A-Za-z0-9]-[A-Za-z0-9]/g) ?? [];
  const rest = letters.replaceAll(/[A-Za-z0-9]-[A-Za-z0-9]/g, "").replaceAll("\\", "");
  const upper = ranges.includes("A-Z");
  const lower = ranges.includes("a-z");
  const named = [
    ...(upper && lower ? ["letters"] : upper ? ["capital letters"] : lower ? ["small letters"] : []), ...(ranges.includes("0-9") ? ["digits"] : []),
    ...ranges.filter((each) => !["A-Z", "a-z", "0-9"].includes(each)).map((each) => each.replace("-", " to ")), ...[...rest].map((each) => SIGNS[each] ?? each),
  ];
  const size = most ? (Number(least) > 1 ? `${least ?? ""} to ${most}` : `at most ${most}`) : least ? `exactly ${least}` : sign ? "" : "exactly 1";
  return [...named, size].filter(Boolean).join(", ");
}

/** The one wording for days: `valid from 2026-01-01, before 2027-01-01`; `always`. */
export function validity(from: string | null, to: string | null): string {
  const said = [from ? `from ${from}` : "", to ? `before ${to}` : ""].filter(Boolean).join(", ");
  return said ? `valid ${said}` : "always";
}

/** The day from which a row changes what is past; null where it changes nothing before today. */
export function backwards(form: RowForm, was: MasterRow | undefined, today: string): string | null {
  const begins = was ? [] : [form.from];
  const ends = form.to !== (was?.valid_to ?? "") ? [form.to] : [];
  return [...begins, ...ends].filter((day) => day && day < today).sort()[0] ?? null;
}

function lineOf({ unit, factor, valid_from, valid_to }: MasterRow["units"][number]): UnitLine {
  return { unit, factor, from: valid_from ?? "", to: valid_to ?? "" };
}

/** `System, code`. */
export function keyOf(master: MasterPage): string {
  return plain(master.key.map((each) => each.replaceAll("_", " ")).join(", "));
}
