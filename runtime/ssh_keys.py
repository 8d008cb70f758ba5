"""SSH as the runtime speaks it: pinned hosts, strong algorithms, and private keys in the forms that people have.

For the worker that lays files down, never elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
from collections.abc import Mapping
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

WEAK: Mapping[str, tuple[str, ...]] = {
    "ciphers": ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc", "blowfish-cbc"),
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96"),
    "keys": ("ssh-rsa", "ssh-dss", "ssh-rsa-cert-v01@openssh.com"),
    "pubkeys": ("ssh-rsa", "ssh-dss", "ssh-rsa-cert-v01@openssh.com"),
    "kex": (
        "diffie-hellman-group1-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
    ),
}
"""Never offered and never taken."""


class OtherKey(paramiko.SSHException):
    """The host's key is none of those that are pinned."""


class Pinned(paramiko.MissingHostKeyPolicy):
    """Refuses every host key but the pinned ones: none is ever added to those that are known."""

    def __init__(self, pins: list[str]) -> None:
        self._pins = pins

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        found = hashlib.sha256(key.asbytes()).hexdigest()
        if not any(hmac.compare_digest(found, pin) for pin in self._pins):
            raise OtherKey("none of the pinned keys")


class NotAKey(ValueError):
    """The secret holds no private key that is taken here."""


def private_key(text: str) -> paramiko.PKey:
    """A private key, in OpenSSH's form or as PKCS#8; without a passphrase, since the file is the secret."""
    data = text.encode() if text.endswith("\n") else f"{text}\n".encode()
    try:
        if b"OPENSSH" in data[:64]:
            loaded: Any = serialization.load_ssh_private_key(data, None)
        else:
            loaded = serialization.load_pem_private_key(data, None)
        form, plain = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        made = loaded.private_bytes(serialization.Encoding.PEM, form, plain).decode("ascii")
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NotAKey("no private key") from None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with contextlib.suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(made))
    raise NotAKey("a kind of key that is not taken here")
