"""A delivery without processes: the real engine, journal and nodes around a release made from a library flow."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.graph import Flow, read_flow
from flows.master_table import Table
from flows.masters import MasterContract, Snapshot, contract_digest, write_snapshot
from flows.surroundings import load_surroundings
from nodes import catalogue
from runtime import world
from runtime.channel import Activate
from runtime.crypto import about_message
from runtime.delivery.engine import Engine, Routes
from runtime.delivery.expander import Expander
from runtime.delivery.releases import Releases
from runtime.delivery.running import Lending
from runtime.expansion import Keys
from runtime.journal import queries
from runtime.journal.errors import JournalBroken
from runtime.journal.keys import DataKeys
from runtime.journal.store import Journal
from runtime.replay import Replays
from runtime.secrets import FileSecrets

LIBRARY = Path(__file__).parent.parent.parent / "flows" / "library"
KEYS = Keys(b"i" * 32, b"l" * 32, b"c" * 32)
OK = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class Released(NamedTuple):
    """A release that nobody signed: what the verifier would give, for tests of what runs it."""

    digest: str
    flow: Flow
    around: Surroundings
    declarations: Mapping[str, Declaration]
    fields: Mapping[str, tuple[str, ...]]


def released(library: str, change: Callable[[dict[str, Any]], None] = lambda flow: None, **connection: Any) -> Released:
    """A library flow, changed, with members of its sink's connection replaced."""
    folder = LIBRARY / library
    spelled = json.loads((folder / "flow.json").read_text())
    change(spelled)
    flow, found = read_flow(spelled)
    assert flow is not None, found
    environment = json.loads((folder / "environment.json").read_text())
    for each in environment["connections"].values():
        if "contract" in each:
            each.update(connection)
    around = load_surroundings(json.dumps(environment).encode(), lambda path: (folder / path).read_bytes())
    around = around._replace(purpose=flow.purpose)
    declarations: dict[str, Declaration] = {}
    for step in flow.steps:
        declared = catalogue.declare(step, around)
        assert isinstance(declared, Declaration), declared
        declarations[step.id] = declared
    fields = {name: each.effects.sends for name, each in declarations.items() if each.effects.sends is not None}
    digest = hashlib.sha256(json.dumps([spelled, environment], sort_keys=True).encode()).hexdigest()
    return Released(digest, flow, around, declarations, fields)


def table(contract: MasterContract, rows: Sequence[Mapping[str, Any]]) -> Table:
    """A master that holds ``rows``."""
    snapshot = Snapshot.model_validate(
        {
            "format": "lockgate/snapshot/1",
            "master": contract.id,
            "contract": contract_digest(contract),
            "sequence": 1,
            "previous": None,
            "add": rows,
        }
    )
    return Table(contract).apply(write_snapshot(snapshot))


def more(before: Table, rows: Sequence[Mapping[str, Any]]) -> Table:
    """The master after stewards added ``rows``."""
    snapshot = Snapshot.model_validate(
        {
            "format": "lockgate/snapshot/1",
            "master": before.contract.id,
            "contract": before.contract_digest,
            "sequence": before.sequence + 1,
            "previous": before.digest,
            "add": rows,
        }
    )
    return before.apply(write_snapshot(snapshot))


class Asked(NamedTuple):
    """One request as the ERP stand-in got it."""

    key: str
    body: dict[str, Any]


