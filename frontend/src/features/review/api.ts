/** What people do to a review. Signing is not among it: that happens on the desk. */
import { send } from "@/lib/api/http";
import type { Place } from "@/lib/api/work";
import { queries } from "@/lib/queries";

async function told(id: string, what: string, body: unknown): Promise<void> {
  await send("POST", `/reviews/${encodeURIComponent(id)}/${what}`, body);
  await queries.invalidateQueries({ queryKey: ["reviews"] });
}

export const comment = (id: string, text: string, place: Partial<Place>) => told(id, "comments", { text, place });
export const resolve = (id: string, number: number) => told(id, `comments/${String(number)}/resolve`, {});
export const sendBack = (id: string, text: string) => told(id, "return", { text });
export const withdraw = (id: string) => told(id, "withdraw", {});
