"""What a hostile or a slow sender of frames gets: limits, deadlines, and no harm to the others."""

from __future__ import annotations

import asyncio
from typing import Any

from flows.environment import Limits
from runtime.intake.arrival import Twins
from runtime.intake.carriers.mllp import MllpConnection
from runtime.intake.listeners import FlowListener
from runtime.world import SystemNetwork
from tests.runtime.intake.desk import KEY, Peer, Run, ask, desk, framed, message, plan


def test_an_empty_frame_is_journalled_and_the_connection_closed_without_an_answer(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(b""))
            assert await peer.closed()
            assert [row[2] for row in d.refusals()] == ["none"]

    run(story())


def test_a_frame_without_header_ends_after_the_answers_before_it(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1"), b"nonsense", message("C2")))
            assert await peer.code() == ("AA", "C1")
            assert await peer.closed()
            assert d.tally() == (2, 1, 1, 0, 0)

    run(story())


def test_bytes_before_a_frame_are_passed_over_up_to_four_kibibytes(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(b"x" * 4096 + framed(message("C1")))
            assert await peer.code() == ("AA", "C1")
            other = await Peer.to(d.port)
            await other.send(b"x" * 4097)
            assert await other.closed()
            assert d.refusals() == [("no-frame-start", "frame", "none")]

    run(story())


def test_a_frame_beyond_its_limit_is_refused_by_its_header_and_the_connection_closed(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(limits=Limits(frame_bytes=1024))) as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1", body="OBX|1|" + "x" * 2000)))
            assert await peer.code() == ("AE", "C1")
            assert await peer.closed()
            other = await Peer.to(d.port)
            await other.send(b"\x0b" + b"y" * 100_000)
            assert await other.closed()
            assert d.refusals() == [("frame-too-long", "frame", "AE"), ("frame-too-long", "frame", "none")]

    run(story())


def test_a_frame_must_be_whole_by_its_deadline_however_steadily_it_trickles(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(limits=Limits(frame_seconds=1))) as d:
            peer = await Peer.to(d.port)
            began = asyncio.get_running_loop().time()
            await peer.send(b"\x0b" + message("C1"))
            for _ in range(4):
                await asyncio.sleep(0.2)
                await peer.send(b"x")
            assert await peer.code() == ("AE", "C1")
            assert 0.9 < asyncio.get_running_loop().time() - began < 2
            assert await peer.closed()
            assert d.refusals() == [("frame-timeout", "frame", "AE")]

    run(story())


def test_a_connection_may_stay_idle_between_frames(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(limits=Limits(frame_seconds=1))) as d:
            peer = await Peer.to(d.port)
            for control in ("C1", "C2"):
                await peer.send(framed(message(control)))
                assert await peer.code() == ("AA", control)
                await asyncio.sleep(1.2)
            assert d.refusals() == []

    run(story())


def test_a_frame_that_starts_again_inside_refuses_what_stood_before(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(b"\x0b" + message("C1") + framed(message("C2")))
            assert [await peer.code(), await peer.code()] == [("AE", "C1"), ("AA", "C2")]
            assert d.refusals() == [("frame-restarted", "frame", "AE")]

    run(story())


def test_an_end_of_frame_inside_a_value_is_refused_and_the_connection_closed(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1", body="OBX|1|ED|PDF||ab\x1c\rcd")))
            assert await peer.code() == ("AR", "C1")
            assert await peer.closed()
            assert d.refusals() == [("framing-ambiguous", "frame", "AR")]

    run(story())


def test_a_sender_beyond_the_limit_takes_the_place_of_the_one_that_never_said_anything(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(limits=Limits(connections=2))) as d:
            old, silent = await Peer.to(d.port), await Peer.to(d.port)
            await old.send(framed(message("C1")))
            assert await old.code() == ("AA", "C1")
            late = await Peer.to(d.port)
            assert await silent.closed()
            for peer, control in ((old, "C2"), (late, "C3")):
                await peer.send(framed(message(control)))
                assert await peer.code() == ("AA", control)

    run(story())


def test_sixty_four_silent_connections_shut_nobody_out(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            for _ in range(3 * Limits().connections):
                await Peer.to(d.port)
            assert await ask(d.port, message("C1")) == [("AA", "C1")]

    run(story())


def test_connections_in_the_middle_of_a_frame_are_not_ended_for_a_newer_one(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(limits=Limits(connections=2))) as d:
            busy = [await Peer.to(d.port) for _ in range(2)]
            for number, peer in enumerate(busy):
                await peer.send(framed(message(f"C{number}"))[:40])
            await asyncio.sleep(0.05)
            third = await Peer.to(d.port)
            assert await third.closed()
            for number, peer in enumerate(busy):
                await peer.send(framed(message(f"C{number}"))[40:])
                assert await peer.code() == ("AA", f"C{number}")

    run(story())


def test_reading_stops_while_delivery_is_behind_and_goes_on_when_it_has_caught_up(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            await ask(d.port, *(message(f"C{n}") for n in range(2100)))
            peer = await Peer.to(d.port)
            await peer.send(framed(message("LATE")))
            await asyncio.sleep(0.2)
            assert d.tally()[0] == 2100
            d.listeners.expanded(2100)
            assert await peer.code() == ("AA", "LATE")

    run(story())


def test_a_long_history_that_is_all_expanded_holds_nobody_back(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            await ask(d.port, *(message(f"C{n}") for n in range(2100)))
            with d.journal.write() as transaction:
                transaction.run("UPDATE message SET expanded = 1")
            async with desk(journal=d.journal) as later:
                assert await ask(later.port, message("D1")) == [("AA", "D1")]
                assert await ask(later.port, message("D2")) == [("AA", "D2")]

    run(story())


def test_a_defect_in_a_reader_costs_one_frame_and_not_the_process(run: Run) -> None:
    class Defective:
        def __init__(self, source: Any) -> None:
            self.source, self.answer = source, source.answer

        def admit(self, frame: bytes) -> Any:
            if b"BOOM" in frame:
                raise RuntimeError("4711 is a value")
            return self.source.admit(frame)

    async def story() -> None:
        good = plan()
        async with desk(plan(source=Defective(good.source))) as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("BOOM")))
            assert await peer.closed()
            assert await ask(d.port, message("C1")) == [("AA", "C1")]
            assert d.refusals() == [("unreadable", "frame", "none")]

    run(story())


def test_no_deadline_runs_while_we_do_not_read_ourselves(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(limits=Limits(frame_seconds=1))) as d:
            peer = await Peer.to(d.port)
            await peer.send(b"\x0b" + message("C1")[:20])
            await asyncio.sleep(0.1)
            d.listeners.committed(5000)
            await asyncio.sleep(1.2)
            d.listeners.expanded(5000)
            await peer.send(message("C1")[20:] + b"\x1c\r")
            assert await peer.code() == ("AA", "C1")

    run(story())


def test_a_sender_that_reads_no_answers_is_not_read_from_either() -> None:
    class Transport(asyncio.Transport):
        def __init__(self) -> None:
            super().__init__()
            self.reading = True

        def pause_reading(self) -> None:
            self.reading = False

        def resume_reading(self) -> None:
            self.reading = True

        def is_reading(self) -> bool:
            return self.reading

        def is_closing(self) -> bool:
            return False

        def close(self) -> None: ...

    async def story() -> None:
        async with desk() as d:
            listener = FlowListener(plan(), Twins(KEY), d.recorder, held=False)
            await listener.open(SystemNetwork())
            connection, transport = MllpConnection(listener), Transport()
            connection.connection_made(transport)
            seen = []
            for step in (
                connection.pause_writing,
                lambda: connection.hold(True),
                connection.resume_writing,
                lambda: connection.hold(False),
            ):
                step()
                seen.append(transport.reading)
            assert seen == [False, False, False, True]
            listener.close()

    asyncio.run(story())
