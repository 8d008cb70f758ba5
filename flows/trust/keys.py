"""Public keys: their id, their form, their page, and the one place where a signature is checked."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pydantic import Field

from flows.canonical import NotCanonical, b64decode, sha256_hex
from flows.findings import Sparse
from flows.trust.passkey import check_assertion
from flows.trust.refusal import Reason, refuse

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey
Origin = Annotated[
    str, Field(pattern=r"^(https://[a-z0-9]+([.-][a-z0-9]+)*|http://localhost)(:[1-9][0-9]{0,4})?$", max_length=200)
]
"""Of a page, as browsers write it: TLS, or this machine."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Form(StrEnum):
    """How a key spells its signatures. It stands with the key: it is never guessed from a length.

    WebCrypto P-256 gives ``p256-raw`` (r and s, 32 bytes each), key files give ``p256-der``. ``webauthn`` is a passkey:
    it signs around the message, DER with P-256 and raw with Ed25519.
    """

    ED25519 = "ed25519"
    P256_RAW = "p256-raw"
    P256_DER = "p256-der"
    WEBAUTHN = "webauthn"


class Key(Sparse):
    """A public key of a person. ``spki`` is its SubjectPublicKeyInfo (DER, base64)."""

    person: str
    spki: str
    form: Form
    origin: Origin | None = None
    """The page whose browser holds the private half; None: a file holds it."""


def key_id(spki: bytes) -> str:
    """SHA-256 of the SubjectPublicKeyInfo: a key names itself."""
    return sha256_hex(spki)


def public_key(key: Key) -> PublicKey:
    """The usable key; refused unless it is of its form and in the one encoding that its id is made from."""
    try:
        spki = b64decode(key.spki)
        public = load_der_public_key(spki)
    except (NotCanonical, ValueError, UnsupportedAlgorithm):
        refuse(Reason.KEY_UNUSABLE, f"A key of '{key.person}' cannot be read as a public key.")
    if isinstance(public, Ed25519PublicKey):
        fits = key.form in (Form.ED25519, Form.WEBAUTHN)
    elif isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        fits = key.form is not Form.ED25519
    else:
        refuse(Reason.KEY_UNUSABLE, f"A key of '{key.person}' is neither Ed25519 nor P-256.")
    if not fits or public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        refuse(Reason.KEY_UNUSABLE, f"A key of '{key.person}' is not in the form that it states.")
    if key.form is (Form.WEBAUTHN if key.origin is None else Form.P256_DER):
        refuse(Reason.KEY_UNUSABLE, f"A key of '{key.person}' must name its page if a browser holds it, and only then.")
    return public


def signed_by(key: Key, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` over exactly ``message`` was made with the key, in the key's form."""
    public = public_key(key)
    if key.form is Form.WEBAUTHN and key.origin is not None:
        made = check_assertion(signature, message, key.origin, key.person)
        signature, message = made.signature, made.message
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, message)
        else:
            public.verify(_der(signature, key), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _der(signature: bytes, key: Key) -> bytes:
    """The signature as the library takes it. Of what browsers sign, only the lower s of the two that verify counts."""
    if key.form is not Form.P256_RAW:
        r, s = decode_dss_signature(signature)
    elif len(signature) == 64:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    else:
        raise ValueError("r and s have 32 bytes each")
    if key.origin is not None and s > _ORDER // 2:
        raise ValueError("the desk signs with the lower s")
    return encode_dss_signature(r, s) if key.form is Form.P256_RAW else signature
