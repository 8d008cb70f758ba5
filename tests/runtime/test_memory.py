"""Memory goes back to the system."""

from __future__ import annotations

import subprocess
import sys

HOLE = """
from runtime.memory import give_back
def anonymous():
    with open("/proc/self/smaps_rollup") as maps:
        return int(next(line for line in maps if line.startswith("Anonymous")).split()[1])
pieces = [b"x" * 60_000 for _ in range(1000)]
pinned = pieces[::50]
pieces.clear()
before = anonymous()
give_back()
print(before - anonymous())
"""


def test_what_was_freed_between_things_that_stay_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", HOLE], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 20_000
