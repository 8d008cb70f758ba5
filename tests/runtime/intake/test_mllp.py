"""The MLLP listener on real sockets: what is stored, and what is answered."""

from __future__ import annotations

import asyncio

import pytest

from flows import audit
from runtime.crypto import about_message
from runtime.journal import queries
from runtime.journal.keys import DataKeys
from runtime.world import SystemRandomness
from tests.runtime.intake.desk import KEY, Peer, Run, ask, desk, framed, message, plan, said


def test_an_accepted_message_is_stored_sealed_counted_audited_and_answered(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            assert await ask(d.port, message("C1")) == [("AA", "C1")]
            reader = d.journal.reader()
            number, key, payload, answer, expanded, received_ms, digest = (
                reader.row("SELECT number, data_key, payload, answer, expanded, received_ms, digest FROM message") or ()
            )
            by = plan()
            about = about_message(number, by.flow, by.connection, by.release, received_ms, by.label, digest)
            sealer = DataKeys(KEY, SystemRandomness()).numbered(reader, key)
            assert sealer.open(payload, about) == message("C1")
            assert b"4711" not in payload
            assert (answer, expanded) == ("AA", 0)
            assert d.tally() == (1, 1, 0, 0, 0)
            assert d.rung == [1]
            rows = reader.rows(queries.AUDIT_ROWS, ("intake", 1))
            assert audit.verify("intake", rows)[0::2] == (1, None)
            assert b'"action":"message.accepted"' in rows[0][2]

    run(story())


def test_pipelined_frames_are_answered_in_order_and_in_one_write(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(*(message(f"C{n}") for n in range(50))))
            assert [await peer.code() for _ in range(50)] == [("AA", f"C{n}") for n in range(50)]

    run(story())


def test_a_frame_byte_by_byte_is_the_same_frame(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            for byte in framed(message("C1"), message("C2")):
                await peer.send(bytes([byte]))
                await asyncio.sleep(0)
            assert [await peer.code(), await peer.code()] == [("AA", "C1"), ("AA", "C2")]

    run(story())


def test_a_repeat_is_answered_from_the_store_with_the_same_bytes_and_without_effect(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1")))
            first = await peer.answer()
            d.clock.advance(3600)
            await peer.send(framed(message("C1"), message("C1")))
            assert [await peer.answer(), await peer.answer()] == [first, first]
            assert d.tally() == (3, 1, 0, 2, 0)
            assert d.rung == [1]

    run(story())


def test_a_thousand_copies_over_fifty_connections_have_one_effect(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            answers = await asyncio.gather(*(ask(d.port, *[message("C1")] * 20) for _ in range(50)))
            assert {code for each in answers for code in each} == {("AA", "C1")}
            assert d.tally() == (1000, 1, 0, 999, 0)

    run(story())


def test_a_copy_after_seven_days_is_a_new_message(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            await ask(d.port, message("C1"))
            d.clock.advance(7 * 86_400 - 1)
            await ask(d.port, message("C1"))
            assert d.tally() == (2, 1, 0, 1, 0)
            d.clock.advance(2)
            await ask(d.port, message("C1"))
            assert d.tally() == (3, 2, 0, 1, 1)

    run(story())


@pytest.mark.parametrize("seconds", [86_400, -86_400, 10 * 365 * 86_400, -10 * 365 * 86_400])
def test_a_jump_of_the_clock_makes_no_repeat_a_new_message(run: Run, seconds: int) -> None:
    async def story() -> None:
        async with desk() as d:
            await ask(d.port, message("C1"))
            d.clock.jump(seconds)
            await ask(d.port, message("C1"))
            assert d.tally() == (2, 1, 0, 1, 0)

    run(story())


def test_the_same_identity_with_other_bytes_is_a_new_message_and_a_mark_on_the_counter(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            assert await ask(d.port, message("C1"), message("C1", body="PID|1||4712")) == [("AA", "C1")] * 2
            assert d.tally() == (2, 2, 0, 0, 1)

    run(story())


def test_where_the_source_says_so_the_same_identity_with_other_bytes_is_refused(run: Run) -> None:
    async def story() -> None:
        async with desk(plan(conflicts="refuse")) as d:
            answers = await ask(d.port, message("C1"), message("C1", body="PID|1||4712"), message("C1"))
            assert answers == [("AA", "C1"), ("AR", "C1"), ("AA", "C1")]
            assert d.tally() == (3, 1, 1, 1, 1)
            assert d.refusals() == [("identity-conflict", "MSH-10", "AR")]

    run(story())


def test_a_type_that_is_filtered_is_acknowledged_and_ends_with_its_reason(run: Run) -> None:
    async def story() -> None:
        async with desk(plan({"accepts": ["DFT^P03@2.3-2.8"], "others": "filter"})) as d:
            assert await ask(d.port, message("C1", kind="ADT^A01")) == [("AA", "C1")]
            row = d.journal.reader().row("SELECT filtered, expanded FROM message")
            assert row == ("type-not-accepted", 1)
            assert d.rung == []

    run(story())


def test_a_type_that_is_refused_gets_ar_with_reason_and_place_and_no_value(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1", kind="ADT^A01", body="PID|1||SECRET77")))
            answer = await peer.answer()
            assert said(answer) == ("AR", "C1")
            assert b"type-not-accepted" in answer
            assert b"SECRET77" not in answer
            assert d.refusals() == [("type-not-accepted", "MSH-9", "AR")]
            assert d.tally() == (1, 0, 1, 0, 0)

    run(story())


def test_line_ends_after_a_frame_are_no_ambiguity(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1")) + b"\r\n" + framed(message("C2")) + b"\n\n")
            assert [await peer.code(), await peer.code()] == [("AA", "C1"), ("AA", "C2")]

    run(story())


def test_a_half_closed_sender_still_gets_its_answer(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1")))
            peer.writer.write_eof()
            assert await peer.code() == ("AA", "C1")
            assert await peer.closed()

    run(story())


def test_a_sender_that_resets_before_its_answer_gets_it_when_it_sends_again(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1")))
            peer.writer.transport.abort()
            await asyncio.sleep(0.05)
            assert await ask(d.port, message("C1")) == [("AA", "C1")]
            assert d.tally()[1] == 1

    run(story())


def test_an_acknowledgement_is_refused_without_an_answer_and_the_connection_goes_on(run: Run) -> None:
    async def story() -> None:
        async with desk(plan({"accepts": ["*@2.1-2.8"]})) as d:
            peer = await Peer.to(d.port)
            ack = message("A1", kind="ACK", body="MSA|AA|C0")
            await peer.send(framed(ack, message("C1")))
            assert await peer.code() == ("AA", "C1")
            assert d.refusals() == [("acknowledgement", "MSH-9", "none")]

    run(story())


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("|||AL|NE", ["CA", "CR"]),
        ("|||NE|AL", []),
        ("|||ER|NE", ["CR"]),
        ("|||SU|NE", ["CA"]),
        ("||||AL", ["CA", "CR"]),
    ],
)
def test_enhanced_mode_answers_as_msh_15_asks(run: Run, asked: str, answers: list[str]) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1", msh=asked), message("C2", msh=asked, kind="ADT^A01"), message("C3")))
            codes = [(await peer.code())[0] for _ in range(len(answers) + 1)]
            assert codes == [*answers, "AA"]
            assert d.tally() == (3, 2, 1, 0, 0)

    run(story())


def test_a_newer_release_takes_over_without_closing_a_connection(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1")))
            assert await peer.code() == ("AA", "C1")
            await d.listeners.activate(plan({"accepts": ["ADT^A01@2.5"]}, number=2))
            await peer.send(framed(message("C2"), message("C3", kind="ADT^A01")))
            assert [await peer.code(), await peer.code()] == [("AR", "C2"), ("AA", "C3")]
            assert d.journal.reader().rows("SELECT release FROM message ORDER BY number") == [(1,), (2,)]

    run(story())


def test_a_deactivated_flow_listens_no_more(run: Run) -> None:
    async def story() -> None:
        async with desk() as d:
            peer = await Peer.to(d.port)
            await peer.send(framed(message("C1")))
            assert await peer.code() == ("AA", "C1")
            d.listeners.deactivate("supply")
            assert await peer.closed()
            with pytest.raises(ConnectionRefusedError):
                await Peer.to(d.port)

    run(story())
