"""`lockgate demo`: everything on loopback with invented data. ``--smoke`` plays the story and ends."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from lockgate.demo.house import Failed
from lockgate.demo.story import Story


def smoke(data: Path | None = None) -> int:
    """Play the smoke story in ``data`` (default: a folder that is left behind only when it fails). 0 well, 1 not."""
    folder = data or Path(tempfile.mkdtemp(prefix="lockgate-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        print(f"lockgate demo: {folder} is not empty; the story begins in an empty folder.", file=sys.stderr)
        return 2
    story = Story(folder)
    try:
        return 0 if story.play() else 1
    except Failed as failed:
        print(f"lockgate demo: {failed}. What it left is in {folder}.", file=sys.stderr)
        print(json.dumps({"failed": str(failed)}))
        return 1
