"""A whole runtime on a disk that is full: refusals still go out, nothing acknowledged is lost, and room mends it.

The disk is a small tmpfs; where none may be mounted, the size of the runtime's files is limited instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from lockgate.demo import hospital
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import House, Runtime, until
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.ports import free_ports
from tests.acceptance.test_fhir_consumption import CASES
from tests.installation import Installation
from tests.reliability.canary import of_session
from tests.runtime.intake.posting import Peer, request

pytestmark = [pytest.mark.xdist_group("full-disk"), pytest.mark.timeout(240)]
DISK, ROOM = 400, 6
"""MiB: the disk, and what of it is left. Twice what was held back must be free again."""
FHIR = "fhir-consumption"


class Disk(Protocol):
    def take(self, runtime: Runtime) -> None:
        """Leaves little room."""

    def give(self, runtime: Runtime) -> None:
        """Room again."""


class Tmpfs:
    """A disk of its own, filled by a file."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def take(self, runtime: Runtime) -> None:
        free = os.statvfs(self._filler.parent)
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - (ROOM << 20))

    def give(self, runtime: Runtime) -> None:
        self._filler.unlink()


class Limited:
    """No file of the runtime grows beyond what is there and a little."""

    def take(self, runtime: Runtime) -> None:
        self._limit(runtime, ROOM << 20)

    def give(self, runtime: Runtime) -> None:
        self._limit(runtime, resource.RLIM_INFINITY)

    @staticmethod
    def _limit(runtime: Runtime, size: int) -> None:
        for pid in of_session(runtime.process.pid):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextlib.contextmanager
def a_disk(folder: Path) -> Iterator[Disk]:
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK}m,mode=0700"]
    mounted = (
        subprocess.run(["mount", *options, "tmpfs", str(folder)], capture_output=True, check=False).returncode == 0
    )
    try:
        yield Tmpfs(folder) if mounted else Limited()
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(send: Callable[[int], str], taken: str, refused: str) -> list[int]:
    """Sends until five in a row are refused; gives the numbers that were acknowledged."""
    acknowledged: list[int] = []
    in_a_row = 0
    for number in range(2_000):
        code = send(number)
        assert code in (taken, refused), code
        acknowledged += [number] if code == taken else []
        in_a_row = in_a_row + 1 if code == refused else 0
        if in_a_row == 5:
            return acknowledged
    raise AssertionError("the disk never became full")


def test_over_mllp_the_answer_is_ae_and_all_that_was_acknowledged_is_posted(tmp_path: Path) -> None:
    with a_disk(tmp_path / "disk") as disk:
        there = Installation(tmp_path / "house")
        there.house.data = tmp_path / "disk" / "data"
        there.sign()
        there.start()
        try:
            frames: dict[int, bytes] = {}

            def send(number: int) -> str:
                long = b"NTE|1||" + b"x" * 60_000 + b"\r"
                frames[number] = there.charge("SUT-2001", encounter=f"ENC{number}") + long
                return there.send(frames[number])[0]

            disk.take(there.runtime)
            acknowledged = fill(send, "AA", "AE")
            assert acknowledged and there.send(frames[acknowledged[0]]) == ["AA"], "a repeat is answered from the store"
            refused = next(number for number in frames if number not in acknowledged)
            assert there.send(b"MSH|^~\\&|OR|LKS|HUB|HQ|2026||DFT^P03||P|2.5.1\r") == ["AR"]
            disk.give(there.runtime)
            until("there is room again", lambda: there.send(frames[refused]) == ["AA"])
            there.settle()
            books = there.client.ledger()
            assert books.balanced and books.delivered == books.accepted == len(acknowledged) + 1 == len(there.erp.taken)
            assert there.client.audit_verify().good
        finally:
            there.runtime.kill_left()
            there.runtime.process.wait()
            there.erp.close()


def test_over_http_the_answer_is_503_with_an_outcome_and_all_that_was_acknowledged_is_posted(tmp_path: Path) -> None:
    with a_disk(tmp_path / "disk") as disk:
        asyncio.run(over_http(tmp_path, disk))


async def over_http(tmp_path: Path, disk: Disk) -> None:
    house, ports = House(tmp_path / "house"), free_ports(2)
    house.data = tmp_path / "disk" / "data"
    flow = await asyncio.to_thread(signed, house, ports)
    contract = Contract.read(flow.parent / "contracts" / "erp-inventory.openapi.json", "postGoodsIssue")
    ledger = tmp_path / "erp.jsonl"
    erp = Erp(contract, Ledger(ledger), Faults(0, 0, 0))
    await erp.start(ports[1])
    runtime = house.start()
    try:
        await asyncio.to_thread(house.wait_running, runtime, FHIR)
        disk.take(runtime)
        numbers, statuses = list(range(1_000)), dict[int, int]()
        for number in numbers:
            answered = await post(ports[0], number)
            statuses[number] = answered.status
            if list(statuses.values())[-5:] == [503] * 5:
                assert answered.body["resourceType"] == "OperationOutcome"
                break
        acknowledged = [number for number, status in statuses.items() if status == 201]
        assert set(statuses.values()) == {201, 503} and acknowledged
        assert (await post(ports[0], acknowledged[0])).status == 200, "a repeat is answered from the store"
        refused = next(number for number, status in statuses.items() if status == 503)
        disk.give(runtime)
        for _ in range(100):
            if (await post(ports[0], refused)).status == 201:
                break
            await asyncio.sleep(0.2)
        await asyncio.to_thread(until, "all is posted", lambda: settled(house, len(acknowledged) + 1), 60)
        lines = len(json.loads((CASES / "both.json").read_text())["expect"]["postings"])
        applied = [entry["key"] for entry in read(ledger) if entry["event"] == "applied"]
        assert len(applied) == len(set(applied)) == lines * (len(acknowledged) + 1)
    finally:
        runtime.kill_left()
        runtime.process.wait()
        erp.close()


def signed(house: House, ports: list[int]) -> Path:
    house.found(hospital.PEOPLE)
    flow = house.bring(FHIR, {"ward-system": ports[0], "erp-inventory": ports[1]}, give_up_s=300)
    for master, rows in json.loads((CASES / "both.json").read_text())["masters"].items():
        house.load_master(flow, master, rows, ("sam", "noor"))
    house.go_live(flow)
    return flow


async def post(port: int, number: int) -> Any:
    document = json.loads((CASES / "both.json").read_text())["given"]
    document["identifier"]["value"] = f"B-{number}"
    document["entry"][0]["resource"]["address"] = [{"text": "x" * 60_000}]
    peer = await Peer.to(port)
    await peer.send(request(json.dumps(document).encode()))
    answered = await peer.answer()
    peer.writer.close()
    return answered


def settled(house: House, messages: int) -> bool:
    books = house.client.ledger()
    return books.accepted == messages and not books.in_flight + books.waiting and books.balanced
