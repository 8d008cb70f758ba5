/** Automatic layout: ELK places the cards in layers and lays the wires; its bends are kept, not only its places. */
import type { ElkNode, ElkExtendedEdge } from "elkjs/lib/elk-api";
import { endOf, type Flow, type Point, wireKey } from "./document";
import { cardHeight, CARD_WIDTH, GAP_X, GAP_Y, portOffset, type Ports, type XY } from "./geometry";
import { type Route, tidy } from "./routing";

export interface Arranged {
  places: Map<string, Point>;
  routes: Map<string, Route>;
}

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.spacing.nodeNodeBetweenLayers": String(GAP_X),
  "elk.spacing.nodeNode": String(GAP_Y),
  "elk.layered.spacing.edgeNodeBetweenLayers": "24",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "16",
  "elk.spacing.edgeNode": "24",
  "elk.spacing.edgeEdge": "16",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
  "elk.separateConnectedComponents": "true",
  "elk.spacing.componentComponent": "80",
  // Long flows go on in rows of about four columns, so that a screen shows all of it.
  "elk.aspectRatio": "5",
  "elk.layered.wrapping.strategy": "SINGLE_EDGE",
  "elk.layered.wrapping.additionalEdgeSpacing": "40",
};

/** What ELK is asked: the steps in `only`, or all, with their ports where the cards have them. */
export function question(flow: Flow, portsOf: (step: string) => Ports, only?: ReadonlySet<string>): ElkNode {
  const steps = flow.steps.filter((step) => !only || only.has(step.id));
  const inside = new Set(steps.map((step) => step.id));
  return {
    id: "flow",
    layoutOptions: OPTIONS,
    children: steps.map((step) => card(step.id, portsOf(step.id))),
    edges: flow.wires.flatMap((wire): ElkExtendedEdge[] => {
      const [from, to] = [endOf(wire.from), endOf(wire.to)];
      if (!inside.has(from.step) || !inside.has(to.step)) return [];
      if (!portsOf(from.step).outputs.includes(from.port) || !portsOf(to.step).inputs.includes(to.port)) return [];
      return [{ id: wireKey(wire), sources: [`${wire.from}>`], targets: [`>${wire.to}`] }];
    }),
  };
}

function card(id: string, ports: Ports): ElkNode {
  const height = cardHeight(ports);
  const port = (name: string, text: string, names: readonly string[], x: number, side: string) => ({
    id: text, x, y: portOffset(names, name, height), width: 0, height: 0, layoutOptions: { "elk.port.side": side },
  });
  return {
    id,
    width: CARD_WIDTH,
    height,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: [
      ...ports.inputs.map((name) => port(name, `>${id}.${name}`, ports.inputs, 0, "WEST")),
      ...ports.outputs.map((name) => port(name, `${id}.${name}>`, ports.outputs, CARD_WIDTH, "EAST")),
    ],
  };
}

/** What ELK answered, moved so that its top left corner is at `origin`. Places are whole; wires follow their cards. */
export function answer(result: ElkNode, origin: Point = [0, 0]): Arranged {
  const children = result.children ?? [];
  const left = Math.min(...children.map((child) => child.x ?? 0));
  const top = Math.min(...children.map((child) => child.y ?? 0));
  const [dx, dy] = [origin[0] - left, origin[1] - top];
  const moved = (point: XY): XY => ({ x: point.x + dx, y: point.y + dy });
  const places = new Map<string, Point>();
  const shifts = new Map<string, XY>();
  for (const child of children) {
    const exact = moved({ x: child.x ?? 0, y: child.y ?? 0 });
    const whole: Point = [Math.round(exact.x), Math.round(exact.y)];
    places.set(child.id, whole);
    shifts.set(child.id, { x: whole[0] - exact.x, y: whole[1] - exact.y });
  }
  const routes = new Map<string, Route>();
  for (const edge of result.edges ?? []) {
    const section = edge.sections?.[0];
    if (!section) continue;
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(moved);
    const [from, to] = edge.id.split(">");
    routes.set(edge.id, tidy(followed(points, shifts.get(endOf(from ?? "").step), shifts.get(endOf(to ?? "").step))));
  }
  return { places, routes };
}

/** Rounding moves a card by less than a pixel: the first and last level piece of a wire move with it. */
function followed(points: XY[], begin: XY = { x: 0, y: 0 }, end: XY = { x: 0, y: 0 }): XY[] {
  const last = points.length - 1;
  if (last === 1) {
    const y = (points[0]?.y ?? 0) + begin.y;
    return points.map(({ x }, index) => ({ x: x + (index === 0 ? begin.x : end.x), y }));
  }
  return points.map(({ x, y }, index) => {
    const near = index <= 1 ? begin : index >= last - 1 ? end : null;
    const at = index === 0 ? x + begin.x : index === last ? x + end.x : x;
    return { x: at, y: near ? y + near.y : y };
  });
}
