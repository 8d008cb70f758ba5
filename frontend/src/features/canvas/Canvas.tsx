/** The canvas: cards and wires, drawn and edited. One tab stop; everything that a mouse can do, keys can. */
import { useCallback, useMemo, useRef, useState } from "react";
import { Background, ConnectionLineType, Controls, MiniMap, ReactFlow, SelectionMode, useReactFlow, type Viewport } from "@xyflow/react";
import { useTheme } from "@/lib/settings";
import { useSteady } from "@/lib/steady";
import { endOf, type Flow, type Point, stepOf, wireKey } from "@/flow/document";
import { targetOf } from "@/flow/editor";
import { GRID, placed } from "@/flow/geometry";
import { type Route, routeAll } from "@/flow/routing";
import { portsOf, reportOf, useAnalysis, useDesk, useEditorState } from "@/features/editor/context";
import { narrow, show, useView } from "@/features/editor/view";
import { AlignBar } from "./AlignBar";
import { CanvasEmpty } from "./CanvasEmpty";
import { CanvasTools } from "./CanvasTools";
import { Chips } from "./Chips";
import { useDrops } from "./drops";
import { useFirst } from "./first";
import { useHandlers } from "./handlers";
import { boxesOf, type CanvasNode, edgesOf, Memory, nodesOf, spansOf, type WireEdge } from "./model";
import { NoteCard } from "./NoteCard";
import { StepCard } from "./StepCard";
import { useTrialInView, useWishes } from "./wishes";
import { WireLine } from "./WireLine";
import { routesOfLayout } from "./layouts";
import { FIT } from "./room";
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
  const dark = useTheme() === "dark";
  const flow = trial?.document ?? own;
  const analysis = trial?.analysis ?? analysisNow;

  const [dragged, drag] = useState<ReadonlyMap<string, Point> | null>(null);
  const sizeOf = useCallback((id: string) => portsOf(catalogue, stepOf(flow, id), reportOf(analysis, id)), [catalogue, flow, analysis]);
  const places = usePlaces(flow, sizeOf, dragged);
  const routes = useRoutes(flow, places, sizeOf, dragged !== null);
  const [cards] = useState(() => new Memory<CanvasNode>());
  const [lines] = useState(() => new Memory<WireEdge>());
  const shown = useMemo(() => ({ flow, catalogue, analysis, real: trial ? own : null, lit, changed: trial?.changed ?? null }), [flow, catalogue, analysis, trial, own, lit]);
  const blocked = useMemo(() => blockedWires(analysis), [analysis]);
  const stop = active === null ? (flow.steps[0]?.id ?? null) : active.kind === "wire" ? null : active.id;
  const nodes = useMemo(() => nodesOf(shown, places, selected, stop, cards), [shown, places, selected, stop, cards]);
  const edges = useMemo(() => edgesOf(shown, routes, wire, blocked, lines), [shown, routes, wire, blocked, lines]);

  useWishes(frame, react, places, sizeOf);
  useTrialInView(frame, react, places, sizeOf);
  const drops = useDrops(react, routes);
  const [first, marks] = useFirst(frame, places);
  const onMove = useSteady((_: unknown, view: Viewport) => { marks(view); });
  const onPaneClick = useSteady(() => { editor.select([], null); editor.selectWire(null); show({ lit: null }); });

  const handlers = useHandlers(react, { flow, analysis, writable, dragged, drag, sizeOf });

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
      {first ? (
        <ReactFlow<CanvasNode, WireEdge>
          aria-label="Flow canvas"
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          {...handlers}
          onNodeClick={tapped}
          onEdgeClick={tapped}
          onNodeDoubleClick={opened}
          onPaneClick={onPaneClick}
          onMove={onMove}
          defaultViewport={first.view}
          nodesDraggable={writable && !trial}
          nodesConnectable={writable && !trial}
          edgesReconnectable={writable && !trial}
          edgesFocusable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={MORE_KEYS}
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
          <Chips edges={edges} />
          <Background gap={GRID} size={1} color="var(--line)" />
          <Controls showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
          {flow.steps.length > SMALL || !first.whole ? <MiniMap pannable zoomable position="bottom-right" ariaLabel="Map of the flow" nodeClassName={mapClass} nodeBorderRadius={6} /> : null}
          <CanvasTools />
          <AlignBar sizeOf={sizeOf} />
        </ReactFlow>
      ) : null}
      {own.steps.length === 0 && !trial ? <CanvasEmpty /> : null}
    </div>
  );
}

const PAN_BUTTONS = [1, 2];
const MORE_KEYS = ["Shift", "Meta", "Control"];

// Given to every card and wire: were they new each time, all of them would be drawn again whenever anything changes.
function tapped(): void {
  if (narrow()) show({ inspector: true });
}

function opened(): void {
  show({ inspector: true, tab: "settings" });
}

function mapClass(node: CanvasNode): string {
  if (node.type === "note") return "map-note";
  return node.data.blocks > 0 ? "map-bad" : node.data.warns > 0 ? "map-warn" : "map-step";
}

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
