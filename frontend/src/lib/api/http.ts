/** The one way to the server: JSON only, same origin, refusals as sentences. */

export interface Refusal {
  error: string;
  sentence: string;
  pointer: string | null;
  reference: string | null;
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

export type Query = Record<string, string | number | boolean | null | undefined>;

const PREFIX = "/api/v1";

export function address(path: string, query?: Query): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") parts.set(name, String(value));
  }
  const text = parts.toString();
  return `${PREFIX}${path}${text ? `?${text}` : ""}`;
}

/** Reads. `signal` comes from the query that asks, so that nobody waits for an answer nobody wants. */
export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return call<T>("GET", address(path, query), undefined, signal);
}

/** Changes. The header is the server's proof that a page of its own asked. */
export function send<T = unknown>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return call<T>(method, address(path), body, signal);
}

async function call<T>(method: string, url: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-Lockgate"] = "1";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, { error: "unreachable", sentence: "The designer cannot be reached. What you did here is kept in this browser.", pointer: null, reference: null });
  }
  if (response.status === 204) return undefined as T;
  const payload = (await response.json().catch(() => null)) as unknown;
  if (!response.ok) throw new ApiError(response.status, refusalOf(payload, response.status));
  return payload as T;
}

function refusalOf(payload: unknown, status: number): Refusal {
  const given = (payload && typeof payload === "object" ? payload : {}) as Partial<Refusal>;
  return {
    error: given.error ?? `http-${String(status)}`,
    sentence: given.sentence ?? `The designer answered with status ${String(status)} and no reason.`,
    pointer: given.pointer ?? null,
    reference: given.reference ?? null,
  };
}

/** A sentence for any failure, for places that must say something. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.refusal.sentence;
  return error instanceof Error ? error.message : "Something went wrong here.";
}
