"""The supervisor: starts intake and delivery, keeps them in step with the store, answers people, and ends them well.

A child that dies takes everything with it: the supervisor ends the other one and starts itself anew, so that both
always begin from what the journal holds. A supervisor that dies takes its children along.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import apsw

from flows.trust import Root
from runtime.activations import Activations
from runtime.admission import Admission
from runtime.alarms import alarms
from runtime.channel import Ask, Drain, LineProtocol, Replay, Said, Setup, log, parent_end
from runtime.children import Child, fork_children
from runtime.control import Control
from runtime.delivery.process import JOURNAL
from runtime.journal.errors import JournalUnusable
from runtime.kernel import kernel
from runtime.ledger import open_reader
from runtime.opening import open_first
from runtime.questions.cases import AskClose
from runtime.questions.replay import AskPlan, AskProgress, AskReplay
from runtime.questions.reveal import AskReveal, AskShape
from runtime.questions.status import Status
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.settling import StartTrouble, follow_trust, settle
from runtime.state import Keeper
from runtime.store import ReleaseStore
from runtime.warming import warm
from runtime.wire import Contract, Refused
from runtime.world import World, system

__all__ = ["StartTrouble", "locked", "run"]

POLL_S, REVOCATIONS_S, RECHECK_S, TIME_S = 1.0, 20.0, 3600.0, 60.0
DRAIN_INTAKE_S, DRAIN_DELIVERY_S = 1.5, 3.0
READY_S = 60.0
STOOD_S = 0.5
"""A runtime that stood for so long after it was ready did not fail at its start."""
PAUSES_S = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0)
RESTARTS = "LOCKGATE_RESTARTS"
AGAIN = -1


def run(
    store: Path,
    root: Path,
    data: Path,
    environment: str | None = None,
    witness_folder: Path | None = None,
    world: World | None = None,
) -> int:
    """Runs until SIGTERM; gives the exit status. StartTrouble where it cannot start at all. No command hands in a
    ``world``: without one it is the real one."""
    copies = witness_folder.absolute() if witness_folder else None
    setup, world = Setup(data.absolute(), store.absolute(), root.absolute(), environment, copies), world or system()
    if copies is not None and not os.access(copies, os.W_OK | os.X_OK):
        raise StartTrouble(f"{copies}: this witness folder is not there, or cannot be written.")
    setup.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = asyncio.run(locked(setup.data))
    journal = setup.data / JOURNAL
    if journal.exists() and RESTARTS not in os.environ:
        _try_journal(journal, world)
    keeper, trusted = _settled(setup, world)
    if not journal.exists():
        _try_journal(journal, world)
    keeper.catch_up()
    admission = Admission(setup, kernel(), world.clock, keeper.seen)
    warm(ReleaseStore(setup.store), admission)
    children = fork_children(setup, admission, world)
    status = asyncio.run(Supervisor(setup, world, admission, keeper, trusted, children).run())
    if status == AGAIN:
        _start_anew()
    os.close(lock)
    return status


def _settled(setup: Setup, world: World) -> tuple[Keeper, Root]:
    """A disk that fails is tried again for as long as the children would be."""
    try:
        return settle(setup, world)
    except JournalUnusable as error:
        if RESTARTS in os.environ:
            _start_anew()
        raise StartTrouble(str(error)) from None


def _try_journal(journal: Path, world: World) -> None:
    """A journal that this version cannot use is said before anything starts, and one of an older version is raised;
    later, children begin again until it can be opened."""
    try:
        open_first(journal, world)
    except (JournalUnusable, OSError) as error:
        raise StartTrouble(str(error)) from None


async def locked(data: Path) -> int:
    """The lock of a data folder. Children share it: it is free only when all of a killed runtime are gone."""
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(250):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        await asyncio.sleep(0.02)
    raise StartTrouble(f"{data}: another runtime is using this data folder.")


def _start_anew() -> None:
    """The same program in the same process, from nothing; after a pause that grows with each failure in a row."""
    failures = int(os.environ.get(RESTARTS, "0"))
    asyncio.run(asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)]))
    os.environ[RESTARTS] = str(failures + 1)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own program and arguments


class Supervisor:
    """One life of a runtime, from the fork to the end of both children."""

    def __init__(
        self,
        setup: Setup,
        world: World,
        admission: Admission,
        keeper: Keeper,
        root: Root,
        children: tuple[Child, Child],
    ) -> None:
        self._setup, self._world, self._admission = setup, world, admission
        self._keeper, self._root = keeper, root
        self._children = {child.role: child for child in children}
        self._started_ms = world.clock.now_ms()
        self._ready: dict[str, asyncio.Event] = {}
        self._drained: dict[str, asyncio.Event] = {}
        self._lines: dict[str, LineProtocol] = {}
        self._replays: dict[int, asyncio.Future[Said]] = {}
        self._requests = 0
        self._ending = False

    async def run(self) -> int:
        """0 after SIGTERM, AGAIN after the death of a child, another where both came at once."""
        self._over = asyncio.Event()
        self._died = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._over.set)
        store = ReleaseStore(self._setup.store)
        self._activations = Activations(self._setup.data, store, self._admission, self._keeper)
        for role, child in self._children.items():
            self._ready[role], self._drained[role] = asyncio.Event(), asyncio.Event()
            self._lines[role] = await parent_end(child.control, self._hears(role), self._lost(role))
        control = Control(self._setup.data, self._world, self._status, self._handed_over, self._setup.store)
        work = loop.create_task(self._work(control))
        over = loop.create_task(self._over.wait())
        died = loop.create_task(self._died.wait())
        await asyncio.wait((work, over, died), return_when=asyncio.FIRST_COMPLETED)
        for task in (work, over, died):
            task.cancel()
        self._note_failure(work)
        control.close()
        if self._over.is_set() and not self._died.is_set():
            await self._drain()
            return 0
        await self._end_children()
        await asyncio.sleep(0.01)  # a signal that came meanwhile is heard: it ends the runtime for good
        return AGAIN if not self._over.is_set() else os.EX_SOFTWARE

    # -- work ------------------------------------------------------------------------------------------

    async def _work(self, control: Control) -> None:
        for event in self._ready.values():
            await asyncio.wait_for(event.wait(), READY_S)
        self._activations.begin(self._lines["intake"], self._lines["delivery"])
        await control.open()
        reader = open_reader(self._setup.data / JOURNAL)
        await self._activations.resume(reader)
        reader.close()
        await self._activations.follow()
        self._say_ready()
        asyncio.get_running_loop().call_later(STOOD_S, self._stood)
        await asyncio.gather(
            self._every(POLL_S, self._poll),
            self._every(REVOCATIONS_S, self._activations.check_revocations),
            self._every(RECHECK_S, self._activations.check_running),
            self._every(TIME_S, self._see_time),
        )

    async def _every(self, seconds: float, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await act()
            await asyncio.sleep(seconds)

    async def _poll(self) -> None:
        if await self._trust_changed():
            await self._activations.check_running()
        await self._activations.follow()
        await self._activations.check_masters()
        await self._keep(self._keeper.catch_up)

    async def _see_time(self) -> None:
        await self._keep(partial(self._keeper.see_time, self._world.clock.now_ms()))

    async def _keep(self, keep: Callable[[], None]) -> None:
        """A disk that is full holds nothing up here: what was not written is written when there is room."""
        try:
            await asyncio.to_thread(keep)
        except OSError:
            log("state.postponed")

    async def _trust_changed(self) -> bool:
        """Takes a newer trust root; True when one came. One that does not hold is a problem, not an end."""
        try:
            root = await asyncio.to_thread(follow_trust, self._setup, self._world, self._keeper)
        except StartTrouble as trouble:
            self._activations.problem("trust", str(trouble))
            return False
        self._activations.problem("trust", "")
        changed, self._root = root.version != self._root.version, root
        return changed

    def _say_ready(self) -> None:
        live = self._activations.live.values()
        listening = ", ".join(sorted(address for each in live for address in each.listening)) or "nothing yet"
        line = f"lockgate runtime ready: environment {self._admission.environment}, listening on {listening}\n"
        os.write(1, line.encode())

    def _stood(self) -> None:
        os.environ.pop(RESTARTS, None)

    # -- the children ----------------------------------------------------------------------------------

    def _hears(self, role: str) -> Callable[[Said], None]:
        def hears(said: Said) -> None:
            if said.say == "ready":
                self._ready[role].set()
            elif said.say == "drained":
                self._drained[role].set()
            elif said.say in ("replayed", "answered"):
                waiting = self._replays.pop(said.request, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(said)
            else:
                self._activations.said(role, said)

        return hears

    def _lost(self, role: str) -> Callable[[], None]:
        def lost() -> None:
            if not self._ending:
                log("child.lost", role=role)
                self._died.set()
            self._drained[role].set()

        return lost

    async def _drain(self) -> None:
        """Intake answers what it has read, then delivery finishes what it has sent."""
        self._ending = True
        for role, seconds in (("intake", DRAIN_INTAKE_S), ("delivery", DRAIN_DELIVERY_S)):
            self._lines[role].send(Drain(seconds=seconds))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained[role].wait(), seconds + 0.25)
        await self._end_children(patience_s=0.5)
        await self._see_time()
        log("runtime.stopped")

    async def _end_children(self, patience_s: float = 0.0) -> None:
        """Both are gone when this returns."""
        self._ending = True
        waiting = list(self._children.values())
        for _ in range(round(patience_s / 0.01)):
            waiting = [child for child in waiting if not child.ended()]
            if not waiting:
                return
            await asyncio.sleep(0.01)
        for child in waiting:
            child.kill()
        for child in waiting:
            log("child.ended", role=child.role, status=child.wait())

    def _note_failure(self, work: asyncio.Task[None]) -> None:
        """The loop of the supervisor itself failed: that is a defect, and everything starts anew."""
        if work.done() and not work.cancelled() and work.exception() is not None:
            log("supervisor.failed", reason=type(work.exception()).__name__)

    # -- for the control socket ------------------------------------------------------------------------

    def _status(self) -> Status:
        live = sorted(self._activations.live.values(), key=lambda each: each.flow)
        environment = self._admission.environment
        return Status(
            version=metadata.version("lockgate"),
            environment=environment,
            label=str(self._root.environments.get(environment, "")),
            demo_root=self._root.demo,
            started_ms=self._started_ms,
            processes={"supervisor": os.getpid(), **{role: child.pid for role, child in self._children.items()}},
            flows=tuple(each.status() for each in live),
            masters=self._activations.masters,
            problems=(*self._activations.problems.values(), *self._alarms()),
        )

    def _alarms(self) -> tuple[str, ...]:
        try:
            reader = open_reader(self._setup.data / JOURNAL)
            with reader:
                now_ms = self._world.clock.now_ms()
                return alarms(reader, FileSecrets(self._setup.data / "secrets"), self._setup.witness, now_ms)
        except (apsw.Error, SecretsUnusable):
            return ()  # whatever is wrong with the journal ends the children, and they say it

    async def _handed_over(
        self, asked: AskReplay | AskPlan | AskProgress | AskShape | AskReveal | AskClose, uid: int
    ) -> Contract:
        """What only delivery can do: it has the keys, and the one write connection of its chain."""
        self._requests += 1
        waiting: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._replays[self._requests] = waiting
        if isinstance(asked, AskReplay):
            self._lines["delivery"].send(Replay(request=self._requests, asked=asked, uid=uid))
        else:
            self._lines["delivery"].send(Ask(request=self._requests, asked=asked, uid=uid))
        said = await waiting
        return said.replayed or said.answered or Refused(refused=said.reason or "failed", sentence=said.sentence)
