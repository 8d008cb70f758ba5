"""Group commit: what arrives in one turn of the event loop is one transaction; batches form by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from runtime.journal.errors import DiskFull, JournalBroken
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction

T = TypeVar("T")


class Batcher(Generic[T]):
    """Collects items and commits them together, in order, at the end of this turn of the loop.

    ``write(transaction, items)`` runs inside the transaction; ``done(items)`` after it is durable: acknowledge there.
    ``full(items)`` is called instead of ``done`` when the disk is full (nothing is stored). ``broken`` must end the
    process; ``done`` is never called for a batch whose commit failed. A defect that one item brings to light costs
    that item alone: the batch is written again one by one, and ``failed`` gets the item.
    """

    def __init__(
        self,
        journal: Journal,
        write: Callable[[Transaction, list[T]], None],
        done: Callable[[list[T]], None],
        full: Callable[[list[T]], None],
        broken: Callable[[JournalBroken], None],
        failed: Callable[[T, Exception], None] | None = None,
    ) -> None:
        self._journal, self._write, self._done, self._full, self._broken = journal, write, done, full, broken
        self._failed = failed
        self._items: list[T] = []

    def add(self, item: T) -> None:
        """In the next batch."""
        self._items.append(item)
        if len(self._items) == 1:
            asyncio.get_running_loop().call_soon(self.flush)

    def __len__(self) -> int:
        return len(self._items)

    def flush(self) -> None:
        """Commits what is there now."""
        items, self._items = self._items, []
        if not items:
            return
        try:
            self._commit(items)
            self._journal.settle()
        except JournalBroken as failure:
            self._broken(failure)

    def _commit(self, items: list[T]) -> None:
        try:
            with self._journal.write() as transaction:
                self._write(transaction, items)
        except DiskFull:
            self._full(items)
        except JournalBroken:
            raise
        except Exception as failure:  # noqa: BLE001 - raised again, or handed over with the item that caused it
            self._isolate(items, failure)
        else:
            self._done(items)

    def _isolate(self, items: list[T], failure: Exception) -> None:
        if self._failed is None:
            raise failure
        if len(items) == 1:
            self._failed(items[0], failure)
            return
        for item in items:
            self._commit([item])
