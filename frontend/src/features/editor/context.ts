/** What every part of the editor works with: the open draft, its store, the catalogue and the last analysis. */
import { createContext, use } from "react";
import { useStoreWithEqualityFn } from "zustand/traditional";
import { useQuery } from "@tanstack/react-query";
import type { Analysis, Catalogue, NodeKind, SinkMeter, StepReport, WireLoad } from "@/lib/api/types";
import type { Around } from "@/flow/connections";
import { type Flow, type Step, stepOf, type Wire, wireKey } from "@/flow/document";
import type { Editor, EditorState } from "@/flow/editor";
import type { Ports } from "@/flow/geometry";
import { analysisQuery } from "./api";

export interface Desk {
  draft: string;
  editor: Editor;
  catalogue: Catalogue;
  /** What was edited is with the server, as far as it can be reached. */
  save: () => Promise<void>;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error("No draft is open here.");
  return desk;
}

/** A part of the editor's state; renders again only when that part changes. */
export function useEditorState<T>(select: (state: EditorState) => T, equal: (a: T, b: T) => boolean = Object.is): T {
  return useStoreWithEqualityFn(useDesk().editor, select, equal);
}

export function useFlow(): Flow {
  return useEditorState((state) => state.history.flow);
}

export function useStep(id: string | null): Step | undefined {
  return useEditorState((state) => (id === null ? undefined : stepOf(state.history.flow, id)));
}

export function useAnalysis(): Analysis | undefined {
  const { draft } = useDesk();
  return useQuery(analysisQuery(draft)).data;
}

export function kindOf(catalogue: Catalogue, step: Pick<Step, "kind" | "version">): NodeKind | undefined {
  return catalogue.kinds.find((each) => each.kind === step.kind && each.version === step.version);
}

const NOBODY: Ports = { inputs: ["in"], outputs: ["out"], sink: false };

/** A step's ports: as analysed (a route has those of its config), else as its kind says; else what its wires use. */
export function portsOf(catalogue: Catalogue, step: Pick<Step, "kind" | "version"> | undefined, report?: StepReport): Ports {
  const kind = step ? kindOf(catalogue, step) : undefined;
  if (report && report.category !== "unknown") return { inputs: report.inputs, outputs: report.outputs, sink: report.category === "sink" };
  if (!kind) return NOBODY;
  return { inputs: kind.inputs, outputs: kind.outputs, sink: kind.category === "sink" };
}

/** What rules of connecting look at. */
export function aroundOf(flow: Flow, catalogue: Catalogue, analysis: Analysis | undefined): Around {
  return {
    kindOf: (id) => {
      const step = stepOf(flow, id);
      const kind = step ? kindOf(catalogue, step) : undefined;
      if (!step || !kind) return undefined;
      const ports = portsOf(catalogue, step, reportOf(analysis, id));
      const produces = kind.produces === "as-it-came" ? null : kind.produces;
      return { title: step.title, inputs: ports.inputs, outputs: ports.outputs, takes: kind.takes, produces };
    },
    typeOf: (wire) => loadOf(analysis, wire)?.type ?? null,
  };
}

interface Found {
  steps: ReadonlyMap<string, StepReport>;
  wires: ReadonlyMap<string, WireLoad>;
  sinks: ReadonlyMap<string, SinkMeter>;
}

/** Each analysis by id: every card and every wire asks for its own part of it. */
const found = new WeakMap<Analysis, Found>();

function foundIn(analysis: Analysis): Found {
  const known = found.get(analysis);
  if (known) return known;
  const fresh = {
    steps: new Map(analysis.steps.map((each) => [each.step, each])),
    wires: new Map(analysis.wires.map((each) => [wireKey(each), each])),
    sinks: new Map(analysis.sinks.map((each) => [each.step, each])),
  };
  found.set(analysis, fresh);
  return fresh;
}

export function reportOf(analysis: Analysis | undefined, step: string): StepReport | undefined {
  return analysis && foundIn(analysis).steps.get(step);
}

export function loadOf(analysis: Analysis | undefined, wire: Wire): WireLoad | undefined {
  return analysis && foundIn(analysis).wires.get(wireKey(wire));
}

export function meterOf(analysis: Analysis | undefined, step: string): SinkMeter | undefined {
  return analysis && foundIn(analysis).sinks.get(step);
}
