/** Statements and envelopes, byte for byte as the verifier reads them: in-toto v1 in DSSE v1. */
import { base64, type Bytes, canonical, joined, type Json, same, text, unbase64, utf8 } from "./bytes";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT = "https://in-toto.io/Statement/v1";
const PREDICATE = "urn:lockgate:predicate:";

export interface Statement {
  subject: string;
  /** `approval`, `activation` and so on. */
  act: string;
  predicate: Record<string, Json>;
}

export interface Envelope {
  payload: Bytes;
  signatures: Map<string, Bytes>;
  statement: Statement;
}

/** The bytes of a statement about one subject. `about` is the subject's name beside its digest. */
export function statement(subject: string, about: string, act: string, predicate: Record<string, Json>): Bytes {
  return canonical({
    _type: STATEMENT,
    subject: [{ name: about, digest: { sha256: subject } }],
    predicateType: `${PREDICATE}${act}/v1`,
    predicate,
  });
}

/** What a signature is over. Lengths are in bytes. */
export function pae(payload: Bytes): Bytes {
  return joined(utf8(`DSSEv1 ${String(PAYLOAD_TYPE.length)} ${PAYLOAD_TYPE} ${String(payload.length)} `), payload);
}

export function write(payload: Bytes, keyid: string, signature: Bytes): Bytes {
  return canonical({ payload: base64(payload), payloadType: PAYLOAD_TYPE, signatures: [{ keyid, sig: base64(signature) }] });
}

/** The envelope in bytes; an error for any other form or spelling. */
export function read(bytes: Bytes): Envelope {
  const spelled = JSON.parse(text(bytes)) as { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] };
  if (spelled.payloadType !== PAYLOAD_TYPE || !same(canonical(spelled), bytes)) throw new Error("This is no envelope.");
  const payload = unbase64(spelled.payload);
  const said = JSON.parse(text(payload)) as { _type: string; subject: [{ digest: { sha256: string } }]; predicateType: string; predicate: Record<string, Json> };
  if (said._type !== STATEMENT || !same(canonical(said), payload)) throw new Error("This is no statement.");
  const act = said.predicateType.replace(PREDICATE, "").replace("/v1", "");
  return {
    payload,
    signatures: new Map(spelled.signatures.map((each) => [each.keyid, unbase64(each.sig)])),
    statement: { subject: said.subject[0].digest.sha256, act, predicate: said.predicate },
  };
}
