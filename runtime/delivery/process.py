"""The delivery process: it expands what intake stored, posts it in order, and keeps cases and replays."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import Callable

import uvloop

from flows.master_table import Table
from flows.masters import MasterContract
from flows.trust import Refusal, Root
from runtime.channel import (
    Activate,
    AnyCommand,
    Ask,
    Deactivate,
    Drain,
    LineProtocol,
    Masters,
    Replay,
    Said,
    Setup,
    child_end,
    log,
)
from runtime.closing import Closing
from runtime.conformance import Conformance
from runtime.delivery.checkpointing import Checkpoints
from runtime.delivery.engine import Engine, Routes
from runtime.delivery.expander import Expander
from runtime.delivery.releases import Load, Releases, RowsBehind
from runtime.delivery.retention import LOOK_S, Retention
from runtime.delivery.running import WRITER, Lending
from runtime.expansion import Keys
from runtime.journal.errors import EXIT_BROKEN, DiskFull, JournalBroken, JournalUnusable
from runtime.journal.keys import DataKeys
from runtime.journal.store import Journal
from runtime.masters import MasterBook
from runtime.memory import give_back
from runtime.progress import Progresses
from runtime.proof import code, witness
from runtime.questions.cases import AskClose, Closed
from runtime.questions.replay import AskPlan, AskProgress, Plan, Progress
from runtime.questions.reveal import AskReveal, AskShape, Revealed, Shape
from runtime.replay import Replays
from runtime.sealed import SealBroken, sealing_key
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.showing import Showing
from runtime.state import master_file
from runtime.store import ReleaseStore
from runtime.wire import Refused
from runtime.world import World

JOURNAL = "journal.db"
CHECKPOINT_S = 60.0
"""How often the heads of both chains are signed while there is anything new."""


def delivery_main(
    setup: Setup,
    control: socket.socket,
    wake: socket.socket,
    load: Load,
    root: Callable[[], Root | Refusal],
    world: World,
) -> int:
    """The life of the process, in a child of the supervisor; gives its exit status."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(setup, control, wake, load, root, world))
    except (JournalUnusable, SecretsUnusable, SealBroken) as failure:
        log("delivery.unusable", reason=str(failure))
        return os.EX_CONFIG


async def _serve(
    setup: Setup,
    control: socket.socket,
    wake: socket.socket,
    load: Load,
    root: Callable[[], Root | Refusal],
    world: World,
) -> int:
    secrets = FileSecrets(setup.data / "secrets")
    journal = Journal.open(setup.data / JOURNAL, WRITER, world)
    journal.bind(code(secrets))
    keys = Keys(secrets.idempotency_key, secrets.derived("lane"), secrets.derived("cause"))
    data_keys = DataKeys(secrets.master_key, world.randomness)
    seen = master_file(setup.data, sealing_key(secrets.master_key))
    seen.look()
    book = MasterBook(setup.data / "masters", ReleaseStore(setup.store), secrets.derived("masters"), seen)
    rows = Rows(book, root)
    wake_end = Wake(wake)
    engine = Engine(world, journal, data_keys, keys, wake_end.expanded, fail_stop)
    routes = Routes(world, secrets, engine.route)
    conformance = Conformance()
    lending = Lending(keys, secrets.pseudonym_key, secrets, conformance, routes.to)
    releases = Releases(journal, load, rows.newest, lending)
    expander = Expander(journal, data_keys, releases, keys, secrets.derived("body"))
    engine.begin(routes, releases, expander)
    wake_end.listen(engine.wake)
    retention = Retention(journal, data_keys, world.clock)
    checkpoints = Checkpoints(journal, secrets.signer(WRITER), witness(secrets), setup.witness)
    delivery = Delivery(
        engine, rows, Replays(engine, data_keys, keys), Showing(engine, data_keys), checkpoints, retention
    )
    try:
        return await delivery.run(control)
    finally:
        conformance.close()


def fail_stop(failure: JournalBroken) -> None:
    """Ends the process at once: what was sent is known to the sinks by its key, and is sent again after a restart."""
    log("journal.broken", reason=str(failure))
    os._exit(EXIT_BROKEN)


class Rows:
    """The masters' verified rows, taken from the store when somebody says that there are newer ones."""

    def __init__(self, book: MasterBook, root: Callable[[], Root | Refusal]) -> None:
        self._book, self._root = book, root

    def newest(self, contract: MasterContract) -> Table:
        """The rows to look into; RowsBehind where newer ones were in force here."""
        root = self._root()
        taken = self._book.take(contract, root) if not isinstance(root, Refusal) else self._book.own(contract)
        if taken.behind:
            raise RowsBehind(taken.problem)
        return taken.table

    def take(self, contract: MasterContract) -> tuple[Table, int, str]:
        """The rows as they stand, how many steps are new, and why a step was refused."""
        root = self._root()
        if isinstance(root, Refusal):
            return self._book.own(contract).table, 0, root.sentence
        taken = self._book.take(contract, root)
        return taken.table, taken.new, taken.problem


