"""The release that takes any type: sealed, approved and activated, running before a monitor that counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from lockgate.demo import hospital
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import House, Runtime
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.ports import free_ports

FLOW = "any-type"
Posting = tuple[str, str, str]


class Interface(NamedTuple):
    """What a test sees of it."""

    house: House
    runtime: Runtime
    monitor: Erp
    port: int
    ledger: Path

    def postings(self) -> list[Posting]:
        """What the monitor was told, in its order, by its own ledger."""
        bodies = [entry["body"] for entry in read(self.ledger) if entry["event"] == "applied"]
        return [(body["type"], body["version"], body["segments"]) for body in bodies]

    def counted(self) -> Counter[Posting]:
        return Counter(self.postings())


@asynccontextmanager
async def interface(folder: Path) -> AsyncIterator[Interface]:
    """The interface, while the block runs; its log holds no traceback afterwards."""
    house, ledger = House(folder / "house"), folder / "monitor.jsonl"
    port, monitor_port = free_ports(2)
    house.found(hospital.PEOPLE)
    flow = house.bring(FLOW, {"interface": port, "monitor": monitor_port})
    house.go_live(flow)
    contract = Contract.read(flow.parent / "contracts" / "monitor.openapi.json", "postInterfaceEvent")
    monitor = Erp(contract, Ledger(ledger), Faults(0, 0, 0))
    await monitor.start(monitor_port)
    runtime = house.start()
    try:
        await asyncio.to_thread(house.wait_running, runtime, FLOW)
        yield Interface(house, runtime, monitor, port, ledger)
    finally:
        await asyncio.to_thread(runtime.stop)
        monitor.close()
    assert "Traceback" not in runtime.log.read_text(errors="replace")
