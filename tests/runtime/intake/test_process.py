"""The intake process as the supervisor sees it: commands, reports, exit statuses, and disks that fail under it."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import apsw
import pytest

from flows.trust import Reason, Refusal
from runtime import world
from runtime.channel import LEFT_ALONE, Deactivate
from runtime.intake.process import JOURNAL
from runtime.journal.errors import EXIT_BROKEN
from runtime.journal.store import Journal
from runtime.secrets import FileSecrets
from tests.runtime.intake.child import FLOW, Child, listening, started
from tests.runtime.intake.desk import framed, message, said
from tests.runtime.journal.shaky import Disk


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    FileSecrets.prepare(tmp_path, world.SystemRandomness())
    return tmp_path


def exchange(port: int, *messages: bytes) -> list[tuple[str, str]]:
    """The answers to these messages; ("", "") where the connection ended instead."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        peer.sendall(framed(*messages))
        got = b""
        try:
            while got.count(b"\x1c\r") < len(messages):
                piece = peer.recv(65_536)
                if not piece:
                    break
                got += piece
        except ConnectionResetError:
            pass
    answers = [said(each[1:]) for each in got.split(b"\x1c\r")[:-1]]
    return answers + [("", "")] * (len(messages) - len(answers))


def rows(data: Path, query: str) -> list[Any]:
    journal = Journal.open(data / JOURNAL, "check", world.system(), ballast_bytes=0)
    found = journal.reader().rows(query)
    journal.close()
    return found


def test_it_says_where_it_listens_wakes_delivery_after_a_commit_and_leaves_when_drained(data: Path) -> None:
    child = listening(data)
    assert exchange(child.port, message("C1")) == [("AA", "C1")]
    assert child.wake.recv(10) == b"!"
    assert child.stop() == 0
    assert rows(data, "SELECT flow, source, release, label, expanded FROM message") == [
        (FLOW, "or-system", 1, "synthetic", 0)
    ]


def test_a_restart_goes_on_where_it_stopped(data: Path) -> None:
    for control in ("C1", "C2"):
        child = listening(data)
        assert exchange(child.port, message("C1"), message(control)) == [("AA", "C1"), ("AA", control)]
        assert child.stop() == 0
    assert rows(data, "SELECT number FROM message ORDER BY number") == [(1,), (2,)]
    assert rows(data, "SELECT received, repeated FROM tally") == [(4, 2)]


def test_it_reads_no_more_while_delivery_is_far_behind_even_after_a_restart(data: Path) -> None:
    child = listening(data)
    assert exchange(child.port, *(message(f"C{n}") for n in range(2100)))[-1] == ("AA", "C2099")
    child.stop()
    child = listening(data)
    with socket.create_connection(("127.0.0.1", child.port), timeout=0.4) as peer:
        time.sleep(0.1)
        peer.sendall(framed(message("LATE")))
        with pytest.raises(TimeoutError):
            peer.recv(1)
        child.wake.sendall((1000).to_bytes(8, "big")[:5])
        child.wake.sendall((1000).to_bytes(8, "big")[5:] + (2000).to_bytes(8, "big"))
        peer.settimeout(5)
        assert peer.recv(1) == b"\x0b"
    assert child.stop() == 0


def test_what_the_verifier_refuses_is_reported_with_its_reason(data: Path) -> None:
    child = started(data, found=Refusal(Reason.EXPIRED, "This release expired; seal and approve it again."))
    report = child.ask(data)
    assert (report["say"], report["reason"], report["flow"]) == ("refused", str(Reason.EXPIRED), FLOW)
    assert child.stop() == 0


