/** A chain of the stand-in, computed as the server computes it. */
import { createHash } from "node:crypto";
import type { Reply } from "./pages.ts";

const SAYS = [["draft.saved", "Ana Alves saved revision 12 of Charges to cost centres.", "ana"], ["review.submitted", "Ana Alves submitted Supply consumption.", "ana"], ["review.returned", "Omar Haddad asked for changes.", "omar"], ["value.revealed", "Priya Nair revealed PID-5 of message 4788.", "priya"]] as const;
const genesis = Buffer.alloc(32);
let head: Buffer = genesis;
const rows = Array.from({ length: 24 }, (_, index) => {
  const record = JSON.stringify({ action: SAYS[index % 4]?.[0], actor: SAYS[index % 4]?.[2], at: Date.now() - (24 - index) * 240_000, seq: index + 1, writer: "designer" });
  head = createHash("sha256").update(head).update(record).digest();
  return { first: index + 1, count: 1, records: [record], head: head.toString("hex") };
});

export function auditAnswers(url: URL): Reply | null {
  if (url.pathname === "/audit/verify") return { status: 200, json: { good: true, sentence: "Every chain holds, from its first record to its last.", checkpoints: 4, command: "lockgate audit verify --data data", chains: ["intake", "delivery", "designer"].map((writer, index) => ({ writer, records: 12000 - index * 3100, head: head.toString("hex"), good: true, sentence: "" })) } };
  if (url.pathname !== "/audit") return null;
  const entries = rows.map(({ first }) => ({ seq: first, at: Date.now() - (24 - first) * 240_000, action: SAYS[(first - 1) % 4]?.[0], actor: SAYS[(first - 1) % 4]?.[2], about: "supply-consumption", reason: first % 4 === 0 ? "The ward asked which patient it was." : "", sentence: SAYS[(first - 1) % 4]?.[1] }));
  return { status: 200, json: { writer: "designer", previous: genesis.toString("hex"), rows, entries, last: rows.length, next: null, recipe: "head = SHA-256(head before || record)" } };
}
