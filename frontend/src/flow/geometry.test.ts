import { expect, test } from "vitest";
import type { Flow } from "./document";
import { CARD_HEIGHT, CARD_WIDTH, placed } from "./geometry";

/** A chain of so many steps without a place of their own. */
function chain(length: number, layout: Flow["layout"] = {}): Flow {
  const ids = Array.from({ length }, (_, index) => `s${String(index)}`);
  return {
    format: "lockgate/flow/1", id: "f", name: "f", purpose: "p", notes: [], layout,
    steps: ids.map((id) => ({ id, kind: "k", version: 1, title: id, config: {} })),
    wires: ids.slice(1).map((id, index) => ({ from: `s${String(index)}.out`, to: `${id}.in` })),
  };
}

function extent(flow: Flow): [number, number] {
  const places = [...placed(flow, () => CARD_HEIGHT).values()];
  return [Math.max(...places.map(([x]) => x)) + CARD_WIDTH, Math.max(...places.map(([, y]) => y)) + CARD_HEIGHT];
}

test("a flow of up to four columns stands in one row", () => {
  expect(extent(chain(4))[1]).toBe(CARD_HEIGHT);
});

test("a flow of ten steps goes on in rows, no wider than four columns", () => {
  const [width, height] = extent(chain(10));
  expect(width).toBe(extent(chain(4))[0]);
  expect(height).toBeLessThan(width);
});

test("a flow that would not be seen whole in rows either stays in one", () => {
  expect(extent(chain(60))[1]).toBe(CARD_HEIGHT);
});

test("where people put cards they stay", () => {
  const flow = chain(6, { s0: [0, 0], s1: [700, 0], s2: [1400, 0], s3: [2100, 0], s4: [2800, 0], s5: [3500, 0] });
  expect(placed(flow, () => CARD_HEIGHT).get("s5")).toEqual([3500, 0]);
});
