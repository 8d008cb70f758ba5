/** Bytes and their spellings: base64, hex, SHA-256, and the one canonical form of JSON (RFC 8785 without floats). */

export type Bytes = Uint8Array<ArrayBuffer>;
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** The text of bytes that are UTF-8; an error for bytes that are not. */
export function text(bytes: Bytes): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

export function base64(bytes: Bytes): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 0x8000) out += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(out);
}

export function unbase64(spelled: string): Bytes {
  const bytes = Uint8Array.from(atob(spelled), (sign) => sign.charCodeAt(0));
  if (base64(bytes) !== spelled) throw new Error("This is no strict base64.");
  return bytes;
}

export function base64url(bytes: Bytes): string {
  return base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function digest(bytes: Bytes): Promise<string> {
  return hex(await sha256(bytes));
}

export function joined(...parts: Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function same(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** The canonical bytes of a value: members sorted by code units, no white space, whole numbers only, texts in NFC. */
export function canonical(value: Json): Bytes {
  return utf8(spelled(value));
}

function spelled(value: Json): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error("Numbers are whole here.");
  if (typeof value === "string" && value.normalize("NFC") !== value) throw new Error("Texts are in NFC here.");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${spelled(name)}:${spelled(value[name] as Json)}`).join(",")}}`;
}
