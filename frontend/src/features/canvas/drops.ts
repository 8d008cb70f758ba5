/** What is dropped on the canvas: a kind from the palette, on a wire or beside it, or a message to try. */
import type { ReactFlowInstance } from "@xyflow/react";
import { addStep } from "@/flow/commands/add-step";
import { insertOnWire } from "@/flow/commands/insert-on-wire";
import { CARD_WIDTH, snap } from "@/flow/geometry";
import type { XY } from "@/flow/geometry";
import { type Route, segments } from "@/flow/routing";
import { useDesk } from "@/features/editor/context";
import { newStep } from "@/features/editor/new-step";
import { takeFile } from "@/features/editor/trying";
import type { CanvasNode, WireEdge } from "./model";

export const KIND_TYPE = "application/x-lockgate-kind";
const NEAR = 16;

export function useDrops(react: ReactFlowInstance<CanvasNode, WireEdge>, routes: ReadonlyMap<string, Route>) {
  const desk = useDesk();
  const { editor, catalogue } = desk;
  return {
    onDragOver: (event: React.DragEvent) => {
      if (!event.dataTransfer.types.includes(KIND_TYPE) && !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    },
    onDrop: (event: React.DragEvent) => {
      const file = event.dataTransfer.files[0];
      const name = event.dataTransfer.getData(KIND_TYPE);
      if (!file && !name) return;
      event.preventDefault();
      if (file) {
        void takeFile(desk, file);
        return;
      }
      const kind = catalogue.kinds.find((each) => `${each.kind}@${String(each.version)}` === name);
      if (!kind) return;
      const at = react.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const step = newStep(catalogue, editor.flow(), kind);
      const key = wireAt(routes, at);
      const wire = editor.flow().wires.find((each) => `${each.from}>${each.to}` === key);
      const [input, output] = [kind.inputs[0], kind.outputs[0]];
      if (wire && input && output) editor.run(insertOnWire(wire, step, { input, output }));
      else editor.run(addStep(step, [snap(at.x - CARD_WIDTH / 2), snap(at.y - 34)]));
    },
  };
}

function wireAt(routes: ReadonlyMap<string, Route>, { x, y }: XY): string | null {
  for (const [key, route] of routes) {
    for (const [a, b] of segments(route)) {
      const inside = x >= Math.min(a.x, b.x) - NEAR && x <= Math.max(a.x, b.x) + NEAR && y >= Math.min(a.y, b.y) - NEAR && y <= Math.max(a.y, b.y) + NEAR;
      if (inside) return key;
    }
  }
  return null;
}
