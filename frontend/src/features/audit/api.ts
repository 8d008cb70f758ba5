/** Pages of the audit chains with what it takes to compute them again. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import { ApiError, knock, refusalOf } from "@/lib/api/http";
import type { components } from "@/lib/api/schema";

type Shapes = components["schemas"];
export type ChainPage = Shapes["ChainPage"];
export type ChainRow = Shapes["ChainRow"];
export type Entry = Shapes["Entry"];
export type Writer = ChainPage["writer"];
export type Verification = Shapes["Verification"];

export const auditQuery = (writer: Writer, before: number | null) =>
  queryOptions({
    queryKey: ["audit", writer, before],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/audit", { params: { query: { writer, before, limit: 100 } }, signal })),
  });

export const verifyAll = () => ask(api.POST("/api/v1/audit/verify"));

export type FoundEntry = Shapes["FoundEntry"];
export type What = "people" | "everything" | "revealed" | "signatures" | "sign-ins" | "operations";

export interface Filter {
  what: What;
  person: string | null;
  since: number;
  until: number | null;
}

export const searchQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["audit", "search", filter],
    queryFn: ({ signal, pageParam }) => ask(api.GET("/api/v1/audit/search", { params: { query: { ...filter, at: pageParam, limit: 100 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/people", { signal }))).people,
  staleTime: 60_000,
});

/** Has the server write a file of what is filtered, and this browser save it. */
export async function takeAway(filter: Filter, format: "csv" | "jsonl"): Promise<void> {
  const query = new URLSearchParams({ what: filter.what, since: String(filter.since), format });
  if (filter.person) query.set("person", filter.person);
  if (filter.until !== null) query.set("until", String(filter.until));
  const response = await knock(new Request(`${location.origin}/api/v1/audit/export?${query.toString()}`));
  if (!response.ok) throw new ApiError(response.status, refusalOf(await response.json().catch(() => null), response.status));
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = `lockgate-audit-${filter.what}.${format}`;
  link.click();
  setTimeout(() => { URL.revokeObjectURL(address); }, 10_000);
}