class Erp:
    """An ERP that answers by a script and applies each key once. ``None`` drops the connection after applying."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.applied: list[Asked] = []
        self.script: Callable[[int, Asked], bytes | None] = lambda number, asked: self.ok(asked)
        self.port = 0
        self.under_way = self.most_under_way = 0
        self.delay_s = 0.0

    def ok(self, asked: Asked) -> bytes:
        body = json.dumps({"document": asked.key[:8]}).encode()
        return OK % (len(body), body)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
                asked = Asked(headers["idempotency-key"], json.loads(body))
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                await asyncio.sleep(self.delay_s)
                self.under_way -= 1
                self.asked.append(asked)
                answer = self.script(len(self.asked), asked)
                takes = answer is None or answer.startswith((b"HTTP/1.1 2", b"APPLY"))
                if takes and asked.key not in {each.key for each in self.applied}:
                    self.applied.append(asked)
                if answer is None or answer == b"APPLY":
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Shop:
    """The workshop in use."""

    def __init__(
        self, journal: Journal, intake: Journal, release: Released, masters: dict[str, Table], folder: Path
    ) -> None:
        self.journal, self.intake, self.release, self.masters, self.folder = journal, intake, release, masters, folder
        self.world = journal.world
        self.secrets = FileSecrets.prepare(folder, self.world.randomness)
        self.keys = DataKeys(self.secrets.master_key, self.world.randomness)
        self.expanded: list[int] = []
        self.broken: list[JournalBroken] = []
        self._last = 0

    def start(self) -> None:
        """A fresh delivery over whatever the journal holds."""
        self.engine = Engine(self.world, self.journal, self.keys, KEYS, self.expanded.append, self.broken.append)
        self.routes = Routes(self.world, self.secrets, self.engine.route)
        lending = Lending(KEYS, b"p" * 32, self.secrets, None, self.routes.to)
        self.releases = Releases(self.journal, lambda command, data: self.release, self._master, lending)
        expander = Expander(self.journal, self.keys, self.releases, KEYS, b"b" * 32)
        self.engine.begin(self.routes, self.releases, expander)
        self.replays = Replays(self.engine, self.keys, KEYS)

    def activate(self, sequence: int = 1) -> int:
        bundle = self.folder / "release.bundle"
        bundle.write_bytes(b"verified")
        command = Activate(
            flow=self.release.flow.id, release=self.release.digest, sequence=sequence, bundle=str(bundle)
        )
        said = self.engine.activate(command)
        assert said.say == "activated", said
        return said.number

    def stop(self) -> None:
        """As a crash would: nothing more is sent or written."""
        for route in self.routes:
            route.stop()
            route.close()
        self.engine._draining = True
        self.engine._settled.clear()
        self.engine._begun.clear()

    def _master(self, contract: MasterContract) -> Table:
        return self.masters.get(contract.id, Table(contract))

    def accept(self, *payloads: bytes, release: int = 1) -> None:
        """As intake does it: one transaction, then delivery is woken."""
        with self.intake.write() as transaction:
            rows = []
            for payload in payloads:
                self._last += 1
                flow, digest, now = self.release.flow.id, hashlib.sha256(payload).digest(), transaction.now_ms
                key, sealer = self.keys.current(transaction, flow)
                by = self.release.digest
                about = about_message(self._last, flow, "or-system", by, now, "synthetic", digest)
                rows.append(
                    (self._last, flow, "or-system", release, now, b"t" * 16, digest, "synthetic", "AA", None, 0, key,
                     sealer.seal(payload, about))
                )  # fmt: skip
            transaction.run_many(queries.MESSAGE_ADD, rows)
        self.engine.wake()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.journal.reader().rows(query, values)

    def states(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, count(*) FROM posting GROUP BY state"))

    async def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not holds():
            assert not self.broken, self.broken
            assert loop.time() < end, f"not in time: {self.states()}"
            await asyncio.sleep(0.005)

    async def settled(self, seconds: float = 10.0) -> None:
        """Until nothing waits and nothing is on its way."""
        done = "SELECT (SELECT count(*) FROM message WHERE expanded = 0)"
        done += " + (SELECT count(*) FROM posting WHERE state = 'in-flight')"
        await self.until(lambda: self.rows(done) == [(0,)], seconds)


_numbers = itertools.count()


@asynccontextmanager
async def shop(
    folder: Path,
    erp: Erp,
    library: str = "supply-consumption",
    change: Callable[[dict[str, Any]], None] = lambda flow: None,
    masters: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    clock: world.Clock | None = None,
    on_disk: bool = False,
    **connection: Any,
) -> AsyncIterator[Shop]:
    """A workshop that posts to ``erp``, started and activated."""
    await erp.open()
    release = released(library, change, port=erp.port, **connection)
    given = DEMO_ROWS if masters is None else masters
    tables = {name: table(contract, given.get(name, ())) for name, contract in release.around.masters.items()}
    outside = world.World(clock or world.SystemClock(), world.SeededRandomness(next(_numbers)), world.SystemNetwork())
    journals = [_journal(folder, writer, outside, on_disk) for writer in ("delivery", "intake")]
    made = Shop(journals[0], journals[1], release, tables, folder)
    made.start()
    made.activate()
    try:
        yield made
    finally:
        made.stop()
        erp.close()
        await asyncio.sleep(0.02)  # the stand-in's connections see their end


def _journal(folder: Path, writer: str, outside: world.World, on_disk: bool) -> Journal:
    if on_disk:
        return Journal.open(folder / "journal.db", writer, outside, ballast_bytes=0)
    return Journal.in_memory(str(folder), writer, outside)


DEMO_ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "items": (
        {"key": ["SUP", "A-1"], "values": {"material": "M-100", "base_unit": "EA"}},
        {"key": ["SUP", "B-2"], "values": {"material": "M-200", "base_unit": "EA"}},
    ),
    "locations": ({"key": ["OR1", "R1", "T1", "LKS"], "values": {"plant": "LK01"}},),
}


def charge(control: str, *items: str, encounter: str = "E1", quantity: str = "2") -> bytes:
    """A DFT^P03 with one charge line an item."""
    lines = "".join(
        f"FT1|{n}|||20260316073001||CG|{item}^THING^SUP|||{quantity}||12.35&USD|4410^THEATRES\r"
        for n, item in enumerate(items, 1)
    )
    return (
        f"MSH|^~\\&|OR|HOSP|HUB|HQ|20260316073001||DFT^P03^DFT_P03|{control}|P|2.5.1\rEVN|P03|20260316073001\r"
        f"PID|1||4711^^^H||Rivera^Ana\rPV1|1|I|OR1^R1^T1^LKS||||||||||||||||{encounter}\r{lines}"
    ).encode()
