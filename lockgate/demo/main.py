"""`lockgate demo`: everything on loopback with invented data. ``--smoke`` plays the story and ends."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from lockgate.demo.house import Failed
from lockgate.demo.live import Live
from lockgate.demo.story import Story


def main(*, smoke: bool, data: Path | None = None, port: int | None = None) -> int:
    """Play the demo in the empty folder ``data`` (default: a new temporary one); ``port`` is the MLLP listener's."""
    folder = data or Path(tempfile.mkdtemp(prefix="lockgate-demo-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"lockgate demo: {folder} is not an empty folder; the demo begins in one.", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _smoke(folder, port) if smoke else _live(folder, port)
    except Failed as failed:
        print(f"lockgate demo: {failed}. What it left is in {folder}.", file=sys.stderr)
        if smoke:
            print(json.dumps({"failed": str(failed)}))
        return 1


def _smoke(folder: Path, port: int | None) -> int:
    return 0 if Story(folder, port).play() else 1


def _live(folder: Path, port: int | None) -> int:
    live = Live(folder, port)
    try:
        live.play()
    except KeyboardInterrupt:
        live.tell("Stopped.")
    return 0
