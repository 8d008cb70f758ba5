/** The typed client: `await ask(api.GET("/api/v1/drafts/{id}", { params: { path: { id } }, signal }))`. */
import createClient from "openapi-fetch";
import type { paths } from "@/lib/api/schema";
import { ApiError, knock, refusalOf } from "@/lib/api/http";

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  fetch: (request: Request) => knock(request),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; an ApiError with the server's sentence where there is none. */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new ApiError(response.status, refusalOf(error, response.status));
  return data as T;
}
