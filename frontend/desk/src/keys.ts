/** Keys that this browser holds: a pair that cannot be taken out, or a passkey. Losing one is cheap: enrol another. */
import { base64, type Bytes, canonical, digest, type Json, sha256, unbase64 } from "./bytes";
import { fromDer, lower, toDer } from "./curve";
import { pae, statement, write } from "./envelope";

export type Kind = "browser" | "passkey";
export interface HeldKey {
  keyid: string;
  person: string;
  kind: Kind;
  form: "ed25519" | "p256-raw" | "webauthn";
  spki: string;
  made: string;
  phrase: string;
  /** Of a browser key: stored whole, and not extractable. */
  pair?: CryptoKeyPair;
  /** Of a passkey: its credential id. */
  credential?: string;
}

const ED25519 = { name: "Ed25519" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const WAIT_MS = 60_000;

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("lockgate-desk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("keys", { keyPath: "keyid" });
    asked.onsuccess = () => { done(asked.result); };
    asked.onerror = () => { failed(new Error("This browser keeps nothing for this page, so it can hold no key here.")); };
  });
}

async function within<T>(mode: IDBTransactionMode, act: (keys: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise((done, failed) => {
      const turn = database.transaction("keys", mode, { durability: "strict" });
      const asked = act(turn.objectStore("keys"));
      turn.oncomplete = () => { done(asked.result); };
      turn.onerror = turn.onabort = () => { failed(new Error("This browser did not keep the key.")); };
    });
  } finally {
    database.close();
  }
}

export async function held(): Promise<HeldKey[]> {
  const keys = await within<HeldKey[]>("readonly", (store) => store.getAll() as IDBRequest<HeldKey[]>);
  return keys.sort((one, other) => one.person.localeCompare(other.person) || other.made.localeCompare(one.made));
}

export async function keep(key: HeldKey): Promise<void> {
  await within("readwrite", (store) => store.put(key));
  await navigator.storage.persist().catch(() => false);
}

export async function forget(keyid: string): Promise<void> {
  await within("readwrite", (store) => store.delete(keyid));
}

/** A fresh key for a person, not yet kept. */
export async function make(person: string, kind: Kind, at: string): Promise<HeldKey> {
  const made = kind === "passkey" ? await passkey(person) : await pair();
  return { ...made, keyid: await digest(unbase64(made.spki)), person, kind, made: at, phrase: "" };
}

type Half = Pick<HeldKey, "form" | "spki" | "pair" | "credential">;

async function pair(): Promise<Half> {
  const [made, form] = await generated();
  const spki = base64(new Uint8Array(await crypto.subtle.exportKey("spki", made.publicKey)));
  return { form, spki, pair: made };
}

async function generated(): Promise<[CryptoKeyPair, "ed25519" | "p256-raw"]> {
  try {
    return [(await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"])) as CryptoKeyPair, "ed25519"];
  } catch {
    return [await crypto.subtle.generateKey(P256, false, ["sign", "verify"]), "p256-raw"];
  }
}

async function passkey(person: string): Promise<Half> {
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: "Lockgate approval desk" },
      user: { id: crypto.getRandomValues(new Uint8Array(32)), name: person, displayName: person },
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [{ type: "public-key", alg: -8 }, { type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      attestation: "none",
      timeout: WAIT_MS,
    },
  })) as PublicKeyCredential | null;
  const spki = made && (made.response as AuthenticatorAttestationResponse).getPublicKey();
  if (!made || !spki) throw new Error("The authenticator made no key that can be used here.");
  return { form: "webauthn", spki: base64(new Uint8Array(spki)), credential: base64(new Uint8Array(made.rawId)) };
}

/** The envelope in which the holder of a key makes one statement. */
export async function sign(key: HeldKey, subject: string, about: string, act: string, predicate: Record<string, Json>): Promise<Bytes> {
  const payload = statement(subject, about, act, predicate);
  const message = pae(payload);
  return write(payload, key.keyid, key.credential ? await byPasskey(key, message) : await byPair(key, message));
}

async function byPair(key: HeldKey, message: Bytes): Promise<Bytes> {
  if (!key.pair) throw new Error("This browser lost the key: enrol another one.");
  const ed25519 = key.form === "ed25519";
  const made = new Uint8Array(await crypto.subtle.sign(ed25519 ? ED25519 : { name: "ECDSA", hash: "SHA-256" }, key.pair.privateKey, message));
  return ed25519 ? made : lower(made);
}

async function byPasskey(key: HeldKey, message: Bytes): Promise<Bytes> {
  const got = (await navigator.credentials.get({
    publicKey: {
      challenge: await sha256(message),
      rpId: location.hostname,
      allowCredentials: [{ type: "public-key", id: unbase64(key.credential ?? "") }],
      userVerification: "required",
      timeout: WAIT_MS,
    },
  })) as PublicKeyCredential | null;
  if (!got) throw new Error("The passkey signed nothing.");
  const answer = got.response as AuthenticatorAssertionResponse;
  const made = new Uint8Array(answer.signature);
  const signature = unbase64(key.spki).length === 44 ? made : toDer(lower(fromDer(made)));
  return canonical({
    authenticator_data: base64(new Uint8Array(answer.authenticatorData)),
    client_data: base64(new Uint8Array(answer.clientDataJSON)),
    signature: base64(signature),
  });
}

/** The request that an administrator puts into the trust root: signed by the very key that it asks for. */
export function request(key: HeldKey, at: string): Promise<Bytes> {
  const listed = { person: key.person, spki: key.spki, form: key.form, origin: location.origin };
  return sign(key, key.keyid, `key/${key.person}`, "enrolment", { format: "lockgate/enrolment/1", key: listed, at });
}

export function canPasskey(): boolean {
  return typeof PublicKeyCredential === "function";
}

/** What went wrong with a key, for the person who sits there. */
export function trouble(error: unknown): string {
  if (error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError")) {
    return "The passkey did not sign: it was cancelled, it timed out, or you were not recognised. Nothing was sent.";
  }
  if (error instanceof DOMException) return `This browser cannot do that (${error.name}). Nothing was sent.`;
  return error instanceof Error ? error.message : "Something went wrong. Nothing was sent.";
}

