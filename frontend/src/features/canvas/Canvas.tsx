/** The canvas: cards and wires, drawn and edited. One tab stop; everything that a mouse can do, keys can. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  Background, type Connection, ConnectionLineType, Controls, type EdgeChange, type FinalConnectionState, type IsValidConnection, MiniMap, type NodeChange, type OnReconnect, ReactFlow, SelectionMode, useReactFlow, type Viewport,
} from "@xyflow/react";
import { useSettings, themeOf } from "@/lib/settings";
import { connect } from "@/flow/commands/connect";
import { move } from "@/flow/commands/move";
import { reconnect } from "@/flow/commands/reconnect";
import { mayConnect, type Verdict } from "@/flow/connections";
import { endOf, type Flow, type Point, stepOf, wireKey } from "@/flow/document";
import { targetOf } from "@/flow/editor";
import { CARD_WIDTH, GRID, placed } from "@/flow/geometry";
import { type Route, routeAll } from "@/flow/routing";
import { aroundOf, portsOf, reportOf, useAnalysis, useDesk, useEditorState } from "@/features/editor/context";
import { narrow, show, useView } from "@/features/editor/view";
import { toast } from "@/ui/toasts";
import { AlignBar } from "./AlignBar";
import { CanvasEmpty } from "./CanvasEmpty";
import { CanvasTools } from "./CanvasTools";
import { useDrops } from "./drops";
import { boxesOf, type CanvasNode, edgesOf, Memory, nodesOf, spansOf, type WireEdge } from "./model";
import { NoteCard } from "./NoteCard";
import { StepCard } from "./StepCard";
import { useTrialInView, useWishes } from "./wishes";
import { WireLine } from "./WireLine";
import { routesOfLayout } from "./layouts";
import { FIT, ROOM } from "./room";
import classes from "./Canvas.module.css";

const NODE_TYPES = { step: StepCard, note: NoteCard };
const EDGE_TYPES = { wire: WireLine };
const SNAP: [number, number] = [GRID, GRID];
const MANY = 300;
/** A flow that is seen at a glance needs no map; one that goes on beyond the edge has one, however small. */
const SMALL = 24;

