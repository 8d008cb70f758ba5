"""Processes of the demo end together."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lockgate.demo.crew import Crew
from lockgate.demo.house import Failed, until

CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("up", child.pid, flush=True)
time.sleep(60)
"""
DEAF = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up',flush=True); time.sleep(60)"


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_whoever_was_started_ends_with_all_that_it_started_and_also_who_does_not_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lockgate.demo.crew.GRACE_S", 0.5)
    crew = Crew(tmp_path)
    members = [crew.start("parent", [sys.executable, "-c", CHILD]), crew.start("deaf", [sys.executable, "-c", DEAF])]
    for member in members:
        crew.ready(member, "up")
    child = int(members[0].said().split()[1])
    os.kill(child, 0)
    crew.end()
    assert not any(member.alive() for member in members)
    until("the child of the parent is gone", lambda: gone(child), 5)


def test_one_that_ends_before_it_is_ready_says_why(tmp_path: Path) -> None:
    crew = Crew(tmp_path)
    member = crew.start("designer", [sys.executable, "-c", "raise SystemExit('the port is taken')"])
    with pytest.raises(Failed, match="the port is taken"):
        crew.ready(member, "ready")
    assert crew.ended() is member
    crew.end()
