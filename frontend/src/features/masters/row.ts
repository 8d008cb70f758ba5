/** A row as its form holds it. What the form does not show is kept too: a change sends back all that was signed. */
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

/** What keeps the row from being sent; "" when nothing does. */
export function wrongIn(form: RowForm, master: MasterPage): string {
  if (form.key.some((part) => !part)) return "Every part of the key is needed.";
  const lacks = master.columns.find((column) => column.pattern !== null && !form.values[column.name]);
  if (lacks) return `${lacks.title} is needed.`;
  if (form.from && form.to && form.to <= form.from) return "It would end before it begins.";
  if (form.successor.some(Boolean) && !form.successor.every(Boolean)) return "The code that takes its place needs every part of its key.";
  const line = form.units.findIndex((each) => !each.unit || !FACTOR.test(each.factor) || (each.from && each.to && each.to <= each.from));
  if (line >= 0) return `Unit ${String(line + 1)} needs a code, a factor such as 12 or 0.5, and an end after its beginning.`;
  return form.units.length > 0 && !form.base ? "Factors count in the base unit: name it." : "";
}

function lineOf({ unit, factor, valid_from, valid_to }: MasterRow["units"][number]): UnitLine {
  return { unit, factor, from: valid_from ?? "", to: valid_to ?? "" };
}
