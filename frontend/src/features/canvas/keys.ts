/** Keys of the canvas: arrows follow the wires, M moves, letters zoom. */
import { useMemo } from "react";
import { useReactFlow } from "@xyflow/react";
import { type Command, useCommands } from "@/lib/commands";
import type { Target } from "@/flow/command";
import { move } from "@/flow/commands/move";
import { endOf, type Flow, type Point, stepOf, wireKey, wiresInto, wiresOutOf } from "@/flow/document";
import type { Editor } from "@/flow/editor";
import { placed } from "@/flow/geometry";
import { chosen } from "@/features/editor/commands";
import { useDesk } from "@/features/editor/context";
import { show, useView } from "@/features/editor/view";
import { announce } from "@/ui/toasts";
import { FIT } from "./room";
import { useArrange } from "./useArrange";
import { still } from "./wishes";

const GROUP = "Canvas";

function inCanvas(): boolean {
  return document.activeElement?.closest("[data-canvas]") !== null && document.activeElement !== null;
}

type Way = "left" | "right" | "up" | "down";
const STEPS: Record<Way, Point> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

export function useCanvasKeys(on: boolean): void {
  const { editor } = useDesk();
  const react = useReactFlow();
  const arrange = useArrange();
  const commands = useMemo<Command[]>(() => {
    if (!on) return [];
    const own = (command: Omit<Command, "group">): Command => ({ group: GROUP, within: inCanvas, ...command });
    const quick = () => ({ duration: still() ? 0 : 120 });
    const arrow = (way: Way, key: string, title: string): Command[] => [
      own({ id: `canvas.${way}`, title, keys: [key], run: () => { if (useView.getState().moving) nudge(editor, way, 20); else walk(editor, way); } }),
      own({ id: `canvas.${way}.far`, title: `${title} (moving: far)`, keys: [`Shift+${key}`], hidden: "everywhere", run: () => { if (useView.getState().moving) nudge(editor, way, 100); } }),
      own({ id: `canvas.${way}.near`, title: `${title} (moving: by one)`, keys: [`Alt+${key}`], hidden: "everywhere", run: () => { if (useView.getState().moving) nudge(editor, way, 1); } }),
    ];
    return [
      ...arrow("right", "ArrowRight", "Along the wire"),
      ...arrow("left", "ArrowLeft", "Back along the wire"),
      ...arrow("up", "ArrowUp", "To the step above"),
      ...arrow("down", "ArrowDown", "To the step below"),
      own({ id: "canvas.wires", title: "Next wire of this step", keys: ["w"], run: () => { nextWire(editor); } }),
      own({
        id: "canvas.move", title: "Move with the arrow keys", keys: ["m"], enabled: () => editor.getState().writable && chosen(editor).size > 0,
        run: () => {
          const moving = !useView.getState().moving;
          const { active } = editor.getState();
          if (moving && active && active.kind !== "wire" && !editor.getState().selected.has(active.id)) editor.select([active.id], active);
          show({ moving });
          announce(moving ? "Arrow keys move. Shift for far, Alt for one point. Escape ends." : "Moving ended.");
        },
      }),
      own({ id: "canvas.mark", title: "Select or deselect this step", keys: ["Space"], run: () => { mark(editor); } }),
      own({ id: "canvas.arrange", title: "Arrange the flow, or what is selected", keys: ["Shift+L"], within: undefined, enabled: () => editor.getState().writable, run: () => void arrange() }),
      own({ id: "canvas.fit", title: "Fit the flow into view", keys: ["f"], run: () => void react.fitView({ ...FIT, ...quick() }) }),
      own({ id: "canvas.fit-selected", title: "Fit what is selected into view", keys: ["Shift+F"], run: () => void react.fitView({ nodes: [...chosen(editor)].map((id) => ({ id })), padding: 0.3, maxZoom: 1.2, ...quick() }) }),
      own({ id: "canvas.in", title: "Zoom in", keys: ["+", "="], run: () => void react.zoomIn(quick()) }),
      own({ id: "canvas.out", title: "Zoom out", keys: ["-"], run: () => void react.zoomOut(quick()) }),
      own({ id: "canvas.whole", title: "Zoom to 100 %", keys: ["0"], run: () => void react.zoomTo(1, quick()) }),
    ];
  }, [on, editor, react, arrange]);
  useCommands(commands);
}

