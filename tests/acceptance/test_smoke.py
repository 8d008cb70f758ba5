"""`lockgate demo --smoke`, as a person would run it."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from lockgate.demo.house import LOCKGATE

KEYS = (
    "sent", "received", "accepted", "refused", "repeated", "filtered", "postings",
    "delivered", "parked", "in_flight", "replayed", "duplicates", "lost", "balanced",
)  # fmt: skip


@pytest.mark.timeout(120)
def test_the_smoke_story_ends_well_within_a_minute(tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [*LOCKGATE, "demo", "--smoke", "--data", str(tmp_path / "demo")], capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 60
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert tuple(told) == KEYS
    assert told["sent"] >= 200 and min(told["refused"], told["filtered"], told["replayed"]) > 0
    assert told["lost"] == told["duplicates"] == told["in_flight"] == 0 and told["balanced"] is True
    assert told["received"] == told["accepted"] + told["refused"] + told["repeated"]
    assert told["postings"] == told["delivered"] + told["parked"] + told["in_flight"]