export function Canvas() {
  const { editor, catalogue } = useDesk();
  const frame = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  const react = useReactFlow<CanvasNode, WireEdge>();
  const analysisNow = useAnalysis();
  const { trial, lit, heat, least } = useView();
  const own = useEditorState((state) => state.history.flow);
  const selected = useEditorState((state) => state.selected);
  const wire = useEditorState((state) => state.wire);
  const active = useEditorState((state) => state.active);
  const writable = useEditorState((state) => state.writable);
  const dark = themeOf(useSettings()) === "dark";
  const flow = trial?.document ?? own;
  const analysis = trial?.analysis ?? analysisNow;

  const [dragged, drag] = useState<ReadonlyMap<string, Point> | null>(null);
  const sizeOf = useCallback((id: string) => portsOf(catalogue, stepOf(flow, id), reportOf(analysis, id)), [catalogue, flow, analysis]);
  const places = usePlaces(flow, sizeOf, dragged);
  const routes = useRoutes(flow, places, sizeOf, dragged !== null);
  const [seenWhole, setWhole] = useState(true);
  const [cards] = useState(() => new Memory<CanvasNode>());
  const [lines] = useState(() => new Memory<WireEdge>());
  const shown = useMemo(() => ({ flow, catalogue, analysis, real: trial ? own : null, lit, changed: trial?.changed ?? null }), [flow, catalogue, analysis, trial, own, lit]);
  const blocked = useMemo(() => blockedWires(analysis), [analysis]);
  const stop = active === null || active.kind === "wire" ? null : active.id;
  const first = active === null ? (flow.steps[0]?.id ?? null) : stop;
  const nodes = useMemo(() => nodesOf(shown, places, selected, first, cards), [shown, places, selected, first, cards]);
  const edges = useMemo(() => edgesOf(shown, routes, wire, blocked, lines), [shown, routes, wire, blocked, lines]);

  useWishes(frame, react, places, sizeOf);
  useTrialInView(frame, react, places, sizeOf);
  const drops = useDrops(react, routes);
  const onViewport = useZoomMarks(frame);

  const onNodesChange = (changes: NodeChange<CanvasNode>[]) => {
    const moved = changes.filter((change) => change.type === "position" && change.position);
    if (moved.length > 0 && writable) {
      const next = new Map<string, Point>(dragged ?? []);
      let ends = false;
      for (const change of moved) {
        if (change.type !== "position" || !change.position) continue;
        next.set(change.id, [change.position.x, change.position.y]);
        ends ||= change.dragging === false;
      }
      drag(next);
      if (ends) {
        editor.run(move(next));
        drag(null);
      }
    }
    const marks = changes.filter((change) => change.type === "select");
    if (marks.length > 0) {
      const now = new Set(editor.getState().selected);
      for (const change of marks) {
        if (change.type !== "select") continue;
        if (change.selected) now.add(change.id);
        else now.delete(change.id);
      }
      // What is deselected because a wire was chosen takes the wire not away again.
      if (same(now, editor.getState().selected)) return;
      editor.select(now, now.size === 0 ? editor.getState().active : undefined);
    }
  };
  const onEdgesChange = (changes: EdgeChange<WireEdge>[]) => {
    for (const change of changes) if (change.type === "select" && change.selected) editor.selectWire(change.id);
  };

  const verdictOf = (connection: Pick<Connection, "source" | "target" | "sourceHandle" | "targetHandle">): Verdict =>
    mayConnect(flow, aroundOf(flow, catalogue, analysis), { from: `${connection.source}.${connection.sourceHandle ?? ""}`, to: `${connection.target}.${connection.targetHandle ?? ""}` });
  const isValid: IsValidConnection<WireEdge> = (connection) => verdictOf({ ...connection, sourceHandle: connection.sourceHandle ?? null, targetHandle: connection.targetHandle ?? null }).ok;
  const onConnect = (connection: Connection) => {
    editor.run(connect({ from: `${connection.source}.${connection.sourceHandle ?? ""}`, to: `${connection.target}.${connection.targetHandle ?? ""}` }));
  };
  const onConnectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    show({ drawing: null });
    const { fromNode, fromHandle, toNode, toHandle, isValid: fits } = state;
    if (!fromNode || !fromHandle || fits) return;
    const { clientX: x = 0, clientY: y = 0 } = "clientX" in event ? event : (event.changedTouches[0] ?? {});
    const under = toNode && toHandle ? null : stepUnder(x, y);
    if (under && stepOf(flow, under)) {
      // On the body of a card: its input is meant, or where the wire was drawn backwards, its output.
      const forth = fromHandle.type === "source";
      const port = forth ? sizeOf(under).inputs[0] : sizeOf(under).outputs[0];
      const ends = forth ? { source: fromNode.id, sourceHandle: fromHandle.id ?? null, target: under, targetHandle: port ?? "in" } : { source: under, sourceHandle: port ?? "out", target: fromNode.id, targetHandle: fromHandle.id ?? null };
      const verdict = verdictOf(ends);
      if (!verdict.ok) toast(verdict.sentence);
      else if (writable) onConnect(ends);
      return;
    }
    if (toNode && toHandle) {
      // From input to input the wire was meant to begin where the drag began.
      const forth = fromHandle.type === "source" || toHandle.type === "target";
      const ends = forth ? { source: fromNode.id, sourceHandle: fromHandle.id ?? null, target: toNode.id, targetHandle: toHandle.id ?? null } : { source: toNode.id, sourceHandle: toHandle.id ?? null, target: fromNode.id, targetHandle: fromHandle.id ?? null };
      const verdict = verdictOf(ends);
      if (!verdict.ok) toast(verdict.sentence);
    } else if (!toNode && fromHandle.type === "source" && writable) {
      const at = react.screenToFlowPosition({ x, y });
      show({ picking: { kind: "add", after: { step: fromNode.id, port: fromHandle.id ?? "out" }, at: [at.x, at.y - 34] } });
    }
  };
  const onReconnect: OnReconnect<WireEdge> = (old, fresh) => {
    editor.run(reconnect({ from: `${old.source}.${old.sourceHandle ?? ""}`, to: `${old.target}.${old.targetHandle ?? ""}` }, { from: `${fresh.source}.${fresh.sourceHandle ?? ""}`, to: `${fresh.target}.${fresh.targetHandle ?? ""}` }));
  };

  return (
    <div
      ref={frame}
      className={classes.canvas}
      data-canvas
      data-heat={heat ? "on" : "off"}
      data-least={least}
      onPointerDownCapture={() => {
        pressed.current = true;
        setTimeout(() => (pressed.current = false));
      }}
      onFocus={(event) => {
        const id = event.target.closest<HTMLElement>(".react-flow__node")?.dataset["id"];
        const key = (event.target as HTMLElement).dataset["wire"];
        if (id && pressed.current) editor.activate(targetOf(flow, id)); // the click says what it selects: with Shift, one more
        else if (id) editor.stand(targetOf(flow, id));
        else if (key) editor.stand({ kind: "wire", id: key });
      }}
      {...drops}
    >
      <ReactFlow<CanvasNode, WireEdge>
        aria-label="Flow canvas"
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onConnect={onConnect}
        onConnectStart={(_, { nodeId, handleId, handleType }) => {
          if (nodeId && handleType === "source") show({ drawing: drawingFrom(flow, `${nodeId}.${handleId ?? ""}`, verdictOf) });
        }}
        onConnectEnd={onConnectEnd}
        onReconnect={onReconnect}
        isValidConnection={isValid}
        onNodeClick={() => { if (narrow()) show({ inspector: true }); }}
        onEdgeClick={() => { if (narrow()) show({ inspector: true }); }}
        onNodeDoubleClick={() => { show({ inspector: true, tab: "settings" }); }}
        onPaneClick={() => { editor.select([], null); editor.selectWire(null); show({ lit: null }); }}
        onMove={(_, viewport) => { onViewport(viewport); }}
        onInit={(instance) => {
          const [view, whole] = firstView(frame.current, [...places.values()]);
          setWhole(whole);
          void instance.setViewport(view);
          onViewport(instance.getViewport());
        }}
        nodesDraggable={writable && !trial}
        nodesConnectable={writable && !trial}
        edgesReconnectable={writable && !trial}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        panActivationKeyCode="Space"
        selectionOnDrag
        selectionMode={SelectionMode.Partial}
        panOnDrag={PAN_BUTTONS}
        panOnScroll
        zoomOnDoubleClick={false}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.15}
        maxZoom={2}
        connectionLineType={ConnectionLineType.SmoothStep}
        connectionRadius={28}
        elevateEdgesOnSelect={false}
        onlyRenderVisibleElements={flow.steps.length > MANY}
        colorMode={dark ? "dark" : "light"}
      >
        <Background gap={GRID} size={1} color="var(--line)" />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
        {flow.steps.length > SMALL || !seenWhole ? <MiniMap pannable zoomable position="bottom-right" ariaLabel="Map of the flow" nodeClassName={mapClass} nodeBorderRadius={6} /> : null}
        <CanvasTools />
        <AlignBar sizeOf={sizeOf} />
      </ReactFlow>
      {own.steps.length === 0 && !trial ? <CanvasEmpty /> : null}
    </div>
  );
}

