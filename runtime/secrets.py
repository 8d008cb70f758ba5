"""The runtime's own secrets: files in a folder that nobody else may read, made at the first start."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from runtime.crypto import keyed
from runtime.world import Randomness

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_KEYS = ("master", "idempotency", "pseudonym")
_SIGNERS = ("audit-intake", "audit-delivery")


class SecretsUnusable(Exception):
    """A secret is missing, malformed, or readable by others."""


class FileSecrets:
    """The secrets under ``<data>/secrets``. Keys are made once and never rotated silently.

    ``master.key`` wraps the data keys, ``idempotency.key`` names postings towards sinks, ``pseudonym.key`` makes
    pseudonyms, ``audit-<writer>.pem`` signs checkpoints, ``connections/<name>`` are what sinks ask for.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def prepare(cls, data: Path, randomness: Randomness) -> FileSecrets:
        """The secrets of a data folder; what is missing is made. The supervisor calls this before it forks."""
        folder = data / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "connections").mkdir(exist_ok=True, mode=0o700)
        for name in _KEYS:
            _make(folder / f"{name}.key", randomness.bytes(32).hex().encode() + b"\n")
        for name in _SIGNERS:
            _make(folder / f"{name}.pem", _new_signer(randomness))
        _flush(folder)
        return cls(folder)

    @property
    def master_key(self) -> bytes:
        return self._key("master")

    @property
    def idempotency_key(self) -> bytes:
        return self._key("idempotency")

    @property
    def pseudonym_key(self) -> bytes:
        return self._key("pseudonym")

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose (``twin``, ``lane``, ``cause``), as long-lived as the idempotency key."""
        return keyed(self.idempotency_key, b"lockgate/derived/1", purpose.encode())

    @property
    def folder(self) -> Path:
        return self._folder

    def bound(self, purpose: str) -> bytes:
        """A key for one purpose (``audit``, ``witness``) that comes from the master key."""
        return keyed(self.master_key, b"lockgate/bound/1", purpose.encode())

    def signer(self, writer: str) -> Ed25519PrivateKey:
        """The key that signs checkpoints of ``writer``."""
        path = self._folder / f"audit-{writer}.pem"
        key = load_pem_private_key(_read(path), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise SecretsUnusable(f"{path} is no Ed25519 key.")
        return key

    def get(self, name: str) -> bytes:
        """A connection's secret by its reference, without the line end."""
        if not _NAME.fullmatch(name):
            raise SecretsUnusable(f"'{name[:80]}' is no name of a secret.")
        return _read(self._folder / "connections" / name).rstrip(b"\r\n")

    def _key(self, name: str) -> bytes:
        path = self._folder / f"{name}.key"
        try:
            key = bytes.fromhex(_read(path).decode("ascii"))
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SecretsUnusable(f"{path} does not hold 32 bytes in hex. Put the file back from its safe copy.")
        return key


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise SecretsUnusable(f"{path} can be read by others: chmod 600 it, and replace the secret.")
        return path.read_bytes()
    except OSError:
        raise SecretsUnusable(f"{path} is missing or cannot be read.") from None


def _make(path: Path, content: bytes) -> None:
    """A new file appears whole or not at all; one that exists is left alone."""
    if path.exists():
        return
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    half.rename(path)


def _new_signer(randomness: Randomness) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(randomness.bytes(32))
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _flush(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
