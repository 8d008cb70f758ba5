import { describe, expect, it } from "vitest";
import type { ComparedEnd, ComparedPosting, Comparison } from "@/features/testbench/api";
import { endWord, inShort, reasonFor } from "@/features/testbench/comparing";

const END: ComparedEnd = { step: "tell", item: "FT1[1]", how: "ended", reason: "not-stock", sentence: "It is no stock item.", expected: false, came: true };
const POSTING: ComparedPosting = { step: "erp", item: "FT1[1]", how: "missing", expected: 0, came: null, fields: [] };
const WHOLE: Comparison = { id: "t", title: "Two lines", passed: false, sentences: [], refused_expected: null, refused_came: null, postings: [], more: 0, ends: [], titles: {}, label: "synthetic", may_reveal: true };

describe("a test case beside what it comes to", () => {
  it("says in one sentence what is otherwise than expected", () => {
    expect(inShort({ ...WHOLE, passed: true })).toBe("It comes to what it expects.");
    expect(inShort({ ...WHOLE, postings: [POSTING, { ...POSTING, how: "same" }], ends: [END] })).toBe("1 posting was expected and is not made, 1 line is ended on purpose and was not expected to be.");
    expect(inShort({ ...WHOLE, postings: [{ ...POSTING, how: "differs" }, { ...POSTING, how: "differs" }] })).toBe("2 postings differ.");
    expect(inShort({ ...WHOLE, refused_came: "its version is not known" })).toBe("The source refuses it: its version is not known.");
  });

  it("names the step that ended a line and why, by the step's title", () => {
    expect(endWord(END, () => "Stock only")).toBe("FT1[1] is ended on purpose at Stock only: It is no stock item.");
    expect(endWord({ ...END, came: false, expected: true, how: "parked" }, () => "Stock only")).toBe("FT1[1] was expected to be held at Stock only: not stock. It is not.");
  });

  it("finds the line that ended for a posting that is not made", () => {
    expect(reasonFor({ ...WHOLE, ends: [{ ...END, item: "FT1[2]" }, END] }, "FT1[1]")).toBe(END);
    expect(reasonFor({ ...WHOLE, ends: [{ ...END, came: false }] }, "FT1[1]")).toBeNull();
  });
});
