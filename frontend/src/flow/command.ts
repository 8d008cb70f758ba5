/** What an edit is: a title that a person reads in the toast of its undo, and a change of the flow. */
import type { Flow } from "./document";

/** What is looked at after an edit. */
export type Target = { kind: "step"; id: string } | { kind: "wire"; id: string } | { kind: "note"; id: string };

export interface FlowCommand {
  /** Past tense, as history tells it: "Inserted Mask". */
  title: string;
  /** Edits with the same key that follow each other quickly are one step of undo, for example letters of a title. */
  merge?: string;
  /** Changes a draft of the flow in place and may say what to look at next. */
  run: (flow: Flow) => Target[] | void;
}
