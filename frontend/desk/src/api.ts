/** The desk's own server: facts, bytes by digest (hashed here, whatever it says), and the two things that it takes. */
import { type Bytes, digest } from "./bytes";

export interface RootKey {
  person: string;
  spki: string;
  form: "ed25519" | "p256-raw" | "p256-der" | "webauthn";
  origin?: string;
}
export interface Root {
  version: number;
  demo: boolean;
  expires: string;
  digest: string;
  persons: Record<string, { name: string; roles: string[] }>;
  keys: Record<string, RootKey>;
  thresholds: { approval: { persons: number; roles: Record<string, number> } };
  desk_origins?: string[];
  environments: Record<string, string>;
  /** The first version of the root that listed a key for its person. */
  since: Record<string, number>;
}
export interface About {
  origin: string;
  designer: string | null;
  at: string;
  root: Root;
  policies: { digest: string; rules: Record<string, { title: string; severity: string; owner: string }> };
}
/** Who sent a release back or withdrew it. A note in the release store, signed by nobody. */
export interface Aside {
  how: "returned" | "withdrawn" | "unreadable";
  person: string;
  at: string;
  words: string;
  review: string | null;
}
export interface WaitingRelease {
  release: string;
  flow: string;
  name: string;
  environment: string;
  made: string;
  authors: string[];
  approvers: string[];
  needed: number;
  waits: "author" | "approve" | "activate";
  aside: Aside | null;
}
export interface Waiting {
  releases: WaitingRelease[];
  aside: WaitingRelease[];
  masters: { master: string; title: string; sequence: number; signed: string[]; needed: number }[];
}
export interface ReleaseView {
  envelopes: string[];
  active: { sequence: number; envelope: string; this: boolean } | null;
  aside: Aside | null;
  refusal: { reason: string; sentence: string } | null;
  advice: string[];
}
export interface MasterView {
  contract: string;
  steps: { sequence: number; snapshot: string; envelopes: string[] }[];
  needed: number;
  signed: string[];
  /** Who says to have prepared the newest step: not signed by anybody. */
  prepared: { person: string; at: string; reason: string; adds: number; changes: number; retires: number }[];
}

/** What the desk answered instead of what was asked for; the sentence is for the person. */
export class Refused extends Error {
  constructor(readonly reason: string, sentence: string, readonly status: number) {
    super(sentence);
  }
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, redirect: "error", referrerPolicy: "no-referrer" });
  } catch {
    throw new Refused("unreachable", "The desk does not answer. Nothing was signed or sent; try again.", 0);
  }
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => ({}))) as { error?: string; sentence?: string };
  throw new Refused(said.error ?? "failed", said.sentence ?? "The desk failed; nothing was kept.", answer.status);
}

async function read<T>(path: string): Promise<T> {
  return (await (await ask(path)).json()) as T;
}

export const about = (): Promise<About> => read("/api/desk");
export const waiting = (): Promise<Waiting> => read("/api/waiting");
export const release = (name: string): Promise<ReleaseView> => read(`/api/releases/${encodeURIComponent(name)}`);
export const master = (name: string): Promise<MasterView> => read(`/api/masters/${encodeURIComponent(name)}`);

/** The bytes of that digest: hashed in this browser, and refused when they are others. */
export async function content(name: string): Promise<Bytes> {
  if (!/^[0-9a-f]{64}$/.test(name)) throw new Refused("no-digest", "This address names nothing: a digest has 64 digits.", 404);
  const bytes = new Uint8Array(await (await ask(`/api/sha256/${name}`)).arrayBuffer());
  if ((await digest(bytes)) !== name) throw new Refused("damaged", `The bytes that came for ${name.slice(0, 12)} are not what their digest says. Sign nothing, and tell an administrator.`, 422);
  return bytes;
}

async function give<T>(path: string, bytes: Bytes): Promise<T> {
  return (await (await ask(path, { method: "POST", body: bytes, headers: { "Content-Type": "application/json" } })).json()) as T;
}

export const giveEnvelope = (bytes: Bytes): Promise<{ act: string; person: string }> => give("/api/envelopes", bytes);
export const giveEnrolment = (bytes: Bytes): Promise<{ phrase: string }> => give("/api/enrolments", bytes);
