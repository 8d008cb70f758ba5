"""The tasks in which carriers send: whatever goes wrong in one, the destination hears of it and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from nodes.sink import Answer
from runtime.channel import log
from runtime.delivery.carriers import Told, Unsent
from runtime.delivery.http1 import Trouble


class Carrying:
    """The sendings of one sender that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Callable[[Told], Coroutine[Any, Any, None]], told: Told) -> None:
        """Sends in a task of its own. A mistake on the way is told as one after which nobody knows what was taken."""
        heard = False

        def tell(what: Answer | Trouble | Unsent) -> None:
            nonlocal heard
            heard = True
            told(what)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            failure = None if task.cancelled() else task.exception()
            if failure is not None and not heard:
                log("carrier.failed", reason=type(failure).__name__)
                tell(Trouble.RESET)

        task = asyncio.get_running_loop().create_task(work(tell))
        self._tasks.add(task)
        task.add_done_callback(ended)
