/** One flow with its versions. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

export type End = components["schemas"]["EndCard"];

export const flowQuery = (id: string) =>
  queryOptions({
    queryKey: ["flows", id],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/flows/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 10_000,
  });
