/** A message tried on the draft: dropped on the canvas, recognised, run through every step. Sinks are stubs. */
import { create } from "zustand";
import { api, ask } from "@/lib/api/client";
import { sentenceOf } from "@/lib/api/http";
import type { SampleFinding, SamplePassage, SampleRun } from "@/lib/api/types";
import { announce, toast } from "@/ui/toasts";
import { show } from "./view";

export interface Trying {
  name: string;
  text: string;
  /** What the draft lacks for this message, with ways out. */
  findings: SampleFinding[];
  type: string;
  run: SampleRun | null;
}

interface RunState {
  trying: Trying | null;
  busy: boolean;
  /** The step whose records are shown. */
  step: string | null;
}

export const useRun = create<RunState>(() => ({ trying: null, busy: false, step: null }));

const LIMIT = 1024 * 1024;

/** The text of a file that can be a message; else a sentence and null. */
export async function readMessage(file: File): Promise<string | null> {
  if (file.size > LIMIT) {
    toast(`“${file.name}” has ${String(Math.ceil(file.size / 1024))} KB. A message of at most 1024 KB can be tried here.`, "bad");
    return null;
  }
  const text = await file.text();
  if (text.trim() === "" || text.includes("\u0000")) {
    toast(`“${file.name}” is no text that could be a message. Drop an HL7 v2 message, or a FHIR resource or Bundle as JSON.`, "bad");
    return null;
  }
  return text;
}

export async function takeFile(draft: string, file: File): Promise<void> {
  const text = await readMessage(file);
  if (text !== null) await tryText(draft, file.name.slice(0, 200) || "message", text);
}

/** Recognises a text and runs it. A source that does not take it says so, with a fix where there is one. */
export async function tryText(draft: string, name: string, text: string): Promise<void> {
  if (useRun.getState().busy) return;
  useRun.setState({ busy: true });
  show({ drawer: "run" });
  const params = { path: { id: draft } };
  try {
    const sample = await ask(api.POST("/api/v1/drafts/{id}/samples", { params, body: { name, text } }));
    const run = sample.taken === false || sample.taken === null ? null : await ask(api.POST("/api/v1/drafts/{id}/runs", { params, body: { text, case: null } }));
    useRun.setState({ trying: { name, text, findings: sample.findings, type: sample.type, run }, step: run ? firstOf(run) : null });
    announce(run ? run.sentence : (sample.findings[0]?.sentence ?? `“${name}” was recognised as ${sample.type || sample.format}.`));
  } catch (error) {
    toast(sentenceOf(error), "bad");
  } finally {
    useRun.setState({ busy: false });
  }
}

/** The step at which something stopped, else the last that saw a record. */
function firstOf(run: SampleRun): string | null {
  const stopped = run.steps.find((step) => step.records.some((record) => record.stop !== null));
  return stopped?.step ?? run.steps.at(-1)?.step ?? null;
}

export type StepMark = "passed" | "stopped" | "untouched";

export function markOf(run: SampleRun | null | undefined, step: string): StepMark | null {
  if (!run) return null;
  const passages = run.steps.find((each) => each.step === step)?.records ?? [];
  if (passages.length === 0) return "untouched";
  return passages.some((passage) => passage.how === "parked" || passage.how === "reject-line") ? "stopped" : "passed";
}

export async function reveal(draft: string, text: string, step: string, record: number, side: "before" | "after", path: string, reason: string): Promise<string> {
  const shown = await ask(api.POST("/api/v1/drafts/{id}/runs/reveal", { params: { path: { id: draft } }, body: { text, case: null, step, record, side, path, reason } }));
  return shown.value;
}

export async function saveCase(draft: string, title: string, text: string) {
  return ask(api.POST("/api/v1/drafts/{id}/cases", { params: { path: { id: draft } }, body: { title, text } }));
}

const HOW: Record<SamplePassage["how"], string> = { on: "went on", posted: "would be posted", parked: "was parked", filter: "was filtered", "reject-line": "line was rejected" };

export function howWord(how: SamplePassage["how"]): string {
  return HOW[how];
}
