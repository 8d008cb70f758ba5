/** Checks the signatures of others in this browser, under the keys of the trust root. */
import type { Root, RootKey } from "./api";
import { base64url, type Bytes, canonical, digest, hex, joined, same, sha256, text, unbase64, utf8 } from "./bytes";
import { fromDer } from "./curve";
import { type Envelope, pae, read, type Statement } from "./envelope";

export interface Signed extends Statement {
  person: string;
  keyid: string;
  how: string;
  /** Null: this browser cannot check such a signature. */
  holds: boolean | null;
  at: string;
}

const HOW = { ed25519: "key file", "p256-der": "key file", "p256-raw": "key file", webauthn: "passkey" } as const;

/** Who says what in an envelope; a statement of a key that the root does not list is of nobody. */
export async function signed(bytes: Bytes, root: Root): Promise<Signed[]> {
  const envelope = read(bytes);
  return Promise.all([...envelope.signatures].map(([keyid, signature]) => one(envelope, keyid, signature, root)));
}

async function one(envelope: Envelope, keyid: string, signature: Bytes, root: Root): Promise<Signed> {
  const key = root.keys[keyid];
  const at = envelope.statement.predicate["at"];
  const base = { ...envelope.statement, keyid, at: typeof at === "string" ? at : "" };
  if (!key) return { ...base, person: "", how: "a key that the trust root does not list", holds: false };
  const how = key.origin && key.form !== "webauthn" ? "browser key" : HOW[key.form];
  return { ...base, person: key.person, how, holds: await checked(key, keyid, signature, envelope, root) };
}

async function checked(key: RootKey, keyid: string, signature: Bytes, envelope: Envelope, root: Root): Promise<boolean | null> {
  try {
    const spki = unbase64(key.spki);
    if ((await digest(spki)) !== keyid || (envelope.statement.predicate["origin"] ?? undefined) !== key.origin) return false;
    if (key.origin && !root.desk_origins?.includes(key.origin)) return false;
    const message = pae(envelope.payload);
    if (key.form !== "webauthn") return await holds(spki, signature, message, key.form === "p256-der");
    const made = await asserted(signature, message, key.origin ?? "");
    return made ? await holds(spki, made.signature, made.message, true) : false;
  } catch (error) {
    return error instanceof DOMException && error.name === "NotSupportedError" ? null : false;
  }
}

async function holds(spki: Bytes, signature: Bytes, message: Bytes, der: boolean): Promise<boolean> {
  if (spki.length === 44) {
    const key = await crypto.subtle.importKey("spki", spki, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  }
  const key = await crypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, der ? fromDer(signature) : signature, message);
}

/** What a passkey signed, when it signed our message here with somebody there; null otherwise. */
async function asserted(bytes: Bytes, message: Bytes, origin: string): Promise<{ signature: Bytes; message: Bytes } | null> {
  const spelled = JSON.parse(text(bytes)) as Record<string, string>;
  if (!same(canonical(spelled), bytes)) return null;
  const facts = unbase64(spelled["authenticator_data"] ?? "");
  const client = unbase64(spelled["client_data"] ?? "");
  const said = JSON.parse(text(client)) as Record<string, unknown>;
  const domain = await digest(utf8(new URL(origin).hostname));
  const right =
    said["type"] === "webauthn.get" && said["challenge"] === base64url(await sha256(message)) && said["origin"] === origin &&
    said["crossOrigin"] === false && hex(facts.slice(0, 32)) === domain && ((facts[32] ?? 0) & 5) === 5;
  return right ? { signature: unbase64(spelled["signature"] ?? ""), message: joined(facts, await sha256(client)) } : null;
}
