"""HTTP intake: posted messages are stored, then answered; whatever else is sent costs its sender, not the process."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from flows.environment import Limits
from flows.vocabulary import Transport
from nodes import catalogue
from nodes.source import Source
from nodes.sources.fhir_inbound import FhirInbound, FhirInboundConfig
from runtime import world
from runtime.intake.carriers import carriers, http
from runtime.intake.shown import server_context
from runtime.intake.source import Plan
from runtime.journal.errors import DiskFull
from runtime.journal.store import Journal
from runtime.lent import Lent
from tests.runtime.intake import desk as desks
from tests.runtime.intake.desk import AROUND, desk
from tests.runtime.intake.test_plan import Kept, with_connection

PATIENT = b'{"resourceType": "Patient", "id": "Rivera-4711"}'
TOKEN = b"t" * 32


class Answered(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def said(self) -> str:
        return str(self.body["issue"][0]["diagnostics"])


def plan(limits: Limits | None = None, config: dict[str, Any] | None = None, **members: Any) -> Plan:
    limits = limits or Limits()
    source = FhirInbound(FhirInboundConfig.model_validate(config or {"accepts": ["*@R4"]}), Lent({}, b""), AROUND)
    carrier = carriers()[source.listens]
    return desks.plan(limits=limits, source=source.listener(limits), carrier=carrier, base_path="/fhir", **members)


def request(
    body: bytes = PATIENT, *more: bytes, target: bytes = b"/fhir", method: bytes = b"POST", length: int | None = None,
    media: bytes = b"application/fhir+json", host: bytes = b"Host: h\r\n", version: bytes = b"1.1",
) -> bytes:  # fmt: skip
    typed = b"Content-Type: %s\r\n" % media if media else b""
    size = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    head = b"%s %s HTTP/%s\r\n%s%s%s" % (method, target, version, host, typed, b"" if length == -1 else size)
    return head + b"".join(each + b"\r\n" for each in more) + b"\r\n" + body


class Peer:
    """A sender of requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext | None = None) -> Peer:
        return cls(
            *await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None)
        )

    async def send(self, *data: bytes) -> None:
        for piece in data:
            self.writer.write(piece)
            await self.writer.drain()

    async def answer(self) -> Answered:
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answered(int(head[0].split(" ")[1]), headers, json.loads(body) if body else None)

    async def closed(self) -> bool:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read(1) == b""
            except ConnectionResetError:
                return True


async def ask(port: int, *data: bytes) -> Answered:
    peer = await Peer.to(port)
    await peer.send(*data)
    answered = await peer.answer()
    peer.writer.close()
    assert "Rivera" not in str(answered)
    return answered


def asked(*data: bytes, **members: Any) -> Answered:
    async def run() -> Answered:
        async with desk(plan(**members)) as at:
            return await ask(at.port, *data)

    return asyncio.run(run())


# -- taken


def test_a_resource_is_stored_and_then_answered_with_its_number() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            answered = await ask(at.port, request())
            assert (answered.status, answered.said) == (201, "stored as LG1")
            assert answered.headers["content-type"] == "application/fhir+json"
            assert at.tally() == (1, 1, 0, 0, 0)
            assert at.rung == [1]

    asyncio.run(run())


def test_a_repeat_is_answered_from_the_store_and_counted() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            first, again = await ask(at.port, request()), await ask(at.port, request())
            assert (first.status, again.status, again.said) == (201, 200, "already stored as LG1")
            changed = await ask(at.port, request(PATIENT.replace(b"}", b', "active": true}')))
            assert (changed.status, changed.said) == (201, "stored as LG2")
            assert at.tally() == (3, 2, 0, 1, 1)

    asyncio.run(run())


def test_an_identity_with_other_content_is_refused_where_the_flow_says_so() -> None:
    async def run() -> None:
        async with desk(plan(conflicts="refuse")) as at:
            await ask(at.port, request())
            changed = await ask(at.port, request(PATIENT.replace(b"}", b', "active": true}')))
            assert (changed.status, changed.body["issue"][0]["code"]) == (409, "conflict")

    asyncio.run(run())


def test_many_copies_at_once_have_one_effect() -> None:
    async def run() -> None:
        async with desk(plan(limits=Limits(connections=100))) as at:
            answers = await asyncio.gather(*(ask(at.port, request()) for _ in range(60)))
            assert sorted(answered.status for answered in answers) == [200] * 59 + [201]
            assert at.tally() == (60, 1, 0, 59, 0)

    asyncio.run(run())


