"""Reading the release store beside the loop: a store that hangs is said, and holds up nobody who asks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from runtime.store import StoreTrouble

T = TypeVar("T")
DEADLINE_S = 15.0


class StoreAway(StoreTrouble):
    """The store does not answer."""

    def __init__(self) -> None:
        super().__init__("it does not answer: look at the disk or the share on which it lies. What runs goes on.")


class Aside:
    """One thread at a time. One that hangs is left behind, and as long as it does, every question is answered so."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._turn = asyncio.Lock()
        self._under_way: asyncio.Future[None] | None = None

    async def read(self, look: Callable[[], T]) -> T:
        """What ``look`` gives, from a thread of its own; StoreAway where it takes too long."""
        try:
            async with asyncio.timeout(self._deadline_s), self._turn:
                if self._under_way is not None:
                    await asyncio.shield(self._under_way)
                return await self._started(look)
        except TimeoutError:
            raise StoreAway from None

    async def _started(self, look: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        over = self._under_way = loop.create_future()

        def said(value: T | None, error: BaseException | None) -> None:
            over.set_result(None)
            if answer.done():
                return  # nobody waits any more
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(value)  # type: ignore[arg-type]  # there is a value where there is no error

        def run() -> None:
            value, error = None, None
            try:
                value = look()
            except BaseException as failure:  # noqa: BLE001 - handed to whoever asked
                error = failure
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(said, value, error)

        # A thread that hangs must not keep the process from ending: no executor, which waits for its own.
        threading.Thread(target=run, name="store", daemon=True).start()
        try:
            return await answer
        finally:
            if over.done():
                self._under_way = None
