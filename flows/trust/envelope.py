"""DSSE envelopes: exact bytes, their type, and signatures over both. Read strictly, so that every byte counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from flows.canonical import NotCanonical, b64decode, b64encode, dumps, load_canonical
from flows.findings import Json, Model
from flows.trust.refusal import Reason, refuse

PAYLOAD_TYPE = "application/vnd.in-toto+json"
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Signature(Model):
    keyid: Hex
    sig: Annotated[str, Field(min_length=1, max_length=4096)]


class _Spelling(Model):
    payload: str
    payload_type: Annotated[
        str, Field(alias="payloadType", pattern=rf"^{PAYLOAD_TYPE.replace('.', '[.]').replace('+', '[+]')}$")
    ]
    signatures: Annotated[tuple[_Signature, ...], Field(max_length=32)]


class Envelope(NamedTuple):
    """A payload and its signatures by key id. Signature bytes are never an identity: ECDSA is malleable."""

    payload: bytes
    signatures: Mapping[str, bytes]

    @property
    def message(self) -> bytes:
        """What the signatures are over."""
        return pae(PAYLOAD_TYPE, self.payload)


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1. Lengths are in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def write_envelope(envelope: Envelope) -> bytes:
    """The canonical bytes of an envelope, signatures sorted by key id."""
    signatures: Json = [{"keyid": k, "sig": b64encode(s)} for k, s in sorted(envelope.signatures.items())]
    return dumps({"payload": b64encode(envelope.payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures})


def read_envelope(data: bytes) -> Envelope:
    """The envelope that ``data`` spells canonically; refused for any other spelling, and without a signature."""
    try:
        load_canonical(data)
        spelling = _Spelling.model_validate_json(data)
        payload = b64decode(spelling.payload)
        signatures = {each.keyid: b64decode(each.sig) for each in spelling.signatures}
    except NotCanonical as error:
        refuse(Reason.NOT_CANONICAL, f"An envelope is not in canonical form: {error.sentence}")
    except ValidationError:
        refuse(Reason.UNKNOWN_FORM, "An envelope has unknown or missing members.")
    if not signatures:
        refuse(Reason.SIGNATURE_MISSING, "An envelope has no signature.")
    if len(signatures) != len(spelling.signatures):
        refuse(Reason.SIGNATURE_TWICE, "An envelope names one key id twice.")
    envelope = Envelope(payload, signatures)
    if write_envelope(envelope) != data:
        refuse(Reason.NOT_CANONICAL, "The signatures of an envelope are not sorted by key id.")
    return envelope
