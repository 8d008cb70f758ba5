"""The `lockgate` command in an odd world: a clock that somebody sets, and a disk whose flush fails on command.

Run in place of the `lockgate` command, with the folder of the commands as its first argument: ``clock`` there holds
seconds by which the wall clock is off, and while ``no-flush`` is there no flush of a journal's log succeeds. The
product has no such option: clock and storage are handed in by ``runtime.world``, and that is what is done here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lockgate import cli
from runtime import supervisor, world
from tests.runtime.journal.shaky import Disk

COMMANDS = Path(sys.argv[1])


class Odd(Disk):
    def check(self, operation: str, file: str) -> None:
        self.fail = ("sync", "-wal") if (COMMANDS / "no-flush").exists() else None
        super().check(operation, file)


class Set(world.SystemClock):
    def now_ms(self) -> int:
        try:
            off = int((COMMANDS / "clock").read_text())
        except (OSError, ValueError):
            off = 0
        return super().now_ms() + off * 1000


if __name__ == "__main__":
    disk = Odd("odd")
    outside = world.system()._replace(clock=Set(), storage=world.Storage(disk.name))
    supervisor.system = lambda: outside
    sys.exit(cli.run(sys.argv[2:]))
