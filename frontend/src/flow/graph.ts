/** Ways through a flow. */
import { endOf, type Flow, type Wire } from "./document";

/** All steps that can be reached from `start`, itself left out. */
export function downstream(flow: Flow, start: string): Set<string> {
  return reach(flow.wires, start, (wire) => [endOf(wire.from).step, endOf(wire.to).step]);
}

export function upstream(flow: Flow, start: string): Set<string> {
  return reach(flow.wires, start, (wire) => [endOf(wire.to).step, endOf(wire.from).step]);
}

function reach(wires: readonly Wire[], start: string, ends: (wire: Wire) => [string, string]): Set<string> {
  const next = new Map<string, string[]>();
  for (const wire of wires) {
    const [from, to] = ends(wire);
    const known = next.get(from);
    if (known) known.push(to);
    else next.set(from, [to]);
  }
  const seen = new Set<string>();
  const open = [start];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    for (const to of next.get(here) ?? []) {
      if (!seen.has(to)) {
        seen.add(to);
        open.push(to);
      }
    }
  }
  return seen;
}

/** Steps from sources to sinks; those of a cycle come last, in the file's order. */
export function ordered(flow: Flow): string[] {
  const waits = new Map(flow.steps.map((step) => [step.id, 0]));
  const next = new Map<string, string[]>(flow.steps.map((step) => [step.id, []]));
  for (const wire of flow.wires) {
    const to = endOf(wire.to).step;
    const after = next.get(endOf(wire.from).step);
    if (!after || !waits.has(to)) continue;
    waits.set(to, (waits.get(to) ?? 0) + 1);
    after.push(to);
  }
  const order: string[] = [];
  const open = flow.steps.filter((step) => waits.get(step.id) === 0).map((step) => step.id);
  for (let here = open.shift(); here !== undefined; here = open.shift()) {
    order.push(here);
    for (const to of next.get(here) ?? []) {
      const left = (waits.get(to) ?? 1) - 1;
      waits.set(to, left);
      if (left === 0) open.push(to);
    }
  }
  const done = new Set(order);
  return [...order, ...flow.steps.map((step) => step.id).filter((id) => !done.has(id))];
}
