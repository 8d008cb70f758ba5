import { expect, test } from "vitest";
import { LIMITS } from "@/lib/api/limits";
import { fits, lacking, type Limited } from "@/lib/limits";

test("a text fits from the shortest that the server takes to the longest, spaces around it not counted", () => {
  for (const name of Object.keys(LIMITS) as Limited[]) {
    const { min, max } = LIMITS[name];
    expect(fits(name, `  ${"x".repeat(min)} `)).toBe(true);
    expect(fits(name, "x".repeat(max))).toBe(true);
    expect(fits(name, "x".repeat(max + 1))).toBe(false);
    if (min > 0) expect(fits(name, ` ${"x".repeat(min - 1)} `)).toBe(false);
  }
});

test("a reveal asks for the ten characters that the server asks for, and says how many are missing", () => {
  expect(LIMITS["Reveal.reason"]).toEqual({ min: 10, max: 200 });
  expect(lacking("Reveal.reason", "")).toBe("At least 10 characters.");
  expect(lacking("Reveal.reason", "because I")).toBe("1 more character.");
  expect(lacking("Reveal.reason", "because I must")).toBe("");
});
