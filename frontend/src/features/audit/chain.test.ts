import { expect, test } from "vitest";
import { check } from "@/features/audit/chain";

const GENESIS = "00".repeat(32);
const LINES = ['{"action":"draft.saved","seq":1}', '{"action":"draft.saved","reason":"naïve","seq":2}', '{"action":"review.submitted","seq":3}'] as const;
/** Computed by another program. */
const one = "09f595b347fd46bbfc2b40475edf6a926e1a873a04853707bb58facfa983ff56";
const three = "60b3096e3cb89f388791445362e9f559ab0ade290a24b7889c88edd66e46bdf4";
const ROWS = [
  { first: 1, count: 1, records: [LINES[0]], head: one },
  { first: 2, count: 2, records: [LINES[1], LINES[2]], head: three },
];

test("a whole chain holds, several records in one row too", async () => {
  expect((await check({ previous: GENESIS, rows: ROWS })).good).toBe(true);
});

test("a changed record breaks its own row and no other", async () => {
  const changed = [{ ...ROWS[0]!, records: [LINES[0].replace("1", "9")] }, ROWS[1]!];
  const { good, rows } = await check({ previous: GENESIS, rows: changed });
  expect(good).toBe(false);
  expect(rows.map((each) => each.good)).toEqual([false, true]);
});

test("a record that is left out is noticed", async () => {
  expect((await check({ previous: GENESIS, rows: [{ ...ROWS[1]!, records: [LINES[2]] }] })).good).toBe(false);
});
