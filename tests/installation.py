"""One real installation for tests: a signed flow from the library, a runtime as a process, and an ERP that answers."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lockgate.demo import hospital, seed
from lockgate.demo.house import House, Runtime, command, until
from lockgate.demo.ports import free_ports
from runtime.api import RuntimeClient

FLOW = "supply-consumption"
START, END = b"\x0b", b"\x1c\r"
PATIENT, SURNAME = "MRN900001", "QUIBBLETON"
"""Of every message here: what must never be seen unmasked."""


class Erp:
    """An ERP in a thread: takes each posting, or refuses those whose material it is told to refuse."""

    def __init__(self, port: int) -> None:
        self.taken: list[dict[str, Any]] = []
        self.refuses: set[str] = set()
        self.busy: set[str] = set()
        """Materials whose next posting is answered with 503."""
        erp = self

        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["material"] in erp.busy:
                    erp.busy.discard(body["material"])
                    self.send_response(503)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                refused = body["material"] in erp.refuses
                if not refused:
                    erp.taken.append(body)
                answer = json.dumps({} if refused else {"document": f"{4_900_000 + len(erp.taken)}"}).encode()
                self.send_response(422 if refused else 201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Installation:
    """The house with its flow signed and running."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.mllp, self.erp_port = free_ports(2)
        self.erp = Erp(self.erp_port)
        self.runtime: Runtime
        self._sent = 0

    @property
    def client(self) -> RuntimeClient:
        return self.house.client

    def sign(self) -> str:
        """Trust, masters, and a release of the flow that two people approved and a third activated."""
        house = self.house
        house.found(hospital.PEOPLE)
        flow = house.bring(FLOW, {"or-system": self.mllp, "erp-inventory": self.erp_port}, give_up_s=60)
        house.load_master(flow, "items", seed.item_rows(), ("sam", "noor"))
        house.load_master(flow, "locations", seed.location_rows(), ("sam", "noor"))
        release = house.seal(flow, "ana")
        for approver in ("omar", "mei"):
            house.approve(release, approver)
        house.activate(release, "priya")
        return release

    def start(self) -> None:
        self.runtime = self.house.start()
        self.house.wait_running(self.runtime, FLOW)

    def stop(self) -> None:
        self.runtime.stop()
        self.erp.close()

    def charge(self, *items: str, encounter: str = "ENC77001", theatre: int = 0, quantity: str = "2") -> bytes:
        """A DFT^P03 with one charge line an item, about the one patient of these tests."""
        self._sent += 1
        place = hospital.THEATRES[theatre] if theatre >= 0 else None
        where = f"{place.point_of_care}^{place.room}^{place.bed}^LKS" if place else "WARD9^R404^B1^LKS"
        cost = "12.35&USD|4410^THEATRES"
        lines = "".join(
            f"FT1|{n}|||20260316073{n % 10:03d}||CG|{item}^THING^{hospital.SYSTEM}|||{quantity}||{cost}\r"
            for n, item in enumerate(items, 1)
        )
        return (
            f"MSH|^~\\&|OR|{hospital.FACILITY}|HUB|HQ|20260316073001||DFT^P03^DFT_P03|T{self._sent}|P|2.5.1\r"
            f"EVN|P03|20260316073001\rPID|1||{PATIENT}^^^H||{SURNAME}^Ana\r"
            f"PV1|1|I|{where}||||||||||||||||{encounter}\r{lines}"
        ).encode()

    def send(self, *messages: bytes) -> list[str]:
        """The answer codes of the messages, sent one after the other."""
        codes = []
        with socket.create_connection(("127.0.0.1", self.mllp), timeout=10) as peer:
            for message in messages:
                peer.sendall(START + message + END)
                answer = b""
                while not answer.endswith(END):
                    answer += peer.recv(65536)
                codes.append(answer.decode().split("\rMSA|")[1].split("|")[0])
        return codes

    def settle(self) -> None:
        """Until nothing waits and nothing is on its way."""
        until("the traffic settles", self._idle)

    def _idle(self) -> bool:
        books = self.client.ledger()
        return books.waiting == 0 and books.in_flight == 0

    def add_row(self, item: hospital.Item) -> None:
        """Sam signs a missing row, and the runtime takes it."""
        row = self.house.folder / "row.json"
        row.write_text(json.dumps(seed.item_row(item)))
        newest = self.client.status().masters.get("items", 0)
        house = self.house
        command(
            *("master", "add", "items", row, "--key", house.key("sam"), "--root", house.root, "--store", house.store)
        )
        until("the runtime takes the new row", lambda: self.client.status().masters.get("items", 0) > newest)


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """An installation that runs while the block does."""
    made = Installation(folder)
    try:
        made.sign()
        made.start()
        yield made
        made.runtime.stop()
    finally:
        if hasattr(made, "runtime"):
            made.runtime.kill_left()
        made.erp.close()


def holds_no_patient(*answers: object) -> bool:
    """Whether nothing of the patient stands in what came back."""
    return not any(mark in str(answer) for answer in answers for mark in (PATIENT, SURNAME))
