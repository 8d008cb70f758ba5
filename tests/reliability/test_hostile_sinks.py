"""Sinks that misbehave on the wire, over real sockets: what is retried, what is held, and that nothing is lost.

The order of each key holds, no other host is asked, and no memory goes with it."""

from __future__ import annotations

import asyncio
import ssl
import tracemalloc
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from lockgate.demo.ports import free_ports
from runtime.questions.replay import AskReplay
from tests.certificates import issued
from tests.reliability import hostile
from tests.reliability.hostile import LONG, PAGE, SHORT, Behaviour, Hostile, busy, said, tells
from tests.runtime.workshop import Shop, charge, shop

ELSEWHERE = free_ports(1)[0]
MANY, FEW = 6, 2
Play = Callable[[Shop, Hostile], Coroutine[Any, Any, None]]
THROTTLE = {"per_second": 1000, "burst": 100, "in_flight": 4}

PASSES: dict[str, tuple[Behaviour, str]] = {
    "hangs": (hostile.hangs, "uncertain"),
    "trickles a byte a second": (hostile.trickles, "uncertain"),
    "resets": (hostile.resets, "uncertain"),
    "closes its half without a word": (hostile.half_closes, "uncertain"),
    "a body shorter than was said": (hostile.too_long, "uncertain"),
    "unavailable": (tells(said("503 No")), "gave-up"),
    **{f"busy, retry after '{after[:30]}'": (busy(after), "gave-up") for after in SHORT},
}
"""What is tried again, and as what it is held when it never ends."""

HELD: dict[str, tuple[Behaviour, str]] = {
    "a login page with 200": (tells(said("200 OK", PAGE, "Content-Type: text/html")), "wrong-answer"),
    "a login page with 201": (tells(said("201 Created", PAGE, "Content-Type: text/html")), "wrong-answer"),
    "an empty 201": (tells(said("201 Created")), "wrong-answer"),
    **{
        f"{status} to another host": (
            tells(said(f"{status} Moved", b"", f"Location: http://127.0.0.1:{ELSEWHERE}/x")),
            f"answer-{status}",
        )
        for status in (301, 302, 303, 307, 308)
    },
    "an endless header": (hostile.endless_head, "wrong-answer"),
    "an endless body": (hostile.endless_body, "wrong-answer"),
    "interim answers for ever": (hostile.interim_for_ever, "wrong-answer"),
    "a body longer than was said": (tells(said("201 Created", b'{"document":"1"}', length=3)), "wrong-answer"),
    "no HTTP": (tells(b"SSH-2.0-OpenSSH_9.6\r\n"), "wrong-answer"),
    "two lengths": (tells(said("201 Created", b"{}", "Content-Length: 9")), "wrong-answer"),
}
"""What is held at once: another attempt would meet the same, and somebody has to look."""


def play(folder: Path, story: Play, server: Hostile, **given: Any) -> None:
    async def run() -> None:
        described = {"answer_s": 1, "give_up_s": 30, "throttle": THROTTLE, **given}
        async with shop(folder, server, **described) as made:  # type: ignore[arg-type]  # it asks for these doors alone
            await story(made, server)
            assert not made.broken

    asyncio.run(run())


def charges(count: int = MANY) -> list[bytes]:
    """Two keys, taking turns."""
    return [charge(f"C{n}", "A-1", encounter=f"E{n % 2}") for n in range(count)]


def in_order(made: Shop, server: Hostile) -> bool:
    """Whether each key's postings were applied in the order in which they came."""
    rows = made.rows("SELECT lower(hex(idempotency)), lane, number FROM posting")
    places = {key: (lane, number) for key, lane, number in rows}
    went = [places[key] for key in server.applied]
    lanes = [[number for lane, number in went if lane == each] for each in {lane for lane, _ in went}]
    return all(numbers == sorted(numbers) for numbers in lanes)