def test_a_connection_is_kept_and_its_answers_come_in_order() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            peer = await Peer.to(at.port)
            bodies = [b'{"resourceType": "Patient", "id": "p%d"}' % n for n in range(20)]
            await peer.send(b"".join(map(request, bodies)))
            assert [(await peer.answer()).said for _ in bodies] == [f"stored as LG{n + 1}" for n in range(20)]
            await peer.send(request())
            assert (await peer.answer()).status == 201
            await peer.send(request(b"nonsense"), request())
            assert [(await peer.answer()).status for _ in range(2)] == [400, 200], "content does not end a connection"

    asyncio.run(run())


@pytest.mark.parametrize("size", [1, 7, 64])
def test_it_does_not_matter_how_the_bytes_fall(size: int) -> None:
    data = request() + request(b'{"resourceType": "Task"}')

    async def run() -> None:
        async with desk(plan()) as at:
            peer = await Peer.to(at.port)
            await peer.send(*(data[n : n + size] for n in range(0, len(data), size)))
            assert [(await peer.answer()).status for _ in range(2)] == [201, 201]

    asyncio.run(run())


def test_the_sender_may_say_goodbye_and_still_read() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            for data in (request(PATIENT, b"Connection: close"), request(version=b"1.0", host=b"")):
                peer = await Peer.to(at.port)
                await peer.send(data)
                answered = await peer.answer()
                assert answered.status in (200, 201) and answered.headers["connection"] == "close"
                assert await peer.closed()
            peer = await Peer.to(at.port)
            await peer.send(request())
            peer.writer.write_eof()
            assert (await peer.answer()).status == 200

    asyncio.run(run())


def test_a_sender_that_waits_is_told_to_go_on() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            peer = await Peer.to(at.port)
            head, body = request(PATIENT, b"Expect: 100-continue").split(b"\r\n\r\n")
            await peer.send(head + b"\r\n\r\n")
            assert (await peer.answer()).status == 100
            await peer.send(body)
            assert (await peer.answer()).status == 201

    asyncio.run(run())


@pytest.mark.parametrize("target", [b"/fhir", b"/fhir/", b"/fhir/Patient"])
def test_a_resource_is_posted_to_the_base_or_to_its_type(target: bytes) -> None:
    assert asked(request(target=target)).status == 201


@pytest.mark.parametrize(
    "media",
    [
        b"application/json",
        b"application/fhir+json; charset=utf-8",
        b'Application/FHIR+JSON;fhirVersion=4.0;charset="UTF-8"',
    ],
)
def test_json_by_any_of_its_names_is_taken(media: bytes) -> None:
    assert asked(request(media=media)).status == 201


# -- refused by its content


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"resourceType": "Patient", "id": 1, "id": "Rivera"}', 400, "duplicate-name at id"),
        (b'{"resourceType": "Patient", "x": NaN}', 400, "not-a-number at ?"),
        (b'{"resourceType": ["Rivera"]}', 400, "resource-type at resourceType"),
        (b"", 400, "not-json at line 1 column 1"),
        (b'{"files": {"f": {"filepath": "/etc/passwd"}}}', 400, "resource-type at resourceType"),
        (b'{"resourceType": "Patient", "modifierExtension": [{"url": "Rivera"}]}', 422,
         "modifier-extension at Patient.modifierExtension"),
    ],
)  # fmt: skip
def test_what_is_refused_says_where_and_why_and_never_what(body: bytes, status: int, said: str) -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            answered = await ask(at.port, request(body))
            assert (answered.status, answered.said) == (status, said)
            ((reason, place, answer),) = at.refusals()
            assert f"{reason} at {place}" == said and answer == str(status)
            assert at.tally() == (1, 0, 1, 0, 0)

    asyncio.run(run())


def test_a_type_that_the_flow_does_not_take_is_refused() -> None:
    answered = asked(request(), config={"accepts": ["Bundle@R4"]})
    assert (answered.status, answered.body["issue"][0]["code"]) == (422, "not-supported")


def test_a_resource_is_not_taken_at_the_address_of_another_type() -> None:
    assert asked(request(target=b"/fhir/Task")).status == 400


