/** Whether a wire may be drawn, as far as the canvas can tell at once; a sentence when not. The server judges the rest. */
import { endOf, type Flow, hasWire, stepOf, type Wire } from "./document";
import { downstream } from "./graph";

/** What the catalogue says of a step's ports and types. */
export interface Kindly {
  title: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Formats that it takes: `hl7v2`, `fhir`, `record`. */
  takes: readonly string[];
  /** The type that goes out where it is not the one that came in. */
  produces: string | null;
}

export interface Around {
  kindOf: (step: string) => Kindly | undefined;
  /** The type on a wire as the last analysis had it. */
  typeOf: (wire: Wire) => string | null;
}

export type Verdict = { ok: true } | { ok: false; sentence: string };

const YES: Verdict = { ok: true };
const no = (sentence: string): Verdict => ({ ok: false, sentence });

export function mayConnect(flow: Flow, around: Around, wire: Wire): Verdict {
  const [from, to] = [endOf(wire.from), endOf(wire.to)];
  const [begin, end] = [stepOf(flow, from.step), stepOf(flow, to.step)];
  if (!begin || !end) return no("One of the two steps is gone.");
  const [out, into] = [around.kindOf(begin.id), around.kindOf(end.id)];
  if (out?.outputs.length === 0) return no(`${begin.title} lets nothing out: it is where records end.`);
  if (into?.inputs.length === 0) return no(`${end.title} takes nothing in: it is where records begin.`);
  if (out && !out.outputs.includes(from.port)) return no(`A wire begins where something comes out: ${begin.title} lets out ${out.outputs.join(", ")}.`);
  if (into && !into.inputs.includes(to.port)) return no(`A wire ends where something goes in: ${end.title} takes ${into.inputs.join(", ")}.`);
  if (begin.id === end.id) return no("A step cannot feed itself.");
  if (hasWire(flow, wire)) return no(`${begin.title} feeds ${end.title} already.`);
  if (downstream(flow, end.id).has(begin.id)) return no(`${end.title} comes before ${begin.title}: this wire would make records go round in a circle.`);
  const type = typeOutOf(flow, around, begin.id);
  if (type && into && !takes(into.takes, type)) return no(`${end.title} takes ${listed(into.takes)}; ${begin.title} lets out ${typeWord(type)}.`);
  return YES;
}

/** The type that a step lets out: as analysed, else as its kind says, else what comes in. Null when nobody knows yet. */
export function typeOutOf(flow: Flow, around: Around, step: string, seen: ReadonlySet<string> = new Set()): string | null {
  if (seen.has(step)) return null;
  const known = flow.wires.find((wire) => endOf(wire.from).step === step && around.typeOf(wire) !== null);
  if (known) return around.typeOf(known);
  const produces = around.kindOf(step)?.produces;
  if (produces) return produces;
  for (const wire of flow.wires) {
    if (endOf(wire.to).step !== step) continue;
    const type = around.typeOf(wire) ?? typeOutOf(flow, around, endOf(wire.from).step, new Set([...seen, step]));
    if (type) return type;
  }
  return null;
}

export function takes(formats: readonly string[], type: string): boolean {
  const format = type.split("/")[0] ?? type;
  return formats.length === 0 || formats.includes(type) || formats.includes(format);
}

const WORDS: Record<string, string> = { hl7v2: "HL7 v2 messages", fhir: "FHIR resources", record: "plain records" };

export function typeWord(type: string): string {
  const [format = "", ...rest] = type.split("/");
  const word = WORDS[format] ?? format;
  return rest.length > 0 ? `${word} (${rest.join("/")})` : word;
}

function listed(formats: readonly string[]): string {
  const words = formats.map((format) => WORDS[format] ?? format);
  return words.length < 2 ? (words[0] ?? "nothing") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
