/** Where a new step goes: after the selected one when that lets out what it takes, else into free space. */
import { useCallback } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useReactFlow } from "@xyflow/react";
import type { Analysis, Catalogue, NodeKind } from "@/lib/api/types";
import { addStep } from "@/flow/commands/add-step";
import { insertOnWire } from "@/flow/commands/insert-on-wire";
import { takes, typeOutOf, typeWord } from "@/flow/connections";
import { endOf, type Flow, type Point, stepOf, type Wire } from "@/flow/document";
import type { Editor } from "@/flow/editor";
import { CARD_HEIGHT, CARD_WIDTH, GAP_X, GAP_Y, snap } from "@/flow/geometry";
import { ROOM } from "@/features/canvas/room";
import { toast } from "@/ui/toasts";
import { analysisQuery } from "./api";
import { aroundOf, portsOf, reportOf, useDesk } from "./context";
import { newStep } from "./new-step";

export function useAdd(): (kind: NodeKind) => void {
  const { editor, catalogue, draft } = useDesk();
  const cache = useQueryClient();
  const middle = useMiddle();
  return useCallback(
    (kind) => {
      const analysis = cache.getQueryData(analysisQuery(draft).queryKey);
      const after = lastSelected(editor, catalogue, analysis);
      const fits = after !== null && fitsAfter(editor.flow(), catalogue, analysis, after, kind).ok;
      if (fits) addAfter(editor, catalogue, kind, after);
      else add(editor, catalogue, kind, null, firstPlace(editor, middle));
    },
    [editor, catalogue, draft, cache, middle],
  );
}

/** The middle of what the canvas shows, below its tools, for a card; null where there is no canvas. */
export function useMiddle(): () => Point | null {
  const react = useReactFlow();
  return useCallback(() => {
    const frame = document.querySelector("[data-canvas]")?.getBoundingClientRect();
    if (!frame) return null;
    const { x, y } = react.screenToFlowPosition({ x: frame.left + (frame.width + ROOM.left) / 2, y: frame.top + (frame.height + ROOM.top) / 2 });
    return [x - CARD_WIDTH / 2, y - CARD_HEIGHT / 2];
  }, [react]);
}

/** Where the first step of a flow goes; every other one goes below those that stand. */
export function firstPlace(editor: Editor, middle: () => Point | null): Point | null {
  return editor.flow().steps.length === 0 ? middle() : null;
}

/** After a step that has a way out already: between the two, and the branch is offered; where it can be nothing else, it is said to be one. */
function addAfter(editor: Editor, catalogue: Catalogue, kind: NodeKind, after: string): void {
  const flow = editor.flow();
  const titleOf = (end: string) => stepOf(flow, endOf(end).step)?.title ?? endOf(end).step;
  const wires = flow.wires.filter((wire) => wire.from === after);
  const [only] = wires;
  if (!only) add(editor, catalogue, kind, after, null);
  else if (wires.length === 1 && insertKind(editor, catalogue, kind, only)) {
    const entry = editor.getState().history.past.at(-1);
    const branch = () => {
      if (editor.getState().history.past.at(-1) !== entry) return; // edited since: what was done stays
      editor.undo();
      add(editor, catalogue, kind, after, null);
    };
    toast(`${kind.title} stands between ${titleOf(after)} and ${titleOf(only.to)}.`, "info", { title: "Make it a branch", run: branch });
  } else {
    add(editor, catalogue, kind, after, null);
    toast(`${kind.title} is a branch: what leaves ${titleOf(after)} goes on as before, and to it too.`);
  }
}

/** Puts a step of this kind on a wire; says whether it can stand there. */
export function insertKind(editor: Editor, catalogue: Catalogue, kind: NodeKind, wire: Wire): boolean {
  const [input, output] = [kind.inputs[0], kind.outputs[0]];
  return input !== undefined && output !== undefined && editor.run(insertOnWire(wire, newStep(catalogue, editor.flow(), kind), { input, output }));
}

export function add(editor: Editor, catalogue: Catalogue, kind: NodeKind, after: string | null, at: Point | null): void {
  const flow = editor.flow();
  const input = kind.inputs[0];
  const place = at ?? (after ? beside(flow, endOf(after).step) : below(flow));
  editor.run(addStep(newStep(catalogue, flow, kind), [snap(place[0]), snap(place[1])], after && input ? { from: after, input } : undefined));
}

/** The first output of the step that has the focus, or was selected last, as the end of a wire. */
export function lastSelected(editor: Editor, catalogue: Catalogue, analysis: Analysis | undefined): string | null {
  const { selected, active } = editor.getState();
  const id = active?.kind === "step" ? active.id : [...selected].at(-1);
  const step = id === undefined ? undefined : stepOf(editor.flow(), id);
  if (!step) return null;
  const port = portsOf(catalogue, step, reportOf(analysis, step.id)).outputs[0];
  return port ? `${step.id}.${port}` : null;
}

/** Whether a kind takes what comes out there; the reason when not. */
export function fitsAfter(flow: Flow, catalogue: Catalogue, analysis: Analysis | undefined, from: string, kind: NodeKind): { ok: boolean; reason: string | null } {
  if (kind.inputs.length === 0) return { ok: false, reason: "records begin here" };
  const type = typeOutOf(flow, aroundOf(flow, catalogue, analysis), endOf(from).step);
  return type === null || takes(kind.takes, type) ? { ok: true, reason: null } : { ok: false, reason: notTaken(catalogue, kind, type) };
}

/** Why a kind does not fit there, and which kind before it would make what it takes. */
export function notTaken(catalogue: Catalogue, kind: NodeKind, type: string): string {
  const before = catalogue.kinds.find((each) => each.inputs.length > 0 && each.produces !== "as-it-came" && takes(each.takes, type) && takes(kind.takes, each.produces));
  return `does not take ${typeWord(type)}${before ? `; add \u201c${before.title}\u201d first` : ""}`;
}

function beside(flow: Flow, id: string): Point {
  const at = flow.layout[id] ?? [0, 0];
  const x = at[0] + CARD_WIDTH + GAP_X;
  let y = at[1];
  while (Object.values(flow.layout).some((other) => Math.abs(other[0] - x) < CARD_WIDTH && Math.abs(other[1] - y) < CARD_HEIGHT + GAP_Y / 2)) y += CARD_HEIGHT + GAP_Y;
  return [x, y];
}

function below(flow: Flow): Point {
  const places = Object.values(flow.layout);
  if (places.length === 0) return [0, 0];
  return [Math.min(...places.map(([x]) => x)), Math.max(...places.map(([, y]) => y)) + CARD_HEIGHT + 2 * GAP_Y];
}
