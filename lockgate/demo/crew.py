"""The processes of the demo: each with a log of its own, all of them ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from lockgate.demo.house import Failed, until

GRACE_S = 6.0


class Member:
    """One process, in a group of its own: a Ctrl-C reaches the launcher alone, which ends the others in order."""

    def __init__(self, name: str, command: Sequence[str | Path], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as out:
            self._from = out.tell()
            self.process = subprocess.Popen(  # noqa: S603  reason: our own programs
                [str(each) for each in command],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def alive(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """What it said since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._from)
            return log.read().decode("utf-8", "replace")

    def why(self) -> str | None:
        """Its last line, once it has ended."""
        if self.alive():
            return None
        lines = self.said().strip().splitlines()
        return f"the {self.name} ended with {self.process.returncode}: {lines[-1] if lines else 'it said nothing'}"

    def signal(self, number: int) -> None:
        """To the whole group: what it started ends with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Crew:
    """Everything that the launcher started."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._members: dict[str, Member] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str | Path]) -> Member:
        """Starts a process; one of the same name that has ended gives way."""
        member = Member(name, command, self._logs / f"{name}.log")
        self._members[name] = member
        return member

    def module(self, name: str, module: str, *arguments: str | Path | float) -> Member:
        """Starts one of our modules."""
        return self.start(name, [sys.executable, "-m", module, *(str(each) for each in arguments)])

    def ready(self, member: Member, says: str, seconds: float = 40.0) -> None:
        """Waits for a line that begins with ``says``."""
        self.until(member, f"the {member.name} is ready", lambda: says in member.said(), seconds)

    def until(self, member: Member, what: str, holds: Callable[[], bool], seconds: float = 40.0) -> None:
        until(what, holds, seconds, member.why)

    def ended(self, *but: str) -> Member | None:
        """Somebody who ended without being asked."""
        return next((each for each in self._members.values() if each.name not in but and not each.alive()), None)

    def alive(self, name: str) -> bool:
        return name in self._members and self._members[name].alive()

    def stop(self, member: Member) -> None:
        """Ends one of them in good order. Failed where it does not end well."""
        member.process.send_signal(signal.SIGTERM)
        try:
            status = member.process.wait(2 * GRACE_S)
        except subprocess.TimeoutExpired:
            status = None
        if status != 0:
            raise Failed(f"the {member.name} did not end when it was asked to")

    def end(self) -> None:
        """Ends everybody, the newest first; whoever does not go is killed with all that it started."""
        members = list(reversed(self._members.values()))
        for member in members:
            if member.alive():
                member.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        for member in members:
            with suppress(subprocess.TimeoutExpired):
                member.process.wait(max(0.1, deadline - time.monotonic()))
            member.signal(signal.SIGKILL)
            member.process.wait()
