"""Brings a demo up, lets a real browser play in it, and prints what came of it as JSON.

python -m tests.e2e.run               the newcomer's and the keyboard story, axe on every page: ends with JSON
python -m tests.e2e.run newcomer      that story alone; so does 'keyboard'
python -m tests.e2e.run screenshots   every page in both themes at 1440 and 400 px, into a FOLDER or a temporary one
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lockgate.demo import desktop
from lockgate.demo.browser import NoBrowser, find
from lockgate.demo.campus import FILE, SINKS, Plan
from lockgate.demo.house import LOCKGATE, Failed
from lockgate.demo.ports import reachable
from lockgate.tools.frontend import Lacking, node_home

MAIN = Path(__file__).with_name("main.mjs")
SECONDS, UP_SECONDS = 900, 240


def main(arguments: Sequence[str]) -> int:
    """0 when nothing failed, 1 when something did, 2 when something is lacking."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the demo is ended too
    wanted, *rest = [*arguments, *(["stories"] if not arguments else [])]
    folder = Path(rest[0]) if rest else Path(tempfile.mkdtemp(prefix="lockgate-screenshots-"))
    try:
        return _play(wanted, folder)
    except (NoBrowser, Lacking, Failed) as lacking:
        print(f"lockgate e2e: {lacking}", file=sys.stderr)
        return 2


def _play(wanted: str, pictures: Path) -> int:
    began = time.time_ns() // 1_000_000
    browser, node = find(), node_home() / "bin" / "node"
    with tempfile.TemporaryDirectory(prefix="lockgate-e2e-") as name, demo(Path(name)) as plan:
        given = Path(name) / "given.json"
        given.write_text(
            json.dumps(
                {
                    "browser": browser.path,
                    "flags": browser.flags,
                    "origin": f"http://localhost:{plan.designer}",
                    "desk": f"http://localhost:{plan.desk}" if reachable(plan.desk) else None,
                    "erps": [f"http://localhost:{plan.ports[sink]}/" for sink in SINKS],
                    "sample": desktop.sample(),
                    "theatre_sample": desktop.sample("theatres"),
                    "began": began,
                    "folder": str(pictures),
                }
            )
        )
        done = subprocess.run(
            [node, MAIN, given, wanted], stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=False
        )
    if not done.stdout.strip():
        raise Failed(f"the browser's part broke off with {done.returncode}; what it said stands above")
    told = json.loads(done.stdout)
    print(json.dumps(told))
    return 1 if done.returncode or told.get("failed") else 0


@contextmanager
def demo(folder: Path) -> Iterator[Plan]:
    """A demo that runs while the block does; what it says goes to standard error."""
    line = [*LOCKGATE, "demo", "--data", str(folder)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True)
    ready = threading.Event()
    threading.Thread(target=_listen, args=(process, ready), daemon=True).start()
    try:
        if not ready.wait(UP_SECONDS) or process.poll() is not None:
            raise Failed("the demo did not come up; what it said stands above")
        yield Plan.model_validate_json((folder / FILE).read_bytes())
    finally:
        process.terminate()
        process.wait(30)


def _listen(process: subprocess.Popen[str], ready: threading.Event) -> None:
    for line in process.stdout or ():
        print(line, end="", file=sys.stderr, flush=True)
        if line.startswith("Lockgate demo ready at"):
            ready.set()
    ready.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
