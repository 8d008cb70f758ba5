"""The stage of the demo: one house, its ERP as a process, and the steps that every story begins with."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lockgate.demo import hospital, seed
from lockgate.demo.house import House, Runtime, command, until
from lockgate.demo.ports import free_ports, reachable

FLOW = "supply-consumption"


class Stage:
    """A story in ``folder``, one printed line a step."""

    def __init__(self, folder: Path, mllp_port: int | None = None) -> None:
        self.house = House(folder)
        self.told = 0
        self.began = time.monotonic()
        free, self.erp_port = free_ports(2)
        self.mllp_port = mllp_port or free
        self.simulator_ledger = folder / "simulator.jsonl"
        self.erp_ledger = folder / "erp.jsonl"
        self.runtime: Runtime | None = None

    def tell(self, sentence: str) -> None:
        self.told += 1
        print(f"[{self.told:2}] {time.monotonic() - self.began:5.1f} s  {sentence}", flush=True)

    def start(self) -> Runtime:
        """The runtime, as a process; ``stop`` ends the one that was started last."""
        self.runtime = self.house.start()
        return self.runtime

    def stop(self) -> None:
        if self.runtime:
            self.runtime.stop()

    def kill(self) -> None:
        """kill -9 of all of it."""
        if self.runtime:
            self.runtime.kill()

    def prepare(self) -> Path:
        """Trust, the flow with its real ports, its check, its masters; gives the flow file."""
        house = self.house
        house.found(hospital.TEMPTED)
        self.tell(f"A demo trust root; {len(hospital.TEMPTED)} people hold a key each.")
        flow = house.bring(FLOW, {"or-system": self.mllp_port, "erp-inventory": self.erp_port}, give_up_s=60)
        done = command("check", flow)
        self.tell(f"Checked {FLOW}: {done.last}")
        house.load_master(flow, "items", seed.item_rows(), ("sam", "noor"))
        house.load_master(flow, "locations", seed.location_rows(), ("sam", "noor"))
        self.tell(f"Two stewards signed {len(seed.item_rows())} items and {len(seed.location_rows())} locations.")
        return flow

    def seal(self, flow: Path) -> str:
        """Ana seals; gives the release."""
        release = self.house.seal(flow, "ana")
        self.tell(f"Ana sealed release {release[:16]}.")
        return release

    @contextmanager
    def erp(self, flow: Path) -> Iterator[None]:
        """The ERP stand-in, for as long as the block runs."""
        contract = flow.parent / "contracts" / "erp-inventory.openapi.json"
        arguments = [str(self.erp_port), str(contract), "postGoodsIssue", str(self.erp_ledger)]
        process = started("lockgate.demo.erp", arguments)
        try:
            until("the ERP stand-in listens", lambda: reachable(self.erp_port))
            yield
        finally:
            process.terminate()
            process.wait()


def started(module: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """A stand-in as a process of its own."""
    return subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.DEVNULL)  # noqa: S603  reason: our own program
