/** Undo and redo of everything, by inverse patches. A value: each function gives a new history. */
import { applyPatches, enablePatches, produceWithPatches, type Patch } from "immer";
import type { FlowCommand, Target } from "./command";
import type { Flow } from "./document";

enablePatches();

export interface Entry {
  title: string;
  merge: string | null;
  at: number;
  patches: Patch[];
  inverse: Patch[];
  targets: Target[];
}

export interface History {
  flow: Flow;
  past: readonly Entry[];
  future: readonly Entry[];
}

const LIMIT = 1000;
const MERGE_MS = 1200;

export function begin(flow: Flow): History {
  return { flow, past: [], future: [] };
}

/** Carries a command out. One that changes nothing leaves no entry. */
export function perform(history: History, command: FlowCommand, at: number): { history: History; targets: Target[] } {
  let targets: Target[] = [];
  const [flow, patches, inverse] = produceWithPatches(history.flow, (draft: Flow) => {
    targets = command.run(draft) ?? [];
  });
  if (patches.length === 0) return { history, targets };
  const entry: Entry = { title: command.title, merge: command.merge ?? null, at, patches, inverse, targets };
  const last = history.past.at(-1);
  const joins = last !== undefined && entry.merge !== null && last.merge === entry.merge && at - last.at < MERGE_MS && history.future.length === 0;
  const past = joins ? [...history.past.slice(0, -1), joined(last, entry)] : [...history.past, entry].slice(-LIMIT);
  return { history: { flow, past, future: [] }, targets };
}

export function undo(history: History): { history: History; entry: Entry } | null {
  const entry = history.past.at(-1);
  if (!entry) return null;
  const flow = applyPatches(history.flow, entry.inverse);
  return { history: { flow, past: history.past.slice(0, -1), future: [...history.future, entry] }, entry };
}

export function redo(history: History): { history: History; entry: Entry } | null {
  const entry = history.future.at(-1);
  if (!entry) return null;
  const flow = applyPatches(history.flow, entry.patches);
  return { history: { flow, past: [...history.past, { ...entry, merge: null }], future: history.future.slice(0, -1) }, entry };
}

function joined(first: Entry, second: Entry): Entry {
  return {
    ...second,
    patches: [...first.patches, ...second.patches],
    inverse: [...second.inverse, ...first.inverse],
  };
}
