/** What people do to a review. Signing is not among it: that happens on the desk. */
import { api, ask } from "@/lib/api/client";
import type { Place, Review } from "@/lib/api/work";
import { queries } from "@/lib/queries";

async function told(asked: Promise<unknown>): Promise<void> {
  await asked;
  await queries.invalidateQueries({ queryKey: ["reviews"] });
}

const params = (id: string) => ({ params: { path: { id } } });

export const comment = (id: string, text: string, place: Partial<Place>) =>
  told(ask(api.POST("/api/v1/reviews/{id}/comments", { ...params(id), body: { text, place: { step: null, wire: null, field: null, ...place } } })));
export const resolve = (id: string, number: number) => told(ask(api.POST("/api/v1/reviews/{id}/comments/{number}/resolve", { params: { path: { id, number } } })));
export const sendBack = (id: string, text: string) => told(ask(api.POST("/api/v1/reviews/{id}/return", { ...params(id), body: { text } })));
export const withdraw = (id: string) => told(ask(api.POST("/api/v1/reviews/{id}/withdraw", params(id))));
export const looked = (id: string, seen: Review["looked"]) => told(ask(api.POST("/api/v1/reviews/{id}/looked", { ...params(id), body: seen })));
export const runShadow = (id: string) => told(ask(api.POST("/api/v1/reviews/{id}/shadow", params(id))));
