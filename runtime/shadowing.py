"""Asks a child to run a candidate in shadow: one at a time, killed when it takes too long."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from pydantic import ValidationError

from runtime.questions.shadow import AskShadow, Shadow
from runtime.wire import Contract, Refused

LONGEST_S = 25.0
HOUR_MS = 3_600_000
_HOME = Path(__file__).resolve().parent.parent


class Shadowing:
    """The shadow runs of one runtime."""

    def __init__(self, data: Path, store: Path) -> None:
        self._data, self._store = data, store
        self._turn = threading.Lock()

    def answer(self, asked: AskShadow, now_ms: int) -> Contract:
        if not self._turn.acquire(blocking=False):
            return Refused(refused="busy", sentence="Another candidate is being run in shadow: ask again.")
        try:
            return self._run(asked, now_ms)
        finally:
            self._turn.release()

    def _run(self, asked: AskShadow, now_ms: int) -> Contract:
        question = {
            "data": str(self._data),
            "store": str(self._store),
            "release": asked.release,
            "since_ms": now_ms - asked.hours * HOUR_MS,
            "limit": asked.limit,
        }
        try:
            # The command is this interpreter and a module of this package; no part of it comes from outside.
            done = subprocess.run(
                (sys.executable, "-m", "runtime.shadow_worker"),
                input=json.dumps(question).encode(),
                capture_output=True,
                cwd=_HOME,
                env={"LANG": "C.UTF-8"},
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Refused(refused="busy", sentence="The shadow run took too long: ask for fewer messages.")
        return _answer(done.stdout)


def _answer(said: bytes) -> Contract:
    for form in (Shadow, Refused):
        try:
            return form.model_validate_json(said)
        except ValidationError:
            continue
    return Refused(refused="failed", sentence="The shadow run ended without an answer.")
