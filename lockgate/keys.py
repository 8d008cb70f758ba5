"""Private keys in files: made, read and used by the person who holds them. A server never signs for a person."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from flows.canonical import b64encode
from flows.trust import Envelope, Form, Key, Predicate, key_id, write_envelope, write_statement


class KeyTrouble(Exception):
    """A key file that cannot be made or used; the text says what to do."""


class PrivateKey:
    """A private key in memory. ``keyid`` names it; the trust root says whose it is."""

    def __init__(self, private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        self.spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.keyid = key_id(self.spki)
        self.form = Form.ED25519 if isinstance(private, Ed25519PrivateKey) else Form.P256_DER

    def public(self, person: str) -> Key:
        """The public half, as a trust root lists it."""
        return Key(person=person, spki=b64encode(self.spki), form=self.form)

    def sign(self, message: bytes) -> bytes:
        """The signature over ``message``, in the key's form."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(message)
        return self._private.sign(message, ec.ECDSA(hashes.SHA256()))

    def pem(self) -> bytes:
        """PKCS#8, not encrypted: the file's mode protects it."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def new_key(form: Literal["ed25519", "p256"] = "ed25519") -> PrivateKey:
    """A fresh key, in memory only."""
    return PrivateKey(Ed25519PrivateKey.generate() if form == "ed25519" else ec.generate_private_key(ec.SECP256R1()))


def make_key(path: Path | str, form: Literal["ed25519", "p256"] = "ed25519") -> PrivateKey:
    """A fresh key in a file of mode 0600 that did not exist before."""
    key = new_key(form)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise KeyTrouble(f"{path} exists already: a key is never written over; choose another name.") from None
    except OSError as error:
        raise KeyTrouble(f"{path}: this key file cannot be made ({error.strerror}).") from None
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(key.pem())
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key(path: Path | str) -> PrivateKey:
    """The key in a file that nobody but its owner can read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(65_536) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise KeyTrouble(f"{path}: this key file cannot be read ({error.strerror}).") from None
    if not stat.S_ISREG(mode):
        raise KeyTrouble(f"{path}: this is no file, and so no key file.")
    if stat.S_IMODE(mode) & 0o077:
        raise KeyTrouble(
            f"{path}: others may read this key file; run 'chmod 600' on it, or make a new key if they did."
        )
    try:
        private = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyTrouble(f"{path}: this is not an unencrypted PKCS#8 key file.") from None
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return PrivateKey(private)
    if isinstance(private, Ed25519PrivateKey):
        return PrivateKey(private)
    raise KeyTrouble(f"{path}: keys are Ed25519 or P-256; this is another kind.")


def sign_statement(subject: str, predicate: Predicate, *keys: PrivateKey) -> bytes:
    """The envelope in which the holders of ``keys`` make one statement about ``subject``."""
    return sign_payload(write_statement(subject, predicate), keys)


def sign_payload(payload: bytes, keys: Sequence[PrivateKey]) -> bytes:
    """The envelope of a payload with a signature of each key."""
    unsigned = Envelope(payload, {})
    return write_envelope(unsigned._replace(signatures={key.keyid: key.sign(unsigned.message) for key in keys}))
