/** Removes steps, notes and their wires. The step before the first one is looked at next. */
import type { FlowCommand } from "../command";
import { endOf, type Flow, stepOf, wiresInto } from "../document";

export function deleteParts(steps: readonly string[], notes: readonly string[] = []): FlowCommand {
  return {
    title: titleOf(steps.length, notes.length),
    run: (flow) => {
      const next = neighbour(flow, steps);
      removeSteps(flow, new Set(steps));
      if (notes.length > 0) flow.notes = flow.notes.filter((note) => !notes.includes(note.id));
      return next ? [{ kind: "step", id: next }] : [];
    },
  };
}

export function removeSteps(flow: Flow, gone: ReadonlySet<string>): void {
  if (gone.size === 0) return;
  flow.steps = flow.steps.filter((step) => !gone.has(step.id));
  flow.wires = flow.wires.filter((wire) => !gone.has(endOf(wire.from).step) && !gone.has(endOf(wire.to).step));
  for (const id of gone) Reflect.deleteProperty(flow.layout, id);
}

/** The step upstream of those that go, else any that stays. */
export function neighbour(flow: Flow, steps: readonly string[]): string | null {
  const gone = new Set(steps);
  const seen = new Set<string>();
  let open = [...steps];
  while (open.length > 0) {
    const before = open.flatMap((id) => wiresInto(flow, id).map((wire) => endOf(wire.from).step));
    const stays = before.find((id) => !gone.has(id) && stepOf(flow, id));
    if (stays) return stays;
    open = before.filter((id) => !seen.has(id));
    for (const id of open) seen.add(id);
  }
  return flow.steps.find((step) => !gone.has(step.id))?.id ?? null;
}

function titleOf(steps: number, notes: number): string {
  if (steps === 0) return notes === 1 ? "Deleted a note" : `Deleted ${String(notes)} notes`;
  return steps === 1 ? "Deleted a step" : `Deleted ${String(steps)} steps`;
}
