/** What a pointer does to cards and wires: moves, selects, draws, takes elsewhere. */
import type { Connection, EdgeChange, FinalConnectionState, NodeChange, OnConnectStartParams, ReactFlowInstance } from "@xyflow/react";
import type { Analysis } from "@/lib/api/types";
import { useSteady } from "@/lib/steady";
import { connect } from "@/flow/commands/connect";
import { move } from "@/flow/commands/move";
import { reconnect } from "@/flow/commands/reconnect";
import { mayConnect, type Verdict } from "@/flow/connections";
import { type Flow, type Point, stepOf, type Wire } from "@/flow/document";
import type { Ports } from "@/flow/geometry";
import { aroundOf, useDesk } from "@/features/editor/context";
import { show } from "@/features/editor/view";
import { toast } from "@/ui/toasts";
import type { CanvasNode, WireEdge } from "./model";

type Ends = Pick<Connection, "source" | "target"> & { sourceHandle?: string | null; targetHandle?: string | null };

export interface Drawn {
  flow: Flow;
  analysis: Analysis | undefined;
  writable: boolean;
  sizeOf: (id: string) => Ports;
  /** Where cards are while they are dragged; null: nothing is. */
  dragged: ReadonlyMap<string, Point> | null;
  drag: (places: ReadonlyMap<string, Point> | null) => void;
}

export function useHandlers(react: ReactFlowInstance<CanvasNode, WireEdge>, { flow, analysis, writable, sizeOf, dragged, drag }: Drawn) {
  const { editor, catalogue } = useDesk();
  const verdictOf = (ends: Ends): Verdict => mayConnect(flow, aroundOf(flow, catalogue, analysis), wireOf(ends));

  const moved = (changes: readonly NodeChange<CanvasNode>[]) => {
    const next = new Map<string, Point>(dragged ?? []);
    let ends = false;
    for (const change of changes) {
      if (change.type !== "position" || !change.position) continue;
      next.set(change.id, [change.position.x, change.position.y]);
      ends ||= change.dragging === false;
    }
    drag(ends ? null : next);
    if (ends) editor.run(move(next));
  };
  const marked = (changes: readonly NodeChange<CanvasNode>[]) => {
    const now = new Set(editor.getState().selected);
    for (const change of changes) {
      if (change.type !== "select") continue;
      if (change.selected) now.add(change.id);
      else now.delete(change.id);
    }
    // What is deselected because a wire was chosen takes the wire not away again.
    if (!same(now, editor.getState().selected)) editor.select(now, now.size === 0 ? editor.getState().active : undefined);
  };
  /** On the body of a card: its input is meant, or where the wire was drawn backwards, its output. */
  const droppedOn = (under: string, { fromNode, fromHandle }: Begun) => {
    const ends = fromHandle.type === "source"
      ? { source: fromNode.id, sourceHandle: fromHandle.id ?? null, target: under, targetHandle: sizeOf(under).inputs[0] ?? "in" }
      : { source: under, sourceHandle: sizeOf(under).outputs[0] ?? "out", target: fromNode.id, targetHandle: fromHandle.id ?? null };
    const verdict = verdictOf(ends);
    if (!verdict.ok) toast(verdict.sentence);
    else if (writable) editor.run(connect(wireOf(ends)));
  };

  return {
    onNodesChange: useSteady((changes: NodeChange<CanvasNode>[]) => {
      const places = changes.filter((change) => change.type === "position" && change.position);
      if (places.length > 0 && writable) moved(places);
      const marks = changes.filter((change) => change.type === "select");
      if (marks.length > 0) marked(marks);
    }),
    onEdgesChange: useSteady((changes: EdgeChange<WireEdge>[]) => {
      for (const change of changes) if (change.type === "select" && change.selected) editor.selectWire(change.id);
    }),
    isValidConnection: useSteady((ends: Ends) => verdictOf(ends).ok),
    onConnect: useSteady((ends: Connection) => {
      editor.run(connect(wireOf(ends)));
    }),
    onConnectStart: useSteady((_: MouseEvent | TouchEvent, { nodeId, handleId, handleType }: OnConnectStartParams) => {
      if (nodeId && handleType === "source") show({ drawing: drawingFrom(flow, nodeId, handleId, verdictOf) });
    }),
    onConnectEnd: useSteady((event: MouseEvent | TouchEvent, { fromNode, fromHandle, toNode, toHandle, isValid: fits }: FinalConnectionState) => {
      show({ drawing: null });
      if (!fromNode || !fromHandle || fits) return;
      const { clientX: x = 0, clientY: y = 0 } = "clientX" in event ? event : (event.changedTouches[0] ?? {});
      const under = toNode && toHandle ? null : stepUnder(x, y);
      if (under && stepOf(flow, under)) {
        droppedOn(under, { fromNode, fromHandle });
      } else if (toNode && toHandle) {
        // From input to input the wire was meant to begin where the drag began.
        const forth = fromHandle.type === "source" || toHandle.type === "target";
        const [a, b] = forth ? [{ node: fromNode, handle: fromHandle }, { node: toNode, handle: toHandle }] : [{ node: toNode, handle: toHandle }, { node: fromNode, handle: fromHandle }];
        const verdict = verdictOf({ source: a.node.id, sourceHandle: a.handle.id ?? null, target: b.node.id, targetHandle: b.handle.id ?? null });
        if (!verdict.ok) toast(verdict.sentence);
      } else if (!toNode && fromHandle.type === "source" && writable) {
        const at = react.screenToFlowPosition({ x, y });
        show({ picking: { kind: "add", after: { step: fromNode.id, port: fromHandle.id ?? "out" }, at: [at.x, at.y - 34] } });
      }
    }),
    onReconnect: useSteady((old: WireEdge, fresh: Connection) => {
      editor.run(reconnect(wireOf(old), wireOf(fresh)));
    }),
  };
}

type Begun = { [K in "fromNode" | "fromHandle"]: NonNullable<FinalConnectionState[K]> };

function wireOf({ source, sourceHandle, target, targetHandle }: Ends): Wire {
  return { from: `${source}.${sourceHandle ?? ""}`, to: `${target}.${targetHandle ?? ""}` };
}

/** The card that lies there, whatever wire or chip is drawn over it. */
function stepUnder(x: number, y: number): string | null {
  const card = document.elementsFromPoint(x, y).find((each) => each.closest(".react-flow__node"))?.closest<HTMLElement>(".react-flow__node");
  return card?.dataset["id"] ?? null;
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function drawingFrom(flow: Flow, source: string, sourceHandle: string | null, verdictOf: (ends: Ends) => Verdict): ReadonlyMap<string, Verdict> {
  return new Map(flow.steps.map((step) => [step.id, verdictOf({ source, sourceHandle, target: step.id, targetHandle: "in" })]));
}