# -- refused by its head


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request(method=b"GET", body=b""), 405),
        (request(method=b"PUT"), 405),
        (request(method=b"OPTIONS", body=b""), 405),
        (request(target=b"/"), 404),
        (request(target=b"/fhirx"), 404),
        (request(target=b"/fhir/Patient/1"), 404),
        (request(target=b"/fhir?_format=json"), 404),
        (request(target=b"/fhir/../etc"), 404),
        (request(media=b"application/xml"), 415),
        (request(media=b"application/edi-x12"), 415),
        (request(media=b""), 415),
        (request(media=b"application/fhir+json; charset=latin-1"), 415),
        (request(media=b"application/fhir+json; name=x"), 415),
        (request(media=b"multipart/form-data; boundary=x"), 415),
        (request(media=b'multipart/form-data; boundary="application/json"'), 415),
        (request(PATIENT, b"Content-Type: application/json"), 415),
        (request(PATIENT, b"Content-Encoding: gzip"), 415),
        (request(length=-1), 411),
        (request(b"", b"Transfer-Encoding: chunked", length=-1), 411),
        (request(length=(1 << 20) + 1), 413),
        (request(length=10**30), 400),
        (request(length=10**15), 413),
        (request(host=b""), 400),
        (request(host=b"Host: a\r\nHost: b\r\n"), 400),
        (request(PATIENT, b"Expect: miracles"), 417),
        (request(PATIENT, b"Content-Length: 3"), 400),
        (request(PATIENT, b"Transfer-Encoding: chunked"), 400),
        (request(PATIENT, b"Connection: upgrade", b"Upgrade: h2c"), 400),
        (request(PATIENT, *(b"X-%d: y" % n for n in range(200))), 431),
        (request(PATIENT, b"X: " + b"y" * 20_000), 431),
        (request(target=b"/fhir" + b"x" * 20_000), 431),
        (b"POST /fhir HTTP/1.1\r\nX: " + b"y" * 50_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),
        (b"\x0bMSH|^~\\&|\x1c\r", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"POST /fhir HTTP/1.1\r\nHost : h\r\n\r\n", 400),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_what_is_no_request_for_us_is_answered_and_the_connection_ends(data: bytes, status: int) -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            peer = await Peer.to(at.port)
            await peer.send(data)
            answered = await peer.answer()
            assert (answered.status, answered.headers["connection"]) == (status, "close")
            assert answered.body["resourceType"] == "OperationOutcome"
            assert await peer.closed()
            assert at.tally()[1] == 0
            assert (await ask(at.port, request())).status == 201

    asyncio.run(run())


def test_no_byte_after_a_refused_head_is_taken_for_a_request() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            peer = await Peer.to(at.port)
            await peer.send(request(b"5\r\nhello\r\n0\r\n\r\n" + request(), b"Transfer-Encoding: chunked", length=-1))
            assert (await peer.answer()).status == 411
            assert await peer.closed()
            assert at.tally()[:2] == (1, 0)

    asyncio.run(run())


def test_what_came_before_is_answered_before_a_refusal_ends_the_connection() -> None:
    async def run() -> None:
        async with desk(plan()) as at:
            peer = await Peer.to(at.port)
            await peer.send(request() + request(method=b"GET", body=b"") + request())
            assert [(await peer.answer()).status for _ in range(2)] == [201, 405]
            assert await peer.closed()

    asyncio.run(run())


def test_a_body_longer_than_the_limit_is_refused_before_it_comes() -> None:
    async def run() -> None:
        async with desk(plan(limits=Limits(frame_bytes=1024))) as at:
            answered = await ask(at.port, request(b"", length=2000))
            assert (answered.status, answered.said) == (413, "body-too-long at byte 1025")
            assert at.refusals() == [("body-too-long", "byte 1025", "413")]

    asyncio.run(run())


def test_a_request_that_never_ends_is_given_up_at_its_deadline() -> None:
    async def run() -> None:
        async with desk(plan(limits=Limits(frame_seconds=1))) as at:
            head, body = await Peer.to(at.port), await Peer.to(at.port)
            await head.send(b"POST /fhir HTTP/1.1\r\n")
            await body.send(request(length=100)[:-5])
            for _ in range(3):
                await asyncio.sleep(0.3)
                await head.send(b"X: y\r\n")
            assert [(await each.answer()).status for each in (head, body)] == [408, 408]
            assert await head.closed() and await body.closed()
            assert at.refusals() == [("timeout", "body", "408")]

    asyncio.run(run())


def test_a_connection_without_requests_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "IDLE_S", 0.1)

    async def run() -> None:
        async with desk(plan()) as at:
            silent, served = await Peer.to(at.port), await Peer.to(at.port)
            await silent.send(b"\r\n")
            await served.send(request())
            assert (await served.answer()).status == 201
            assert await silent.closed() and await served.closed()

    asyncio.run(run())


def test_one_connection_too_many_is_closed_unless_another_is_silent() -> None:
    async def run() -> None:
        async with desk(plan(limits=Limits(connections=1))) as at:
            first = await Peer.to(at.port)
            await first.send(request())
            assert (await first.answer()).status == 201
            second = await Peer.to(at.port)
            assert await first.closed()
            await second.send(request()[:20])
            await asyncio.sleep(0.05)
            assert await (await Peer.to(at.port)).closed()

    asyncio.run(run())


