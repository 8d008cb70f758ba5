"""Public keys: their id, their form, and the one place where a signature is checked."""

from __future__ import annotations

from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from flows.canonical import NotCanonical, b64decode, sha256_hex
from flows.findings import Model
from flows.trust.refusal import Reason, refuse

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey


class Form(StrEnum):
    """How a key spells its signatures. It stands with the key: it is never guessed from a length.

    WebCrypto P-256 gives ``p256-raw`` (r and s, 32 bytes each); key files and passkeys give ``p256-der``.
    """

    ED25519 = "ed25519"
    P256_RAW = "p256-raw"
    P256_DER = "p256-der"


class Key(Model):
    """A public key of a person. ``spki`` is its SubjectPublicKeyInfo (DER, base64)."""

    person: str
    spki: str
    form: Form


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
        fits = key.form is Form.ED25519
    elif isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        fits = key.form in (Form.P256_RAW, Form.P256_DER)
    else:
        refuse(Reason.KEY_UNUSABLE, f"A key of '{key.person}' is neither Ed25519 nor P-256.")
    if not fits or public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        refuse(Reason.KEY_UNUSABLE, f"A key of '{key.person}' is not in the form that it states.")
    return public


def signed_by(key: Key, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` over exactly ``message`` was made with the key, in the key's form."""
    public = public_key(key)
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, message)
        else:
            public.verify(_der(signature, key.form), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _der(signature: bytes, form: Form) -> bytes:
    if form is Form.P256_DER:
        return signature
    if len(signature) != 64:
        raise ValueError("r and s have 32 bytes each")
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
