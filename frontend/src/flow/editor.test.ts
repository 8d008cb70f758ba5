import { describe, expect, test } from "vitest";
import { createEditor } from "./editor";
import { supply } from "./testing";

const editor = () => {
  const made = createEditor(supply(), () => 0);
  made.setWritable(true);
  return made;
};

describe("focus and selection", () => {
  test("where the focus goes, the selection follows: keys never act on what was selected before", () => {
    const { select, stand, getState } = editor();
    select(["tokenise"]);
    stand({ kind: "step", id: "check" });
    expect([...getState().selected]).toEqual(["check"]);
    expect(getState().active).toEqual({ kind: "step", id: "check" });
  });

  test("a wire that has the focus is what is selected, and a step after it lets the wire go", () => {
    const { select, stand, getState } = editor();
    select(["tokenise"]);
    stand({ kind: "wire", id: "receive.out>check.in" });
    expect([getState().selected.size, getState().wire]).toEqual([0, "receive.out>check.in"]);
    stand({ kind: "step", id: "event" });
    expect([[...getState().selected], getState().wire]).toEqual([["event"], null]);
  });

  test("the focus among several that are selected keeps them all", () => {
    const { select, stand, getState } = editor();
    select(["check", "tokenise"]);
    stand({ kind: "step", id: "tokenise" });
    expect([...getState().selected]).toEqual(["check", "tokenise"]);
  });

  test("one more that is selected where the focus is leaves the focus there", () => {
    const { select, activate, getState } = editor();
    select(["check"]);
    activate({ kind: "step", id: "tokenise" });
    select(["check", "tokenise"]);
    expect(getState().active).toEqual({ kind: "step", id: "tokenise" });
  });

  test("a focus that is wished for selects its goal", () => {
    const { selectWire, focus, getState } = editor();
    selectWire("receive.out>check.in");
    focus({ kind: "step", id: "check" });
    expect([[...getState().selected], getState().wire]).toEqual([["check"], null]);
  });
});
