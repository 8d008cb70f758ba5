"""The kill loop: senders, an ERP and a judge around a real runtime that is killed again and again under load."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lockgate.demo import hospital, seed
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import LOCKGATE, House, Runtime
from lockgate.demo.judge import ACCEPTED, Judgement, judge
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.messages import Writer
from lockgate.demo.ports import free_ports, reachable
from lockgate.demo.simulator import Sender
from runtime.api import RuntimeTrouble
from runtime.questions.ledger import Ledger as Books
from tests.reliability.settling import drained

FLOW = "supply-consumption"
SENDERS = 8
PAUSE_S = 0.008
"""Between two frames of a sender: keeps the backlog, and so the time to drain it, within bounds."""
UNACKNOWLEDGED = 20
"""Messages that the runtime took and the sink has not, at the least, when a kill comes."""
SLOW = Faults(drop_every=20, busy_every=61, unavailable_every=29, delay_ms=40)
QUICK = Faults(drop_every=20, busy_every=0, unavailable_every=29, delay_ms=0)


class Moment(NamedTuple):
    """What was under way when a kill came."""

    victim: str
    unacknowledged: int
    being_sent: int
    being_posted: int


class Outcome(NamedTuple):
    moments: tuple[Moment, ...]
    judgement: Judgement
    books: Books
    seconds: float
    slowest_start_s: float


class Counting(Ledger):
    """A ledger that also counts its lines by event, so that the loop can look without reading the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.counts: Counter[str] = Counter()
        self.accepted = 0

    def add(self, event: str, **members: object) -> None:
        super().add(event, **members)
        self.counts[event] += 1
        self.accepted += event == "answer" and members["code"] in ACCEPTED

    @property
    def open(self) -> int:
        """Frames that were sent and are neither answered nor broken off."""
        return self.counts["sent"] - self.counts["answer"] - self.counts["broken"]


class Signed(NamedTuple):
    """A house with a running-ready release, and the ports that its environment names."""

    house: House
    mllp_port: int
    erp_port: int
    contract: Path


def signed_house(folder: Path) -> Signed:
    """Found, sealed, approved and activated: all but running."""
    house = House(folder)
    house.found(hospital.PEOPLE)
    mllp_port, erp_port = free_ports(2)
    throttle = {"per_second": 5000, "burst": 500, "in_flight": 8}
    flow = house.bring(FLOW, {"or-system": mllp_port, "erp-inventory": erp_port}, throttle=throttle)
    house.load_master(flow, "items", seed.item_rows(), ("sam", "noor"))
    house.load_master(flow, "locations", seed.location_rows(), ("sam", "noor"))
    house.go_live(flow)
    return Signed(house, mllp_port, erp_port, flow.parent / "contracts" / "erp-inventory.openapi.json")


class KillLoop:
    """One run over a fresh data folder of a signed house."""

    def __init__(self, signed: Signed, name: str, launcher: Sequence[str] = LOCKGATE, seed: int = 1) -> None:
        self.signed, self.launcher = signed, launcher
        self.house = signed.house.with_data(name)
        self.random = random.Random(seed)
        self.sending = Counting(signed.house.folder / f"{name}.simulator.jsonl")
        self.erp_path = signed.house.folder / f"{name}.erp.jsonl"
        contract = Contract.read(signed.contract, "postGoodsIssue")
        self.erp = Erp(contract, Ledger(self.erp_path), SLOW)
        self.stopping = asyncio.Event()
        self.slowest_start_s = 0.0

    async def run(self, victims: Sequence[str]) -> Outcome:
        """One kill for each of ``victims``, then drain and judge."""
        began = time.monotonic()
        await self.erp.start(self.signed.erp_port)
        runtime = await self.start()
        senders = [asyncio.create_task(self.send(n)) for n in range(SENDERS)]
        moments = []
        for victim in victims:
            moment, runtime = await self.kill(runtime, victim)
            moments.append(moment)
        self.stopping.set()
        self.erp.faults = QUICK
        await asyncio.wait_for(asyncio.gather(*senders), 60)
        books = await drained(self.house, runtime, 60)
        await asyncio.to_thread(runtime.stop)
        self.erp.close()
        return Outcome(tuple(moments), self.judged(), books, time.monotonic() - began, self.slowest_start_s)

    async def send(self, number: int) -> None:
        """One theatre: its own encounters, one line a message, one frame at a time, for as long as it goes on."""
        writer = Writer(number, f"K{number}X")
        patients = hospital.patients(SENDERS * 3)[number::SENDERS]
        sender = Sender("127.0.0.1", self.signed.mllp_port, self.sending, patience=60)
        while not self.stopping.is_set():
            item = writer.random.choice(hospital.ITEMS)
            await sender.send(writer.charge(writer.random.choice(patients), [item]))
            await asyncio.sleep(PAUSE_S)
        sender.close()

    async def start(self) -> Runtime:
        runtime = self.house.start(self.launcher)
        await self.listening(runtime)
        return runtime

    async def listening(self, runtime: Runtime, before: Mapping[str, int] | None = None) -> None:
        """Wait until the runtime listens; with ``before``, until it does so in processes that are all new."""
        began = time.monotonic()
        while not reachable(self.signed.mllp_port) or not await asyncio.to_thread(self.renewed, before):
            assert runtime.alive(), runtime.why()
            assert time.monotonic() - began < 30, "the runtime does not listen again"
            await asyncio.sleep(0.02)
        self.slowest_start_s = max(self.slowest_start_s, time.monotonic() - began)

    def renewed(self, before: Mapping[str, int] | None) -> bool:
        try:
            now = self.house.client.status().processes
        except RuntimeTrouble:
            return False
        return before is None or all(now[role] != before[role] for role in ("intake", "delivery"))

    async def kill(self, runtime: Runtime, victim: str) -> tuple[Moment, Runtime]:
        """Wait for new work and a random moment more, kill -9 while enough is under way, wait until it is back."""
        target = self.sending.accepted + self.random.randint(10, 40)
        processes = await asyncio.to_thread(lambda: self.house.client.status().processes)
        while self.sending.accepted < target or not self.enough():
            assert runtime.alive(), runtime.why()
            await asyncio.sleep(self.random.random() * 0.003)
        moment = self.moment(victim)
        if victim == "all":
            runtime.kill()
            return moment, await self.start()
        os.kill(processes[victim], signal.SIGKILL)
        if victim == "supervisor":
            await self.orphans_leave(runtime, processes)
            return moment, await self.start()
        await self.listening(runtime, processes)
        return moment, runtime

    async def orphans_leave(self, runtime: Runtime, processes: Mapping[str, int]) -> None:
        """No child outlives its supervisor: nobody has to hunt processes before the next start."""
        await asyncio.to_thread(runtime.process.wait, 10)
        until = time.monotonic() + 10
        while any(_exists(pid) for pid in processes.values()):
            assert time.monotonic() < until, "a child outlived its supervisor by 10 s"
            await asyncio.sleep(0.01)

    def moment(self, victim: str) -> Moment:
        return Moment(victim, self.sending.accepted - self.erp.applied(), self.sending.open, self.erp.serving)

    def enough(self) -> bool:
        now = self.moment("")
        return now.unacknowledged >= UNACKNOWLEDGED and now.being_sent > 0 and now.being_posted > 0

    def judged(self) -> Judgement:
        marks = [mark for person in hospital.patients(SENDERS * 3) for mark in (person.mrn, person.surname)]
        return judge(read(self.sending.path), read(self.erp_path), marks=marks)


def _exists(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
