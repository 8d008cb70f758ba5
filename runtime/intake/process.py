"""The intake process: it listens for every active flow, stores, answers, and tells delivery that there is work."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvloop

from flows.trust import Refusal
from runtime.channel import Activate, Ask, Deactivate, Drain, LineProtocol, Masters, Replay, Said, Setup, child_end, log
from runtime.intake.arrival import Twins
from runtime.intake.listeners import Listeners
from runtime.intake.plan import CannotListen, Release, plan
from runtime.intake.recorder import Recorder
from runtime.intake.shown import Secrets
from runtime.journal import queries
from runtime.journal.errors import EXIT_BROKEN, JournalBroken, JournalUnusable
from runtime.journal.keys import DataKeys
from runtime.journal.store import Journal
from runtime.memory import give_back
from runtime.proof import code
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.world import World

JOURNAL = "journal.db"
"""The journal's name in the data folder."""
WRITER = "intake"

Load = Callable[[Activate, bytes], "Release | Refusal"]
"""Verifies the bytes of a bundle again, in this process."""


def intake_main(setup: Setup, control: socket.socket, wake: socket.socket, load: Load, world: World) -> int:
    """The life of the process, in a child of the supervisor; gives its exit status."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(setup, control, wake, load, world))
    except (JournalUnusable, SecretsUnusable) as failure:
        log("intake.unusable", reason=str(failure))
        return os.EX_CONFIG


async def _serve(setup: Setup, control: socket.socket, wake: socket.socket, load: Load, world: World) -> int:
    secrets = FileSecrets(setup.data / "secrets")
    journal = Journal.open(setup.data / JOURNAL, WRITER, world)
    journal.bind(code(secrets))
    bell = Bell(wake)
    recorder = Recorder(journal, DataKeys(secrets.master_key, world.randomness), bell.ring, fail_stop)
    first, last = journal.reader().row(queries.MESSAGE_WAITING) or (1, 0)
    listeners = Listeners(world.network, Twins(secrets.derived("twin")), recorder, (first, last))
    bell.attach(listeners)
    return await Intake(listeners, recorder, load, secrets).run(control)


def fail_stop(failure: JournalBroken) -> None:
    """Ends the process at once: the kernel closes its sockets, and nothing more is acknowledged."""
    log("journal.broken", reason=str(failure))
    os._exit(EXIT_BROKEN)


class Bell:
    """The wake pair to delivery: one byte after a commit; eight bytes back with what it has expanded."""

    def __init__(self, wake: socket.socket) -> None:
        self._wake, self._rest = wake, b""
        self._listeners: Listeners | None = None
        wake.setblocking(False)

    def attach(self, listeners: Listeners) -> None:
        self._listeners = listeners
        asyncio.get_running_loop().add_reader(self._wake.fileno(), self._hear)

    def ring(self, number: int) -> None:
        # A full pair is as good as a byte: delivery has not read the one before, and will look at the journal.
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            self._wake.send(b"!")
        if self._listeners is not None:
            self._listeners.committed(number)

    def _hear(self) -> None:
        data = self._rest
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            heard = self._wake.recv(65_536)
            data += heard
            if not heard:
                asyncio.get_running_loop().remove_reader(self._wake.fileno())
        whole = len(data) // 8 * 8
        self._rest = data[whole:]
        if whole and self._listeners is not None:
            self._listeners.expanded(int.from_bytes(data[whole - 8 : whole], "big"))


class Intake:
    """Carries out the supervisor's commands, one after the other."""

    def __init__(self, listeners: Listeners, recorder: Recorder, load: Load, secrets: Secrets) -> None:
        self._listeners, self._recorder, self._load, self._secrets = listeners, recorder, load, secrets
        self._commands: asyncio.Queue[Activate | Deactivate | Masters | Replay | Ask | Drain] = asyncio.Queue()

    async def run(self, control: socket.socket) -> int:
        line = await child_end(control, self._commands.put_nowait)
        line.send(Said(say="ready"))
        while True:
            command = await self._commands.get()
            match command:
                case Activate():
                    line.send(await self._activate(command))
                    give_back()
                case Deactivate():
                    self._listeners.deactivate(command.flow)
                    line.send(Said(say="deactivated", flow=command.flow))
                case Drain():
                    await self._drain(line, command.seconds)
                    return 0
                case _:
                    line.send(Said(say="problem", reason="not-for-intake", sentence="Only delivery can do this."))

    async def _activate(self, command: Activate) -> Said:
        try:
            release = self._load(command, Path(command.bundle).read_bytes())
            if isinstance(release, Refusal):
                return _refused(command, str(release.reason), release.sentence)
            address = await self._listeners.activate(plan(release, command.number, self._secrets))
        except CannotListen as refusal:
            return _refused(command, refusal.reason, refusal.sentence)
        except OSError as error:
            said = os.strerror(error.errno).lower() if error.errno else "it is not there"
            what = f"The runtime's own copy of this release of '{command.flow}' cannot be read: {said}."
            return _refused(command, "bundle", f"{what} Nothing was taken in; it is tried again by itself.")
        return Said(
            say="activated", flow=command.flow, release=release.digest, number=command.number, listening=(address,)
        )

    async def _drain(self, line: LineProtocol, seconds: float) -> None:
        self._listeners.close()
        self._recorder.flush()
        await self._listeners.closed(seconds)
        line.send(Said(say="drained"))
        await asyncio.sleep(0.02)  # the line leaves the process


def _refused(command: Activate, reason: str, sentence: str) -> Said:
    return Said(say="refused", flow=command.flow, release=command.release, reason=reason, sentence=sentence)
