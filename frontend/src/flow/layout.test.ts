import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, test } from "vitest";
import { endOf, type Flow, wireKey } from "./document";
import { cardHeight, CARD_WIDTH, portOffset, type Box, type Ports } from "./geometry";
import { answer, question } from "./layout";
import { direct, free, routeAll, type Route, type Span } from "./routing";

/** A repeatable random source. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const KINDS: Ports[] = [
  { inputs: [], outputs: ["out"], sink: false },
  { inputs: ["in"], outputs: ["out"], sink: false },
  { inputs: ["in"], outputs: ["match", "rest", "other"], sink: false },
  { inputs: ["in"], outputs: [], sink: true },
];

/** A random acyclic flow of 6 to 25 steps. */
function sample(next: () => number, size = 6 + Math.floor(next() * 20)): { flow: Flow; ports: Map<string, Ports> } {
  const ports = new Map<string, Ports>();
  const flow: Flow = { format: "lockgate/flow/1", id: "f", name: "f", purpose: "p", steps: [], wires: [], notes: [], layout: {} };
  for (let index = 0; index < size; index++) {
    const id = `s${String(index)}`;
    const kind = index === 0 ? 0 : next() < 0.2 ? 3 : next() < 0.25 ? 2 : 1;
    const own = KINDS[kind] ?? KINDS[1];
    if (own) ports.set(id, own);
    flow.steps.push({ id, kind: "k", version: 1, title: id, config: {} });
    const before = flow.steps.slice(0, -1).filter((step) => (ports.get(step.id)?.outputs.length ?? 0) > 0);
    for (let wires = 0; index > 0 && wires < 1 + Math.floor(next() * 2.4); wires++) {
      const from = before[Math.max(0, before.length - 1 - Math.floor(next() * 6))];
      const outputs = ports.get(from?.id ?? "")?.outputs ?? [];
      const port = outputs[Math.floor(next() * outputs.length)];
      const wire = { from: `${from?.id ?? ""}.${port ?? ""}`, to: `${id}.in` };
      if (from && port && !flow.wires.some((each) => wireKey(each) === wireKey(wire))) flow.wires.push(wire);
    }
  }
  return { flow, ports };
}

function boxesOf(places: ReadonlyMap<string, readonly [number, number]>, ports: ReadonlyMap<string, Ports>): Map<string, Box> {
  return new Map([...places].map(([id, [x, y]]) => [id, { x, y, width: CARD_WIDTH, height: cardHeight(ports.get(id) ?? { inputs: [], outputs: [], sink: false }) }]));
}

function spansOf(flow: Flow, boxes: ReadonlyMap<string, Box>, ports: ReadonlyMap<string, Ports>): Span[] {
  return flow.wires.map((wire) => {
    const [from, to] = [endOf(wire.from), endOf(wire.to)];
    const [a, b] = [boxes.get(from.step), boxes.get(to.step)];
    if (!a || !b) throw new Error("no box");
    return {
      key: wireKey(wire), net: wire.from,
      from: { x: a.x + a.width, y: a.y + portOffset(ports.get(from.step)?.outputs ?? [], from.port, a.height) },
      to: { x: b.x, y: b.y + portOffset(ports.get(to.step)?.inputs ?? [], to.port, b.height) },
    };
  });
}

/** Wires that run under a card, their own included. */
function under(routes: ReadonlyMap<string, Route>, boxes: ReadonlyMap<string, Box>): string[] {
  return [...routes].filter(([, route]) => !free(route, [...boxes.values()], 0)).map(([key]) => key);
}

describe("wires", () => {
  test("laid by ELK never run under a card, in 200 random flows, and nearly all are kept as ELK laid them", async () => {
    const elk = new ELK();
    const next = random(20260922);
    let wires = 0;
    let plain = 0;
    let keptWires = 0;
    for (let round = 0; round < 200; round++) {
      const { flow, ports } = sample(next);
      const portsOf = (id: string): Ports => ports.get(id) ?? { inputs: [], outputs: [], sink: false };
      const arranged = answer(await elk.layout(question(flow, portsOf)));
      const boxes = boxesOf(arranged.places, ports);
      const spans = spansOf(flow, boxes, ports);
      const routes = routeAll(spans, [...boxes.values()], arranged.routes);
      expect(routes.size).toBe(flow.wires.length);
      expect(under(routes, boxes)).toEqual([]);
      wires += spans.length;
      keptWires += spans.filter((span) => routes.get(span.key) === arranged.routes.get(span.key)).length;
      plain += under(new Map(spans.map((span) => [span.key, direct(span)])), boxes).length;
    }
    expect(wires).toBeGreaterThan(2000);
    expect(keptWires / wires).toBeGreaterThan(0.98);
    expect(plain).toBeGreaterThan(50); // what a plain stepped line would do: the test can fail
  });

  test("laid between cards that people put anywhere never run under one, in 200 random flows", () => {
    const next = random(7);
    for (let round = 0; round < 200; round++) {
      const { flow, ports } = sample(next);
      const places = new Map<string, [number, number]>();
      for (const step of flow.steps) {
        const cell: [number, number] = [Math.floor(next() * 8), Math.floor(next() * 8)];
        while ([...places.values()].some(([x, y]) => Math.floor(x / 260) === cell[0] && Math.floor(y / 160) === cell[1])) {
          cell[0] = Math.floor(next() * 8);
          cell[1] = Math.floor(next() * 8);
        }
        places.set(step.id, [cell[0] * 260 + Math.floor(next() * 20), cell[1] * 160 + Math.floor(next() * 30)]);
      }
      const boxes = boxesOf(places, ports);
      const routes = routeAll(spansOf(flow, boxes, ports), [...boxes.values()]);
      expect(routes.size).toBe(flow.wires.length);
      expect(under(routes, boxes)).toEqual([]);
    }
  });

  test("of a flow of 200 steps are laid in a second, however busy the machine", () => {
    const next = random(3);
    const { flow, ports } = sample(next, 200);
    const places = new Map(flow.steps.map((step, index): [string, [number, number]] => [step.id, [Math.floor(index / 8) * 320, (index % 8) * 140]]));
    const boxes = boxesOf(places, ports);
    const spans = spansOf(flow, boxes, ports);
    routeAll(spans, [...boxes.values()]);
    const start = performance.now();
    const routes = routeAll(spans, [...boxes.values()]);
    const took = performance.now() - start;
    expect(under(routes, boxes)).toEqual([]);
    console.log(`${String(spans.length)} wires of 200 steps in ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(1000);
  });
});
