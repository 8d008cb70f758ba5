"""HTTP intake: posted messages are stored, then answered; what is refused for its content says where and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flows.environment import Limits
from nodes import catalogue
from nodes.source import Source
from runtime import world
from runtime.intake.carriers import carriers
from runtime.journal.errors import DiskFull
from runtime.journal.store import Journal
from tests.runtime.intake.desk import desk
from tests.runtime.intake.posting import PATIENT, Peer, ask, asked, plan, request

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
