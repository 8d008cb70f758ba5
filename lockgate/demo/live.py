"""The demo that goes on: the signed flow, a theatre that keeps sending, an ERP that keeps failing now and then."""

from __future__ import annotations

import itertools
import time
from contextlib import suppress

from lockgate.demo.stage import FLOW, Stage, started
from runtime.api import RuntimeTrouble

PER_SECOND = 2.0
CHARGES = 2_000


class Live(Stage):
    """Runs until it is interrupted."""

    def play(self) -> None:
        """Sign, start, send about twice a second. KeyboardInterrupt ends it, everything stopped."""
        flow = self.prepare()
        release = self.seal(flow)
        for approver in ("omar", "mei"):
            self.house.approve(release, approver)
        self.house.activate(release, "priya")
        with self.erp(flow):
            try:
                self.house.wait_running(self.start(), FLOW)
                self.tell(f"Runs. HL7 over MLLP on 127.0.0.1:{self.mllp_port}; the ERP on 127.0.0.1:{self.erp_port}.")
                data = self.house.data
                self.tell(f"Look around: lockgate status --data {data}; lockgate cases --data {data}. Ctrl-C ends it.")
                for day in itertools.count(1):
                    self._day(f"D{day}")
            finally:
                self.stop()

    def _day(self, series: str) -> None:
        """One day of the theatre, told every ten seconds."""
        arguments = [str(self.mllp_port), str(self.simulator_ledger), "1", series, str(CHARGES), str(PER_SECOND)]
        simulator = started("lockgate.demo.simulator", arguments)
        try:
            while simulator.poll() is None:
                self._watch()
        finally:
            simulator.kill()

    def _watch(self) -> None:
        time.sleep(10)
        with suppress(RuntimeTrouble):
            books = self.house.client.ledger()
            self.tell(
                f"{books.accepted} messages accepted, {books.delivered} postings delivered,"
                f" {books.parked} parked, {books.in_flight} under way."
            )
