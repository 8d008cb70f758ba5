"""How a connection of the signed environment is reached: address, TLS with pins, and the credential it names.

Destinations come from the manifest alone. A pin is the SHA-256 of the peer's certificate; where pins are given they
decide, and without them the system's certificate authorities and the host name do.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import os
import ssl
from collections.abc import Callable
from typing import NamedTuple

from flows.environment import Connection
from flows.vocabulary import Transport
from runtime.delivery.http1 import Connect
from runtime.secrets import FileSecrets
from runtime.world import Network


class Unreachable(Exception):
    """A connection that cannot be used as it is described. The sentence says why."""


class Vendor(NamedTuple):
    """What is shared by all flows that use one credential of one system."""

    connection: str
    host: str
    port: int
    secret: str | None


def vendor_of(name: str, connection: Connection) -> Vendor:
    return Vendor(name, connection.host, connection.port, connection.secret)


def host_header(connection: Connection) -> str:
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    return f"{host}:{connection.port}"


def reach(name: str, connection: Connection, secrets: FileSecrets, network: Network) -> Connect:
    """The way to the destination. Unreachable where the description does not hold."""
    if connection.transport is Transport.LOOPBACK and not _is_loopback(connection.host):
        raise Unreachable(f"Connection '{name}' says loopback, but '{connection.host}' is no loopback address.")
    if connection.transport is Transport.SSH:
        raise Unreachable(f"Connection '{name}' says ssh, which carries no HTTP.")
    if connection.transport not in (Transport.TLS, Transport.MTLS):
        return lambda make: network.connect(connection.host, connection.port, make)
    context = _context(name, connection, secrets)

    async def connect(make: Callable[[], asyncio.Protocol]) -> object:
        protocol = await network.connect(connection.host, connection.port, make, context)
        if connection.pins:
            _check_pin(protocol, connection.pins)
        return protocol

    return connect


def authorization(name: str, connection: Connection, secrets: FileSecrets) -> tuple[tuple[str, str], ...]:
    """The Authorization header of a connection with a secret; a client certificate is none."""
    if connection.secret is None:
        return ()
    secret = secrets.get(connection.secret)
    if secret.startswith(b"-----BEGIN"):
        return ()
    text = secret.decode("latin-1")
    if not text.isascii() or not text.isprintable() or not text:
        raise Unreachable(f"The secret of connection '{name}' is not one line of ASCII, such as 'Bearer ...'.")
    return (("Authorization", text),)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _context(name: str, connection: Connection, secrets: FileSecrets) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if connection.pins:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin decides, before the first byte is sent
    if connection.transport is Transport.MTLS:
        _add_certificate(name, connection, secrets, context)
    return context


def _add_certificate(name: str, connection: Connection, secrets: FileSecrets, context: ssl.SSLContext) -> None:
    if connection.secret is None:
        raise Unreachable(f"Connection '{name}' says mtls and names no secret: it needs a certificate and its key.")
    pem = secrets.get(connection.secret)
    file = os.memfd_create("certificate", os.MFD_CLOEXEC)  # the ssl module reads files only
    try:
        os.write(file, pem)
        context.load_cert_chain(f"/proc/self/fd/{file}")
    except ssl.SSLError:
        raise Unreachable(f"The secret of connection '{name}' is no certificate with its key (PEM).") from None
    finally:
        os.close(file)


def _check_pin(protocol: object, pins: tuple[str, ...]) -> None:
    transport: asyncio.Transport | None = getattr(protocol, "transport", None)
    session = transport.get_extra_info("ssl_object") if transport is not None else None
    certificate = session.getpeercert(binary_form=True) if session is not None else None
    digest = hashlib.sha256(certificate or b"").hexdigest()
    if certificate is None or not any(hmac.compare_digest(digest, pin.lower()) for pin in pins):
        if transport is not None:
            transport.abort()
        raise ConnectionAbortedError("the certificate is none of those that are pinned")
