/** Rows of masters, keys that traffic brought and a master lacks, and changes prepared for stewards to sign. */
import { queryOptions } from "@tanstack/react-query";
import { get, send } from "@/lib/api/http";
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

const at = (id: string, what = "") => `/masters/${encodeURIComponent(id)}${what}`;

export const rowsQuery = (id: string, q: string, after: number) =>
  queryOptions({
    queryKey: ["masters", id, "rows", q, after],
    queryFn: ({ signal }) => get<Shapes["Rows"]>(at(id), { q, after, limit: 100 }, signal),
    refetchInterval: 5_000,
  });

export const unmappedQuery = (id: string) =>
  queryOptions({
    queryKey: ["masters", id, "unmapped"],
    queryFn: ({ signal }) => get<Shapes["UnmappedKeys"]>(at(id, "/unmapped"), undefined, signal),
    refetchInterval: 5_000,
  });

export async function prepare(id: string, change: MasterChange): Promise<Prepared> {
  const prepared = await send<Prepared>("POST", at(id, "/changes"), change);
  await queries.invalidateQueries({ queryKey: ["masters"] });
  return prepared;
}
