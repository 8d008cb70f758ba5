"""Append-only ledgers: what a stand-in saw, one JSON line each, written before it acts on it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lockgate.demo.clock import Played

Entry = Mapping[str, Any]  # a JSON object: its members are the writer's own


class Ledger:
    """One writer's file. Every line leaves the process before ``add`` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Played(path.parent)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, event: str, **members: object) -> None:
        line = {"event": event, "at": self.clock.now_ms(), **members}
        os.write(self._file, json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> Iterator[Entry]:
    """The whole lines of a ledger, also while its writer is at work."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield json.loads(line)


def whole_lines(path: Path, begin: int) -> tuple[list[Entry], int]:
    """The whole lines from byte ``begin`` on, and where the next one will begin."""
    if not path.exists():
        return [], begin
    with path.open("rb") as file:
        file.seek(begin)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], begin + len(whole)
