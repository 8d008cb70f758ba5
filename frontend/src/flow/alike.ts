/** Whether two states of a flow do the same with a message: places, titles and remarks say nothing of that. */
import { canonical, type Flow } from "./document";

export function runsAlike(a: Flow, b: Flow): boolean {
  if (a.steps === b.steps && a.wires === b.wires) return true;
  return acts(a) === acts(b);
}

function acts(flow: Flow): string {
  const steps = flow.steps.map(({ id, kind, version, connection, config }) => ({ id, kind, version, connection: connection ?? null, config }));
  const wires = flow.wires.map(({ from, to }) => `${from}>${to}`).sort();
  return canonical([[...steps].sort((a, b) => (a.id < b.id ? -1 : 1)), wires]);
}
