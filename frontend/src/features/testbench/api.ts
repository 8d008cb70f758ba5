/** Samples and test cases of a draft. A sample's text is sent, run, and stored nowhere unless it is saved as a test case. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
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
export type Comparison = Shapes["CaseComparison"];
export type ComparedPosting = Shapes["ComparedPosting"];
export type ComparedField = Shapes["ComparedField"];
export type ComparedEnd = Shapes["ComparedEnd"];
export type FaultReport = Shapes["FaultReport"];
export type Fault = FaultReport["fault"];
export type Given = { text: string } | { case: string };

export const casesQuery = (draft: string) =>
  queryOptions({
    queryKey: ["test-cases", draft],
    queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/drafts/{id}/cases", { params: { path: { id: draft } }, signal }))).cases,
  });

/** Exactly one of both is given. */
const spelt = (given: Given) => ("text" in given ? { text: given.text, case: null } : { text: null, case: given.case });

const again = (draft: string) => queries.invalidateQueries({ queryKey: ["test-cases", draft] });

export const recognise = (draft: string, name: string, text: string) => ask(api.POST("/api/v1/drafts/{id}/samples", { params: { path: { id: draft } }, body: { name, text } }));
export const runSample = (draft: string, given: Given) => ask(api.POST("/api/v1/drafts/{id}/runs", { params: { path: { id: draft } }, body: spelt(given) }));

/** A message that nobody sent; the same for the same draft, rows of the masters and seed. */
export const invent = (draft: string, seed: number) => ask(api.POST("/api/v1/drafts/{id}/invented", { params: { path: { id: draft } }, body: { seed } }));
export const tryFault = (draft: string, given: Given, fault: Fault) => ask(api.POST("/api/v1/drafts/{id}/faults", { params: { path: { id: draft } }, body: { ...spelt(given), fault } }));

export async function showValue(draft: string, given: Given, place: { step: string; record: number; side: "before" | "after" | "body" | "expected"; path: string }, reason: string): Promise<string> {
  return (await ask(api.POST("/api/v1/drafts/{id}/runs/reveal", { params: { path: { id: draft } }, body: { ...spelt(given), ...place, reason } }))).value;
}

export async function saveCase(draft: string, title: string, text: string): Promise<Case> {
  const made = await ask(api.POST("/api/v1/drafts/{id}/cases", { params: { path: { id: draft } }, body: { title, text } }));
  await again(draft);
  return made;
}

export async function runAll(draft: string): Promise<Results> {
  const results = await ask(api.POST("/api/v1/drafts/{id}/cases/run", { params: { path: { id: draft } } }));
  await again(draft);
  return results;
}

/** What a test case expects beside what comes of it now. */
export const compareCase = (draft: string, id: string) => ask(api.POST("/api/v1/drafts/{id}/cases/{case}/comparison", { params: { path: { id: draft, case: id } } }));

export async function renameCase(draft: string, id: string, title: string): Promise<void> {
  await ask(api.PUT("/api/v1/drafts/{id}/cases/{case}", { params: { path: { id: draft, case: id } }, body: { title, accept: false } }));
  await again(draft);
}

export async function acceptCase(draft: string, each: Case): Promise<void> {
  await ask(api.PUT("/api/v1/drafts/{id}/cases/{case}", { params: { path: { id: draft, case: each.id } }, body: { title: each.title, accept: true } }));
  await again(draft);
}

export async function removeCase(draft: string, id: string): Promise<void> {
  await ask(api.DELETE("/api/v1/drafts/{id}/cases/{case}", { params: { path: { id: draft, case: id } } }));
  await again(draft);
}
