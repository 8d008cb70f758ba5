"""What both sides of a listening connection show: our certificate, the sender's certificate, a token.

Secrets have names. For a connection ``or-system`` that listens by TLS, ``or-system-certificate`` holds the chain and
its key (PEM) and, by mutual TLS, ``or-system-senders`` the authorities (PEM) of the senders' certificates. The secret
that the connection itself names is the token that every sender must show.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from typing import Protocol

from flows.environment import Connection
from flows.vocabulary import Transport
from runtime.secrets import SecretsUnusable

_BEARER = b"Bearer "


class CannotListen(Exception):
    """A release that this runtime has no listener for. ``reason`` is a code."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence


class Secrets(Protocol):
    """The runtime's own store."""

    def get(self, name: str) -> bytes: ...


def token_of(name: str, connection: Connection, secrets: Secrets) -> bytes | None:
    """The SHA-256 of the token that the connection asks for; None where it asks for none."""
    if connection.secret is None:
        return None
    token = _secret(name, connection.secret, secrets).removeprefix(_BEARER)
    if len(token) < 16 or not token.isascii() or b" " in token:
        raise CannotListen("secret", f"The secret of connection '{name}' is no token of at least 16 characters.")
    return hashlib.sha256(token).digest()


def server_context(name: str, connection: Connection, secrets: Secrets) -> ssl.SSLContext | None:
    """TLS as the connection's transport asks for it; None where it listens in the clear."""
    if connection.transport not in (Transport.TLS, Transport.MTLS):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _add_certificate(context, name, _secret(name, f"{name}-certificate", secrets))
    if connection.transport is Transport.MTLS:
        try:
            context.load_verify_locations(cadata=_secret(name, f"{name}-senders", secrets).decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError):
            raise CannotListen("secret", f"The secret '{name}-senders' holds no certificates (PEM).") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _secret(name: str, secret: str, secrets: Secrets) -> bytes:
    try:
        return secrets.get(secret)
    except SecretsUnusable as error:
        raise CannotListen("secret", f"Connection '{name}' needs the secret '{secret}': {error}") from None


def _add_certificate(context: ssl.SSLContext, name: str, pem: bytes) -> None:
    file = os.memfd_create("certificate", os.MFD_CLOEXEC)  # the ssl module reads files only
    try:
        os.write(file, pem)
        context.load_cert_chain(f"/proc/self/fd/{file}")
    except ssl.SSLError:
        raise CannotListen("secret", f"The secret '{name}-certificate' is no certificate with its key (PEM).") from None
    finally:
        os.close(file)
