"""A whole runtime in processes of its own: it starts, answers, ends well, and shares its data folder with nobody."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.demo import hospital, seed
from lockgate.demo.house import LOCKGATE, House, Runtime, until
from lockgate.demo.ports import free_ports
from runtime.api import RuntimeAbsent
from runtime.journal import queries
from runtime.journal.store import Journal
from runtime.world import system

FLOW = "supply-consumption"
pytestmark = pytest.mark.xdist_group("supervisor")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Signed and activated; its ERP is away."""
    made = House(tmp_path_factory.mktemp("supervisor") / "house")
    made.found(hospital.PEOPLE)
    mllp, erp = free_ports(2)
    flow = made.bring(FLOW, {"or-system": mllp, "erp-inventory": erp})
    made.load_master(flow, "items", seed.item_rows(), ("sam", "noor"))
    made.load_master(flow, "locations", seed.location_rows(), ("sam", "noor"))
    made.go_live(flow)
    return made


@pytest.fixture
def runtime(house: House) -> Iterator[Runtime]:
    started = house.start()
    try:
        house.wait_running(started, FLOW, 60)
        yield started
    finally:
        started.kill_left()
        started.process.wait()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_runtime_says_what_it_is_and_ends_with_its_children_on_sigterm(house: House, runtime: Runtime) -> None:
    status = house.client.status()
    assert (status.environment, status.label, status.demo_root) == ("TEST", "synthetic", True)
    assert set(status.processes) == {"supervisor", "intake", "delivery"}
    assert status.processes["supervisor"] == runtime.process.pid
    assert stat.S_IMODE((house.data / "control.sock").stat().st_mode) == 0o600
    assert stat.S_IMODE(house.data.stat().st_mode) == 0o700
    assert house.client.ledger().balanced
    assert house.client.audit_verify().good
    began = time.monotonic()
    assert runtime.stop() == 0
    assert time.monotonic() - began < 6
    assert not any(alive(pid) for pid in status.processes.values())
    assert "lockgate runtime ready" in runtime.log.read_text()
    with pytest.raises(RuntimeAbsent):
        house.client.status()


def test_a_second_runtime_on_the_same_data_says_so_in_one_line(house: House, runtime: Runtime) -> None:
    second = house.start()
    assert second.process.wait(60) == 2
    [line] = second.log.read_text().strip().splitlines()
    assert "another runtime is using" in line
    assert runtime.alive()


@pytest.mark.parametrize("victim", ["intake", "delivery"])
def test_a_dead_child_is_followed_by_a_fresh_start_in_the_same_process(
    house: House, runtime: Runtime, victim: str
) -> None:
    before = house.client.status().processes
    os.kill(before[victim], signal.SIGKILL)

    def renewed() -> bool:
        try:
            now = house.client.status()
        except RuntimeAbsent:
            return False
        return now.processes[victim] != before[victim] and [flow.state for flow in now.flows] == ["running"]

    until("it is back", renewed, 60, runtime.why)
    assert house.client.status().processes["supervisor"] == before["supervisor"]


def test_what_is_logged_is_json_without_a_sentence_from_outside(house: House, runtime: Runtime) -> None:
    runtime.stop()
    lines = [line for line in runtime.log.read_text().splitlines() if line.startswith("{")]
    assert all(isinstance(json.loads(line)["event"], str) for line in lines)


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_an_unusable_trust_file_is_one_line_and_exit_2(house: House, tmp_path: Path, content: bytes) -> None:
    root = tmp_path / "root.json"
    root.write_bytes(content)
    arguments = ["run", "--store", str(house.store), "--root", str(root), "--data", str(tmp_path / "data")]
    started = Runtime(arguments, tmp_path / "log", LOCKGATE)
    assert started.process.wait(60) == 2
    assert len((tmp_path / "log").read_text().strip().splitlines()) == 1


def test_a_journal_of_another_version_is_one_line_and_exit_2(house: House, tmp_path: Path) -> None:
    data = tmp_path / "data"
    journal = Journal.open(data / "journal.db", "intake", system(), ballast_bytes=0)
    with journal.write() as transaction:
        transaction.run(queries.SET_META, ("format", "lockgate/journal/99"))
    journal.close()
    arguments = ["run", "--store", str(house.store), "--root", str(house.root), "--data", str(data)]
    started = Runtime(arguments, tmp_path / "log", LOCKGATE)
    assert started.process.wait(60) == 2
    [line] = (tmp_path / "log").read_text().strip().splitlines()
    assert "lockgate/journal/99" in line
