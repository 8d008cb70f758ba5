"""The theatre system: an MLLP sender that keeps its own ledger and sends again whatever was not answered."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from lockgate.demo.ledger import Ledger
from lockgate.demo.messages import Expected, Frame, day

START, END = b"\x0b", b"\x1c\r"
ANSWER_SECONDS = 10.0
RECONNECT_SECONDS = 0.1


class Answer:
    """What came back for a frame: the code of MSA-1 and the control id of MSA-2, or ``closed``."""

    def __init__(self, frame: bytes) -> None:
        fields = next((s for s in frame.decode("latin-1").split("\r") if s.startswith("MSA")), "").split("|")
        self.code = fields[1] if len(fields) > 1 else "none"
        self.control_id = fields[2] if len(fields) > 2 else ""


class Sender:
    """One connection of the theatre system, made again whenever it breaks. At most one frame waits for its answer."""

    def __init__(self, host: str, port: int, ledger: Ledger, *, patience: float) -> None:
        self.host, self.port, self.ledger = host, port, ledger
        self.patience = patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, frame: Frame) -> Answer | None:
        """Send ``frame`` until it is answered. None: patience ended, or a refusal that closed the connection."""
        self.ledger.add(
            "planned",
            frame=frame.name,
            kind=frame.kind,
            expected=frame.expected.value,
            lane=frame.lane,
            digest=hashlib.sha256(frame.payload).hexdigest(),
            lines=[line._asdict() for line in frame.lines],
        )
        until = time.monotonic() + self.patience
        attempt = 0
        while time.monotonic() < until:
            attempt += 1
            answer = await self._once(frame, attempt)
            if answer is not None:
                return answer
            await asyncio.sleep(RECONNECT_SECONDS)
        self.ledger.add("given-up", frame=frame.name)
        return None

    async def _once(self, frame: Frame, attempt: int) -> Answer | None:
        try:
            reader, writer = self._streams or await asyncio.open_connection(self.host, self.port)
        except OSError:
            return None
        self._streams = (reader, writer)
        self.ledger.add("sent", frame=frame.name, attempt=attempt)
        try:
            writer.write(START + frame.payload + END)
            await writer.drain()
            raw = await asyncio.wait_for(reader.readuntil(END), ANSWER_SECONDS)
        except (OSError, EOFError, TimeoutError) as broken:
            self.close()
            return self._broken(frame, broken, attempt)
        answer = Answer(raw)
        self.ledger.add(
            "answer",
            frame=frame.name,
            code=answer.code,
            echoed=answer.control_id == frame.control_id,
        )
        return answer

    def _broken(self, frame: Frame, broken: Exception, attempt: int) -> Answer | None:
        """A faulty frame may be answered by closing the connection, twice; anything else is sent again."""
        if frame.expected is Expected.REFUSED and attempt > 1 and isinstance(broken, EOFError):
            self.ledger.add("answer", frame=frame.name, code="closed", echoed=False)
            return Answer(b"")
        self.ledger.add("broken", frame=frame.name, cause=type(broken).__name__)
        return None

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def play(
    frames: Sequence[Frame],
    host: str,
    port: int,
    ledger: Ledger,
    *,
    connections: int = 4,
    per_second: float = 0.0,
    patience: float = 30.0,
) -> None:
    """Send ``frames``: an encounter's in order over one connection, all together at most ``per_second``."""
    lanes: list[list[Frame]] = [[] for _ in range(connections)]
    for frame in frames:
        lanes[int(hashlib.sha256(frame.lane.encode()).hexdigest()[:8], 16) % connections].append(frame)
    share = per_second / max(1, sum(1 for lane in lanes if lane))

    async def run(lane: Iterable[Frame]) -> None:
        sender = Sender(host, port, ledger, patience=patience)
        for frame in lane:
            await sender.send(frame)
            if share:
                await asyncio.sleep(1 / share)
        sender.close()

    await asyncio.gather(*(run(lane) for lane in lanes if lane))


def main(arguments: Sequence[str]) -> int:
    """``python -m lockgate.demo.simulator PORT LEDGER SEED SERIES CHARGES PER_SECOND [PLACES]``"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which ends its stand-ins itself
    port, path, seed, series, charges, per_second, *places = arguments
    ledger = Ledger(Path(path))
    frames = day(int(seed), series, int(charges), *places)
    asyncio.run(play(frames, "127.0.0.1", int(port), ledger, per_second=float(per_second)))
    ledger.add("finished", frames=len(frames))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
