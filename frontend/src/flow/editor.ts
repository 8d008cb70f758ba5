/** The store of one open draft: its history, what is selected, and who may write. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { FlowCommand, Target } from "./command";
import { type Flow, stepOf, wireKey } from "./document";
import { begin, type Entry, type History, perform, redo, undo } from "./history";

export interface EditorState {
  history: History;
  /** Steps and notes by id. */
  selected: ReadonlySet<string>;
  /** The wire in focus, by key; then no step is selected. */
  wire: string | null;
  /** Where the one tab stop of the canvas is. */
  active: Target | null;
  /** Asks the canvas to move the focus there; the number makes each wish a new one. */
  wish: { target: Target; number: number } | null;
  writable: boolean;
  /** What the last edit, undo or redo was, for toast and live region; the number makes each a new one. */
  news: { text: string; number: number } | null;
}

export interface Editor extends StoreApi<EditorState> {
  flow: () => Flow;
  /** Carries out a command, unless somebody else writes. Says whether it did. */
  run: (command: FlowCommand) => boolean;
  undo: () => Entry | null;
  redo: () => Entry | null;
  select: (ids: Iterable<string>, active?: Target | null) => void;
  selectWire: (key: string | null) => void;
  activate: (target: Target | null) => void;
  /** The focus came there: keys act on it, so it is what is selected. Among several that are, all stay. */
  stand: (target: Target) => void;
  focus: (target: Target) => void;
  /** Another document takes the place of this one, for example what somebody else wrote. History begins anew. */
  replace: (flow: Flow, history?: Pick<History, "past" | "future">) => void;
  setWritable: (writable: boolean) => void;
}

export function createEditor(flow: Flow, clock: () => number = Date.now): Editor {
  const store = createStore<EditorState>(() => ({
    history: begin(flow), selected: new Set<string>(), wire: null, active: null, wish: null, writable: false, news: null,
  }));
  let count = 0;
  const { getState: get, setState: set } = store;

  const settle = (history: History, targets: readonly Target[], text: string | null): void => {
    const here = get();
    const shown = targets.filter((target) => exists(history.flow, target));
    const ids = shown.flatMap((target) => (target.kind === "wire" ? [] : [target.id]));
    const wire = shown.find((target) => target.kind === "wire")?.id ?? null;
    const first = shown[0] ?? fallback(history.flow, here.active);
    set({
      history,
      ...(first
        ? { selected: new Set(ids.length > 0 || wire !== null ? ids : first.kind === "wire" ? [] : [first.id]), wire: ids.length > 0 ? null : wire, active: first, wish: { target: first, number: ++count } }
        : { selected: kept(history.flow, here.selected), wire: here.wire !== null && exists(history.flow, { kind: "wire", id: here.wire }) ? here.wire : null, active: here.active && exists(history.flow, here.active) ? here.active : null }),
      ...(text === null ? {} : { news: { text, number: ++count } }),
    });
  };

  const step = (move: typeof undo, word: string): Entry | null => {
    const here = get();
    if (!here.writable) return null;
    const result = move(here.history);
    if (!result) return null;
    settle(result.history, result.entry.targets, `${word}: ${result.entry.title}`);
    return result.entry;
  };

  return {
    ...store,
    flow: () => get().history.flow,
    run: (command) => {
      const here = get();
      if (!here.writable) return false;
      const { history, targets } = perform(here.history, command, clock());
      const changed = history !== here.history;
      settle(history, targets, changed ? command.title : null);
      return changed;
    },
    undo: () => step(undo, "Undone"),
    redo: () => step(redo, "Done again"),
    select: (ids, active) => {
      const selected = new Set(ids);
      const here = get().active;
      const first = [...selected][0];
      const stays = first === undefined || (here !== null && here.kind !== "wire" && selected.has(here.id));
      const next = active !== undefined ? active : stays ? here : targetOf(get().history.flow, first);
      set({ selected, wire: null, active: next });
    },
    selectWire: (key) => {
      set(key === null ? { wire: null } : { wire: key, selected: new Set(), active: { kind: "wire", id: key } });
    },
    activate: (active) => {
      set({ active });
    },
    stand: (target) => {
      set({ active: target, ...follow(get(), target) });
    },
    focus: (target) => {
      set({ active: target, ...follow(get(), target), wish: { target, number: ++count } });
    },
    replace: (next, rest) => {
      settle({ ...begin(next), ...rest }, [], null);
    },
    setWritable: (writable) => {
      set({ writable });
    },
  };
}

/** What is selected once the focus stands there. */
function follow(here: EditorState, target: Target): Pick<EditorState, "selected" | "wire"> {
  if (target.kind === "wire") return { selected: new Set(), wire: target.id };
  return { selected: here.selected.has(target.id) ? here.selected : new Set([target.id]), wire: null };
}

/** Where the focus goes when what it was on is gone: to the first step that is left. */
function fallback(flow: Flow, active: Target | null): Target | undefined {
  if (active === null || exists(flow, active)) return undefined;
  const step = flow.steps[0];
  return step ? { kind: "step", id: step.id } : undefined;
}

export function targetOf(flow: Flow, id: string): Target {
  return stepOf(flow, id) ? { kind: "step", id } : { kind: "note", id };
}

export function exists(flow: Flow, target: Target): boolean {
  if (target.kind === "step") return stepOf(flow, target.id) !== undefined;
  if (target.kind === "note") return flow.notes.some((note) => note.id === target.id);
  return flow.wires.some((wire) => wireKey(wire) === target.id);
}

function kept(flow: Flow, ids: ReadonlySet<string>): ReadonlySet<string> {
  const left = new Set([...ids].filter((id) => exists(flow, targetOf(flow, id))));
  return left.size === ids.size ? ids : left;
}
