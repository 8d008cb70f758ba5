import { expect, test } from "vitest";
import { ago, lasting, lastings, moment, plain } from "@/lib/words";

const NOW = new Date(2026, 10, 22, 15, 0, 0);
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

test("ids of roles are read as words, and what is written in capitals stays so", () => {
  expect(["or-supply-desk", "erp-owner", "now_or_never", "supply-chain"].map(plain)).toEqual(["OR supply desk", "ERP owner", "Now or never", "Supply chain"]);
});

test("a length of time is as exact as somebody who looks needs it", () => {
  expect([47, 1_290, 12_034, 75_002, 240_000, 7_200_000].map(lasting)).toEqual(["47 ms", "1.2 s", "12 s", "75 s", "4 min", "2 h"]);
  expect(lastings(13, 47)).toBe("13 / 47 ms");
  expect(lastings(350, 12_034)).toBe("350 ms / 12 s");
});

test("an hour is not reached before it is over", () => {
  expect(ago(before(3_599), NOW)).toBe("59 min. ago");
  expect(ago(before(3_600), NOW)).toBe("1 hr. ago");
});

test("a time of another day says its day", () => {
  expect(moment(before(60), NOW)).toBe("14:59:00");
  expect(moment(before(86_400), NOW)).toBe("21 Nov 15:00:00");
  expect(moment(new Date(2025, 10, 22, 15, 0, 0), NOW)).toBe("22 Nov 2025 15:00:00");
});
