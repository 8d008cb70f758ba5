/** P-256 signatures in their two spellings. Of the two that verify, the desk signs with the lower s. */
import { type Bytes, joined } from "./bytes";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** r and s, 32 bytes each, s the lower of the two. */
export function lower(raw: Bytes): Bytes {
  const s = number(raw.subarray(32));
  return joined(raw.slice(0, 32), fixed(s > ORDER / 2n ? ORDER - s : s));
}

/** From DER (as authenticators spell it) to r and s. */
export function fromDer(der: Bytes): Bytes {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new Error("This is no signature in DER.");
  const [r, next] = integer(der, 2);
  const [s, end] = integer(der, next);
  if (end !== der.length) throw new Error("This is no signature in DER.");
  return joined(fixed(r), fixed(s));
}

export function toDer(raw: Bytes): Bytes {
  const r = derInteger(raw.slice(0, 32));
  const s = derInteger(raw.slice(32));
  return joined(new Uint8Array([0x30, r.length + s.length]), r, s);
}

function integer(der: Bytes, at: number): [bigint, number] {
  const length = der[at + 1] ?? 0;
  if (der[at] !== 2 || length < 1 || length > 33) throw new Error("This is no signature in DER.");
  return [number(der.subarray(at + 2, at + 2 + length)), at + 2 + length];
}

function derInteger(bytes: Bytes): Bytes {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? bytes.slice(-1) : bytes.slice(first);
  const padded = (short[0] ?? 0) > 0x7f ? joined(new Uint8Array([0]), short) : short;
  return joined(new Uint8Array([2, padded.length]), padded);
}

function number(bytes: Bytes): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function fixed(value: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * (31 - at))) & 0xffn));
}
