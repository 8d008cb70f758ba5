/** The typed client: `await ask(api.GET("/api/v1/drafts/{id}", { params: { path: { id } }, signal }))`. */
import createClient from "openapi-fetch";
import type { paths } from "@/lib/api/schema";
import { ApiError, knock, refusalOf } from "@/lib/api/http";

type Method = "get" | "post" | "put" | "delete";
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, infer Operation> ? ([Operation] extends [undefined] ? never : P) : never }[keyof paths];
type Of<P extends keyof paths, M extends Method> = NonNullable<paths[P][M & keyof paths[P]]>;
type Json<Content> = Content extends { content: { "application/json": infer Body } } ? Body : undefined;

/** What an operation answers when it went well. The types are the schema's own: openapi-fetch's mapped ones lose tuples. */
type Ok<Operation> = Operation extends { responses: infer All } ? (All extends { 200: infer Good } ? Json<Good> : All extends { 201: infer Made } ? Json<Made> : undefined) : never;

type Given<Operation> = (Operation extends { parameters: infer Parameters } ? Wanted<Parameters> : unknown) &
  (Operation extends { requestBody: { content: { "application/json": infer Body } } } ? { body: Body } : unknown) & { signal?: AbortSignal; keepalive?: boolean };
type Wanted<Parameters> = Parameters extends { path: infer Path } ? { params: { path: Path; query?: Query<Parameters> } } : { params?: { query?: Query<Parameters> } };
type Query<Parameters> = Parameters extends { query?: infer Values } ? Exclude<Values, undefined> : never;
type Arguments<Operation> = object extends Given<Operation> ? [given?: Given<Operation>] : [given: Given<Operation>];

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}
type Call<M extends Method> = <P extends PathsWith<M>>(path: P, ...given: Arguments<Of<P, M>>) => Promise<Answer<Ok<Of<P, M>>>>;

interface Client {
  GET: Call<"get">;
  POST: Call<"post">;
  PUT: Call<"put">;
  DELETE: Call<"delete">;
}

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  fetch: (request: Request) => knock(request),
}) as unknown as Client;

/** The data of an answer; an ApiError with the server's sentence where there is none. */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new ApiError(response.status, refusalOf(error, response.status));
  return data as T;
}
