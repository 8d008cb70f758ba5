/** Messages: a list, a search by business key, one message's life, and one field at a time. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Shapes = components["schemas"];
export type MessageCard = Shapes["MessageCard"];
export type MessagePage = Shapes["MessagePage"];
export type MessageSet = MessageCard["state"] | "all";
export type Moment = Shapes["Moment"];
export type Posting = Shapes["MessagePosting"];

export const messagesQuery = (state: MessageSet, flow: string, before: number | null, since: number, until: number | null) =>
  queryOptions({
    queryKey: ["messages", "list", state, flow, before, since, until],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/messages", { params: { query: { state, flow: flow || null, before, since, until } }, signal })),
    refetchInterval: before === null ? 5_000 : false,
  });

/** What a search finds messages by. */
export const keysQuery = queryOptions({
  queryKey: ["messages", "keys"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/message-keys", { signal })),
  staleTime: 60_000,
});

/** The key goes in the body, never in an address. */
export const search = (key: string, flow: string) => ask(api.POST("/api/v1/messages/search", { body: { key, flow: flow || null } }));

export const messageQuery = (number: number) =>
  queryOptions({
    queryKey: ["messages", "one", number],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/messages/{number}", { params: { path: { number } }, signal })),
    refetchInterval: 4_000,
  });

export const fieldsQuery = (number: number, posting: number | null) =>
  queryOptions({
    queryKey: ["messages", "fields", number, posting],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/messages/{number}/fields", { params: { path: { number }, query: { posting } }, signal })),
    staleTime: Infinity,
  });