const PAN_BUTTONS = [1, 2];

/** The card that lies there, whatever wire or chip is drawn over it. */
function stepUnder(x: number, y: number): string | null {
  const card = document.elementsFromPoint(x, y).find((each) => each.closest(".react-flow__node"))?.closest<HTMLElement>(".react-flow__node");
  return card?.dataset["id"] ?? null;
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function mapClass(node: CanvasNode): string {
  if (node.type === "note") return "map-note";
  return node.data.blocks > 0 ? "map-bad" : node.data.warns > 0 ? "map-warn" : "map-step";
}

/** All of it where it can be read so, else its beginning; and whether it is all of it. */
function firstView(frame: HTMLElement | null, places: readonly Point[]): [Viewport, boolean] {
  if (!frame || places.length === 0) return [{ x: 0, y: 0, zoom: 1 }, true];
  const [left, top] = [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y))];
  const [width, height] = [Math.max(...places.map(([x]) => x)) + CARD_WIDTH - left, Math.max(...places.map(([, y]) => y)) + 100 - top];
  const [roomX, roomY] = [frame.clientWidth - ROOM.left - ROOM.right, frame.clientHeight - ROOM.top - ROOM.bottom];
  const whole = Math.min(roomX / width, roomY / height, 1);
  const zoom = Math.max(whole, READABLE);
  const x = ROOM.left + Math.max(0, (roomX - width * zoom) / 2);
  const y = ROOM.top + Math.max(0, (roomY - height * zoom) / 2);
  return [{ x: x - left * zoom, y: y - top * zoom, zoom }, whole >= READABLE];
}
const READABLE = 0.56;

