/** Where a new step goes: after the selected one when that lets out what it takes, else into free space. */
import { useCallback } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { Analysis, Catalogue, NodeKind } from "@/lib/api/types";
import { addStep } from "@/flow/commands/add-step";
import { takes, typeOutOf, typeWord } from "@/flow/connections";
import { endOf, type Flow, type Point, stepOf } from "@/flow/document";
import type { Editor } from "@/flow/editor";
import { CARD_HEIGHT, CARD_WIDTH, GAP_X, GAP_Y, snap } from "@/flow/geometry";
import { analysisQuery } from "./api";
import { aroundOf, portsOf, reportOf, useDesk } from "./context";
import { newStep } from "./new-step";

export function useAdd(): (kind: NodeKind) => void {
  const { editor, catalogue, draft } = useDesk();
  const cache = useQueryClient();
  return useCallback(
    (kind) => {
      const analysis = cache.getQueryData(analysisQuery(draft).queryKey);
      const after = lastSelected(editor, catalogue, analysis);
      const fits = after !== null && fitsAfter(editor.flow(), catalogue, analysis, after, kind).ok;
      add(editor, catalogue, kind, fits ? after : null, null);
    },
    [editor, catalogue, draft, cache],
  );
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
  return type === null || takes(kind.takes, type) ? { ok: true, reason: null } : { ok: false, reason: `does not take ${typeWord(type)}` };
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
