"""A listening intake in this process, over memory or disk, with real sockets and the real HL7 source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from flows.environment import Environment, Limits, Surroundings
from flows.vocabulary import DataLabel
from nodes.sources.hl7_mllp import HL7Mllp, HL7MllpConfig
from runtime import world
from runtime.intake.arrival import Twins
from runtime.intake.carriers import carriers
from runtime.intake.listeners import Listeners
from runtime.intake.recorder import Recorder
from runtime.intake.source import Plan
from runtime.journal import queries
from runtime.journal.errors import JournalBroken
from runtime.journal.keys import DataKeys
from runtime.journal.store import Journal
from runtime.lent import Lent

Run = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a story on a loop."""

KEY = b"k" * 32
AROUND = Surroundings(
    Environment(format="lockgate/environment/1", name="TEST", label=DataLabel.SYNTHETIC, connections={}), {}, {}, {}
)


def message(
    control: str, *, kind: str = "DFT^P03", version: str = "2.5", msh: str = "", body: str = "PID|1||4711"
) -> bytes:
    """A charge as the OR sends it; ``msh`` is what follows MSH-12."""
    return (f"MSH|^~\\&|OR|HOSP|ERP|HQ|20260301101500||{kind}|{control}|P|{version}{msh}\rEVN|P03\r{body}\r").encode()


def framed(*messages: bytes) -> bytes:
    return b"".join(b"\x0b" + each + b"\x1c\r" for each in messages)


def plan(config: dict[str, Any] | None = None, limits: Limits | None = None, **members: Any) -> Plan:
    """An active release of flow ``supply``; its source takes charges of 2.3 to 2.8."""
    limits = limits or Limits()
    source = HL7Mllp(HL7MllpConfig.model_validate(config or {"accepts": ["DFT^P03@2.3-2.8"]}), Lent({}, b""), AROUND)
    given: dict[str, Any] = {
        "flow": "supply", "release": "ab" * 32, "number": 1, "connection": "or-system", "label": "synthetic",
        "host": "127.0.0.1", "port": 0, "limits": limits, "source": source.listener(limits),
        "carrier": carriers()["mllp"],
    }  # fmt: skip
    return Plan(**{**given, **members})


class Desk(NamedTuple):
    """What a test sees of it."""

    journal: Journal
    recorder: Recorder
    listeners: Listeners
    clock: world.SetClock
    port: int
    rung: list[int]
    broken: list[JournalBroken]

    def tally(self) -> tuple[int, ...]:
        """received, accepted, refused, repeated, conflicts."""
        row = self.journal.reader().row(
            "SELECT received, (SELECT count(*) FROM message), (SELECT count(*) FROM refusal), repeated, conflicts"
            " FROM tally"
        )
        return row or (0, 0, 0, 0, 0)

    def refusals(self) -> list[tuple[str, str, str]]:
        return self.journal.reader().rows("SELECT reason, place, answer FROM refusal ORDER BY number")


_names = iter(range(1_000_000))


@asynccontextmanager
async def desk(
    active: Plan | None = None, journal: Journal | None = None, clock: world.SetClock | None = None
) -> AsyncIterator[Desk]:
    """An open listener. Without a journal it is in memory."""
    clock = clock or world.SetClock()
    surroundings = world.World(clock, world.SystemRandomness(), world.SystemNetwork())
    journal = journal or Journal.in_memory(f"desk-{next(_names)}", "intake", surroundings)
    rung: list[int] = []
    broken: list[JournalBroken] = []

    def committed(number: int) -> None:
        rung.append(number)
        listeners.committed(number)

    recorder = Recorder(journal, DataKeys(KEY, surroundings.randomness), committed, broken.append)
    first, last = journal.reader().row(queries.MESSAGE_WAITING) or (1, 0)
    listeners = Listeners(surroundings.network, Twins(KEY), recorder, (first, last))
    address = await listeners.activate(active or plan())
    try:
        yield Desk(journal, recorder, listeners, clock, int(address.rpartition(":")[2]), rung, broken)
    finally:
        listeners.close()
        await listeners.closed(1)


class Peer:
    """A sender."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Peer:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        """The next acknowledgement, without its frame; empty at the end of the connection."""
        try:
            async with asyncio.timeout(5):
                return (await self.reader.readuntil(b"\x1c\r"))[1:-2]
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return b""

    async def code(self) -> tuple[str, str]:
        """MSA-1 and MSA-2 of the next acknowledgement."""
        return said(await self.answer())

    async def closed(self) -> bool:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read(1) == b""
            except ConnectionResetError:
                return True

    async def close(self) -> None:
        self.writer.close()


def said(answer: bytes) -> tuple[str, str]:
    if not answer:
        return ("", "")
    segment = next(line for line in answer.split(b"\r") if line.startswith(b"MSA"))
    fields: Sequence[str] = segment.decode().split("|")
    return fields[1], fields[2]


async def ask(port: int, *messages: bytes) -> list[tuple[str, str]]:
    """Sends all at once and reads as many answers."""
    peer = await Peer.to(port)
    await peer.send(framed(*messages))
    answers = [await peer.code() for _ in messages]
    await peer.close()
    return answers
