"""Intake alone under load: acknowledgements a second and CPU a message, everything on.

``python -m tests.bench.intake [--connections 16] [--depth 8] [--seconds 4] [--profile]``. One process listens on the
real journal (WAL, FULL, encrypted, audited); this one sends distinct charges of 1.1 kB, at most ``depth`` unanswered
on each connection, and plays delivery on the wake pair. Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from flows import audit
from runtime import world
from runtime.journal import queries
from runtime.journal.store import Journal
from runtime.secrets import FileSecrets
from tests.runtime.intake.child import listening

FILLER = "OBX|{n}|ST|R{n}^Note^L||value {n} of a charge||||||F\r"


def charge(number: int) -> bytes:
    """A DFT^P03 of about 1.1 kB."""
    text = (
        f"MSH|^~\\&|ORSYS|HOSPITAL|ERP|HQ|20260412081530||DFT^P03^DFT_P03|M{number:09d}|P|2.5.1\r"
        "EVN|P03|20260412081530\r"
        f"PID|1||{4_000_000 + number}^^^HOSP^MR||DOE^JANE^Q||19620704|F|||12 HIGH STREET^^SPRINGFIELD^^12345\r"
        f"PV1|1|I|OR^4^1^HOSP||||1234^SURGEON^A|||||||||||V{number:08d}\r"
        f"FT1|1|||20260412080000||CG|27130^HIP^L|||2||||ORTHO|||||||1234^SURGEON^A\r"
        f"FT1|2|||20260412080500||CG|55021^SCREW^L|||4||||ORTHO|||||||1234^SURGEON^A\r"
    )
    return b"\x0b" + (text + "".join(FILLER.format(n=n) for n in range(1, 13))).encode() + b"\x1c\r"


class Sender:
    def __init__(self, port: int, depth: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.depth, self.open, self.acks = depth, 0, 0

    def fill(self, numbers: list[bytes]) -> None:
        if numbers:
            self.socket.sendall(b"".join(numbers))
            self.open += len(numbers)

    def read(self) -> int:
        got = self.socket.recv(1 << 18).count(b"\x1c\r")
        self.open -= got
        self.acks += got
        return got


def load(port: int, connections: int, depth: int, seconds: float, wake: socket.socket) -> tuple[int, float]:
    senders = {s.socket.fileno(): s for s in (Sender(port, depth) for _ in range(connections))}
    poll = select.epoll()
    for fileno in senders:
        poll.register(fileno, select.EPOLLIN)
    stock = [charge(n) for n in range(200_000 if seconds > 1 else 50_000)]
    used, acks = 0, 0
    wake.setblocking(False)
    began = time.perf_counter()
    for sender in senders.values():
        sender.fill(stock[used : used + depth])
        used += depth
    while time.perf_counter() - began < seconds and used < len(stock) - depth * connections:
        for fileno, _ in poll.poll(1):
            acks += senders[fileno].read()
            room = depth - senders[fileno].open
            senders[fileno].fill(stock[used : used + room])
            used += room
        wake.send(used.to_bytes(8, "big"))
    return acks, time.perf_counter() - began


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--connections", type=int, default=16)
    ask.add_argument("--depth", type=int, default=8)
    ask.add_argument("--seconds", type=float, default=4.0)
    ask.add_argument("--profile", action="store_true")
    options = ask.parse_args()
    data = Path(tempfile.mkdtemp(prefix="lockgate-bench-", dir=os.environ.get("BENCH_DIR")))
    FileSecrets.prepare(data, world.SystemRandomness())
    child = listening(data, profile=options.profile)
    acks, wall = load(child.port, options.connections, options.depth, options.seconds, child.wake)
    child.stop()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    journal = Journal.open(data / "journal.db", "bench", world.system(), ballast_bytes=0)
    reader = journal.reader()
    commits, records = reader.row("SELECT count(*), sum(count) FROM audit WHERE writer = 'intake'") or (0, 0)
    stored = (reader.row("SELECT count(*) FROM message") or (0,))[0]
    holds = audit.verify("intake", reader.rows(queries.AUDIT_ROWS, ("intake", 1)))[2] is None
    result = {
        "connections": options.connections,
        "depth": options.depth,
        "acks_per_s": round(acks / wall),
        "cpu_us_per_message": round((used.ru_utime + used.ru_stime - child.cpu_at_start) / max(stored, 1) * 1e6, 1),
        "user_us": round(used.ru_utime / max(stored, 1) * 1e6, 1),
        "messages_per_commit": round(stored / max(commits, 1), 1),
        "kib_per_message": round(child.written / 1024 / max(stored, 1), 2),
        "stored": stored,
        "audit_holds": holds and records >= stored,
        "rss_mib": round(used.ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(result) + "\n")
    shutil.rmtree(data)


if __name__ == "__main__":
    main()