@pytest.mark.parametrize("fault", PASSES)
def test_what_passes_by_itself_arrives_once_and_in_order(tmp_path: Path, fault: str) -> None:
    async def story(made: Shop, server: Hostile) -> None:
        made.accept(*charges())
        await made.settled(30)
        assert made.states() == {"delivered": MANY}
        assert len(server.applied) == len(set(server.applied)) == MANY < len(server.keys)
        assert in_order(made, server)

    play(tmp_path, story, Hostile(PASSES[fault][0], 2))


@pytest.mark.parametrize("after", LONG)
def test_a_wait_that_no_posting_has_the_time_for_ends_with_the_last_attempt(tmp_path: Path, after: str) -> None:
    async def story(made: Shop, server: Hostile) -> None:
        made.accept(*charges())
        await made.settled(30)
        assert made.states() == {"delivered": MANY}
        assert len(server.applied) == len(set(server.applied)) == MANY and in_order(made, server)
        assert made.rows("SELECT max(attempts) FROM posting") == [(2,)]

    play(tmp_path, story, Hostile(busy(after), 2), give_up_s=2)


@pytest.mark.parametrize("fault", PASSES)
def test_what_never_passes_is_held_as_what_it_is_and_replayed_once(tmp_path: Path, fault: str) -> None:
    async def story(made: Shop, server: Hostile) -> None:
        made.accept(*charges(FEW))
        await made.settled(60)
        assert made.states() == {"parked": FEW} and server.applied == []
        assert {cause for (cause,) in made.rows("SELECT cause FROM incident")} == {PASSES[fault][1]}
        server.times = 0
        for (case,) in made.rows("SELECT number FROM incident ORDER BY number"):
            await made.replays.run(AskReplay(actor="oli", case=case), 0)
        await made.settled(60)
        assert made.states() == {"delivered": FEW} and len(set(server.applied)) == len(server.applied) == FEW

    play(tmp_path, story, Hostile(PASSES[fault][0], 10_000), give_up_s=1)


@pytest.mark.parametrize("fault", HELD)
def test_what_does_not_pass_is_held_at_once_and_nothing_else_waits_for_it(tmp_path: Path, fault: str) -> None:
    async def story(made: Shop, server: Hostile) -> None:
        asked: list[object] = []
        other = await asyncio.start_server(lambda reader, writer: asked.append(writer.close()), "127.0.0.1", ELSEWHERE)
        tracemalloc.start()
        made.accept(*charges())
        await made.settled(30)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        other.close()
        cause = HELD[fault][1]
        assert made.states() == {"parked": 2, "delivered": MANY - 2}
        assert {cause for (cause,) in made.rows("SELECT cause FROM incident")} == {cause}
        assert len(server.applied) == len(set(server.applied)) == MANY - 2 and len(server.keys) == MANY
        assert asked == [], "no answer sends the runtime to another host"
        assert most < 32 << 20

    play(tmp_path, story, Hostile(HELD[fault][0], 2))


def test_a_service_with_another_name_in_its_certificate_gets_no_byte(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read(100))
        writer.close()

    async def run() -> None:
        ours = issued()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (tmp_path / "own.pem").write_bytes(ours.pem)
        context.load_cert_chain(tmp_path / "own.pem")
        [port] = free_ports(1)
        server = await asyncio.start_server(listen, "127.0.0.1", port, ssl=context)
        given: dict[str, Any] = {"transport": "tls", "give_up_s": 1, "answer_s": 1}
        for pins in ((), ("ab" * 32,)):
            folder = tmp_path / f"pins-{len(pins)}"
            folder.mkdir()
            async with shop(folder, Elsewhere(port), pins=pins, **given) as made:  # type: ignore[arg-type]
                made.accept(*charges(FEW))
                await made.settled(60)
                assert made.states() == {"parked": FEW}
                assert made.rows("SELECT DISTINCT cause FROM incident") == [("gave-up",)]
        server.close()
        assert [each for each in got if each] == []

    asyncio.run(run())


class Elsewhere:
    """A counterpart that the test serves itself."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> None: ...

    def close(self) -> None: ...