class Wake:
    """This side of the wake pair: bytes in mean work, numbers out mean room."""

    def __init__(self, pair: socket.socket) -> None:
        self._pair = pair
        pair.setblocking(False)

    def listen(self, wake: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def heard() -> None:
            try:
                data = self._pair.recv(65_536)
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b""
            if not data:
                loop.remove_reader(self._pair.fileno())
            wake()

        loop.add_reader(self._pair.fileno(), heard)

    def expanded(self, through: int) -> None:
        # A full pair holds older numbers that intake has not read: the next one says it all.
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            self._pair.send(through.to_bytes(8, "big"))


class Delivery:
    """Carries out the supervisor's commands, one after the other."""

    def __init__(
        self,
        engine: Engine,
        rows: Rows,
        replays: Replays,
        showing: Showing,
        checkpoints: Checkpoints,
        retention: Retention,
    ) -> None:
        self._engine, self._rows, self._replays, self._showing = engine, rows, replays, showing
        self._closing, self._progresses = Closing(engine), Progresses(engine)
        self._checkpoints, self._retention = checkpoints, retention
        self._commands: asyncio.Queue[AnyCommand] = asyncio.Queue()
        self._replaying: set[asyncio.Task[None]] = set()

    async def run(self, control: socket.socket) -> int:
        line = await child_end(control, self._commands.put_nowait)
        line.send(Said(say="ready"))
        self._checkpoint_later()
        self._retain_later()
        while True:
            command = await self._commands.get()
            match command:
                case Activate():
                    line.send(self._engine.activate(command))
                    give_back()
                case Deactivate():
                    self._engine.releases.deactivate(command.flow, command.reason)
                    line.send(Said(say="deactivated", flow=command.flow))
                case Masters():
                    line.send(self._take(command.master))
                case Replay():
                    self._replay(line, command)
                case Ask():
                    line.send(self._answered(command))
                case Drain():
                    await self._drain(line, command.seconds)
                    return 0

    def _take(self, master: str) -> Said:
        """The newest rows of a master; every release that looks into it is prepared again over them."""
        new, sequence, problem = 0, 0, ""
        for contract in self._engine.releases.contracts(master):
            table, taken, why = self._rows.take(contract)
            new, problem = new + taken, problem or why
            sequence = max(sequence, table.sequence)
        if new:
            self._engine.releases.renew(master)
            give_back()
            with self._engine.journal.write() as transaction:
                transaction.audit("master.taken", master=master, sequence=sequence, count=new)
        return Said(say="masters", master=master, number=sequence, sentence=problem)

    def _replay(self, line: LineProtocol, command: Replay) -> None:
        task = asyncio.get_running_loop().create_task(self._replayed(line, command))
        self._replaying.add(task)
        task.add_done_callback(self._replaying.discard)

    async def _replayed(self, line: LineProtocol, command: Replay) -> None:
        try:
            answer = await self._replays.run(command.asked, command.uid)
        except DiskFull:
            sentence = "The disk is full: make room, then replay again."
            line.send(Said(say="replayed", request=command.request, reason="busy", sentence=sentence))
        except JournalBroken as failure:
            fail_stop(failure)
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it, and delivery goes on
            log("replay.failed", reason=type(error).__name__)
            sentence = f"The replay broke off ({type(error).__name__}): replay again, each line is posted once."
            line.send(Said(say="replayed", request=command.request, reason="failed", sentence=sentence))
        else:
            line.send(Said(say="replayed", request=command.request, replayed=answer))

    def _answered(self, command: Ask) -> Said:
        """What opens payloads, looks at what a replay would do, or closes a case."""
        try:
            return Said(say="answered", request=command.request, answered=self._shown(command.asked, command.uid))
        except DiskFull:
            sentence = "The disk is full: nothing is shown that cannot be recorded. Make room, then ask again."
            return Said(say="answered", request=command.request, answered=Refused(refused="busy", sentence=sentence))
        except JournalBroken as failure:
            fail_stop(failure)
            raise
        except Exception as error:  # noqa: BLE001 - no question may end the process that delivers
            log("question.failed", reason=type(error).__name__)
            sentence = f"The runtime could not answer ({type(error).__name__})."
            return Said(say="answered", request=command.request, answered=Refused(refused="failed", sentence=sentence))

    def _shown(
        self, asked: AskPlan | AskProgress | AskShape | AskReveal | AskClose, uid: int
    ) -> Plan | Progress | Shape | Revealed | Closed | Refused:
        match asked:
            case AskPlan():
                return self._replays.plan(asked)
            case AskProgress():
                return self._progresses.of(asked)
            case AskShape():
                return self._showing.shape(asked)
            case AskReveal():
                return self._showing.reveal(asked, uid)
            case AskClose():
                return self._closing.close(asked, uid)

    async def _drain(self, line: LineProtocol, seconds: float) -> None:
        await self._engine.drain(seconds)
        self._checkpoint()
        try:
            self._engine.journal.rest()
        except JournalBroken as failure:
            fail_stop(failure)
        line.send(Said(say="drained"))
        await asyncio.sleep(0.02)  # the line leaves the process

    def _retain_later(self) -> None:
        asyncio.get_running_loop().call_later(LOOK_S, self._retain)

    def _retain(self) -> None:
        try:
            self._retention.look()
        except DiskFull:
            log("retention.postponed", reason="disk-full")
        except JournalBroken as failure:
            fail_stop(failure)
        self._retain_later()

    def _checkpoint_later(self) -> None:
        asyncio.get_running_loop().call_later(CHECKPOINT_S, self._checkpoint_now)

    def _checkpoint_now(self) -> None:
        self._checkpoint()
        self._checkpoint_later()

    def _checkpoint(self) -> None:
        try:
            self._checkpoints.make()
        except DiskFull:
            log("checkpoint.postponed")
        except JournalBroken as failure:
            fail_stop(failure)
