"""What costs a sender of requests its connection, never the process: bad heads, limits, no token, no certificate."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from pathlib import Path

import pytest

from flows.environment import Limits
from flows.vocabulary import Transport
from runtime.intake.carriers import http
from runtime.intake.shown import server_context
from tests.certificates import Issued, issued
from tests.runtime.intake.desk import desk
from tests.runtime.intake.posting import PATIENT, TOKEN, Peer, ask, plan, request
from tests.runtime.intake.test_plan import Kept, with_connection


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
