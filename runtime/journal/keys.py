"""Data keys: one a flow and day, wrapped by the master key. Deleting one shreds what it sealed."""

from __future__ import annotations

from datetime import UTC, datetime

from runtime.crypto import Sealer
from runtime.journal import queries
from runtime.journal.reader import Reader
from runtime.journal.transaction import Transaction
from runtime.world import Randomness

_DAY_MS = 86_400_000


class NoDataKey(LookupError):
    """The data key is gone: its period was shredded."""


def period_of(at_ms: int) -> str:
    """The UTC day, ``2026-04-12``."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


class DataKeys:
    """The data keys of one process, unwrapped in memory as they are used."""

    def __init__(self, master: bytes, randomness: Randomness) -> None:
        self._wrapper, self._randomness = Sealer(master, randomness), randomness
        self._by_number: dict[int, Sealer] = {}
        self._current: dict[str, tuple[int, int, Sealer]] = {}

    def current(self, transaction: Transaction, flow: str) -> tuple[int, Sealer]:
        """Number and sealer for what ``flow`` stores now; made in this transaction on its first use that day."""
        day = transaction.now_ms // _DAY_MS
        known = self._current.get(flow)
        if known is not None and known[0] == day:
            return known[1], known[2]
        if known is not None:
            self._by_number.pop(known[1], None)  # nobody keeps in memory what retention may destroy on disk
        period = period_of(transaction.now_ms)
        row = transaction.row(queries.DATA_KEY_OF_PERIOD, (flow, period))
        number = self._unwrapped(flow, period, *row) if row else self._made(transaction, flow, period)
        self._current[flow] = (day, number, self._by_number[number])
        return number, self._by_number[number]

    def numbered(self, read: Reader | Transaction, number: int) -> Sealer:
        """The sealer of a stored key; NoDataKey once its period is shredded."""
        known = self._by_number.get(number)
        if known is not None:
            return known
        row = read.row(queries.DATA_KEY, (number,))
        if row is None:
            raise NoDataKey(f"Data key {number} was destroyed with its period.")
        flow, period, wrapped = row
        return self._by_number[self._unwrapped(flow, period, number, wrapped)]

    def forget(self) -> None:
        """Drops every unwrapped key: call it after a period was shredded."""
        self._by_number.clear()
        self._current.clear()

    def _made(self, transaction: Transaction, flow: str, period: str) -> int:
        key = self._randomness.bytes(32)
        wrapped = self._wrapper.seal(key, _about(flow, period))
        row = transaction.row(queries.DATA_KEY_ADD, (flow, period, wrapped))
        assert row is not None  # noqa: S101 - RETURNING gives the row
        number: int = row[0]
        self._by_number[number] = Sealer(key, self._randomness)
        transaction.undone(lambda: self._drop(flow, number))
        return number

    def _unwrapped(self, flow: str, period: str, number: int, wrapped: bytes) -> int:
        if number not in self._by_number:
            self._by_number[number] = Sealer(self._wrapper.open(wrapped, _about(flow, period)), self._randomness)
        return number

    def _drop(self, flow: str, number: int) -> None:
        self._by_number.pop(number, None)
        self._current.pop(flow, None)


def _about(flow: str, period: str) -> bytes:
    return f"data-key:{flow}:{period}".encode()
