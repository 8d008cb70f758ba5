"""Kill loops around SOAP and SFTP sinks: a fixed day of charges, a counterpart with faults, a runtime that is killed.

The judge looks at two ledgers alone: what the theatre planned and was acknowledged, and what the counterpart holds.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import apsw

from lockgate.demo import hospital, seed
from lockgate.demo.house import LOCKGATE, House, Runtime
from lockgate.demo.judge import Judgement, judge
from lockgate.demo.ledger import Entry, Ledger, read
from lockgate.demo.messages import Frame, Writer
from lockgate.demo.ports import free_ports, reachable
from lockgate.demo.simulator import Sender
from lockgate.demo.soap_erp import SoapErp
from runtime.api import RuntimeTrouble
from runtime.questions.ledger import Ledger as Books
from tests.reliability.settling import drained
from tests.sshd import Sshd

SENDERS = 8
VICTIMS = ("all", "delivery")


class Counterpart(Protocol):
    """The other side of a sink."""

    def applied(self) -> int:
        """How many effects it holds now."""

    def effects(self) -> Iterator[Entry]:
        """Them, as the judge reads an ERP's ledger."""


class Outcome(NamedTuple):
    """What a run came to. ``causes`` are the cases' causes with their parked postings; ``kills`` the effects before
    each kill."""

    judgement: Judgement
    books: Books
    causes: Mapping[str, int]
    kills: tuple[int, ...]
    keys: Counter[str]
    """How often each posting's key stands among the effects."""
    seconds: float


class Signed(NamedTuple):
    """A house with a release that only has to be run."""

    house: House
    mllp_port: int


def signed_house(
    folder: Path,
    flow: str,
    sink: Mapping[str, int],
    change: Callable[[Any], None] = lambda config: None,
    **more: object,
) -> Signed:
    """Found, sealed, approved and activated. ``sink`` is the port of its connection; ``change`` alters its config."""
    house = House(folder)
    house.found(hospital.PEOPLE)
    [mllp_port] = free_ports(1)
    path = house.bring(flow, {"or-system": mllp_port, **sink}, **more)
    spelled = json.loads(path.read_text())
    change(spelled["steps"][-1]["config"])
    path.write_text(json.dumps(spelled))
    house.load_master(path, "items", seed.item_rows(), ("sam", "noor"))
    house.load_master(path, "locations", seed.location_rows(), ("sam", "noor"))
    house.go_live(path)
    return Signed(house, mllp_port)


def give_secret(house: House, name: str, content: bytes) -> None:
    """Puts a connection's secret into the runtime's own store."""
    folder = house.data / "secrets" / "connections"
    folder.mkdir(parents=True, mode=0o700)
    (folder.parent).chmod(0o700)
    (folder / name).write_bytes(content)
    (folder / name).chmod(0o600)


class SoapBooks:
    """The SOAP stand-in's own ledger."""

    def __init__(self, erp: SoapErp) -> None:
        self._erp = erp

    def applied(self) -> int:
        return self._erp.applied()

    def effects(self) -> Iterator[Entry]:
        for entry in read(self._erp.ledger.path):
            if entry["event"] == "applied":
                body = entry["body"]
                yield {
                    "event": "applied",
                    "key": entry["key"],
                    "body": {
                        "usedAt": body["PostedAt"],
                        "material": body["Material"],
                        "quantity": body["Quantity"],
                        "costCentre": body["CostCentre"],
                    },
                }


class FileBooks:
    """The files that lie on the server, in the order of their time."""

    def __init__(self, server: Sshd) -> None:
        self._server = server

    def applied(self) -> int:
        return sum(max(0, content.count(b"\n") - 1) for content in self._server.files().values())

    def effects(self) -> Iterator[Entry]:
        files = self._server.files()
        for name in sorted(files, key=lambda each: (self._server.incoming / each).stat().st_mtime_ns):
            for row in csv.DictReader(io.StringIO(files[name].decode(), newline=""), delimiter=";"):
                body = {
                    "usedAt": row["UsedAt"],
                    "material": row["Material"],
                    "quantity": row["Quantity"],
                    "costCentre": row["CostCentre"],
                }
                yield {"event": "applied", "key": row["Reference"], "body": body}


