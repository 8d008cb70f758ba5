/** A message tried on the draft: dropped on the canvas, recognised, run through every step. Sinks are stubs. */
import { useEffect } from "react";
import { create } from "zustand";
import { api, ask } from "@/lib/api/client";
import { sentenceOf } from "@/lib/api/http";
import type { SampleFinding, SamplePassage, SampleRun } from "@/lib/api/types";
import { runsAlike } from "@/flow/alike";
import type { Flow } from "@/flow/document";
import { announce, toast } from "@/ui/toasts";
import { type Desk, useDesk } from "./context";
import { show } from "./view";

export interface Trying {
  name: string;
  text: string;
  /** What the draft lacks for this message, with ways out. */
  findings: SampleFinding[];
  type: string;
  run: SampleRun | null;
  /** The flow that it was tried on. */
  on: Flow;
}

interface RunState {
  trying: Trying | null;
  busy: boolean;
  /** The step whose records are shown. */
  step: string | null;
  /** The flow is another by now: what came of the message holds no more. */
  aged: boolean;
}

export const useRun = create<RunState>(() => ({ trying: null, busy: false, step: null, aged: false }));

/** Every edit is looked at: whether it changes what becomes of the message. */
export function useAging(): void {
  const { editor } = useDesk();
  useEffect(
    () =>
      editor.subscribe((now, before) => {
        const { trying, aged } = useRun.getState();
        if (!trying || now.history.flow === before.history.flow) return;
        const another = !runsAlike(trying.on, now.history.flow);
        if (another !== aged) useRun.setState({ aged: another });
      }),
    [editor],
  );
}

/** What the tried message did, while that still holds. */
export function runOf({ trying, aged }: RunState): SampleRun | null {
  return aged ? null : (trying?.run ?? null);
}

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

export async function takeFile(desk: Desk, file: File): Promise<void> {
  const text = await readMessage(file);
  if (text !== null) await tryText(desk, file.name.slice(0, 200) || "message", text);
}

/** Recognises a text and runs it. A source that does not take it says so, with a fix where there is one. */
export async function tryText({ draft, editor, save }: Desk, name: string, text: string): Promise<void> {
  if (useRun.getState().busy) return;
  useRun.setState({ busy: true });
  show({ drawer: "run" });
  const params = { path: { id: draft } };
  try {
    await save(); // the run is of the draft as the server has it
    const on = editor.flow();
    const sample = await ask(api.POST("/api/v1/drafts/{id}/samples", { params, body: { name, text } }));
    const run = sample.taken === false || sample.taken === null ? null : await ask(api.POST("/api/v1/drafts/{id}/runs", { params, body: { text, case: null } }));
    useRun.setState({ trying: { name, text, findings: sample.findings, type: sample.type, run, on }, step: run ? firstOf(run) : null, aged: !runsAlike(on, editor.flow()) });
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
