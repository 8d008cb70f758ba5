"""Retention: payloads that are older than their flow allows become unreadable, once nothing of them is open any more.

A data key seals what one flow took in on one UTC day. When the last moment of that day lies the flow's
``payload_days`` back, the key is deleted, with an audit record in the same transaction: payloads, bodies and the keys
that masters lacked are noise from then on, in the journal and in every copy of it that lacks the key. What waits for
delivery or for a person keeps its whole day readable. A clock that was set destroys nothing: payloads are left alone
until it has gone evenly for a day.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from runtime.channel import log
from runtime.crypto import Unreadable
from runtime.journal import queries
from runtime.journal.keys import DataKeys
from runtime.journal.reader import Row
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction
from runtime.missing import carry_on
from runtime.world import Clock

LOOK_S: Final = 3600.0
DAY_MS: Final = 86_400_000
STEADY_S: Final = 86_400.0
JUMP_S: Final = 3600.0
"""The wall clock may drift so far from the time that went by between two looks."""
DAYS: Final = "retention:"
"""Beginning of the names in meta under which each flow's days stand, as its newest release says; "" is for ever."""
_EPOCH: Final = date(1970, 1, 1).toordinal()


def note_days(transaction: Transaction, flow: str, days: int | None) -> None:
    """The retention of the release that is taken now; it holds when no release runs any more, too."""
    transaction.run(queries.SET_META, (DAYS + flow, "" if days is None else str(days)))


class Retention:
    """Looks from time to time. The one that deletes data keys."""

    def __init__(self, journal: Journal, data_keys: DataKeys, clock: Clock) -> None:
        self._journal, self._data_keys, self._clock = journal, data_keys, clock
        self._reader = journal.reader()
        self._seen = clock.now_ms(), clock.monotonic()
        self._from = clock.monotonic()

    def look(self) -> int:
        """Destroys what is due; gives how many data keys that were. DiskFull and JournalBroken are the caller's."""
        if not self._steady():
            return 0
        due = self._due(self._clock.now_ms())
        return self._shred(due) if due else 0

    def _steady(self) -> bool:
        """Whether the wall clock went as time does: since the last look, and for a day since it last did not."""
        wall, passed = self._clock.now_ms(), self._clock.monotonic()
        drift = (wall - self._seen[0]) / 1000 - (passed - self._seen[1])
        self._seen = wall, passed
        if abs(drift) > JUMP_S:
            self._from = passed + STEADY_S
            log("retention.postponed", reason="clock-jumped", seconds=round(drift))
        return passed >= self._from

    def _due(self, now_ms: int) -> list[Row]:
        days: dict[str, int | None] = {}
        due = []
        for number, flow, period in self._reader.rows(queries.DATA_KEYS):
            if flow not in days:
                days[flow] = self._days(flow)
            kept = days[flow]
            if kept is not None and _end_ms(period) + kept * DAY_MS <= now_ms:
                due.append((number, flow, period))
        return due

    def _days(self, flow: str) -> int | None:
        row = self._reader.row(queries.META, (DAYS + flow,))
        return int(row[0]) if row and row[0] else None

    def _shred(self, due: list[Row]) -> int:
        gone = 0
        with self._journal.write() as transaction:
            transaction.rows(queries.WIPE)
            in_use = {number for (number,) in transaction.rows(queries.DATA_KEYS_IN_USE)}
            for number, flow, period in due:
                if number not in in_use:
                    self._destroy(transaction, number, flow, period)
                    gone += 1
            transaction.rows(queries.WIPE_NO_MORE)
        if gone:
            self._data_keys.forget()
            self._journal.scrub()
        return gone

    def _destroy(self, transaction: Transaction, number: int, flow: str, period: str) -> None:
        try:
            carry_on(transaction, self._data_keys, flow, number)
        except Unreadable:
            log("retention.unreadable", flow=flow, period=period)  # nothing of it could be opened anyway
        transaction.run(queries.DATA_KEY_SHRED, (number,))
        transaction.audit("payload.shredded", flow=flow, period=period, reason="retention")


def _end_ms(period: str) -> int:
    """The end of a UTC day."""
    return (date.fromisoformat(period).toordinal() + 1 - _EPOCH) * DAY_MS