class SinkLoop:
    """One run over a signed house."""

    def __init__(
        self,
        signed: Signed,
        counterpart: Counterpart,
        postings: int,
        kills: int,
        launcher: Sequence[str] = LOCKGATE,
    ) -> None:
        self.launcher = launcher
        self.signed, self.counterpart, self.postings = signed, counterpart, postings
        self.house = signed.house
        # The last kill leaves a third to come: what arrives while the runtime starts must not be all of it.
        self.kills_at = [postings * 2 * (n + 1) // (3 * (kills + 1)) for n in range(kills)]
        self.random = random.Random(7)
        self.sending = Ledger(self.house.folder / "simulator.jsonl")

    async def run(self, faults: Callable[[], Any] | None = None) -> Outcome:
        """Sends, kills, waits until nothing is under way, and judges. ``faults`` goes on until all is sent."""
        began = time.monotonic()
        runtime = await self.start()
        sending = [asyncio.create_task(self.send(n)) for n in range(SENDERS)]
        breaking = asyncio.create_task(faults()) if faults else None
        kills = []
        for number, target in enumerate(self.kills_at):
            kills.append(await self.reached(target, runtime))
            runtime = await self.killed(runtime, VICTIMS[number % len(VICTIMS)])
        await asyncio.wait_for(asyncio.gather(*sending), 120)
        if breaking is not None:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
        books = await drained(self.house, runtime, 90)
        await asyncio.to_thread(runtime.stop)
        return Outcome(self.judged(), books, self.causes(), tuple(kills), self.keys(), time.monotonic() - began)

    async def send(self, number: int) -> None:
        """One theatre's share of the postings, one line a message, one frame at a time."""
        writer, sender = Writer(number, f"S{number}X"), None
        patients = hospital.patients(SENDERS * 3)[number::SENDERS]
        sender = Sender("127.0.0.1", self.signed.mllp_port, self.sending, patience=90)
        for _ in range(self.postings // SENDERS):
            frame: Frame = writer.charge(writer.random.choice(patients), [writer.random.choice(hospital.ITEMS)])
            await sender.send(frame)
        sender.close()

    async def start(self) -> Runtime:
        runtime = self.house.start(self.launcher)
        await self.listening(runtime)
        return runtime

    async def listening(self, runtime: Runtime, before: int | None = None) -> None:
        """Until the runtime listens; with ``before``, until its delivery is another process than that."""
        until = time.monotonic() + 30
        while not reachable(self.signed.mllp_port) or not await asyncio.to_thread(self.renewed, before):
            assert runtime.alive(), runtime.why()
            assert time.monotonic() < until, "the runtime does not listen again"
            await asyncio.sleep(0.02)

    def renewed(self, before: int | None) -> bool:
        try:
            return self.house.client.status().processes["delivery"] != before
        except (RuntimeTrouble, KeyError):
            return False

    async def reached(self, target: int, runtime: Runtime) -> int:
        """Until so many effects are there, and a moment more."""
        until = time.monotonic() + 60
        while (applied := self.counterpart.applied()) < target:
            assert runtime.alive(), runtime.why()
            assert time.monotonic() < until, f"only {applied} of {target} effects in 60 s"
            await asyncio.sleep(0.005)
        await asyncio.sleep(self.random.random() * 0.05)
        return self.counterpart.applied()

    async def killed(self, runtime: Runtime, victim: str) -> Runtime:
        """kill -9; gives the runtime that runs afterwards."""
        if victim == "all":
            runtime.kill()
            return await self.start()
        pid = (await asyncio.to_thread(self.house.client.status)).processes[victim]
        os.kill(pid, signal.SIGKILL)
        await self.listening(runtime, pid)
        return runtime

    def judged(self) -> Judgement:
        marks = [mark for person in hospital.patients(SENDERS * 3) for mark in (person.mrn, person.surname)]
        return judge(read(self.sending.path), self.counterpart.effects(), marks=marks)

    def keys(self) -> Counter[str]:
        return Counter(entry["key"] for entry in self.counterpart.effects())

    def causes(self) -> Mapping[str, int]:
        """Of the parked postings, out of the journal itself."""
        journal = apsw.Connection(str(self.house.data / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
        rows = journal.execute(
            "SELECT i.cause, count(*) FROM posting p JOIN incident i ON i.number = p.incident"
            " WHERE p.state = 'parked' AND i.state = 'open' GROUP BY i.cause"
        ).fetchall()
        return dict(rows)
