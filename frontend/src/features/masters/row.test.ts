import fc from "fast-check";
import { expect, test } from "vitest";
import type { MasterPage, MasterRow } from "@/features/masters/api";
import { backwards, formOf, rowOf, spelt, unusual, validity, wrongsIn } from "@/features/masters/row";

const text = fc.string({ minLength: 1, maxLength: 20 });
const date = fc.option(fc.date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true }).map((each) => each.toISOString().slice(0, 10)));
const rows: fc.Arbitrary<MasterRow> = fc.record({
  key: fc.array(text, { minLength: 1, maxLength: 4 }), values: fc.dictionary(text, fc.string()), valid_from: date, valid_to: date,
  status: fc.constantFrom("active" as const, "retired" as const), superseded_by: fc.option(fc.array(text, { minLength: 1, maxLength: 4 })),
  unit: fc.option(text), base_unit: fc.option(text), units: fc.array(fc.record({ unit: text, factor: text, valid_from: date, valid_to: date }), { maxLength: 4 }), holds: fc.boolean(),
});

test("a row that nobody edits is sent back as it came", () => {
  fc.assert(
    fc.property(rows, (row) => {
      expect(rowOf(formOf(row))).toEqual({ ...row, holds: undefined });
    }),
  );
});

test("a pattern is said in words, and one of several parts stands as it is", () => {
  expect(spelt("[A-Za-z0-9.-]{1,40}")).toBe("letters, digits, dot, dash, at most 40");
  expect(spelt("[0-9]{8}")).toBe("digits, exactly 8");
  expect(spelt("[A-F0-9]+")).toBe("digits, A to F");
  expect(spelt("[A-Z]{2}-[0-9]+")).toBe("in the form [A-Z]{2}-[0-9]+");
});

const ROW: MasterRow = { key: ["L", "A"], values: { material: "4000" }, valid_from: "2024-01-01", valid_to: null, status: "active", superseded_by: null, unit: null, base_unit: "EA", units: [], holds: true };
const MASTER: Pick<MasterPage, "columns"> = { columns: [{ name: "material", title: "ERP material", concept: "item-code", sensitivity: 1, pattern: "[A-Za-z0-9._-]{1,40}" }] };

test("what is wrong stands at its field, and a box without its content is wrong", () => {
  const form = formOf(ROW);
  const wrongs = (part: Partial<typeof form>) => wrongsIn({ ...form, ...part }, MASTER as MasterPage);
  expect(wrongs({})).toEqual({});
  expect(wrongs({ values: { material: "40 00!" } })).toEqual({ material: "Not like this: letters, digits, dot, underscore, dash, at most 40." });
  expect(wrongs({ to: "2023-01-01" })).toHaveProperty("to");
  expect(wrongs({ unit: "BOX" })).toEqual({ unit: "Say below how many EA one BOX is." });
  expect(wrongs({ unit: "BOX", units: [{ unit: "BOX", factor: "10", from: "", to: "" }] })).toEqual({});
});

test("days are said in one wording, and what changes the past is known", () => {
  expect(validity("2026-01-01", "2027-01-01")).toBe("valid from 2026-01-01, before 2027-01-01");
  expect(validity(null, null)).toBe("always");
  const form = formOf(ROW);
  expect(backwards(form, ROW, "2026-11-22")).toBeNull();
  expect(backwards({ ...form, to: "2026-11-01" }, ROW, "2026-11-22")).toBe("2026-11-01");
  expect(backwards({ ...form, to: "2026-11-22" }, ROW, "2026-11-22")).toBeNull();
  expect(backwards(form, undefined, "2026-11-22")).toBe("2024-01-01");
});

test("a unit that no other row has, and a unit of stock beside another one, are said before anybody signs", () => {
  const master = { units: ["BOX", "EA"], columns: [{ name: "unit", title: "Base unit", concept: "unit", sensitivity: 0, pattern: null }] } as unknown as MasterPage;
  const form = formOf({ ...ROW, values: { unit: "EA" } });
  expect(unusual(form, undefined, master)).toEqual([]);
  expect(unusual({ ...form, base: "PCE", values: { unit: "PCE" } }, undefined, master)).toEqual(["No other row has the unit PCE. There are BOX, EA."]);
  expect(unusual({ ...form, base: "BOX" }, undefined, master)).toEqual(["Base unit is EA, but factors count in BOX."]);
  expect(unusual({ ...form, base: "PCE", values: { unit: "PCE" } }, { ...ROW, base_unit: "PCE", values: { unit: "PCE" } }, master)).toEqual([]);
});
