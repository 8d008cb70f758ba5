"""What a real browser and its authenticator signed on a desk holds in the verifier, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.canonical import b64decode, sha256_hex
from flows.enrolment import Enrolment, check_enrolment
from flows.trust import (
    Authorship,
    Form,
    Key,
    Person,
    Reason,
    Refusal,
    Role,
    Root,
    Verified,
    read_envelope,
    verify,
    write_envelope,
)
from flows.trust.keys import key_id
from tests.trusted import ROOT, root

VECTORS = json.loads((Path(__file__).parent / "browser_vectors.json").read_text("utf-8"))
REQUESTS = [check_enrolment(text.encode()) for text in VECTORS["enrolments"]]
ENVELOPES = [text.encode() for text in VECTORS["envelopes"]]


def listed(*requests: Enrolment) -> Root:
    """A root that lists the keys of all who asked, for every act."""
    keys: dict[str, Key] = {key_id(b64decode(each.key.spki)): each.key for each in requests}
    everybody = {each.key.person: Person(name=each.key.person, roles=tuple(Role)) for each in requests}
    origins = tuple({each.key.origin for each in requests if each.key.origin})
    return root(keys=dict(ROOT.keys) | keys, persons=dict(ROOT.persons) | everybody, desk_origins=origins)


def test_both_curves_stand_in_both_forms() -> None:
    lengths = {(each.key.form, len(b64decode(each.key.spki))) for each in REQUESTS}
    assert lengths == {(Form.ED25519, 44), (Form.P256_RAW, 91), (Form.WEBAUTHN, 44), (Form.WEBAUTHN, 91)}


@pytest.mark.parametrize("data", ENVELOPES, ids=lambda data: sha256_hex(data)[:8])
def test_what_was_signed_on_the_desk_holds_in_every_order(data: bytes) -> None:
    trust = listed(*REQUESTS)
    said = verify(data, trust)
    assert isinstance(said, Verified) and verify(data, trust) == said


@pytest.mark.parametrize("data", ENVELOPES, ids=lambda data: sha256_hex(data)[:8])
def test_it_holds_for_no_other_desk_and_no_other_words(data: bytes) -> None:
    elsewhere = listed(*REQUESTS).model_copy(update={"desk_origins": ("http://localhost:1",)})
    answer = verify(data, elsewhere)
    assert isinstance(answer, Refusal) and answer.reason is Reason.ORIGIN_WRONG
    envelope = read_envelope(data)
    other = write_envelope(envelope._replace(payload=envelope.payload.replace(b"2026-", b"2027-")))
    answer = verify(other, listed(*REQUESTS))
    assert isinstance(answer, Refusal) and answer.reason in (Reason.SIGNATURE_WRONG, Reason.PASSKEY_WRONG)


def test_an_author_sealed_on_the_desk() -> None:
    said = [verify(data, listed(*REQUESTS)) for data in ENVELOPES]
    assert any(isinstance(each, Verified) and isinstance(each.predicate, Authorship) for each in said)
