import { describe, expect, test } from "vitest";
import { clipOf, clipText, readClip } from "./clipboard";
import { applyFix } from "./commands/apply-fix";
import { deleteAndHeal } from "./commands/delete-and-heal";
import { deleteParts } from "./commands/delete";
import { insertOnWire } from "./commands/insert-on-wire";
import { paste } from "./commands/paste";
import { replaceStep } from "./commands/replace-step";
import { setConfig } from "./commands/set-config";
import { type Around, mayConnect } from "./connections";
import { begin, perform } from "./history";
import { supply } from "./testing";
import type { FlowCommand } from "./command";
import type { Flow } from "./document";

const done = (command: FlowCommand, flow: Flow = supply()) => perform(begin(flow), command, 0);
const wires = (flow: Flow) => flow.wires.map(({ from, to }) => `${from} ${to}`);

describe("an edit", () => {
  test("inserts a step on a wire and makes room for it", () => {
    const { history, targets } = done(insertOnWire({ from: "check.out", to: "tokenise.in" }, { kind: "mask", version: 1, title: "Mask", config: {} }, { input: "in", output: "out" }));
    expect(wires(history.flow)).toContain("check.out mask.in");
    expect(wires(history.flow)).toContain("mask.out tokenise.in");
    expect(wires(history.flow)).not.toContain("check.out tokenise.in");
    expect(targets).toEqual([{ kind: "step", id: "mask" }]);
    expect(history.flow.layout["mask"]?.[0]).toBeGreaterThan(300 + 208);
    expect((history.flow.layout["tokenise"]?.[0] ?? 0) - (history.flow.layout["mask"]?.[0] ?? 0)).toBeGreaterThan(208);
    expect(history.flow.layout["receive"]).toEqual([0, 0]);
  });

  test("deletes a step with its wires and looks at the one before it", () => {
    const { history, targets } = done(deleteParts(["tokenise"]));
    expect(wires(history.flow)).toEqual(["receive.out check.in", "event.out decrement.in"]);
    expect(history.flow.layout["tokenise"]).toBeUndefined();
    expect(targets).toEqual([{ kind: "step", id: "check" }]);
  });

  test("heals the gap of two neighbours that are deleted together", () => {
    const { history } = done(deleteAndHeal(["check", "tokenise"]));
    expect(wires(history.flow)).toContain("receive.out event.in");
  });

  test("replaces a kind and keeps wires and the settings of the same name", () => {
    const { history } = done(replaceStep("check", { kind: "filter", version: 1, title: "Filter", config: { on_fail: "filter" } }, { inputs: ["in"], outputs: ["match"] }, ["present"]));
    expect(history.flow.steps[1]?.config).toEqual({ on_fail: "filter", present: ["PV1-19.1"] });
    expect(wires(history.flow)).toContain("check.match tokenise.in");
  });

  test("pastes with ids of its own and never overwrites a step of the same name", () => {
    const clip = clipOf(supply(), new Set(["check", "tokenise"]));
    const { history } = done(paste(clip, [40, 40]));
    const ids = history.flow.steps.map((step) => step.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("validate");
    expect(wires(history.flow)).toContain("validate.out mask.in");
  });

  test("carries out a fix that puts one step on two wires", () => {
    const flow = supply();
    flow.wires.push({ from: "check.out", to: "event.in" });
    const step = { id: "mask", kind: "mask", version: 1, title: "Mask", config: { fields: [] } };
    const { history } = done(applyFix("Insert", [{ op: "add-step", step, wire: ["check.out", "tokenise.in"] }, { op: "add-step", step, wire: ["check.out", "event.in"] }]), flow);
    expect(wires(history.flow).filter((wire) => wire === "check.out mask.in")).toHaveLength(1);
    expect(wires(history.flow)).toContain("mask.out event.in");
    expect(history.flow.steps.filter((each) => each.id === "mask")).toHaveLength(1);
  });

  test("never reaches beyond the config it is about", () => {
    const { history } = done(setConfig("check", "/__proto__/polluted", true));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(history.past).toHaveLength(0);
  });
});

describe("the clipboard", () => {
  test("gives back what was copied", () => {
    const clip = clipOf(supply(), new Set(["receive", "note"]));
    expect(readClip(clipText(clip), new Set(["or-system"]))).toEqual({ clip, unbound: [] });
  });

  test("leaves a connection open that this environment has not", () => {
    const result = readClip(clipText(clipOf(supply(), new Set(["receive"]))), new Set());
    expect(result).toMatchObject({ unbound: ["OR charges"] });
    expect("clip" in result && result.clip.steps[0]?.connection).toBeUndefined();
  });

  test.each(["", "hello", "[]", "null", "{}", '{"format":"lockgate/clipboard/1"}', '{"format":"lockgate/clipboard/1","steps":[{"id":1}]}', '{"format":"lockgate/clipboard/1","steps":[null]}'])(
    "says so when it holds no steps: %s",
    (text) => {
      expect(readClip(text, new Set())).toHaveProperty("sentence");
    },
  );
});

describe("a wire", () => {
  const KINDS: Record<string, { inputs: string[]; outputs: string[]; takes: string[]; produces: string | null }> = {
    hl7_mllp: { inputs: [], outputs: ["out"], takes: [], produces: "hl7v2/2.3-2.8/DFT_P03" },
    map_fields: { inputs: ["in"], outputs: ["out"], takes: ["hl7v2", "fhir", "record"], produces: "record/utilisation-event@1" },
    rest: { inputs: ["in"], outputs: [], takes: ["record"], produces: null },
  };
  const around = (flow: Flow): Around => ({
    kindOf: (id) => {
      const step = flow.steps.find((each) => each.id === id);
      const kind = KINDS[step?.kind ?? ""] ?? { inputs: ["in"], outputs: ["out"], takes: ["hl7v2"], produces: null };
      return { title: step?.title ?? "", ...kind };
    },
    typeOf: () => null,
  });
  test.each([
    ["event.out", "check.in", "circle"],
    ["check.out", "check.in", "itself"],
    ["check.out", "receive.in", "begin"],
    ["decrement.out", "check.in", "end"],
    ["receive.out", "check.in", "already"],
    ["decrement.in", "check.in", "ERP inventory lets nothing out"],
    ["tokenise.in", "event.in", "A wire begins where something comes out"],
    ["tokenise.out", "decrement.in", "ERP inventory takes plain records; Patient becomes a case reference lets out HL7 v2 messages"],
  ])("from %s to %s is refused with a sentence", (from, to, words) => {
    const verdict = mayConnect(supply(), around(supply()), { from, to });
    expect(verdict).toMatchObject({ ok: false });
    expect(!verdict.ok && verdict.sentence).toContain(words);
  });
  test("that fits may be drawn", () => {
    expect(mayConnect(supply(), around(supply()), { from: "check.out", to: "event.in" })).toEqual({ ok: true });
  });
});
