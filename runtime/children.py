"""The two children: forked before any loop or thread exists, joined by the wake pair, gone when their supervisor is."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import NamedTuple

from runtime.admission import Admission
from runtime.channel import Setup, log
from runtime.delivery.process import delivery_main
from runtime.intake.process import intake_main
from runtime.memory import give_back
from runtime.world import World

FAILED = 70
"""Exit status of a child that met a defect of our own (EX_SOFTWARE)."""


class Child(NamedTuple):
    """One child as the supervisor holds it."""

    role: str
    pid: int
    control: socket.socket

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status; minus the signal that ended it."""
        with contextlib.suppress(ChildProcessError):
            return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return 0

    def ended(self) -> bool:
        """Whether it has ended; its status is then gone too."""
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
        except ChildProcessError:
            return True


def fork_children(setup: Setup, admission: Admission, world: World) -> tuple[Child, Child]:
    """Intake and delivery. Everything is imported by now: their memory is shared until it is written."""
    intake_ours, intake_its = socket.socketpair()
    delivery_ours, delivery_its = socket.socketpair()
    wake_intake, wake_delivery = socket.socketpair()
    every = (intake_ours, intake_its, delivery_ours, delivery_its, wake_intake, wake_delivery)
    give_back()
    gc.freeze()

    def intake() -> int:
        return intake_main(setup, intake_its, wake_intake, admission.load, world)

    def delivery() -> int:
        return delivery_main(setup, delivery_its, wake_delivery, admission.load, admission.root, world)

    first = Child("intake", _fork("intake", intake, every, (intake_its, wake_intake)), intake_ours)
    second = Child("delivery", _fork("delivery", delivery, every, (delivery_its, wake_delivery)), delivery_ours)
    for each in (intake_its, delivery_its, wake_intake, wake_delivery):
        each.close()
    return first, second


def _fork(role: str, live: Callable[[], int], every: tuple[socket.socket, ...], its: tuple[socket.socket, ...]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = FAILED
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the supervisor says when to end
        for each in every:
            if each not in its:
                each.close()
        status = live()
    except BaseException as error:  # noqa: BLE001 - nothing may run on into the supervisor's code
        log("child.failed", role=role, reason=type(error).__name__, place=_place(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _place(error: BaseException) -> str:
    """File and line: the text of an exception may hold values."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119 - a name only
