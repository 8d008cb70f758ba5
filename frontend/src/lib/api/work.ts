/** What several pages read: flows, reviews, causes and traffic. One place for their names, addresses and freshness. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import { get } from "@/lib/api/http";
import type { Finding, FlowCard } from "@/lib/api/types";

// -- flows -----------------------------------------------------------------------------------------------------------

export const flowsQuery = queryOptions({
  queryKey: ["flows"],
  queryFn: async ({ signal }): Promise<readonly FlowCard[]> => (await ask(api.GET("/api/v1/flows", { signal }))).flows,
  refetchInterval: 15_000,
});

export const draftsQuery = queryOptions({
  queryKey: ["drafts"],
  queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/drafts", { signal }))).drafts,
});

// -- reviews ---------------------------------------------------------------------------------------------------------

export type ReviewState = "waits-for-author" | "waits-for-approval" | "approved" | "live" | "replaced" | "returned" | "withdrawn" | "revoked" | "void";
export type Tier = "low" | "medium" | "high";

export interface PersonName {
  person: string;
  name: string;
}

export interface ReviewCard {
  id: string;
  flow: string;
  name: string;
  release: string;
  state: ReviewState;
  tier: Tier;
  /** What it newly exposes, in words. */
  sentence: string;
  summary: string;
  submitter: PersonName;
  at: number;
  passed: number;
  cases: number;
  approvals: number;
  needed: number;
  open_comments: number;
  /** The one who asks has something to do here. */
  mine: boolean;
}

export interface Change {
  direction: "wider" | "narrower" | "other";
  sentence: string;
  pointer: string;
  step: string | null;
  sink: string | null;
  field: string | null;
  before: unknown;
  after: unknown;
}

export interface RuleLine {
  id: string;
  title: string;
  severity: "hard" | "soft" | "advisory";
  effect: "permit" | "forbid";
  why: string;
  owner: string;
  result: "holds" | "broken" | "waived" | "not-asked";
  asked: number;
  findings: readonly Finding[];
}

export interface SignedBy extends PersonName {
  roles: readonly string[];
  at: number;
}

export interface Act {
  act: "author" | "approve" | "activate";
  may: boolean;
  why: string;
  link: string;
}

export interface Place {
  step: string | null;
  wire: readonly [string, string] | null;
  field: string | null;
}

export interface ReviewComment {
  number: number;
  person: string;
  name: string;
  at: number;
  text: string;
  place: Place;
  kind: "comment" | "return";
  resolved_by: string | null;
}

export interface Review {
  card: ReviewCard;
  draft: string;
  draft_there: boolean;
  base: string | null;
  base_is_live: boolean;
  behaviour: string;
  shown: string;
  expires: string;
  reason: string;
  tier_why: readonly string[];
  answers: readonly { question: string; answer: string; filled: boolean }[];
  exposure: readonly Change[];
  behaviour_changes: readonly Change[];
  configuration: readonly Change[];
  graph: {
    added: readonly string[];
    removed: readonly string[];
    changed: readonly string[];
    wires_added: readonly (readonly [string, string])[];
    wires_removed: readonly (readonly [string, string])[];
    before: unknown;
    after: unknown;
  };
  findings: readonly Finding[];
  rules: readonly RuleLine[];
  tests: {
    cases: readonly { id: string; title: string; passed: boolean; sentences: readonly string[] }[];
    passed: number;
    failed: number;
    steps: readonly string[];
    missed: readonly string[];
  };
  people: {
    submitter: PersonName;
    authors: readonly PersonName[];
    authored: readonly SignedBy[];
    approvals: readonly SignedBy[];
    missing: readonly string[];
    activator: PersonName | null;
    acts: readonly Act[];
  };
  comments: readonly ReviewComment[];
  history: readonly { at: number; who: string; sentence: string }[];
  problems: readonly string[];
  covers: readonly string[];
  verify: string;
}

export type ReviewSet = "mine" | "open" | "done";

export const reviewsQuery = (state: ReviewSet) =>
  queryOptions({
    queryKey: ["reviews", "list", state],
    queryFn: async ({ signal }) => (await get<{ reviews: readonly ReviewCard[] }>("/reviews", { state }, signal)).reviews,
    refetchInterval: 10_000,
  });

export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ["reviews", "one", id],
    queryFn: ({ signal }) => get<Review>(`/reviews/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: 4_000,
  });

// -- causes ----------------------------------------------------------------------------------------------------------

export type CaseSeverity = "high" | "medium" | "low";

export interface CauseGroup {
  group: string;
  cause: string;
  /** What happened, in business words. */
  title: string;
  sentence: string;
  master: string;
  key: readonly string[];
  flows: readonly string[];
  steps: readonly string[];
  severity: CaseSeverity;
  owner: string;
  cases: number;
  open: number;
  lines: number;
  seen: number;
  first_ms: number;
  last_ms: number;
  due_ms: number;
  resolved_ms: number | null;
  before: number;
  /** Who took it on. */
  taken: { person: string; name: string; at: number } | null;
}

export interface Groups {
  groups: readonly CauseGroup[];
  open_cases: number;
}

export const groupsQuery = (state: "open" | "resolved") =>
  queryOptions({
    queryKey: ["exceptions", "list", state],
    queryFn: ({ signal }) => get<Groups>("/exceptions", { state }, signal),
    refetchInterval: 5_000,
  });

// -- traffic ---------------------------------------------------------------------------------------------------------

export interface Counts {
  accepted: number;
  refused: number;
  repeated: number;
  filtered: number;
  delivered: number;
  parked: number;
  deferred: number;
}

export interface FlowTraffic {
  flow: string;
  received: number;
  accepted: number;
  refused: number;
  repeated: number;
  waiting: number;
  in_flight: number;
  parked: number;
  open_cases: number;
  high_cases: number;
  oldest_waiting_ms: number | null;
  last_received_ms: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  minute: Counts;
  window: Counts;
  points: readonly { at_ms: number; counts: Counts }[];
  steps: Readonly<Record<string, { delivered: number; parked: number; deferred: number }>>;
}

export interface Traffic {
  now_ms: number;
  width_ms: number;
  since_ms: number;
  flows: readonly FlowTraffic[];
}

export const trafficQuery = (window: "hour" | "day") =>
  queryOptions({
    queryKey: ["monitor", window],
    queryFn: ({ signal }) => get<Traffic>("/monitor", { window }, signal),
    refetchInterval: window === "hour" ? 2_000 : 10_000,
  });
