"""A key names itself, signs in its own form, and counts under one id only."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flows.canonical import b64decode, b64encode
from flows.trust import Form, Key, Reason, Refused, key_id, public_key, signed_by
from lockgate.keys import new_key

P256 = ec.generate_private_key(ec.SECP256R1())
DER = P256.sign(b"message", ec.ECDSA(hashes.SHA256()))
R, S = decode_dss_signature(DER)
RAW = R.to_bytes(32, "big") + S.to_bytes(32, "big")


def spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def key(form: Form) -> Key:
    return Key(person="pia", spki=spki(P256), form=form)


def refused(key: Key) -> Reason:
    with pytest.raises(Refused) as caught:
        public_key(key)
    return caught.value.refusal.reason


def test_an_id_is_the_digest_of_the_public_key() -> None:
    made = new_key()
    assert made.keyid == key_id(b64decode(made.public("pia").spki))


@pytest.mark.parametrize("form", ["ed25519", "p256"])
def test_a_signature_holds_for_its_message_alone(form: str) -> None:
    made = new_key(form)  # type: ignore[arg-type]  # both are forms
    signature = made.sign(b"message")
    assert signed_by(made.public("pia"), signature, b"message")
    assert not signed_by(made.public("pia"), signature, b"other")
    assert not signed_by(new_key(form).public("pia"), signature, b"message")  # type: ignore[arg-type]  # as above


def test_the_form_stands_with_the_key_and_is_never_guessed() -> None:
    assert signed_by(key(Form.P256_RAW), RAW, b"message")
    assert signed_by(key(Form.P256_DER), DER, b"message")
    assert not signed_by(key(Form.P256_RAW), DER, b"message")
    assert not signed_by(key(Form.P256_DER), RAW, b"message")


@pytest.mark.parametrize(
    "signature",
    [b"", b"\x00", RAW[:63], RAW + b"\x00", b"\x30" * 300, b"\x00" * 64],
    ids=["empty", "one byte", "too short", "too long", "far too long", "zeros"],
)
def test_nonsense_is_no_signature_and_no_error(signature: bytes) -> None:
    assert not signed_by(key(Form.P256_RAW), signature, b"message")
    assert not signed_by(key(Form.P256_DER), signature, b"message")
    assert not signed_by(new_key().public("pia"), signature, b"message")


def test_other_kinds_of_keys_are_unusable() -> None:
    p384, odd = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)
    for other in (spki(p384), spki(odd), b64encode(b"nothing"), "not base64!", ""):
        assert refused(Key(person="pia", spki=other, form=Form.P256_DER)) is Reason.KEY_UNUSABLE


def test_a_key_in_a_form_that_is_not_its_own_is_unusable() -> None:
    assert refused(key(Form.ED25519)) is Reason.KEY_UNUSABLE
    assert refused(new_key().public("pia").model_copy(update={"form": Form.P256_DER})) is Reason.KEY_UNUSABLE


def test_a_second_encoding_of_a_key_would_give_it_a_second_id_and_is_unusable() -> None:
    point = P256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    whole = b64decode(spki(P256))
    compressed = bytes([0x30, len(whole) - 34, *whole[2:23], 0x03, len(point) + 1, 0x00, *point])
    assert refused(Key(person="pia", spki=b64encode(compressed), form=Form.P256_DER)) is Reason.KEY_UNUSABLE
    assert refused(Key(person="pia", spki=b64encode(whole + b"\x00"), form=Form.P256_DER)) is Reason.KEY_UNUSABLE
