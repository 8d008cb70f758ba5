"""Keys that browsers hold: what counts is signed on the desk, over exactly the message, with somebody there."""

from __future__ import annotations

from typing import Any

import pytest

from flows.canonical import b64encode, dumps, loads_strict
from flows.enrolment import Enrolment, verify_enrolment
from flows.instants import from_ms
from flows.trust import (
    Form,
    MasterChange,
    Reason,
    Refusal,
    Refused,
    Revocation,
    Root,
    Verified,
    public_key,
    signed_by,
    verify,
    verify_root_chain,
)
from flows.trust.passkey import write_assertion
from lockgate.keys import new_key, sign_statement
from tests.browsers import DESK, BrowserKey, browser_key, say
from tests.trusted import NOON, ROOT, key_of, root, signed

FORMS = ("ed25519", "p256", "passkey-ed25519", "passkey-p256")
PASSKEYS = FORMS[2:]
OTHER = "http://localhost:8080"


def trusting(key: BrowserKey, **changes: Any) -> Root:
    return root(keys=dict(ROOT.keys) | {key.keyid: key.public("pia")}, desk_origins=(DESK,), **changes)


def revocation(**changes: Any) -> Revocation:
    facts = {"flow": "f", "environment": "TEST", "at": from_ms(NOON), "why": "a mistake", "origin": DESK}
    return Revocation(**(facts | changes))


def answer(key: BrowserKey, under: Root | None = None, origin: str | None = DESK, **changes: Any) -> Reason | None:
    said = verify(say("0" * 64, revocation(origin=origin), key, **changes), under or trusting(key))
    return said.reason if isinstance(said, Refusal) else None


def wrong(key: BrowserKey, signature: bytes) -> bool | Reason:
    try:
        return signed_by(key.public("pia"), signature, b"message")
    except Refused as refused:
        return refused.refusal.reason


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_a_browser_holds_signs_on_the_desk(form: str) -> None:
    key = browser_key(form)
    said = verify(say("0" * 64, revocation(), key), trusting(key))
    assert isinstance(said, Verified) and said.persons == {"pia"}


@pytest.mark.parametrize("form", FORMS)
def test_it_signs_nowhere_else(form: str) -> None:
    key, elsewhere = browser_key(form), browser_key(form, OTHER)
    assert answer(elsewhere, trusting(elsewhere), OTHER) is Reason.ORIGIN_WRONG, "bound to a page that is no desk"
    assert answer(key, origin=OTHER) is Reason.ORIGIN_WRONG, "the statement names another page"
    assert answer(key, origin=None) is Reason.ORIGIN_WRONG, "the statement names no page"
    no_desk = trusting(key).model_copy(update={"desk_origins": ()})
    assert answer(key, no_desk) is Reason.ORIGIN_WRONG, "the root knows no desk"


def test_a_key_file_does_not_speak_for_a_page() -> None:
    said = verify(sign_statement("0" * 64, revocation(), key_of("pia")), ROOT)
    assert isinstance(said, Refusal) and said.reason is Reason.ORIGIN_WRONG


@pytest.mark.parametrize("form", PASSKEYS)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"origin": OTHER}, Reason.ORIGIN_WRONG),
        ({"origin": DESK + "/"}, Reason.ORIGIN_WRONG),
        ({"origin": None}, Reason.ORIGIN_WRONG),
        ({"type": "webauthn.create"}, Reason.PASSKEY_WRONG),
        ({"challenge": "AAAA"}, Reason.PASSKEY_WRONG),
        ({"challenge": None}, Reason.PASSKEY_WRONG),
        ({"crossOrigin": True}, Reason.PASSKEY_WRONG),
        ({"crossOrigin": None}, Reason.PASSKEY_WRONG),
        ({"topOrigin": DESK}, Reason.PASSKEY_WRONG),
        ({"domain": "localhost.example"}, Reason.PASSKEY_WRONG),
        ({"domain": "127.0.0.1"}, Reason.PASSKEY_WRONG),
        ({"flags": 0x01}, Reason.PASSKEY_WRONG),
        ({"flags": 0x04}, Reason.PASSKEY_WRONG),
        ({"flags": 0x00}, Reason.PASSKEY_WRONG),
    ],
    ids=lambda value: str(value),
)
def test_a_passkey_says_where_what_and_for_whom(form: str, changes: dict[str, Any], reason: Reason) -> None:
    key = browser_key(form)
    assert wrong(key, key.sign(b"message", **changes)) is reason


@pytest.mark.parametrize("form", PASSKEYS)
def test_what_an_authenticator_said_is_covered_by_its_signature(form: str) -> None:
    key = browser_key(form)
    made = key.assertion(b"message")
    facts = made.authenticator_data
    counted = made._replace(authenticator_data=facts[:36] + b"\x09")
    more = made._replace(client_data=made.client_data.replace(b"{", b'{"more": 1, ', 1))
    unverified = key.assertion(b"message", flags=0x01)._replace(authenticator_data=facts)
    for spoilt in (counted, more, unverified, made._replace(signature=bytes(64)), made._replace(signature=b"")):
        assert wrong(key, write_assertion(spoilt)) is False
    assert wrong(key, key.sign(b"another message")) is Reason.PASSKEY_WRONG


