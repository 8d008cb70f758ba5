import { expect, test } from "vitest";
import { placed, titled, withoutWay } from "./titled";

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

test("a sentence that begins with its place is taken apart; one that does not stays whole", () => {
  expect(placed("In step 'lines', at /config/fields/0/to: choose how coarse 'generalise' makes the value.")).toEqual({ step: "lines", pointer: "/fields/0/to", sentence: "Choose how coarse 'generalise' makes the value." });
  expect(placed("In step 'lines', at /steps/2/title: 'title' is empty.")).toEqual({ step: "lines", pointer: "/title", sentence: "'title' is empty." });
  expect(placed("In this flow file, at /owners/business: 'business' is missing.").pointer).toBe("/owners/business");
  expect(placed("Step 'lines' leads to no sink.")).toEqual({ step: null, pointer: null, sentence: "Step 'lines' leads to no sink." });
});
