/** Messages: a list, a search by business key, one message's life, and one field at a time. */
import { queryOptions } from "@tanstack/react-query";
import { get, send } from "@/lib/api/http";
import type { components } from "@/lib/api/schema";

type Shapes = components["schemas"];
export type MessageCard = Shapes["MessageCard"];
export type MessagePage = Shapes["MessagePage"];
export type Moment = Shapes["Moment"];
export type Posting = Shapes["MessagePosting"];
export type FieldThere = Shapes["PlaceThere"];

export const messagesQuery = (state: string, flow: string, before: number | null) =>
  queryOptions({
    queryKey: ["messages", "list", state, flow, before],
    queryFn: ({ signal }) => get<Shapes["MessageCards"]>("/messages", { state, flow: flow || null, before }, signal),
    refetchInterval: before === null ? 5_000 : false,
  });

/** The key goes in the body, never in an address. */
export const search = (key: string, flow: string) => send<Shapes["MessageCards"]>("POST", "/messages/search", { key, flow: flow || null });

export const messageQuery = (number: string) =>
  queryOptions({
    queryKey: ["messages", "one", number],
    queryFn: ({ signal }) => get<MessagePage>(`/messages/${encodeURIComponent(number)}`, undefined, signal),
    refetchInterval: 4_000,
  });

export const fieldsQuery = (number: number, posting: number | null) =>
  queryOptions({
    queryKey: ["messages", "fields", number, posting],
    queryFn: ({ signal }) => get<Shapes["MessageFields"]>(`/messages/${String(number)}/fields`, { posting }, signal),
    staleTime: Infinity,
  });

export const reveal = (number: number, posting: number | null, path: string, reason: string) =>
  send<Shapes["RevealedField"]>("POST", `/messages/${String(number)}/reveal`, { path, reason, posting });
