"""The day before the demo was opened, played in some seconds by the real runtime: only its clock is set forward.

What comes of it is a true past: received, posted, held, replayed, signed and recorded at the times that it tells.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable

from lockgate.clock import under
from lockgate.demo import hospital, medication, past, seed, ward
from lockgate.demo.campus import FLOWS, LIVE, Campus
from lockgate.demo.clock import Played
from lockgate.demo.crew import Crew, Member
from lockgate.demo.house import Failed, command
from lockgate.demo.ledger import Ledger
from lockgate.demo.messages import Frame
from lockgate.demo.simulator import Sender
from runtime.world import SetClock

PATIENCE_S = 0.5
"""How long the clock stands for a posting that an ERP did not take: by then the others are through."""
LOOK_S = 0.008
STEWARD, OPERATOR = "sam", "priya"
FHIR = "fhir-consumption"
RECEIVING = {
    **{names.get("or-system", "or-system"): flow for flow, names in FLOWS.items() if flow != FHIR},
    "ward-system": FHIR,
    medication.SOURCE: medication.FLOW,
}
"""Source -> the flow that takes what it sends."""


class Yesterday:
    """Plays it once. ``begin`` comes first, ``play`` when the stand-ins listen."""

    def __init__(self, campus: Campus, crew: Crew, now_ms: int) -> None:
        self._campus, self._crew = campus, crew
        self._now_ms = now_ms
        self.clock = Played(campus.folder)

    def sign(self) -> None:
        """Trust, flows and masters, an hour before the day begins."""
        with under(SetClock(self._now_ms - past.DAY - past.HOUR)):
            self._campus.sign()

    def begin(self) -> Member:
        """The runtime of yesterday. It is waited for in ``play``."""
        campus, house = self._campus, self._campus.house
        campus.plan.lived = True  # a past that was broken off stays as it is: nobody lives it twice
        campus.keep()
        self.clock.set(self._now_ms - past.DAY - past.STEP)
        arguments = (house.store, house.root, house.data, campus.folder)
        self._runtime = self._crew.module("runtime", "lockgate.demo.then", *arguments)
        return self._runtime

    def play(self) -> None:
        """The day; then its runtime has ended, and the clock is the machine's again."""
        self._crew.until(self._runtime, "the flows of yesterday run", self._running)
        asyncio.run(self._day())
        self._crew.stop(self._runtime)
        self.clock.end()

    def _running(self) -> bool:
        states = self._campus.house.flow_states()
        return all(states.get(flow) == "running" for flow in LIVE)

    async def _day(self) -> None:
        plan, noon = past.moments(self._now_ms), past.noon(self._now_ms)
        ledger = Ledger(self._campus.folder / "yesterday.jsonl")
        senders = {
            source: Sender("127.0.0.1", self._campus.port(source), ledger, patience=10)
            for source in RECEIVING
            if source != "ward-system"
        }
        signed = False
        for moment in plan:
            if moment.at_ms > noon and not signed:
                await self._sign_row(noon, moment.at_ms)
                signed = True
            self.clock.set(moment.at_ms)
            await self._send(moment, senders, ledger)
        for sender in senders.values():
            sender.close()
        ledger.close()

    async def _send(self, moment: past.Moment, senders: dict[str, Sender], ledger: Ledger) -> None:
        """Everybody sends at once; when it is delivered, the clock may go on."""
        by_source: dict[str, list[past.Sent]] = {}
        for sent in moment.sent:
            by_source.setdefault(sent.source, []).append(sent)

        async def run(source: str, those: Iterable[past.Sent]) -> None:
            for sent in those:
                if isinstance(sent.message, Frame):
                    await senders[source].send(sent.message)
                else:
                    status = await asyncio.to_thread(ward.post, self._campus.port(source), sent.message)
                    ledger.add("answer", frame=sent.message["identifier"]["value"], status=status)

        await asyncio.gather(*(run(source, those) for source, those in by_source.items()))
        await asyncio.sleep(LOOK_S)
        for source in by_source:
            await self._settled(RECEIVING[source], gathering=source == past.BATCHED and not moment.ripe)

    async def _settled(self, flow: str, *, gathering: bool = False) -> None:
        """Waits until what a flow received is where it belongs, but not for an ERP that takes its time.

        What gathers for a file is where it belongs when it is among the lines that wait.
        """
        end = time.monotonic() + PATIENCE_S
        while self._under_way(flow, gathering=gathering) and time.monotonic() < end:
            await asyncio.sleep(LOOK_S)

    def _under_way(self, flow: str, *, gathering: bool) -> int:
        books = self._campus.house.client.ledger(flow)
        return books.waiting if gathering else books.waiting + books.in_flight

    async def _sign_row(self, noon: int, before: int) -> None:
        """Sam signs the row that was missing all morning, and Priya replays what was held for it."""
        house = self._campus.house
        self.clock.set(noon)
        newest = house.client.status().masters.get("items", 0)
        row = house.folder / "late.json"
        row.write_text(json.dumps(seed.item_row(hospital.LATE)))
        with under(self.clock):
            command(
                *("master", "add", "items", row, "--key", house.key(STEWARD)),
                *("--root", house.root, "--store", house.store),
            )
        end = time.monotonic() + 10
        while house.client.status().masters.get("items", 0) == newest:
            if time.monotonic() > end:
                raise Failed("the runtime of yesterday does not take the row that was signed at noon")
            await asyncio.sleep(0.02)
        self.clock.set(min(noon + 6 * past.MINUTE, before - past.MINUTE // 6))
        house.client.replay(OPERATOR, master="items", key=(hospital.SYSTEM, hospital.LATE.code))
        await self._settled("supply-consumption")