# -- who may send


@pytest.mark.parametrize(
    "header",
    [b"X: y", b"Authorization: Bearer wrong", b"Authorization: Basic " + TOKEN, b"Authorization: Bearer",
     b"Authorization: Bearer " + TOKEN + b"\r\nAuthorization: Bearer " + TOKEN],
)  # fmt: skip
def test_without_the_token_nothing_is_read_and_nothing_is_kept(header: bytes) -> None:
    async def run() -> None:
        async with desk(plan(token=hashlib.sha256(TOKEN).digest())) as at:
            for data in (
                request(PATIENT, header),
                request(b"", header, method=b"GET"),
                request(b"", header, length=99),
            ):
                answered = await ask(at.port, data)
                assert (answered.status, answered.headers["www-authenticate"]) == (401, "bearer")
                assert TOKEN.decode() not in str(answered)
            assert at.tally() == (0, 0, 0, 0, 0)
            assert (await ask(at.port, request(PATIENT, b"Authorization: bearer " + TOKEN))).status == 201

    asyncio.run(run())


class Issued(NamedTuple):
    pem: bytes
    der: bytes


def issued() -> Issued:
    """A certificate of its own for localhost, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Issued(made.public_bytes(Encoding.PEM) + private, made.public_bytes(Encoding.DER))


def client(ours: Issued, theirs: Issued | None, tmp_path: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ours.der)
    if theirs is not None:
        file = tmp_path / "client.pem"
        file.write_bytes(theirs.pem)
        context.load_cert_chain(file)
    return context


def listening(transport: str, ours: Issued, senders: Issued | None = None) -> ssl.SSLContext | None:
    secrets = Kept({"or-system-certificate": ours.pem})
    if senders is not None:
        secrets["or-system-senders"] = senders.pem
    connection = with_connection(transport=Transport(transport)).around.environment.connections["or-system"]
    return server_context("or-system", connection, secrets)


def test_tls_is_spoken_where_the_connection_says_so(tmp_path: Path) -> None:
    ours = issued()

    async def run() -> None:
        async with desk(plan(tls=listening("tls", ours))) as at:
            peer = await Peer.to(at.port, client(ours, None, tmp_path))
            await peer.send(request())
            assert (await peer.answer()).status == 201
            plain = await Peer.to(at.port)
            await plain.send(request())
            assert await plain.closed()

    asyncio.run(run())


def test_mutual_tls_takes_the_certificates_of_its_authority_and_of_these_the_pinned_ones(tmp_path: Path) -> None:
    ours, known, other = issued(), issued(), issued()
    tls, pin = listening("mtls", ours, known), hashlib.sha256(known.der).hexdigest()

    async def served(sender: Issued | None, pins: tuple[str, ...]) -> bool:
        async with desk(plan(tls=tls, pins=pins)) as at:
            try:
                peer = await Peer.to(at.port, client(ours, sender, tmp_path))
                await peer.send(request())
                return (await peer.answer()).status == 201
            except (OSError, asyncio.IncompleteReadError):
                return False

    async def run() -> list[bool]:
        cases: list[tuple[Issued | None, tuple[str, ...]]] = [
            (known, ()), (known, (pin,)), (known, ("ab" * 32,)), (other, ()), (None, ()),
        ]  # fmt: skip
        return [await served(*case) for case in cases]

    assert asyncio.run(run()) == [True, True, False, False, False]


# -- a full disk


@contextmanager
def full(journal: Journal) -> Iterator[None]:
    """No write fits while it lasts."""
    write = journal.write

    def refuse(*_: object, **__: object) -> Any:
        raise DiskFull("no room")

    journal.write = refuse  # type: ignore[method-assign]  # reason: the disk's place is taken
    try:
        yield
    finally:
        journal.write = write  # type: ignore[method-assign]  # reason: see above


def test_a_full_disk_is_said_and_nothing_is_taken(tmp_path: Path) -> None:
    async def run() -> None:
        around = world.World(world.SetClock(), world.SystemRandomness(), world.SystemNetwork())
        journal = Journal.open(tmp_path / "journal.db", "intake", around)
        async with desk(plan(), journal=journal) as at:
            with full(journal):
                answered = await ask(at.port, request())
            assert (answered.status, answered.headers["retry-after"]) == (503, "10")
            assert answered.body["issue"][0]["code"] == "transient"
            assert at.tally()[1] == 0

    asyncio.run(run())


# -- the seam


def test_every_carrier_is_a_file_and_every_source_names_one() -> None:
    sources = [kind for kind in catalogue.kinds().values() if issubclass(kind, Source)]
    assert {kind.listens for kind in sources} <= carriers().keys() == {"http", "mllp"}