function focusOn(editor: Editor, target: Target): void {
  if (target.kind === "wire") editor.selectWire(target.id);
  else editor.select([target.id], target);
  editor.focus(target);
}

/** Right and left follow the wires; up and down go to the nearest card. */
function walk(editor: Editor, way: Way): void {
  const flow = editor.flow();
  const { active } = editor.getState();
  if (!active) {
    const first = flow.steps[0];
    if (first) focusOn(editor, { kind: "step", id: first.id });
    return;
  }
  if (active.kind === "wire") {
    const [from, to] = active.id.split(">");
    const end = way === "left" ? from : way === "right" ? to : null;
    if (end) focusOn(editor, { kind: "step", id: endOf(end).step });
    else nextWire(editor, way === "up" ? -1 : 1);
    return;
  }
  const places = placesOf(flow);
  const here = places.get(active.id);
  if (!here) return;
  const next = way === "right" || way === "left" ? (alongWire(flow, places, active.id, way) ?? nearest(places, active.id, here, way)) : nearest(places, active.id, here, way);
  if (next) focusOn(editor, stepOf(flow, next) ? { kind: "step", id: next } : { kind: "note", id: next });
}

function placesOf(flow: Flow): Map<string, Point> {
  const places = placed(flow, () => 68);
  for (const note of flow.notes) places.set(note.id, note.at);
  return places;
}

function alongWire(flow: Flow, places: ReadonlyMap<string, Point>, id: string, way: "right" | "left"): string | null {
  const ends = way === "right" ? wiresOutOf(flow, id).map((wire) => endOf(wire.to).step) : wiresInto(flow, id).map((wire) => endOf(wire.from).step);
  const y = places.get(id)?.[1] ?? 0;
  return [...ends].sort((a, b) => Math.abs((places.get(a)?.[1] ?? 0) - y) - Math.abs((places.get(b)?.[1] ?? 0) - y))[0] ?? null;
}

function nearest(places: ReadonlyMap<string, Point>, id: string, here: Point, way: Way): string | null {
  const [dx, dy] = STEPS[way];
  let best: string | null = null;
  let least = Infinity;
  for (const [other, at] of places) {
    const [x, y] = [at[0] - here[0], at[1] - here[1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (other === id || ahead <= 8 || aside > ahead * 2 + 240) continue;
    const cost = ahead + aside * 2;
    if (cost < least) {
      least = cost;
      best = other;
    }
  }
  return best;
}

/** Through the wires of the step that the round began at. */
function nextWire(editor: Editor, by = 1): void {
  const flow = editor.flow();
  const { active } = editor.getState();
  const on = active?.kind === "wire" ? active.id : null;
  const step = active?.kind === "step" ? active.id : (round ?? (on ? endOf(on.split(">")[0] ?? "").step : null));
  if (!step) return;
  if (active?.kind === "step") round = step;
  const keys = [...wiresOutOf(flow, step), ...wiresInto(flow, step)].map(wireKey);
  const at = on === null ? (by > 0 ? -1 : 0) : keys.indexOf(on);
  const key = keys[(at + by + keys.length) % keys.length];
  if (key) focusOn(editor, { kind: "wire", id: key });
  else announce("This step has no wires.");
}
let round: string | null = null;

function nudge(editor: Editor, way: Way, by: number): void {
  const [dx, dy] = STEPS[way];
  const places = placesOf(editor.flow());
  const ids = chosen(editor);
  const next = new Map<string, Point>();
  for (const id of ids) {
    const at = places.get(id);
    if (at) next.set(id, [at[0] + dx * by, at[1] + dy * by]);
  }
  editor.run(move(next, `nudge ${[...ids].sort().join(" ")}`));
}

function mark(editor: Editor): void {
  const { active, selected } = editor.getState();
  if (!active || active.kind === "wire") return;
  const next = new Set(selected);
  if (!next.delete(active.id)) next.add(active.id);
  editor.select(next, active);
}
