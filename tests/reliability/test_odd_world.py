"""A whole runtime on a disk whose flush fails, and under a clock that somebody sets."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.demo.house import until
from tests.installation import END, START, Installation

pytestmark = [pytest.mark.xdist_group("odd-world"), pytest.mark.timeout(240)]
FLOW = "supply-consumption"
HOUR, DAY = 3_600, 86_400


class Odd(Installation):
    """An installation whose runtime lives in an odd world."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.commands = folder / "commands"
        self.commands.mkdir(parents=True)

    @property
    def launcher(self) -> tuple[str, ...]:
        return sys.executable, str(Path(__file__).with_name("odd_world.py")), str(self.commands)

    def state(self) -> str:
        return self.house.flow_states().get(FLOW, "")

    def start(self) -> None:
        self.runtime = self.house.start(self.launcher)
        self.house.wait_running(self.runtime, FLOW, 60)

    def set_clock(self, seconds: int) -> None:
        half = self.commands / "half"
        half.write_text(str(seconds))
        half.rename(self.commands / "clock")

    def goes_on_under_the_right_clock(self, *more: str) -> None:
        """Everything that was acknowledged is posted once, and so is what comes now."""
        self.set_clock(0)
        self.start()
        assert self.answered(self.charge("SUT-2002")) == "AA"
        self.settle()
        assert self.materials() == dict.fromkeys(("40001201", "40001202", *more), 1)
        assert self.client.audit_verify().good

    def materials(self) -> Counter[str]:
        return Counter(body["material"] for body in self.erp.taken)

    def answered(self, message: bytes) -> str:
        """The code, or "" where the connection ended instead."""
        got = b""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.mllp), timeout=10) as peer:
            peer.sendall(START + message + END)
            while not got.endswith(END) and (piece := peer.recv(65536)):
                got += piece
        return got.decode().partition("\rMSA|")[2].partition("|")[0]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Odd]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    made = Odd(tmp_path / "house")
    try:
        made.sign()
        made.start()
        yield made
    finally:
        if hasattr(made, "runtime"):
            made.runtime.kill_left()
            made.runtime.process.wait()
        made.erp.close()


def test_a_failed_flush_ends_the_process_and_what_was_acknowledged_is_there_afterwards(there: Odd) -> None:
    first, second = there.charge("SUT-2001"), there.charge("SUT-2002")
    assert there.answered(first) == "AA"
    there.settle()
    (there.commands / "no-flush").touch()
    assert there.answered(second) == "", "nothing is acknowledged that was not flushed"
    until("it ends", lambda: "journal.broken" in there.runtime.log.read_text())
    (there.commands / "no-flush").unlink()
    until("it runs again", lambda: there.answered(first) == "AA", 60)
    log = there.runtime.log.read_text()
    assert any(json.loads(line).get("status") == 74 for line in log.splitlines() if '"child.ended"' in line), log[
        -2000:
    ]
    assert [there.answered(each) for each in (first, second)] == ["AA", "AA"]
    there.settle()
    assert there.materials() == {"40001201": 1, "40001202": 1}
    books = there.client.ledger()
    assert books.balanced and (books.accepted, books.delivered) == (2, 2) and books.repeated >= 1


@pytest.mark.parametrize("seconds", [-HOUR, DAY], ids=["back an hour", "on a day"])
def test_a_clock_that_is_set_loses_and_doubles_nothing(there: Odd, seconds: int) -> None:
    before, during, after = there.charge("SUT-2001"), there.charge("SUT-2002"), there.charge("SUT-3010")
    there.erp.refuses = {"40001310"}
    assert there.answered(before) == "AA"
    there.set_clock(seconds)
    assert [there.answered(each) for each in (before, during)] == ["AA", "AA"]
    if seconds > 0:  # back behind its signatures nothing starts: that is a test of its own
        there.settle()  # this counterpart tells no repetition
        there.runtime.kill()
        there.start()
    assert [there.answered(each) for each in (before, during, after)] == ["AA"] * 3
    there.settle()
    there.set_clock(0)
    there.erp.refuses = set()
    [case_] = there.client.cases().cases
    assert there.client.replay("priya", case=case_.number).outcome == "queued"
    assert [there.answered(each) for each in (before, during, after)] == ["AA"] * 3
    there.settle()
    assert there.materials() == {"40001201": 1, "40001202": 1, "40001310": 1}
    books = there.client.ledger()
    assert books.balanced and (books.accepted, books.repeated, books.delivered) == (3, 6, 3), books
    assert there.client.audit_verify().good


def test_under_a_clock_ten_years_on_nothing_starts_and_nothing_is_lost(there: Odd) -> None:
    """Under the right clock all goes on."""
    assert there.answered(there.charge("SUT-2001")) == "AA"
    there.settle()
    there.runtime.stop()
    there.set_clock(3650 * DAY)
    wrong = there.house.start(there.launcher)
    until("it has judged", lambda: not wrong.alive() or there.state() not in ("", "starting"), 60)
    assert not wrong.alive() or there.state() != "running"
    wrong.stop()
    there.goes_on_under_the_right_clock()


def test_a_clock_behind_the_signatures_is_held_to_the_latest_time_seen(there: Odd) -> None:
    """A runtime that ran once knows that it is later; one that never ran would refuse."""
    assert there.answered(there.charge("SUT-2001")) == "AA"
    there.settle()
    there.runtime.stop()
    there.set_clock(-DAY)
    there.start()
    assert there.answered(there.charge("SUT-3010")) == "AA"
    there.runtime.stop()
    there.goes_on_under_the_right_clock("40001310")
