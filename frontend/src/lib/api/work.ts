/** What several pages read: flows, reviews, causes, traffic, masters. One place for names, addresses and freshness. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import type { FlowCard } from "@/lib/api/types";
import { queries } from "@/lib/queries";

type Shapes = components["schemas"];

// -- flows -----------------------------------------------------------------------------------------------------------

export const flowsQuery = queryOptions({
  queryKey: ["flows"],
  queryFn: async ({ signal }): Promise<readonly FlowCard[]> => (await ask(api.GET("/api/v1/flows", { signal }))).flows,
  refetchInterval: 15_000,
});

export const draftsQuery = queryOptions({
  queryKey: ["draft-list"],
  queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/drafts", { signal }))).drafts,
});

/** What flows can be for. */
export const purposesQuery = queryOptions({
  queryKey: ["purposes"],
  queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/catalogue", { signal }))).purposes,
  staleTime: 60_000,
});

export const libraryQuery = queryOptions({
  queryKey: ["library"],
  queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/library", { signal }))).patterns,
  staleTime: 60_000,
});

// -- reviews ---------------------------------------------------------------------------------------------------------

export type Review = Shapes["Review"];
export type ReviewCard = Shapes["ReviewCard"];
export type ReviewState = ReviewCard["state"];
export type Tier = ReviewCard["tier"];
export type Change = Shapes["ChangeBody"];
export type RuleLine = Shapes["RuleLine"];
export type Act = Shapes["Act"];
export type Place = Shapes["Place"];
export type ReviewComment = Shapes["CommentBody"];
export type ReleaseCard = Shapes["ReleaseCard"];
export type ReviewSet = "mine" | "open" | "done";

export const reviewsQuery = (state: ReviewSet) =>
  queryOptions({
    queryKey: ["reviews", "list", state],
    queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/reviews", { params: { query: { state } }, signal }))).reviews,
    refetchInterval: 10_000,
  });

export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ["reviews", "one", id],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/reviews/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 5_000,
  });

export const releasesQuery = (flow: string) =>
  queryOptions({
    queryKey: ["reviews", "releases", flow],
    queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/releases", { params: { query: { flow } }, signal }))).releases,
  });

// -- causes ----------------------------------------------------------------------------------------------------------

export type CauseCard = Shapes["CauseCard"];
export type Cause = Shapes["Cause"];
export type CaseBody = Shapes["CaseBody"];
export type CaseSeverity = CauseCard["severity"];
export type ReplayAnswer = Shapes["ReplayAnswer"];

export const causesQuery = (state: "open" | "resolved") =>
  queryOptions({
    queryKey: ["exceptions", "list", state],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/exceptions", { params: { query: { state } }, signal })),
    refetchInterval: 5_000,
  });

export const causeQuery = (group: string) =>
  queryOptions({
    queryKey: ["exceptions", "one", group],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/exceptions/{group}", { params: { path: { group } }, signal })),
    refetchInterval: 3_000,
  });

// -- one message's fields ---------------------------------------------------------------------------------------------

export type FieldThere = Shapes["PlaceThere"];
export type RevealedField = Shapes["RevealedField"];

/** One value, recorded with the reason before it is shown. */
export const revealField = (number: number, posting: number | null, path: string, reason: string): Promise<RevealedField> =>
  ask(api.POST("/api/v1/messages/{number}/reveal", { params: { path: { number } }, body: { path, reason, posting } }));

// -- what runs -------------------------------------------------------------------------------------------------------

export type Monitor = Shapes["Monitor"];
export type FlowNow = Shapes["FlowNow"];

export const monitorQuery = (window: "hour" | "day") =>
  queryOptions({
    queryKey: ["monitor", window],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/monitor", { params: { query: { window } }, signal })),
    refetchInterval: 2_000,
  });

// -- masters ---------------------------------------------------------------------------------------------------------

export type MasterPage = Shapes["MasterPage"];

export const mastersQuery = queryOptions({
  queryKey: ["masters", "list"],
  queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/masters", { signal }))).masters,
  refetchInterval: 10_000,
});

// -- live ------------------------------------------------------------------------------------------------------------

/** What hints of the inbox say is looked up again; any page may listen with this one object. */
export const INBOX = {
  review: () => {
    for (const key of ["reviews", "draft-list"]) void queries.invalidateQueries({ queryKey: [key] });
  },
  inbox: () => {
    for (const key of ["reviews", "draft-list", "exceptions", "masters", "flows"]) void queries.invalidateQueries({ queryKey: [key] });
  },
} as const;
