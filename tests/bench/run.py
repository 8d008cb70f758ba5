"""`make bench`: the library flow bench-replenishment, signed and running, measured by the shared harness."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from lockgate.demo import hospital
from lockgate.demo.house import Failed, House, Runtime
from lockgate.demo.ports import free_ports

PROJECT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("RESULTS.md")
FLOW = "bench-replenishment"
HEAD = (
    "| run | connections | offered/s | delivered/s | ACK/s | ACK p50 / p99 ms | end to end p50 / p99 ms "
    "| CPU us/message | PSS MiB | KiB written/message | flushes/message | lost | doubled | bad | foreign CPU % |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


class Setting(NamedTuple):
    """One measurement: the harness's own arguments."""

    name: str
    connections: int
    messages: int
    rate: int = 0
    sink_delay_ms: int = 0
    warmup: int = 500


SETTINGS = (
    Setting("closed loop", 1, 6_000),
    Setting("closed loop", 16, 40_000),
    Setting("50 a second", 16, 1_000, rate=50),
    Setting("ERP takes 20 ms", 16, 12_000, sink_delay_ms=20),
)


class Lacking(Exception):
    """Something that a measurement needs is not there."""


def harness() -> Path:
    folder = Path(os.environ.get("LOCKGATE_BENCH", str(PROJECT.parent / "shared" / "bench"))) / "harness"
    if not (folder / "bench.py").exists():
        raise Lacking(f"no harness at {folder}: set LOCKGATE_BENCH to the folder that holds harness/bench.py.")
    if shutil.which("cc") is None:
        raise Lacking("the harness needs a C compiler named cc (on Debian: apt-get install gcc libc6-dev).")
    return folder


def rows(folder: Path, binaries: Path) -> list[dict[str, object]]:
    """The harness's own item table as rows of the master."""
    binaries.mkdir(parents=True, exist_ok=True)
    program = binaries / "mllp_load"
    subprocess.run(
        ["cc", "-O2", "-D_GNU_SOURCE", "-o", str(program), str(folder / "mllp_load.c")], check=True, timeout=120
    )
    table = subprocess.run([str(program), "--lookup"], check=True, capture_output=True, text=True, timeout=60).stdout
    pairs = [line.split(",") for line in table.splitlines()[1:]]
    return [{"key": [item], "values": {"material": material}} for item, material in pairs]


def running(folder: Path, items: list[dict[str, object]], mllp_port: int, sink_port: int) -> tuple[House, Runtime]:
    """The signed flow in a runtime that listens."""
    house = House(folder)
    house.found(hospital.PEOPLE)
    flow = house.bring(FLOW, {"theatre": mllp_port, "erp-replenishment": sink_port})
    house.load_master(flow, "materials", items, ("sam", "noor"))
    house.go_live(flow)
    runtime = house.start()
    house.wait_running(runtime, FLOW)
    return house, runtime


def measure(folder: Path, setting: Setting, ports: tuple[int, int], first: int, process: int) -> dict[str, Any]:
    """One run of the harness against the running runtime; gives its result line."""
    mllp_port, sink_port = ports
    arguments = [
        *("--name", "lockgate", "--mllp", f"127.0.0.1:{mllp_port}", "--sink-port", str(sink_port)),
        *("--pid", str(process), "-n", str(setting.messages), "-c", str(setting.connections)),
        *("--rate", str(setting.rate), "--sink-delay-ms", str(setting.sink_delay_ms)),
        *("--warmup", str(setting.warmup), "--first-id", str(first)),
    ]
    ended = subprocess.run(
        [sys.executable, str(folder / "bench.py"), *arguments], capture_output=True, text=True, timeout=900, check=False
    )
    if ended.returncode:
        raise Failed(f"the harness ended with {ended.returncode}: {ended.stderr.strip()[-300:]}")
    result: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return result


def line(setting: Setting, result: dict[str, Any]) -> str:
    """One row of the table."""
    count = result["messages"]
    cells = (
        setting.name,
        setting.connections,
        setting.rate or "as fast as ACKs allow",
        f"{result['e2e_per_s']:.0f}",
        f"{result['ack_per_s']:.0f}",
        f"{result['ack_ms']['p50']:.2f} / {result['ack_ms']['p99']:.2f}",
        f"{result['e2e_ms']['p50']:.1f} / {result['e2e_ms']['p99']:.1f}",
        f"{result['cpu_s'] * 1e6 / count:.0f}",
        f"{result['peak_pss_mib']:.0f}",
        f"{result['written_mib'] * 1024 / count:.1f}",
        f"{result['disk_flushes'] / count:.2f}",
        result["lost"],
        result["duplicates"],
        result["bad_bodies"] + result["phi_leaks"] + result["unknown_bodies"],
        f"{100 * result['foreign_cpu_s'] / max(0.1, result['wall_s']):.0f}",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def record(lines: list[str], note: str) -> None:
    """Append the table of this run to the page of results."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.strip()
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    machine = f"{os.cpu_count()} CPUs, Python {platform.python_version()}"
    title = "" if RESULTS.exists() else "# Figures of the shared harness\n\nEach table is one run of `make bench`.\n"
    with RESULTS.open("a") as page:
        page.write(f"{title}\n## {when}, {commit or 'no commit'}, {machine}\n\nCommand: `make bench`{note}\n\n")
        page.write(HEAD + "\n".join(lines) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each setting is measured")
    parser.add_argument("--only", type=int, choices=range(1, len(SETTINGS) + 1), help="one setting, by number")
    parser.add_argument("--dry", action="store_true", help="print the table, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    settings = SETTINGS if chosen.only is None else (SETTINGS[chosen.only - 1],)
    folder = Path(tempfile.mkdtemp(prefix="lockgate-bench-", dir=os.environ.get("BENCH_DATA")))
    try:
        lines = run(folder, settings * chosen.rounds)
    except (Lacking, Failed) as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 2 if isinstance(trouble, Lacking) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(HEAD + "\n".join(lines))
    if not chosen.dry:
        record(lines, f" ({chosen.rounds} rounds)" if chosen.rounds > 1 else "")
    return 0


def run(folder: Path, settings: tuple[Setting, ...]) -> list[str]:
    """Measure each setting against one runtime; messages are never sent twice, so that none is a repeat."""
    shared = harness()
    mllp_port, sink_port = free_ports(2)
    print("bench: signing the flow and 10,000 rows ...", flush=True)
    _, runtime = running(folder, rows(shared, folder / "bin"), mllp_port, sink_port)
    first, lines = 0, []
    try:
        for setting in settings:
            result = measure(shared, setting, (mllp_port, sink_port), first, runtime.process.pid)
            first += setting.warmup + setting.messages
            lines.append(line(setting, result))
            print(
                f"bench: {setting.name}, {setting.connections} connections: {result['e2e_per_s']} delivered/s",
                flush=True,
            )
            time.sleep(1)
    finally:
        runtime.stop()
    return lines


if __name__ == "__main__":
    sys.exit(main())
