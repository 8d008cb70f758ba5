/** Samples and test cases of a draft. A sample's text is sent, run, and stored nowhere unless it is saved as a test case. */
import { queryOptions } from "@tanstack/react-query";
import { get, send } from "@/lib/api/http";
import type { components } from "@/lib/api/schema";
import { queries } from "@/lib/queries";

type Shapes = components["schemas"];
export type Sample = Shapes["Sample"];
export type Run = Shapes["SampleRun"];
export type Passage = Shapes["SamplePassage"];
export type Side = Shapes["SampleSide"];
export type Row = Shapes["SampleRow"];
export type Case = Shapes["CaseCard"];
export type Results = Shapes["CaseResults"];
export type Given = { text: string } | { case: string };

const at = (draft: string, what: string) => `/drafts/${encodeURIComponent(draft)}/${what}`;

export const casesQuery = (draft: string) =>
  queryOptions({
    queryKey: ["test-cases", draft],
    queryFn: async ({ signal }) => (await get<Shapes["CaseCards"]>(at(draft, "cases"), undefined, signal)).cases,
  });

const again = (draft: string) => queries.invalidateQueries({ queryKey: ["test-cases", draft] });

export const recognise = (draft: string, name: string, text: string) => send<Sample>("POST", at(draft, "samples"), { name, text });
export const runSample = (draft: string, given: Given) => send<Run>("POST", at(draft, "runs"), given);

export async function showValue(draft: string, given: Given, place: { step: string; record: number; side: "before" | "after" | "body"; path: string }, reason: string): Promise<string> {
  return (await send<Shapes["ShownValue"]>("POST", at(draft, "runs/reveal"), { ...given, ...place, reason })).value;
}

export async function saveCase(draft: string, title: string, text: string): Promise<Case> {
  const made = await send<Case>("POST", at(draft, "cases"), { title, text });
  await again(draft);
  return made;
}

export async function runAll(draft: string): Promise<Results> {
  const results = await send<Results>("POST", at(draft, "cases/run"), {});
  await again(draft);
  return results;
}

export async function acceptCase(draft: string, each: Case): Promise<void> {
  await send("PUT", at(draft, `cases/${each.id}`), { title: each.title, accept: true });
  await again(draft);
}

export async function removeCase(draft: string, id: string): Promise<void> {
  await send("DELETE", at(draft, `cases/${id}`));
  await again(draft);
}
