"""A request for enrolment proves that the key is held, and reads out as six words."""

from __future__ import annotations

from typing import Any

from flows.enrolment import Enrolment, phrase, verify_enrolment
from flows.instants import from_ms
from flows.trust import Form, Reason, Refusal, read_envelope, write_envelope
from lockgate.keys import PrivateKey, new_key, sign_statement
from tests.trusted import NOON

KEY = new_key()


def request(key: PrivateKey = KEY, signer: PrivateKey = KEY, subject: str | None = None, **changes: Any) -> bytes:
    asked = Enrolment(key=key.public("pia").model_copy(update=changes), at=from_ms(NOON))
    return sign_statement(subject or key.keyid, asked, signer)


def reason(data: bytes) -> Reason | None:
    answer = verify_enrolment(data)
    return answer.reason if isinstance(answer, Refusal) else None


def test_a_request_gives_the_person_and_the_key() -> None:
    for key in (KEY, new_key("p256")):
        found = verify_enrolment(request(key, key))
        assert isinstance(found, Enrolment) and found.key == key.public("pia")


def test_a_request_for_a_key_that_one_does_not_hold_is_refused() -> None:
    assert reason(request(signer=new_key())) is Reason.KEY_ID_WRONG
    assert reason(request(subject="0" * 64)) is Reason.KEY_ID_WRONG
    assert reason(request(form=Form.P256_DER)) is Reason.KEY_UNUSABLE


def test_a_request_changed_after_signing_is_refused() -> None:
    envelope = read_envelope(request())
    other = write_envelope(
        envelope._replace(payload=envelope.payload.replace(b'"pia"', b'"eli"').replace(b"/pia", b"/eli"))
    )
    assert reason(other) is Reason.SIGNATURE_WRONG


def test_the_phrase_is_six_words_and_hangs_on_every_byte() -> None:
    data = request()
    words = phrase(data).split()
    assert len(words) == 6 and all(len(word) == 5 and word.isalpha() for word in words)
    assert phrase(data + b" ") != phrase(data) == phrase(data)


def test_words_spell_sixteen_bits_each_as_proquints_do() -> None:
    from flows.enrolment import _word

    assert (_word(0x7F00), _word(0x0001)) == ("lusab", "babad")
    assert len({_word(bits) for bits in range(1 << 16)}) == 1 << 16
