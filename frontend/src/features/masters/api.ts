/** Rows of masters, keys that traffic brought and a master lacks, and changes prepared for stewards to sign. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import { queries } from "@/lib/queries";

type Shapes = components["schemas"];
export type MasterRow = Shapes["MasterRow"];
export type RowGiven = Required<Shapes["RowGiven"]>;
export type Unmapped = Shapes["Unmapped"];
export type Signers = Shapes["Signers"];
export type MasterPage = Shapes["MasterPage"];
export type MasterChange = Partial<Pick<Shapes["MasterChange"], "add" | "change" | "retire">> & { reason: string };
export type Prepared = Shapes["Prepared"];

export const rowsQuery = (id: string, q: string, after: number) =>
  queryOptions({
    queryKey: ["masters", id, "rows", q, after],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/masters/{id}", { params: { path: { id }, query: { q, after, limit: 100 } }, signal })),
    refetchInterval: 5_000,
  });

export const unmappedQuery = (id: string) =>
  queryOptions({
    queryKey: ["masters", id, "unmapped"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/masters/{id}/unmapped", { params: { path: { id } }, signal })),
    refetchInterval: 5_000,
  });

export async function prepare(id: string, change: MasterChange): Promise<Prepared> {
  const prepared = await ask(api.POST("/api/v1/masters/{id}/changes", { params: { path: { id } }, body: { add: [], change: [], retire: [], ...change } }));
  await queries.invalidateQueries({ queryKey: ["masters"] });
  return prepared;
}

export type StepPage = Shapes["StepPage"];

export const stepQuery = (id: string, sequence: number, digest: string) =>
  queryOptions({
    queryKey: ["masters", id, "step", sequence, digest],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/masters/{id}/steps/{sequence}", { params: { path: { id, sequence } }, signal })),
  });

/** Takes the step that waits out of the store; gives the sentence that says what became of it. */
export async function takeBack(id: string, digest: string, reason: string): Promise<string> {
  const done = await ask(api.POST("/api/v1/masters/{id}/changes/take-back", { params: { path: { id } }, body: { digest, reason } }));
  await queries.invalidateQueries({ queryKey: ["masters"] });
  return done.sentence;
}
