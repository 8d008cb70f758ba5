"""The simulator sends again whatever was not answered, and its ledger tells all of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from lockgate.demo import hospital, simulator
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.messages import Frame, Writer, malformed

Behave = Callable[[bytes, int], bytes | None]
"""(frame, how many came before) -> answer; None closes the connection."""


def answered(code: str, payload: bytes) -> bytes:
    control = payload.decode("latin-1").split("|")[9]
    return f"\x0bMSH|^~\\&|||||||ACK|1|P|2.5.1\rMSA|{code}|{control}\r\x1c\r".encode()


def accept_all(payload: bytes, _count: int) -> bytes | None:
    return answered("AA", payload)


def played(tmp_path: Path, frames: list[Frame], behave: Behave) -> tuple[list[bytes], Path]:
    """Play ``frames`` against a receiver that behaves so; gives what it received and the simulator's ledger."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                payload = (await reader.readuntil(b"\x1c\r"))[1:-2]
                received.append(payload)
                answer = behave(payload, len(received) - 1)
                if answer is None:
                    break
                writer.write(answer)
        except EOFError:
            pass
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
        port = server.sockets[0].getsockname()[1]
        await within(simulator.play(frames, "127.0.0.1", port, Ledger(tmp_path / "ledger"), patience=5))
        server.close()

    asyncio.run(run())
    return received, tmp_path / "ledger"


async def within(work: Awaitable[None]) -> None:
    await asyncio.wait_for(work, 20)


def charges(count: int) -> list[Frame]:
    writer = Writer(3, "T")
    return [writer.charge(hospital.patients(4)[n % 4], hospital.ITEMS[:2]) for n in range(count)]


def test_every_frame_is_sent_and_its_answer_is_written_down(tmp_path: Path) -> None:
    received, ledger = played(tmp_path, charges(20), accept_all)
    events = Counter(entry["event"] for entry in read(ledger))
    assert len(received) == 20 and events == {"planned": 20, "sent": 20, "answer": 20}
    assert all(entry["echoed"] for entry in read(ledger) if entry["event"] == "answer")


def test_a_frame_whose_connection_breaks_is_sent_again_with_the_same_bytes(tmp_path: Path) -> None:
    received, ledger = played(
        tmp_path, charges(4), lambda payload, count: None if count == 1 else accept_all(payload, count)
    )
    assert len(received) == 5 and len(set(received)) == 4
    assert sum(entry["event"] == "broken" for entry in read(ledger)) == 1


def test_the_frames_of_an_encounter_arrive_in_order(tmp_path: Path) -> None:
    frames = charges(40)
    received, _ = played(tmp_path, frames, accept_all)
    for lane in {frame.lane for frame in frames}:
        own = [frame.payload for frame in frames if frame.lane == lane]
        assert [payload for payload in received if payload in own] == own


def test_a_fault_that_closes_the_connection_is_an_answer_and_is_not_sent_for_ever(tmp_path: Path) -> None:
    fault = next(f for f in malformed(charges(1)[0].payload, "X") if f.kind == "malformed not-hl7")
    received, ledger = played(tmp_path, [fault], lambda _payload, _count: None)
    assert len(received) == 2
    assert [entry["code"] for entry in read(ledger) if entry["event"] == "answer"] == ["closed"]


def test_a_wrong_echo_is_written_down_as_such(tmp_path: Path) -> None:
    _, ledger = played(tmp_path, charges(1), lambda payload, _: answered("AA", payload).replace(b"T000001", b"T9"))
    assert [entry["echoed"] for entry in read(ledger) if entry["event"] == "answer"] == [False]
