/** What the stand-in answers. */
import { draftAnswers } from "./drafts.ts";
import { pageAnswers, session } from "./pages.ts";

type Reply = { status: number; json?: unknown; svg?: string };
interface Person { person: string; name: string; roles: string[]; sentence: string }

const PEOPLE: Person[] = [
  { person: "ana", name: "Ana Alves", roles: ["analyst"], sentence: "Draws flows and submits them." },
  { person: "omar", name: "Omar Haddad", roles: ["privacy"], sentence: "Approves what leaves the hospital." },
  { person: "mei", name: "Mei Lin", roles: ["erp-owner"], sentence: "Approves what reaches the ERP." },
  { person: "sam", name: "Sam Okoro", roles: ["steward"], sentence: "Keeps the master data." },
  { person: "priya", name: "Priya Nair", roles: ["operator"], sentence: "Activates flows and resolves exceptions." },
];
let me: Person | null = PEOPLE[0] ?? null;
const self = () => me && session(me);


export function answer(method: string, url: URL, body: never): Reply {
  const path = url.pathname;
  if (path === "/session" && method === "GET") return me ? { status: 200, json: self() } : { status: 401, json: { error: "signed-out", sentence: "Nobody is signed in." } };
  if (path === "/session" && method === "DELETE") { me = null; return { status: 204 }; }
  if (path === "/session/personas") return { status: 200, json: { personas: PEOPLE } };
  if (path === "/session/persona") { me = PEOPLE.find((each) => each.person === (body as { person: string }).person) ?? null; return { status: 200, json: self() }; }
  if (path === "/session") return { status: 401, json: { error: "refused", sentence: "Name and password do not belong together." } };
  if (path === "/installation") return { status: 200, json: { environment: "demo", label: "synthetic", demo: true, version: "0.1.0", set_up: true, desk: "http://localhost:8090" } };
  return pageAnswers(method, url, body) ?? draftAnswers(method, url, body) ?? { status: 404, json: { error: "not-found", sentence: `The stand-in has no answer for ${path}.` } };
}
