import fc from "fast-check";
import { expect, test } from "vitest";
import type { MasterRow } from "@/features/masters/api";
import { formOf, rowOf } from "@/features/masters/row";

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
