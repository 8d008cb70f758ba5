import { expect, test } from "vitest";
import { delivered } from "@/lib/stretches";

const MINUTE = 60_000;
const at = (minute: number, count: number) => ({ at_ms: minute * MINUTE, counts: { delivered: count } });

test("a minute in which nothing was delivered counts as zero, so that time is linear", () => {
  const now = { now: 14 * MINUTE + 5, width: MINUTE, since: 0 };
  expect(delivered([at(10, 4), at(13, 2)], now, 5)).toEqual([4, 0, 0, 2, 0]);
});

test("what was before anybody counted is unknown, and not zero", () => {
  const now = { now: 14 * MINUTE, width: MINUTE, since: 12 * MINUTE };
  expect(delivered([at(13, 2)], now, 4)).toEqual([null, 0, 2, 0]);
});
