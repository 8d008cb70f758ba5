import { expect, test } from "vitest";
import { titled, withoutWay } from "./titled";

const TITLES: Record<string, string> = { decrement: "ERP inventory", event: "Utilisation event" };
const titleOf = (step: string) => TITLES[step] ?? step;

test("a step that a sentence quotes is named by its title", () => {
  expect(titled("Make a pseudonym of PID-3.1 before 'event'", titleOf)).toBe("Make a pseudonym of PID-3.1 before \u201cUtilisation event\u201d");
});

test("a field of the same name, and what is no step, stay as they are quoted", () => {
  expect(titled("It reaches field 'event' of sink 'decrement' under 'other'.", titleOf)).toBe("It reaches field 'event' of sink \u201cERP inventory\u201d under 'other'.");
});

test("the way is left out of a sentence that lists exactly that way, and of no other", () => {
  const sentence = "PID-3.1 reaches sink 'decrement' by receive \u2192 event \u2192 decrement. That breaks a rule.";
  expect(withoutWay(sentence, ["receive", "event", "decrement"])).toBe("PID-3.1 reaches sink 'decrement'. That breaks a rule.");
  expect(withoutWay(sentence, ["receive", "decrement"])).toBe(sentence);
});
