/** Pages of the audit chains with what it takes to compute them again. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
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
