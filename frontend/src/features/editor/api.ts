/** What the editor asks the server. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import { ApiError } from "@/lib/api/http";
import type { Edit, Saved } from "@/lib/api/types";
import { type Flow, readFlow } from "@/flow/document";
import type { Outcome, Stands } from "@/flow/saving";

export const draftQuery = (id: string) =>
  queryOptions({
    queryKey: ["drafts", id],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/drafts/{id}", { params: { path: { id } }, signal })),
    staleTime: Infinity, // the editor's own store goes on from it; hints say when somebody else saved
    gcTime: 0,
  });

export const analysisQuery = (id: string) =>
  queryOptions({
    queryKey: ["drafts", id, "analysis"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/drafts/{id}/analysis", { params: { path: { id } }, signal })),
    staleTime: Infinity, // every save brings a new one
  });

export const catalogueQuery = queryOptions({
  queryKey: ["catalogue"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/catalogue", { signal })),
  staleTime: 60_000,
});

export const wireQuery = (draft: string, revision: number, from: string, to: string, q: string, least: number, after: number) =>
  queryOptions({
    queryKey: ["drafts", draft, "wires", from, to, revision, q, least, after],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/drafts/{id}/wires/{begin}/{end}", { params: { path: { id: draft, begin: from, end: to }, query: { q, least, after, limit: 100 } }, signal })),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const stepFieldsQuery = (draft: string, revision: number, step: string, q: string) =>
  queryOptions({
    queryKey: ["drafts", draft, "fields", step, revision, q],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/drafts/{id}/steps/{step}/fields", { params: { path: { id: draft, step }, query: { q, limit: 40 } }, signal })),
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export const revisionsQuery = (draft: string) =>
  queryOptions({
    queryKey: ["drafts", draft, "revisions"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/drafts/{id}/revisions", { params: { path: { id: draft }, query: { limit: 50 } }, signal })),
    staleTime: 0,
  });

export async function readRevision(draft: string, number: number) {
  return ask(api.GET("/api/v1/drafts/{id}/revisions/{number}", { params: { path: { id: draft, number } } }));
}

export async function saveDraft(id: string, revision: number, document: Flow, summary: string): Promise<Outcome<Saved>> {
  try {
    const saved = await ask(api.PUT("/api/v1/drafts/{id}", { params: { path: { id } }, body: { revision, document, summary } }));
    return { ok: true, revision: saved.revision, saved };
  } catch (error) {
    if (!(error instanceof ApiError)) return { ok: false, why: "unreachable", sentence: "The draft could not be sent." };
    const why = error.unreachable || error.status >= 502 ? "unreachable" : error.status === 409 ? "conflict" : "refused";
    const now = why === "conflict" ? await standing(id) : null;
    return { ok: false, why, sentence: error.refusal.sentence, ...(now ? { now } : {}) };
  }
}

/** What the server has, for a save that it did not take: it may be that very save, come twice. */
async function standing(id: string): Promise<Stands<Saved> | null> {
  const params = { path: { id } };
  try {
    const { revision, document, changed, saved, authors } = await ask(api.GET("/api/v1/drafts/{id}", { params }));
    const analysis = await ask(api.GET("/api/v1/drafts/{id}/analysis", { params }));
    return { revision, document: readFlow(document as Record<string, unknown>), saved: { revision, changed, saved, authors, analysis } };
  } catch {
    return null; // then a person decides
  }
}

/** `last`: the page is closing, and the request must outlive it. */
export async function takePen(id: string, take: boolean, last = false) {
  return ask(api.POST("/api/v1/drafts/{id}/pen", { params: { path: { id } }, body: { take }, ...(last ? { keepalive: true } : {}) }));
}

export async function previewEdits(id: string, document: Flow, edits: Edit[], signal?: AbortSignal) {
  return ask(api.POST("/api/v1/drafts/{id}/preview", { params: { path: { id } }, body: { document, edits }, ...(signal ? { signal } : {}) }));
}
