"""Brings a demo up, lets a real browser play in it, and prints what came of it as JSON.

python -m tests.e2e.run               every story and every page in every state: ends with JSON
python -m tests.e2e.run newcomer      one part alone; so do 'keyboard', 'states [REGEX]', 'harm', 'quick'
python -m tests.e2e.run screenshots   every page in both themes at 1440 and 400 px, into a FOLDER or a temporary one;
                                      a REGEX behind it picks places by name
python -m tests.e2e.run pictures      the pictures of the README, into a FOLDER
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from lockgate.demo import desktop, hospital
from lockgate.demo.browser import Browser, NoBrowser, find
from lockgate.demo.campus import FILE, INBOX, SHOWN, Plan
from lockgate.demo.hospital import Patient
from lockgate.demo.house import LOCKGATE, Failed
from lockgate.demo.ports import free_ports
from lockgate.installation import PAGES
from lockgate.tools.frontend import FRONTEND, Lacking, node_home
from tests.e2e.bare import bare
from tests.e2e.refusals import refusals, waiting

MAIN = Path(__file__).with_name("main.mjs")
DESK = FRONTEND / "desk" / "story.mjs"
EVERYWHERE = ("stories", "states")
"""Parts that look at a designer with nothing in it too."""
SECONDS, UP_SECONDS = 2_400, 240


def main(arguments: Sequence[str]) -> int:
    """0 when nothing failed, 1 when something did, 2 when something is lacking."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the demo is ended too
    wanted, *rest = [*arguments, *(["stories"] if not arguments else [])]
    try:
        told = play(wanted, rest)
    except (NoBrowser, Lacking, Failed) as lacking:
        print(f"lockgate e2e: {lacking}", file=sys.stderr)
        return 2
    print(json.dumps(told))
    return 1 if told["failed"] else 0


def play(wanted: str, rest: Sequence[str] = ()) -> Mapping[str, Any]:
    """What the browser's part told. NoBrowser, Lacking or Failed where it could not begin, or broke off."""
    browser, node = find(), node_home() / "bin" / "node"
    if not PAGES.is_dir():
        raise Lacking("the pages are not built: run make setup.")
    kept = wanted in ("screenshots", "pictures") and rest
    pictures = Path(rest[0]) if kept else Path(tempfile.mkdtemp(prefix="lockgate-e2e-"))
    with tempfile.TemporaryDirectory(prefix="lockgate-e2e-") as name:
        folder = Path(name)
        with demo(folder / "demo") as (plan, up_ms), ExitStack() as more:
            nothing = more.enter_context(bare(folder / "bare")) if wanted in EVERYWHERE else None
            given = folder / "given.json"
            given.write_text(json.dumps(_given(plan, browser, pictures) | {"bare": nothing, "up_ms": up_ms}))
            told = _told([node, MAIN, given, wanted, *rest])
            if wanted in ("stories", "refusals"):
                with _counted(told, "refusals"):
                    release = waiting(f"http://localhost:{plan.designer}")
                    _add(told, "refusals", *refusals(folder / "demo", f"http://localhost:{plan.desk}", release))
    if wanted in ("stories", "desk"):
        with _counted(told, "desk"):
            story = _told([node, DESK], LOCKGATE_BROWSER=browser.path, LOCKGATE_PYTHON=sys.executable)
            _add(told, "desk", story["passed"], [*story["failed"], *story["axe_findings"], *story["console"]])
    return told


@contextmanager
def _counted(told: dict[str, Any], part: str) -> Iterator[None]:
    """A part that breaks off has failed; what the others told is told all the same."""
    try:
        yield
    except Failed as broken:
        _add(told, part, [], [str(broken)])


def _told(line: Sequence[str | Path], **more: str) -> dict[str, Any]:
    """What a part says on its last lines: a JSON object."""
    surroundings = {**os.environ, **more}
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=False, env=surroundings)
    begin = done.stdout.find("{")
    if begin < 0:
        raise Failed(f"the browser's part broke off with {done.returncode}; what it said stands above")
    told: dict[str, Any] = json.loads(done.stdout[begin:])
    return told


def _add(told: dict[str, Any], part: str, passed: Sequence[str], failed: Sequence[str]) -> None:
    """Counts a part in."""
    told[part] = list(passed)
    told["passed"] += len(passed)
    told["failed"] += len(failed)
    told["failures"] += [f"{part}: {each}" for each in failed]


def _given(plan: Plan, browser: Browser, pictures: Path) -> dict[str, object]:
    """What the browser's part has to know."""
    return {
        "browser": browser.path,
        "flags": browser.flags,
        "python": sys.executable,
        "origin": f"http://localhost:{plan.designer}",
        "desk": f"http://localhost:{plan.desk}",
        "erps": [
            {
                "name": name,
                "title": title,
                "address": f"http://localhost:{plan.inbox_page if name == INBOX else plan.ports[name]}/",
            }
            for name, title in SHOWN.items()
        ],
        "sample": desktop.sample(),
        "theatre_sample": desktop.sample("theatres"),
        "marks": [mark for patient in _patients() for mark in (patient.surname, patient.mrn, patient.encounter)],
        "folder": str(pictures),
    }


def _patients() -> Iterator[Patient]:
    """Everybody whose messages are sent."""
    for places in hospital.PLACES.values():
        yield from hospital.patients(24, places)


@contextmanager
def demo(folder: Path) -> Iterator[tuple[Plan, int]]:
    """A demo that runs while the block does, and how long it took to come up; what it says goes to standard error."""
    began = time.monotonic()
    line = [*LOCKGATE, "demo", "--data", str(folder), "--port", str(free_ports(1)[0])]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True)
    ready = threading.Event()
    threading.Thread(target=_listen, args=(process, ready), daemon=True).start()
    try:
        if not ready.wait(UP_SECONDS) or process.poll() is not None:
            raise Failed("the demo did not come up; what it said stands above")
        plan = Plan.model_validate_json((folder / FILE).read_bytes())
        yield plan, round((time.monotonic() - began) * 1000)
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
