/** Steps as text: what copy puts on the system's clipboard and paste takes from it. No secret ever stands in a flow. */
import { type Config, endOf, type Flow, type Note, type Point, type Step, type Wire } from "./document";

export interface Clip {
  format: "lockgate/clipboard/1";
  steps: Step[];
  wires: Wire[];
  notes: Note[];
  layout: Record<string, Point>;
}

const LIMIT = 512 * 1024;

export function clipOf(flow: Flow, ids: ReadonlySet<string>): Clip {
  return {
    format: "lockgate/clipboard/1",
    steps: flow.steps.filter((step) => ids.has(step.id)),
    wires: flow.wires.filter((wire) => ids.has(endOf(wire.from).step) && ids.has(endOf(wire.to).step)),
    notes: flow.notes.filter((note) => ids.has(note.id)),
    layout: Object.fromEntries(Object.entries(flow.layout).filter(([id]) => ids.has(id))),
  };
}

export function clipText(clip: Clip): string {
  return JSON.stringify(clip, null, 1);
}

/** A clip, or the sentence why the text is none. Connections that are not in this environment are left open. */
export function readClip(text: string, connections: ReadonlySet<string>): { clip: Clip; unbound: string[] } | { sentence: string } {
  if (text.length > LIMIT) return { sentence: "The clipboard holds too much text to be steps." };
  let given: Partial<Clip>;
  try {
    given = JSON.parse(text) as Partial<Clip>;
  } catch {
    return { sentence: "The clipboard holds no steps." };
  }
  if (given?.format !== "lockgate/clipboard/1" || !Array.isArray(given.steps)) return { sentence: "The clipboard holds no steps." };
  const steps = given.steps.filter(isStep);
  if (steps.length !== given.steps.length) return { sentence: "The clipboard holds something that is no step; nothing was pasted." };
  const unbound: string[] = [];
  const clip: Clip = {
    format: "lockgate/clipboard/1",
    steps: steps.map((step) => bound(step, connections, unbound)),
    wires: (given.wires ?? []).filter((wire) => typeof wire?.from === "string" && typeof wire.to === "string"),
    notes: (given.notes ?? []).filter((note) => typeof note?.text === "string" && isPoint(note.at)),
    layout: Object.fromEntries(Object.entries(given.layout ?? {}).filter(([, at]) => isPoint(at))),
  };
  return { clip, unbound };
}

function bound(step: Step, connections: ReadonlySet<string>, unbound: string[]): Step {
  const { id, kind, version, title, connection, config } = step;
  const clean: Step = { id, kind, version, title: title.slice(0, 200), config };
  if (!connection) return clean;
  if (!connections.has(connection)) {
    unbound.push(title);
    return clean;
  }
  return { ...clean, connection };
}

function isStep(value: unknown): value is Step {
  const step = value as Partial<Step> | null;
  return (
    typeof step === "object" && step !== null && typeof step.id === "string" && typeof step.title === "string" &&
    typeof step.kind === "string" && /^[a-z][a-z0-9_]{0,62}$/.test(step.kind) && Number.isInteger(step.version) &&
    typeof step.config === "object" && (step.config as Config | null) !== null && !Array.isArray(step.config)
  );
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every((part) => Number.isFinite(part) && Math.abs(part as number) < 1e6);
}
