/** A comparison of a test case in words. */
import type { ComparedEnd, Comparison } from "@/features/testbench/api";
import { count, plain } from "@/lib/words";

const MANY = { differs: ["differs", "differ"], missing: ["was expected and is not made", "were expected and are not made"], unexpected: ["is made and was not expected", "are made and were not expected"] } as const;

/** `1 posting differs, 1 line is held and was not expected.` */
export function inShort(compared: Comparison): string {
  if (compared.passed) return "It comes to what it expects.";
  const parts: string[] = [];
  if (compared.refused_expected !== compared.refused_came) parts.push(compared.refused_came ? `the source refuses it: ${compared.refused_came}` : "the source takes it and should refuse it");
  for (const how of ["differs", "missing", "unexpected"] as const) {
    const found = compared.postings.filter((each) => each.how === how).length;
    if (found > 0) parts.push(`${count(found, "posting")} ${MANY[how][found === 1 ? 0 : 1]}`);
  }
  const fresh = compared.ends.filter((end) => end.came && !end.expected);
  for (const how of ["parked", "ended"] as const) {
    const found = fresh.filter((end) => end.how === how).length;
    if (found > 0) parts.push(`${count(found, "line")} ${found === 1 ? "is" : "are"} ${how === "parked" ? "held" : "ended on purpose"} and ${found === 1 ? "was" : "were"} not expected to be`);
  }
  const lacking = compared.ends.filter((end) => end.expected && !end.came).length;
  if (lacking > 0) parts.push(`${count(lacking, "line")} should have ended and did not`);
  const text = parts.join(", ");
  return text === "" ? "It does not come to what it expects." : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Where a line ended, or should have, and why. */
export function endWord(end: ComparedEnd, titleOf: (step: string) => string): string {
  const what = end.item === "" ? "The message" : end.item;
  const way = end.how === "parked" ? "held" : "ended on purpose";
  if (!end.came) return `${what} was expected to be ${way} at ${titleOf(end.step)}: ${plain(end.reason).toLowerCase()}. It is not.`;
  return `${what} is ${way} at ${titleOf(end.step)}: ${end.sentence || plain(end.reason).toLowerCase()}`;
}

/** Why an expected posting is not made: the line that ended on its way to it. */
export function reasonFor(compared: Comparison, item: string): ComparedEnd | null {
  const came = compared.ends.filter((end) => end.came);
  return came.find((end) => end.item === item) ?? came.find((end) => end.item === "") ?? null;
}
