/** What the editor shows, beside the flow itself: drawer, pickers, a lit path, a fix on trial. */
import { create } from "zustand";
import type { Analysis, Finding, Fix } from "@/lib/api/types";
import type { End, Flow, Point, Wire } from "@/flow/document";
import type { Verdict } from "@/flow/connections";

export type Picking =
  | { kind: "add"; after: End | null; at: Point | null }
  | { kind: "insert"; wire: Wire }
  | { kind: "replace"; step: string }
  | { kind: "connect"; from: string }
  | { kind: "find" };

export interface Trial {
  fix: Fix;
  finding: Finding;
  document: Flow;
  analysis: Analysis;
  /** Steps that it makes or changes. */
  changed: ReadonlySet<string>;
}

/** Steps and wires that stand out while the rest fades. */
export interface Lit {
  steps: ReadonlySet<string>;
  wires: ReadonlySet<string>;
  words: string;
}

interface View {
  drawer: "problems" | "run" | null;
  /** Which finding `F8` last went to. */
  finding: number;
  /** Problems of this step only. */
  only: string | null;
  picking: Picking | null;
  lit: Lit | null;
  trial: Trial | null;
  /** A wire is being drawn: which steps may take it. */
  drawing: ReadonlyMap<string, Verdict> | null;
  heat: boolean;
  /** Wires below this sensitivity fade. */
  least: number;
  palette: boolean;
  inspector: boolean;
  tab: string;
  /** Steps move with the arrow keys until Escape. */
  moving: boolean;
  submitting: boolean;
}

export const START: View = {
  drawer: "problems", finding: -1, only: null, picking: null, lit: null, trial: null, drawing: null, heat: true, least: 0,
  palette: true, inspector: true, tab: "settings", moving: false, submitting: false,
};

export const useView = create<View>(() => START);

export function show(part: Partial<View>): void {
  useView.setState(part);
}

/** Whether the inspector lies over the canvas instead of beside it: as wide as in EditorPage.module.css. */
export function narrow(): boolean {
  return window.innerWidth <= 900;
}
