import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clipOf } from "./clipboard";
import type { FlowCommand } from "./command";
import { addNote } from "./commands/add-note";
import { addStep } from "./commands/add-step";
import { align } from "./commands/align";
import { applyFix } from "./commands/apply-fix";
import { arrange } from "./commands/arrange";
import { connect } from "./commands/connect";
import { deleteAndHeal } from "./commands/delete-and-heal";
import { deleteParts } from "./commands/delete";
import { disconnect } from "./commands/disconnect";
import { editNote } from "./commands/edit-note";
import { insertOnWire } from "./commands/insert-on-wire";
import { move } from "./commands/move";
import { paste } from "./commands/paste";
import { reconnect } from "./commands/reconnect";
import { removeConfig } from "./commands/remove-config";
import { renameStep } from "./commands/rename-step";
import { replaceConfig } from "./commands/replace-config";
import { replaceStep } from "./commands/replace-step";
import { setConfig } from "./commands/set-config";
import { setConnection } from "./commands/set-connection";
import { setFlow } from "./commands/set-flow";
import { canonical, type Flow, type Point } from "./document";
import { begin, type History, perform, redo, undo } from "./history";
import { supply } from "./testing";

const MASK = { kind: "mask", version: 1, title: "Mask", config: { fields: [] } };

/** Any command there is, by number: `pick` chooses among what the flow holds now. */
function anyCommand(flow: Flow, which: number, pick: (n: number) => number, text: string): FlowCommand {
  const step = flow.steps[pick(Math.max(1, flow.steps.length))]?.id ?? "none";
  const other = flow.steps[pick(Math.max(1, flow.steps.length))]?.id ?? "none";
  const wire = flow.wires[pick(Math.max(1, flow.wires.length))] ?? { from: "a.out", to: "b.in" };
  const at: Point = [pick(2000) - 500, pick(1000)];
  const some = new Set([step, other, ...flow.notes.slice(0, 1).map((note) => note.id)]);
  const all: FlowCommand[] = [
    addStep(MASK, at), addStep({ ...MASK, connection: "erp" }, at, { from: `${step}.out`, input: "in" }),
    connect({ from: `${step}.out`, to: `${other}.in` }), disconnect([wire]), reconnect(wire, { from: wire.from, to: `${other}.in` }),
    insertOnWire(wire, MASK, { input: "in", output: "out" }), deleteParts([step]), deleteParts([step, other], ["note"]),
    deleteAndHeal([step]), deleteAndHeal([step, other]), replaceStep(step, { ...MASK, kind: "filter" }, { inputs: ["in"], outputs: ["out"] }, ["fields"]),
    move(new Map([[step, at], [other, [at[1], at[0]]]])), arrange(new Map(flow.steps.map((each, index): [string, Point] => [each.id, [index * 300, 0]]))),
    align([step, other, flow.steps[0]?.id ?? ""], (["left", "top", "middle", "columns", "rows"] as const)[pick(5)] ?? "left", () => 68),
    setConfig(step, `/${["present", "fields", "deep/er", "on_fail"][pick(4)] ?? "x"}`, [text, { a: pick(9) }]), setConfig(step, "/list/-", text), setConfig(step, "/fields/0", { path: text }),
    removeConfig(step, `/${["present", "fields/0", "accepts", "nothing"][pick(4)] ?? "x"}`), replaceConfig(step, { only: text }),
    renameStep(step, text || "x"), setConnection(step, pick(2) ? "erp-inventory" : null),
    setFlow(["/name", "/owners/business", "/alerts", "/retention"][pick(4)] ?? "/name", pick(3) ? text : undefined),
    addNote(at, text), editNote(flow.notes[0]?.id ?? "", text), paste(clipOf(flow, some), [40, 40]),
    applyFix("Insert a mask here", [{ op: "add-step", step: { id: "fix", kind: "mask", version: 1, title: "Mask", config: {} }, wire: [wire.from, wire.to] }, { op: "set-config", step: "fix", pointer: "/fields", value: [] }]),
    applyFix("Take it out", [{ op: "remove-step", step }, { op: "remove-wire", wire: [wire.from, wire.to] }, { op: "set-flow", pointer: "/ordering/key", value: text }, { op: "remove-flow", pointer: "/retention" }, { op: "remove-config", step: other, pointer: "/present" }, { op: "add-wire", wire: [`${step}.out`, `${other}.in`] }]),
  ];
  return all[which % all.length] ?? addNote(at);
}

const edits = (length: number) =>
  fc.array(fc.record({ which: fc.nat(1000), picks: fc.array(fc.nat(100_000), { minLength: 6, maxLength: 6 }), text: fc.string({ maxLength: 12 }), wait: fc.nat(3000) }), { minLength: length, maxLength: length });

function played(list: readonly { which: number; picks: number[]; text: string; wait: number }[]): { history: History; states: string[] } {
  let history = begin(supply());
  let at = 0;
  const states = [canonical(history.flow)];
  for (const { which, picks, text, wait } of list) {
    at += wait;
    let used = 0;
    const pick = (n: number): number => (picks[used++ % picks.length] ?? 0) % n;
    const before = history.past.length;
    history = perform(history, anyCommand(history.flow, which, pick, text), at).history;
    if (history.past.length > before) states.push(canonical(history.flow));
    else states[states.length - 1] = canonical(history.flow);
  }
  return { history, states };
}

describe("undo", () => {
  test("after 500 random edits gives back every document exactly, and redo all of them again", () => {
    fc.assert(
      fc.property(edits(500), (list) => {
        const { history, states } = played(list);
        const reach = history.past.length;
        expect(states).toHaveLength(reach + 1);
        let here = history;
        for (let back = 1; back <= reach; back++) {
          const result = undo(here);
          if (!result) throw new Error("history is shorter than it says");
          here = result.history;
          expect(canonical(here.flow)).toBe(states[states.length - 1 - back]);
        }
        expect(undo(here)).toBeNull();
        for (let forth = 0; forth < reach; forth++) here = redo(here)?.history ?? here;
        expect(canonical(here.flow)).toBe(canonical(history.flow));
      }),
      { numRuns: 6 },
    );
  });

  test("after any few edits gives back the document that was there at the start", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }).chain(edits), (list) => {
        let here = played(list).history;
        for (let result = undo(here); result; result = undo(here)) here = result.history;
        expect(canonical(here.flow)).toBe(canonical(supply()));
      }),
      { numRuns: 150 },
    );
  });

  test("takes letters typed in one field back together, and other fields apart", () => {
    let history = begin(supply());
    for (const [index, title] of ["M", "Ma", "Mas", "Mask"].entries()) history = perform(history, renameStep("check", title), index * 100).history;
    history = perform(history, renameStep("event", "E"), 500).history;
    expect(history.past).toHaveLength(2);
    const back = undo(undo(history)?.history ?? history)?.history;
    expect(back?.flow.steps[1]?.title).toBe("Encounter and location");
  });

  test("knows nothing of an edit that changed nothing", () => {
    const history = perform(begin(supply()), renameStep("check", "Encounter and location"), 0).history;
    expect(history.past).toHaveLength(0);
  });

  test("is forgotten forwards when something else is done", () => {
    let history = perform(begin(supply()), renameStep("check", "A"), 0).history;
    history = undo(history)?.history ?? history;
    history = perform(history, renameStep("check", "B"), 9000).history;
    expect(redo(history)).toBeNull();
  });
});