def test_a_port_that_is_taken_is_a_refusal_and_not_the_end(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    child = started(data, port=port)
    with socket.create_server(("127.0.0.1", port)):
        report = child.ask(data)
        assert (report["say"], report["reason"]) == ("refused", "listen")
        assert report["sentence"] == (
            "'supply' cannot listen at 127.0.0.1:1 (connection 'or-system'): another program on this machine listens "
            "there. It took nothing in, so nothing is lost: senders keep their messages and send them again. Free that "
            "address, or activate a version that listens at another one; it is tried again by itself."
        )
    assert child.ask(data)["say"] == "activated"
    assert child.stop() == 0


def test_a_deactivated_flow_takes_nothing(data: Path) -> None:
    child = listening(data)
    child.tell(Deactivate(flow=FLOW, reason="revoked"))
    assert child.said()["say"] == "deactivated"
    with pytest.raises(ConnectionRefusedError):
        exchange(child.port, message("C1"))
    assert child.stop() == 0


def test_no_child_outlives_its_supervisor(data: Path) -> None:
    child = listening(data)
    child.lines.close()
    child.control.close()
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == LEFT_ALONE
    child.wake.close()


def test_a_delivery_that_is_gone_does_not_stop_intake(data: Path) -> None:
    child = listening(data)
    child.wake.close()
    assert exchange(child.port, message("C1"), message("C2")) == [("AA", "C1"), ("AA", "C2")]
    assert child.stop() == 0


def test_a_journal_or_a_secret_that_is_unusable_ends_it_with_a_status_of_its_own(data: Path) -> None:
    (data / JOURNAL).write_bytes(b"no journal, no journal, no journal" * 100)
    with pytest.raises(KeyError):
        started(data)
    (data / JOURNAL).unlink()
    (data / "secrets" / "master.key").chmod(0o644)
    with pytest.raises(KeyError):
        started(data)


@pytest.mark.parametrize("operation", ["sync", "write"])
def test_an_io_error_ends_the_process_with_nothing_acknowledged(data: Path, operation: str) -> None:
    flag = data / "fail-now"

    class Failing(Disk):
        def check(self, operation: str, file: str) -> None:
            if flag.exists():
                self.fail = (flag.read_text(), "-wal")
            super().check(operation, file)

    child = listening(data, before=lambda: _on(Failing("failing")))
    assert exchange(child.port, message("C1")) == [("AA", "C1")]
    flag.write_text(operation)
    assert exchange(child.port, message("C2")) == [("", "")]
    assert child.wait() == EXIT_BROKEN
    flag.unlink()
    child = listening(data)
    assert exchange(child.port, message("C1"), message("C2")) == [("AA", "C1"), ("AA", "C2")]
    child.stop()


_DISKS: list[Disk] = []


def _on(disk: Disk) -> world.World:
    _DISKS.append(disk)  # SQLite forgets a file system that nobody holds
    return disk.world()._replace(clock=world.SystemClock(), randomness=world.SystemRandomness())


def fill(child: Child, size: int) -> tuple[list[str], list[str]]:
    """Sends until ten in a row are refused: those acknowledged, those refused."""
    taken: list[str] = []
    refused: list[str] = []
    for number in range(4000):
        ((code, control),) = exchange(child.port, message(f"F{number}", body="OBX|1|TX|||" + "x" * size))
        assert code in ("AA", "AE")
        (taken if code == "AA" else refused).append(control)
        if len(refused) == 10:
            return taken, refused
    raise AssertionError("the disk never became full")


def test_a_full_disk_refuses_with_ae_still_journals_it_and_loses_nothing(data: Path) -> None:
    """The disk holds 60 MiB, 48 of them ballast; whoever is refused is counted, repeats are still answered."""
    child = listening(data, before=lambda: _on(Disk("small", data, 52 << 20)))
    taken, refused = fill(child, 50_000)
    again = exchange(child.port, message("F0", body="OBX|1|TX|||" + "x" * 50_000))
    assert again == [("AA", "F0")]
    assert child.stop() == 0
    assert rows(data, "SELECT reason, answer, count(*) FROM refusal GROUP BY 1, 2") == [("disk-full", "AE", 10)]
    assert rows(data, "SELECT count(*) FROM message") == [(len(taken),)]
    assert rows(data, "SELECT received, repeated FROM tally") == [(len(taken) + len(refused) + 1, 1)]


def test_when_there_is_room_again_messages_are_taken_again(data: Path) -> None:
    larger = data / "larger"

    class Growing(Disk):
        def make_room(self, growth: int) -> None:
            self.size = (200 << 20) if larger.exists() else (52 << 20)
            super().make_room(growth)

    child = listening(data, before=lambda: _on(Growing("growing", data)))
    _, refused = fill(child, 50_000)
    larger.touch()
    until = time.monotonic() + 10
    while exchange(child.port, message(refused[0])) != [("AA", refused[0])]:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (data / f"{JOURNAL}.ballast-intake").stat().st_size == 48 << 20
    assert child.stop() == 0


def test_a_disk_without_even_room_for_refusals_answers_and_counts_them_later(data: Path) -> None:
    larger = data / "larger"

    class Tight(Disk):
        def make_room(self, growth: int) -> None:
            tight = (data / "tight").exists() and not larger.exists()
            if tight and growth > 0:
                raise apsw.FullError("the disk is full")

        def check(self, operation: str, file: str) -> None:
            if operation == "write" and (data / "tight").exists() and not larger.exists():
                raise apsw.FullError("the disk is full")

    child = listening(data, before=lambda: _on(Tight("tight", data, 1)))
    assert exchange(child.port, message("C1")) == [("AA", "C1")]
    (data / "tight").touch()
    assert exchange(child.port, message("C2"), message("C3")) == [("AE", "C2"), ("AE", "C3")]
    larger.touch()
    until = time.monotonic() + 10
    while exchange(child.port, message("C2")) != [("AA", "C2")]:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert child.stop() == 0
    (records,) = rows(data, "SELECT group_concat(CAST(records AS TEXT), char(10)) FROM audit WHERE writer = 'intake'")[
        0
    ]
    assert '"action":"frames.unrecorded"' in records
    assert rows(data, "SELECT control FROM (SELECT count(*) AS control FROM message)") == [(2,)]