def test_the_counter_is_not_looked_at_for_a_signature_is_checked_again_and_again() -> None:
    key = browser_key("passkey-p256")
    signature = key.sign(b"message")
    assert [wrong(key, signature) for _ in range(3)] == [True] * 3


@pytest.mark.parametrize(
    "signature",
    [b"", b"{}", b"[]", b"\xff", b'{"a":1}', bytes(64), b'{"authenticator_data":"","client_data":"","signature":""}'],
    ids=["empty", "object", "list", "bytes", "another object", "raw", "empty parts"],
)
def test_what_is_no_assertion_is_refused_in_words(signature: bytes) -> None:
    assert wrong(browser_key("passkey-p256"), signature) is Reason.PASSKEY_WRONG


def test_an_assertion_has_one_spelling() -> None:
    key = browser_key("passkey-p256")
    parts = loads_strict(key.sign(b"message"))
    assert wrong(key, dumps(parts)) is True
    assert wrong(key, dumps(parts | {"more": ""})) is Reason.PASSKEY_WRONG
    assert wrong(key, dumps(parts) + b"\n") is Reason.PASSKEY_WRONG
    said = b'{"type":"webauthn.create",' + key.assertion(b"message").client_data[1:]
    assert wrong(key, dumps(parts | {"client_data": b64encode(said)})) is Reason.PASSKEY_WRONG, "a member twice"


@pytest.mark.parametrize("form", ["p256", "passkey-p256"])
def test_of_the_two_signatures_that_verify_only_the_lower_counts_on_the_desk(form: str) -> None:
    key = browser_key(form)
    assert wrong(key, key.sign(b"message", high=False)) is True
    assert wrong(key, key.sign(b"message", high=True)) is False


def test_a_form_is_not_taken_for_another() -> None:
    key = browser_key("p256")
    passkey = key._replace(passkey=True)
    assert wrong(key, passkey.sign(b"message")) is False
    assert wrong(passkey, key.sign(b"message")) is Reason.PASSKEY_WRONG
    raw = passkey.assertion(b"message")._replace(signature=key.sign(passkey.assertion(b"message").message))
    assert wrong(passkey, write_assertion(raw)) is False, "passkeys spell P-256 as DER"


@pytest.mark.parametrize(("form", "origin"), [(Form.WEBAUTHN, None), (Form.P256_DER, DESK)])
def test_a_form_belongs_to_a_page_or_to_a_file(form: Form, origin: str | None) -> None:
    key = browser_key("p256").public("pia").model_copy(update={"form": form, "origin": origin})
    with pytest.raises(Refused) as caught:
        public_key(key)
    assert caught.value.refusal.reason is Reason.KEY_UNUSABLE


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:8081", "http://desk.example.org", "https://desk.example.org/", "https://", "*", "null", ""],
)
def test_a_desk_is_reached_by_tls_or_on_this_machine(origin: str) -> None:
    with pytest.raises(ValueError, match="desk_origins"):
        root(desk_origins=(origin,))


def test_a_root_key_is_never_held_by_a_browser() -> None:
    key = browser_key("ed25519")
    keys = dict(ROOT.keys) | {key.keyid: key.public("adi")}
    first = root(keys=keys, desk_origins=(DESK,), root_keys=(*ROOT.root_keys, key.keyid))
    said = verify_root_chain((signed(first),), first.digest, NOON)
    assert isinstance(said, Refusal) and said.reason is Reason.ROOT_UNSOUND


@pytest.mark.parametrize("form", FORMS)
def test_a_request_for_enrolment_proves_that_the_browser_holds_the_key(form: str) -> None:
    key, thief = browser_key(form), browser_key(form)
    asked = Enrolment(key=key.public("pia"), at=from_ms(NOON))
    assert verify_enrolment(say(key.keyid, asked, key)) == asked
    assert isinstance(verify_enrolment(say(key.keyid, asked, thief)), Refusal)


def test_roots_and_statements_from_before_there_were_desks_keep_their_bytes() -> None:
    assert b"origin" not in signed(ROOT) and "desk_origins" not in ROOT.model_dump(mode="json")
    plain = revocation(origin=None).model_dump(mode="json")
    assert plain == {"flow": "f", "environment": "TEST", "at": from_ms(NOON), "why": "a mistake"}
    assert new_key().public("pia").model_dump(mode="json").keys() == {"person", "spki", "form"}


def test_a_steward_signs_a_master_on_the_desk() -> None:
    key = browser_key("passkey-ed25519")
    under = root(keys=dict(ROOT.keys) | {key.keyid: key.public("sam")}, desk_origins=(DESK,))
    said = verify(say("0" * 64, MasterChange(master="items", sequence=1, at=from_ms(NOON), origin=DESK), key), under)
    assert isinstance(said, Verified) and said.persons == {"sam"}
