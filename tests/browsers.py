"""Keys as browsers hold them, for tests: what a page's WebCrypto and an authenticator would give for a message."""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flows.canonical import b64encode, sha256_hex
from flows.trust import (
    Assertion,
    Envelope,
    Form,
    Key,
    Predicate,
    key_id,
    write_assertion,
    write_envelope,
    write_statement,
)

DESK = "http://localhost:8081"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class BrowserKey(NamedTuple):
    """A private key that a page, or an authenticator under it, holds."""

    private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    passkey: bool
    origin: str = DESK

    @property
    def keyid(self) -> str:
        return key_id(self._spki)

    @property
    def form(self) -> Form:
        if self.passkey:
            return Form.WEBAUTHN
        return Form.ED25519 if isinstance(self.private, Ed25519PrivateKey) else Form.P256_RAW

    @property
    def _spki(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def public(self, person: str) -> Key:
        return Key(person=person, spki=b64encode(self._spki), form=self.form, origin=self.origin)

    def sign(self, message: bytes, **changes: Any) -> bytes:
        """The signature as it stands in an envelope; ``changes`` spoil what the authenticator is told."""
        if self.passkey:
            return write_assertion(self.assertion(message, **changes))
        return self._plain(message, raw=True, high=changes.get("high", False))

    def assertion(
        self, message: bytes, *, flags: int = 0x05, domain: str = "localhost", high: bool = False, **said: Any
    ) -> Assertion:
        challenge = base64.urlsafe_b64encode(bytes.fromhex(sha256_hex(message))).rstrip(b"=").decode()
        told = {"type": "webauthn.get", "challenge": challenge, "origin": self.origin, "crossOrigin": False} | said
        client = json.dumps({name: value for name, value in told.items() if value is not None}).encode()
        facts = bytes.fromhex(sha256_hex(domain.encode())) + bytes([flags]) + bytes(4)
        return Assertion(facts, client, self._plain(facts + bytes.fromhex(sha256_hex(client)), raw=False, high=high))

    def _plain(self, message: bytes, *, raw: bool, high: bool) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(message)
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        s = max(s, ORDER - s) if high else min(s, ORDER - s)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big") if raw else encode_dss_signature(r, s)


def browser_key(form: str, origin: str = DESK) -> BrowserKey:
    """A fresh key: ``ed25519``, ``p256``, ``passkey-ed25519`` or ``passkey-p256``."""
    private = Ed25519PrivateKey.generate() if form.endswith("ed25519") else ec.generate_private_key(ec.SECP256R1())
    return BrowserKey(private, form.startswith("passkey"), origin)


def say(subject: str, predicate: Predicate, key: BrowserKey, **changes: Any) -> bytes:
    """The envelope in which a browser's key makes a statement."""
    unsigned = Envelope(write_statement(subject, predicate), {})
    return write_envelope(unsigned._replace(signatures={key.keyid: key.sign(unsigned.message, **changes)}))