/** Where everything stands now, while it is dragged too. */
function usePlaces(flow: Flow, sizeOf: (id: string) => ReturnType<typeof portsOf>, dragged: ReadonlyMap<string, Point> | null): ReadonlyMap<string, Point> {
  return useMemo(() => {
    const places = placed(flow, (id) => (sizeOf(id).sink ? 100 : 68));
    for (const note of flow.notes) places.set(note.id, note.at);
    for (const [id, at] of dragged ?? []) places.set(id, at);
    return places;
  }, [flow, sizeOf, dragged]);
}

/** Routes of all wires. While something is dragged the others keep theirs; once it lies, all are laid anew. */
function useRoutes(flow: Flow, places: ReadonlyMap<string, Point>, sizeOf: (id: string) => ReturnType<typeof portsOf>, dragging: boolean): ReadonlyMap<string, Route> {
  const last = useRef<{ sign: string; routes: ReadonlyMap<string, Route> }>({ sign: "", routes: new Map() });
  return useMemo(() => {
    const boxes = boxesOf(flow, places, sizeOf);
    const spans = spansOf(flow, boxes, sizeOf);
    const sign = JSON.stringify([spans, [...boxes.values()], dragging]);
    if (last.current.sign === sign) return last.current.routes;
    const routes = routeAll(spans, [...boxes.values()], dragging ? last.current.routes : routesOfLayout(flow.id));
    last.current = { sign, routes };
    return routes;
  }, [flow, places, sizeOf, dragging]);
}

function blockedWires(analysis: ReturnType<typeof useAnalysis>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const finding of analysis?.findings ?? []) {
    if (finding.severity !== "hard") continue;
    const { wire, sink, path } = finding.address;
    if (wire) keys.add(wireKey({ from: wire[0], to: wire[1] }));
    const last = path.at(-1)?.step ?? sink;
    const before = path.at(-2)?.step;
    for (const load of analysis?.wires ?? []) {
      if (sink && last && endOf(load.to).step === sink && (before === undefined || endOf(load.from).step === before || last !== sink)) keys.add(wireKey(load));
    }
  }
  return keys;
}

function drawingFrom(flow: Flow, from: string, verdictOf: (connection: Connection) => Verdict): ReadonlyMap<string, Verdict> {
  const { step: source, port } = endOf(from);
  return new Map(flow.steps.map((step) => [step.id, verdictOf({ source, sourceHandle: port, target: step.id, targetHandle: "in" })]));
}

/** The zoom as marks on the frame: styles answer it, nothing renders again. */
function useZoomMarks(frame: React.RefObject<HTMLDivElement | null>): (viewport: Viewport) => void {
  const last = useRef(0);
  useEffect(() => {
    last.current = 0;
  }, []);
  return useCallback(
    ({ zoom }) => {
      if (Math.abs(zoom - last.current) < 0.01 || !frame.current) return;
      last.current = zoom;
      frame.current.dataset["zoom"] = zoom < 0.5 ? "far" : zoom < 0.8 ? "mid" : "near";
      frame.current.style.setProperty("--zoom", String(zoom));
      frame.current.style.setProperty("--chip", String(Math.min(1.45, Math.max(1, 0.96 / zoom))));
    },
    [frame],
  );
}
