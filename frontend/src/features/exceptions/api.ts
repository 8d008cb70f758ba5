/** What people do about causes and cases: take one on, see what a replay would do, replay, close. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import type { ReplayAnswer } from "@/lib/api/work";
import { queries } from "@/lib/queries";

export type Case = components["schemas"]["Case"];
/** A whole cause by its group, or one case by its number. */
export type Target = { group: string } | { number: number };

export const again = () => queries.invalidateQueries({ queryKey: ["exceptions"] });

export const caseQuery = (number: number) =>
  queryOptions({
    queryKey: ["exceptions", "case", number],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/cases/{number}", { params: { path: { number } }, signal })),
    refetchInterval: 3_000,
  });

export type ReplayRest = components["schemas"]["ReplayRest"];

/** Asked again every second while lines are on their way, and now and then after: a cause may come back. */
export const replayedQuery = (mark: ReplayAnswer["mark"], group: string) =>
  queryOptions({
    queryKey: ["exceptions", "replayed", mark, group],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/replays", { params: { query: { ...(mark ?? { after: 0, through: 0, newest: 0 }), group } }, signal })),
    enabled: mark !== null,
    refetchInterval: ({ state }) => (state.data && state.data.going === 0 ? 5_000 : 1_000),
  });

function asked(target: Target, dryRun: boolean): Promise<ReplayAnswer> {
  const body = { dry_run: dryRun };
  if ("group" in target) return ask(api.POST("/api/v1/exceptions/{group}/replay", { params: { path: target }, body }));
  return ask(api.POST("/api/v1/cases/{number}/replay", { params: { path: target }, body }));
}

export const planReplay = (target: Target) => asked(target, true);

export async function replay(target: Target): Promise<ReplayAnswer> {
  const answer = await asked(target, false);
  await again();
  return answer;
}

export async function takeOn(group: string, take: boolean): Promise<void> {
  await ask(api.POST("/api/v1/exceptions/{group}/assign", { params: { path: { group } }, body: { take, note: "" } }));
  await again();
}

export async function closeCase(number: number, reason: string): Promise<void> {
  await ask(api.POST("/api/v1/cases/{number}/close", { params: { path: { number } }, body: { reason } }));
  await again();
}
