"""`lockgate demo`: everything on loopback with invented data. ``--smoke`` plays the story and ends."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from lockgate.demo.campus import FILE, outdated, running
from lockgate.demo.house import Failed
from lockgate.demo.ports import bindable
from lockgate.demo.story import Story


def main(*, smoke: bool, data: Path | None = None, port: int | None = None) -> int:
    """Play the demo in the empty folder ``data`` (default: a new temporary one), or go on in a demo's own.

    ``port`` is the designer's; with ``smoke`` it is the MLLP listener's.
    """
    folder = data or Path(tempfile.mkdtemp(prefix="lockgate-demo-"))
    if not _usable(folder, smoke=smoke):
        print(f"lockgate demo: {folder} is not an empty folder; the demo begins in one.", file=sys.stderr)
        return 2
    if port is not None and not bindable(port):
        print(f"lockgate demo: port {port} is in use or not yours; choose another one with --port.", file=sys.stderr)
        return 2
    if outdated(folder):
        if running(folder):
            print(f"lockgate demo: a demo of another version runs in {folder}; end that one first.", file=sys.stderr)
            return 2
        earlier = _set_aside(folder)
        print(f"An earlier version of the program made the demo in {folder}; it lies in {earlier} now. Beginning anew.")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _smoke(folder, port) if smoke else _live(folder, port)
    except Failed as failed:
        print(f"lockgate demo: {failed}. What it left is in {folder}.", file=sys.stderr)
        if smoke:
            print(json.dumps({"failed": str(failed)}))
        return 1


def _usable(folder: Path, *, smoke: bool) -> bool:
    """Whether a demo may begin, or go on, there."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    return not any(folder.iterdir()) or (not smoke and (folder / FILE).is_file())


def _set_aside(folder: Path) -> Path:
    """Moves a demo away; nothing of it is lost."""
    number = 1
    while (earlier := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    return folder.rename(earlier)


def _smoke(folder: Path, port: int | None) -> int:
    return 0 if Story(folder, port).play() else 1


def _live(folder: Path, port: int | None) -> int:
    # Imported here: the story of the smoke test needs no designer.
    from lockgate.demo.live import Live

    try:
        Live(folder, port).play()
    except KeyboardInterrupt:
        print(f"Stopped. 'lockgate demo --data {folder}' goes on from here.")
    return 0
