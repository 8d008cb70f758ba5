/** The one way to the server: JSON only, same origin, refusals as sentences. */

import { tabWord } from "@/lib/api/tab";

export interface Refusal {
  error: string;
  sentence: string;
  pointer: string | null;
  reference: string | null;
  /** A page that has what was looked for. */
  link: string | null;
}

/** What the server refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly refusal: Refusal;

  constructor(status: number, refusal: Refusal) {
    super(refusal.sentence);
    this.name = "ApiError";
    this.status = status;
    this.refusal = refusal;
  }

  get unreachable() {
    return this.status === 0;
  }
}

/** Sends a request with what the server wants of its own pages: the header that no form can send, and the tab's word. */
export async function knock(request: Request): Promise<Response> {
  request.headers.set("Accept", "application/json");
  request.headers.set("X-Lockgate-Tab", await tabWord());
  if (request.method !== "GET") request.headers.set("X-Lockgate", "1");
  try {
    return await fetch(request, { credentials: "same-origin" });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new ApiError(0, UNREACHABLE);
  }
}

const UNREACHABLE: Refusal = {
  error: "unreachable", sentence: "The designer cannot be reached. What you did here is kept in this browser.", pointer: null, reference: null, link: null,
};

export function refusalOf(payload: unknown, status: number): Refusal {
  const given = (payload && typeof payload === "object" ? payload : {}) as Partial<Refusal>;
  return {
    error: given.error ?? `http-${String(status)}`,
    sentence: given.sentence ?? `The designer answered with status ${String(status)} and no reason.`,
    pointer: given.pointer ?? null,
    reference: given.reference ?? null,
    link: given.link?.startsWith("/") && !given.link.startsWith("//") ? given.link : null,
  };
}

/** A sentence for any failure, for places that must say something. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.refusal.sentence;
  return error instanceof Error ? error.message : "Something went wrong here.";
}
