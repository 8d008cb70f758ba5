"""How connections are reached: TLS with pins, client certificates, credentials, and what is refused beforehand."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import ssl
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from flows.environment import Connection
from flows.vocabulary import Domain
from nodes.sink import Answer
from runtime.connections import Unreachable, authorization, reach
from runtime.delivery.http1 import Client, Trouble, head, request
from runtime.secrets import FileSecrets
from runtime.world import SeededRandomness, SystemNetwork


class Certificate(NamedTuple):
    pem: bytes
    pin: str


def certificate(name: str) -> Certificate:
    """A self-signed certificate with its key, as hospitals have them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pin = hashlib.sha256(made.public_bytes(Encoding.DER)).hexdigest()
    return Certificate(made.public_bytes(Encoding.PEM) + private, pin)


SERVER, CLIENT = certificate("erp"), certificate("lockgate")


def connection(transport: str, **members: Any) -> Connection:
    facts = {"domain": Domain.ERP, "system": "ERP", "transport": transport, "host": "127.0.0.1", "port": 1}
    return Connection.model_validate({**facts, **members})


@pytest.fixture
def secrets(tmp_path: Path) -> FileSecrets:
    made = FileSecrets.prepare(tmp_path, SeededRandomness(1))
    for name, content in {"token": b"Bearer t0ken\n", "client": CLIENT.pem, "odd": b"a\r\nX: b"}.items():
        place = tmp_path / "secrets" / "connections" / name
        place.write_bytes(content)
        place.chmod(0o600)
    return made


def asked(tmp_path: Path, secrets: FileSecrets, described: Connection, *, mutual: bool = False) -> Answer | Trouble:
    """What a POST over ``described`` comes to, against a TLS server with SERVER's certificate."""
    place, client_ca = tmp_path / "server.pem", tmp_path / "client.pem"
    place.write_bytes(SERVER.pem)
    client_ca.write_bytes(CLIENT.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.readuntil(b"\r\n\r\n{}"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def run() -> Answer | Trouble:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        client = Client(reach("erp", described.model_copy(update={"port": port}), secrets, SystemNetwork()), 2.0)
        future: asyncio.Future[Answer | Trouble] = asyncio.get_running_loop().create_future()
        client.send(request(head("POST", "/", "h", ()), b"ab", b"{}"), future.set_result)
        answer = await future
        client.close()
        server.close()
        return answer

    answer = asyncio.run(run())
    assert bool(heard) == isinstance(answer, Answer), "a byte went out before the peer was known"
    return answer


def test_a_pinned_certificate_is_taken(tmp_path: Path, secrets: FileSecrets) -> None:
    assert isinstance(asked(tmp_path, secrets, connection("tls", pins=(SERVER.pin,))), Answer)


def test_another_certificate_than_the_pinned_one_gets_no_byte(tmp_path: Path, secrets: FileSecrets) -> None:
    assert asked(tmp_path, secrets, connection("tls", pins=(CLIENT.pin,))) is Trouble.UNREACHED


def test_without_a_pin_the_authorities_decide(tmp_path: Path, secrets: FileSecrets) -> None:
    assert asked(tmp_path, secrets, connection("tls")) is Trouble.UNREACHED


def test_mutual_tls_shows_its_certificate(tmp_path: Path, secrets: FileSecrets) -> None:
    described = connection("mtls", pins=(SERVER.pin,), secret="client")
    assert isinstance(asked(tmp_path, secrets, described, mutual=True), Answer)


@pytest.mark.parametrize(
    "described",
    [
        connection("mtls", pins=(SERVER.pin,)),
        connection("mtls", pins=(SERVER.pin,), secret="token"),
        connection("loopback", host="erp.example"),
        connection("loopback", host="10.0.0.1"),
        connection("ssh"),
    ],
    ids=["mtls without a secret", "mtls with a token", "loopback by name", "loopback elsewhere", "http over ssh"],
)
def test_a_description_that_does_not_hold_is_refused_beforehand(described: Connection, secrets: FileSecrets) -> None:
    with pytest.raises(Unreachable):
        reach("erp", described, secrets, SystemNetwork())


def test_a_token_becomes_the_authorization_and_a_certificate_does_not(secrets: FileSecrets) -> None:
    assert authorization("erp", connection("tls", secret="token"), secrets) == (("Authorization", "Bearer t0ken"),)
    assert authorization("erp", connection("mtls", secret="client"), secrets) == ()
    assert authorization("erp", connection("tls"), secrets) == ()


def test_a_secret_of_two_lines_is_no_header(secrets: FileSecrets) -> None:
    with pytest.raises(Unreachable, match="one line"):
        authorization("erp", connection("tls", secret="odd"), secrets)
