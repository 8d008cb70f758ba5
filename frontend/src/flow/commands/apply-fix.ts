/** Carries out the edits of a fix, as the server would. Edits of a connection belong to its owner and change no flow. */
import type { Edit } from "@/lib/api/types";
import type { FlowCommand, Target } from "../command";
import { endOf, type Flow, hasWire, type Json, type Step, stepOf, wiresInto, wiresOutOf } from "../document";
import { CARD_WIDTH, GAP_X, snap } from "../geometry";
import { removeAt, setAt } from "../pointers";
import { removeSteps } from "./delete";

export function applyFix(title: string, edits: readonly Edit[]): FlowCommand {
  return {
    title,
    run: (flow) => {
      const before = new Set(flow.steps.map((step) => step.id));
      for (const edit of edits) apply(flow, edit);
      const fresh = flow.steps.filter((step) => !before.has(step.id)).map((step): Target => ({ kind: "step", id: step.id }));
      return fresh.length > 0 ? fresh : edits.flatMap((edit): Target[] => ("step" in edit && typeof edit.step === "string" && stepOf(flow, edit.step) ? [{ kind: "step", id: edit.step }] : [])).slice(0, 1);
    },
  };
}

function apply(flow: Flow, edit: Edit): void {
  switch (edit.op) {
    case "add-step":
      addOnWire(flow, edit.step as unknown as Step, edit.wire);
      break;
    case "remove-step":
      removeAndJoin(flow, edit.step);
      break;
    case "set-config": {
      const step = stepOf(flow, edit.step);
      if (step) setAt(step.config, edit.pointer, edit.value as Json);
      break;
    }
    case "remove-config": {
      const step = stepOf(flow, edit.step);
      if (step) removeAt(step.config, edit.pointer);
      break;
    }
    case "set-flow":
      setAt(flow, edit.pointer, edit.value as Json);
      break;
    case "remove-flow":
      removeAt(flow, edit.pointer);
      break;
    case "add-wire":
      flow.wires.push({ from: edit.wire[0], to: edit.wire[1] });
      break;
    case "remove-wire":
      removeWire(flow, edit.wire);
      break;
    case "set-connection":
      break;
  }
}

function addOnWire(flow: Flow, step: Step, [begin, end]: [string, string]): void {
  const at = removeWire(flow, [begin, end]);
  if (at < 0) return;
  if (!stepOf(flow, step.id)) {
    const place = flow.steps.findIndex((each) => each.id === endOf(end).step);
    flow.steps.splice(place < 0 ? flow.steps.length : place, 0, { ...step, config: step.config ?? {} });
    settle(flow, step.id, endOf(begin).step, endOf(end).step);
  }
  const fresh = [{ from: begin, to: `${step.id}.in` }, { from: `${step.id}.out`, to: end }];
  fresh.forEach((wire, number) => {
    if (!hasWire(flow, wire)) flow.wires.splice(at + number, 0, wire);
  });
}

/** Between the two; whatever stands at or right of the later one makes room. */
function settle(flow: Flow, id: string, before: string, after: string): void {
  const from = flow.layout[before];
  const to = flow.layout[after];
  if (!from || !to) return;
  const needed = CARD_WIDTH + 2 * GAP_X;
  const room = to[0] - from[0] - CARD_WIDTH;
  if (room < needed) {
    const edge = to[0];
    for (const [each, place] of Object.entries(flow.layout)) {
      if (place[0] >= edge) flow.layout[each] = [place[0] + snap(needed - room), place[1]];
    }
  }
  flow.layout[id] = [snap(from[0] + CARD_WIDTH + GAP_X), to[1]];
}

function removeWire(flow: Flow, [from, to]: [string, string]): number {
  const at = flow.wires.findLastIndex((wire) => wire.from === from && wire.to === to);
  if (at >= 0) flow.wires.splice(at, 1);
  return at;
}

function removeAndJoin(flow: Flow, id: string): void {
  const befores = wiresInto(flow, id).map((wire) => wire.from);
  const afters = wiresOutOf(flow, id).map((wire) => wire.to);
  removeSteps(flow, new Set([id]));
  for (const from of befores) for (const to of afters) if (endOf(from).step !== id && endOf(to).step !== id) flow.wires.push({ from, to });
}
