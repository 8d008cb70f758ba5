"""Envelopes are DSSE as others read it, and stricter about their spelling."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import SSlibKey

from flows.canonical import b64encode, dumps
from flows.trust import Envelope, Reason, Refused, pae, read_envelope, write_envelope
from lockgate.keys import new_key, sign_payload

KEYS = {form: new_key(form) for form in ("ed25519", "p256")}  # type: ignore[arg-type]  # both are forms
SIGNED = sign_payload(b'{"a":1}', list(KEYS.values()))


def refused(data: bytes) -> Reason:
    with pytest.raises(Refused) as caught:
        read_envelope(data)
    return caught.value.refusal.reason


@given(st.text(max_size=30), st.binary(max_size=200))
def test_what_is_signed_is_what_securesystemslib_signs(payload_type: str, payload: bytes) -> None:
    assert pae(payload_type, payload) == TheirEnvelope(payload, payload_type, {}).pae()


def test_lengths_count_bytes_and_not_characters() -> None:
    assert pae("é", b"\xc3\xa9") == b"DSSEv1 2 \xc3\xa9 2 \xc3\xa9"


def test_securesystemslib_verifies_our_envelopes() -> None:
    theirs = TheirEnvelope.from_dict(json.loads(SIGNED))
    keys = []
    for key in KEYS.values():
        known = SSlibKey.from_crypto(load_der_public_key(key.spki))  # type: ignore[arg-type]  # both are supported
        keys.append(SSlibKey(key.keyid, known.keytype, known.scheme, known.keyval))
    assert len(theirs.verify(keys, 2)) == 2


def test_reading_gives_back_what_was_written() -> None:
    assert write_envelope(read_envelope(SIGNED)) == SIGNED


def test_an_envelope_without_signatures_is_refused() -> None:
    assert refused(write_envelope(Envelope(b"{}", {}))) is Reason.SIGNATURE_MISSING


def respelt(**changes: object) -> bytes:
    return dumps(json.loads(SIGNED) | changes)


SPELLINGS = {
    "white space": (SIGNED + b" ", Reason.NOT_CANONICAL),
    "members in another order": (json.dumps(json.loads(SIGNED), sort_keys=False).encode(), Reason.NOT_CANONICAL),
    "a member that stands twice": (
        SIGNED.replace(b'{"payload":', b'{"payload":"","payload":', 1),
        Reason.NOT_CANONICAL,
    ),
    "sloppy base64": (respelt(payload=b64encode(b'{"a":1}').rstrip("=")), Reason.NOT_CANONICAL),
    "base64 with bits left over": (respelt(payload="eyJhIjoxfR=="), Reason.NOT_CANONICAL),
    "an unknown member": (respelt(extra=1), Reason.UNKNOWN_FORM),
    "another payload type": (respelt(payloadType="text/plain"), Reason.UNKNOWN_FORM),
    "signatures that are no list": (respelt(signatures={}), Reason.UNKNOWN_FORM),
    "an algorithm beside a signature": (
        respelt(signatures=[each | {"alg": "none"} for each in json.loads(SIGNED)["signatures"]]),
        Reason.UNKNOWN_FORM,
    ),
    "one key id twice": (respelt(signatures=json.loads(SIGNED)["signatures"][:1] * 2), Reason.SIGNATURE_TWICE),
    "signatures in another order": (
        respelt(signatures=json.loads(SIGNED)["signatures"][::-1]),
        Reason.NOT_CANONICAL,
    ),
    "no object at all": (b"[]", Reason.UNKNOWN_FORM),
    "a text": (b'"x"', Reason.UNKNOWN_FORM),
}


@pytest.mark.parametrize(("data", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_another_spelling_is_refused(data: bytes, expected: Reason) -> None:
    assert refused(data) is expected
