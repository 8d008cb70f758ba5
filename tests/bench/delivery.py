"""CPU of expansion and delivery a message: a journal full of charges, the real engine, a trivial sink beside it.

python -m tests.bench.delivery [messages] [--profile]
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import os
import pstats
import resource
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

import uvloop

from runtime import world
from runtime.journal.store import Journal
from tests.runtime.workshop import Shop, released, table

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
BODY = b'{"status":"accepted"}'


def message(number: int) -> bytes:
    """The benchmark's own message: eight segments, 1.1 kB."""
    return (
        f"MSH|^~\\&|ORMS|MERCY|LOCKGATE|HUB|20260315000005+0100||DFT^P03^DFT_P03|B{number:09d}|P|2.5.1|||AL|NE\r"
        "EVN|P03|20260315000005\r"
        f"PID|1||{number:08d}^^^MERCY^MR||Tremblay^Ana^M^^^^L||19620411|F|||12 Rue Hugo^^Mercy^QC^H1A 1A1^CAN^H||"
        "^PRN^PH^^1^514^5550123|||M||A123^^^MERCY^AN|123-45-6789\r"
        "NK1|1|Tremblay^Luc|SPO^Spouse|12 Rue Hugo^^Mercy^QC^H1A 1A1|^PRN^PH^^1^514^5550124\r"
        f"PV1|1|I|OR3^2^1^MERCY||||4711^Roy^Lea^^^^MD|||SUR|||||||||E{number % 4000:08d}^^^MERCY^VN|||||||||||||||"
        "||||||||||20260315000005\r"
        "DG1|1||M16.1^Coxarthrosis^I10|||A\r"
        f"FT1|1|T{number}||20260315000005+0100|20260315000005|CG|ITM-{number % 10_000:05d}^Screw 4.5x30^L|||9||"
        "12.50&CAD|108^Orthopaedics|||||||4711^Roy^Lea\r"
        "NTE|1||lot 4711, opened on the table by the circulating nurse during the first hour of the procedure\r"
    ).encode()


class Sink(asyncio.Protocol):
    """Answers each request at once; looks at nothing but the end of the body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.rest = cast(asyncio.WriteTransport, transport), b""

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        answers = 0
        while (end := data.find(b"\r\n\r\n")) >= 0:
            start = data.find(b"Content-Length: ") + 16
            size = int(data[start : data.find(b"\r\n", start)])
            if len(data) < end + 4 + size:
                break
            data, answers = data[end + 4 + size :], answers + 1
        self.rest = data
        if answers:
            self.transport.write(ANSWER % (len(BODY), BODY) * answers)


def sink() -> tuple[int, int]:
    """A sink in a process of its own; gives its process id and port."""
    listening = socket.create_server(("127.0.0.1", 0))
    pid = os.fork()
    if pid:
        return pid, listening.getsockname()[1]

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, sock=listening)
        await server.serve_forever()

    uvloop.run(serve())
    os._exit(0)


async def deliver(folder: Path, port: int, count: int, profile: bool) -> None:
    outside = world.system()
    release = released("bench-replenishment", port=port)
    contract = release.around.masters["materials"]
    rows = [{"key": [f"ITM-{n:05d}"], "values": {"material": f"{n + 70_000_000}"}} for n in range(10_000)]
    journal = Journal.open(folder / "journal.db", "delivery", outside)
    intake = Journal.open(folder / "journal.db", "intake", outside)
    shop = Shop(journal, intake, release, {contract.id: table(contract, rows)}, folder)
    shop.start()
    shop.activate()
    shop.stop()
    for first in range(0, count, 500):
        shop.accept(*(message(n) for n in range(first, min(first + 500, count))))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    shop.start()
    shop.activate()
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    reader = journal.reader()
    while reader.rows("SELECT count(*) FROM message WHERE expanded = 0") != [(0,)] or reader.rows(
        "SELECT count(*) FROM posting WHERE state = 'in-flight'"
    ) != [(0,)]:
        await asyncio.sleep(0.05)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    profiler.disable()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    user = after.ru_utime - before.ru_utime
    states = shop.states()
    commits = journal.reader().rows("SELECT count(*) FROM audit WHERE writer = 'delivery'")[0][0]
    print(
        f"{count} messages, {states}, {commits} commits: {cpu / count * 1e6:.1f} us CPU a message"
        f" (user {user / count * 1e6:.1f}), {count / wall:.0f}/s, {after.ru_maxrss // 1024} MiB"
    )
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    shop.stop()


def main() -> None:
    counts = [int(each) for each in sys.argv[1:] if each.isdigit()]
    pid, port = sink()
    try:
        with tempfile.TemporaryDirectory() as folder:
            uvloop.run(deliver(Path(folder), port, counts[0] if counts else 20_000, "--profile" in sys.argv))
    finally:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
