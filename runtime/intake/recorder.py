"""Stores what arrived, then answers: one transaction a batch, and nothing is acknowledged before it is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from runtime.channel import log
from runtime.crypto import about_message
from runtime.intake.arrival import Arrival
from runtime.intake.source import NONE, Accepted, Plan, Refused, Sender
from runtime.journal import queries
from runtime.journal.batch import Batcher
from runtime.journal.errors import DiskFull, JournalBroken
from runtime.journal.keys import DataKeys
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction
from runtime.world import Steady

DAY_MS = 86_400_000
LOOK_AGAIN_S = 1.0
"""How often a full disk is looked at again."""
_FIRST, _LAST = bytes(8), b"\xff" * 8


class Entries:
    """What one batch adds to the journal."""

    def __init__(self, transaction: Transaction, last: int) -> None:
        self.transaction, self.last, self.waiting = transaction, last, 0
        self.messages: list[tuple[Any, ...]] = []
        self.refusals: list[tuple[Any, ...]] = []
        self.twins: dict[bytes, int] = {}
        self.kin: set[bytes] = set()
        self.tally: dict[Plan, list[int]] = {}

    def count(self, plan: Plan, repeated: int = 0, conflicts: int = 0) -> None:
        """One frame received."""
        counts = self.tally.setdefault(plan, [0, 0, 0])
        counts[0] += 1
        counts[1] += repeated
        counts[2] += conflicts

    def write(self) -> None:
        transaction = self.transaction
        if self.messages:
            transaction.run_many(queries.MESSAGE_ADD, self.messages)
        if self.refusals:
            transaction.run_many(queries.REFUSAL_ADD, self.refusals)
        tallies = [(plan.flow, plan.connection, *counts) for plan, counts in self.tally.items()]
        transaction.run_many(queries.TALLY_ADD, tallies)


class Recorder:
    """The one writer of messages, refusals and tallies."""

    def __init__(
        self,
        journal: Journal,
        keys: DataKeys,
        committed: Callable[[int], None],
        broken: Callable[[JournalBroken], None],
    ) -> None:
        """``committed(number)`` is called after each commit with messages for delivery, with the last one's number."""
        self._journal, self._keys, self._committed = journal, keys, committed
        self._batcher = Batcher(journal, self._write, self._answer, self._full, broken, self._failed)
        self.full = False
        """The disk is full: every new message is refused until there is room again."""
        self._unrecorded = 0
        self._last = _last_message(journal)
        self._steady = Steady(journal.world.clock)
        self._entries: Entries | None = None

    def add(self, arrival: Arrival) -> None:
        """Stores and answers it in the next batch."""
        self._batcher.add(arrival)

    def flush(self) -> None:
        """Stores and answers now what waits for the next batch."""
        self._batcher.flush()

    # -- inside the transaction -------------------------------------------------------------------------------------

    def _write(self, transaction: Transaction, arrivals: list[Arrival]) -> None:
        self._entries = entries = Entries(transaction, self._last)
        for arrival in arrivals:
            arrival.refused, arrival.when_ms = None, transaction.now_ms
            admission = arrival.admission
            if isinstance(admission, Accepted):
                self._take(entries, arrival, admission)
            else:
                self._refuse(entries, arrival, admission)
        if self._unrecorded:
            transaction.audit("frames.unrecorded", count=self._unrecorded)
        entries.write()

    def _take(self, entries: Entries, arrival: Arrival, admission: Accepted) -> None:
        who = arrival.twin[:8]
        kin = who in entries.kin or bool(entries.transaction.rows(queries.MESSAGE_KIN, (who + _FIRST, who + _LAST)))
        if kin and self._repeats(entries, arrival):
            return
        if self.full:
            self._refuse(entries, arrival, arrival.plan.carrier.refusal("disk-full", admission.header))
        elif kin and arrival.plan.conflicts == "refuse":
            conflict = arrival.plan.carrier.refusal("identity-conflict", admission.header)
            self._refuse(entries, arrival, conflict, conflicts=1)
        else:
            entries.kin.add(who)
            self._store(entries, arrival, admission, conflicts=int(kin))

    def _repeats(self, entries: Entries, arrival: Arrival) -> bool:
        """Answers an exact repeat from the store."""
        plan, transaction = arrival.plan, entries.transaction
        number = entries.twins.get(arrival.twin, 0)
        if not number:
            since = self._steady.at_most_ms(transaction.now_ms) - plan.repeat_days * DAY_MS
            row = transaction.row(queries.MESSAGE_TWIN, (arrival.twin, arrival.digest, since))
            if row is None:
                return False
            number, arrival.when_ms = row
        self._succeed(arrival, number, repeated=True)
        entries.count(plan, repeated=1)
        transaction.audit_line(plan.repeated_line % (transaction.now_ms, number, transaction.next_seq))
        return True

    def _store(self, entries: Entries, arrival: Arrival, admission: Accepted, conflicts: int) -> None:
        plan, transaction, filtered = arrival.plan, entries.transaction, admission.filtered
        entries.last = number = entries.last + 1
        entries.twins[arrival.twin] = number
        entries.count(plan, conflicts=conflicts)
        self._succeed(arrival, number)
        key, sealer = self._keys.current(transaction, plan.flow)
        now, ended = transaction.now_ms, filtered is not None
        about = about_message(number, plan.flow, plan.connection, plan.release, now, plan.label, arrival.digest)
        payload = sealer.seal(arrival.frame, about)
        entries.messages.append(
            (number, plan.flow, plan.connection, plan.number, now, arrival.twin, arrival.digest, plan.label,
             arrival.code, filtered, ended, key, payload)
        )  # fmt: skip
        transaction.audit_line(plan.accepted_line % (now, number, transaction.next_seq))
        if filtered is None:
            entries.waiting = number
        else:
            transaction.audit_line(plan.filtered_line(filtered) % (now, number, transaction.next_seq))

    def _refuse(self, entries: Entries, arrival: Arrival, refused: Refused, conflicts: int = 0) -> None:
        plan, transaction = arrival.plan, entries.transaction
        self._decline(arrival, refused, transaction.next_seq)
        entries.count(plan, conflicts=conflicts)
        entries.refusals.append(
            (plan.flow, plan.connection, transaction.now_ms, arrival.digest, arrival.size, refused.code,
             refused.place, arrival.code)
        )  # fmt: skip
        transaction.audit(
            "frame.refused", flow=plan.flow, source=plan.connection, release=plan.release, reason=refused.code,
            place=refused.place, digest=arrival.digest.hex(), size=arrival.size, outcome=arrival.code,
        )  # fmt: skip

    @staticmethod
    def _succeed(arrival: Arrival, number: int, *, repeated: bool = False) -> None:
        arrival.code = arrival.plan.carrier.code(arrival.admission.header, None, repeated)
        arrival.control_id = f"LG{number}"

    @staticmethod
    def _decline(arrival: Arrival, refused: Refused, seq: int) -> None:
        arrival.refused = refused
        arrival.code = arrival.plan.carrier.code(refused.header, refused, False)
        arrival.control_id = f"LGR{seq}"

    # -- after the commit -------------------------------------------------------------------------------------------

    def _answer(self, arrivals: list[Arrival]) -> None:
        """Everything in this batch is durable: each connection gets its answers, in order, in one write."""
        entries, self._entries, self._unrecorded = self._entries, None, 0
        self._send(arrivals)
        if entries is not None:
            self._last = entries.last
            if entries.waiting:
                self._committed(entries.waiting)

    def _send(self, arrivals: list[Arrival]) -> None:
        by_sender: dict[Sender, list[Arrival]] = {}
        for arrival in arrivals:
            by_sender.setdefault(arrival.sender, []).append(arrival)
        for sender, its in by_sender.items():
            replies = b"".join([_reply(each) for each in its])
            sender.answered(len(its), replies, any(each.fatal for each in its))

    def _failed(self, arrival: Arrival, failure: Exception) -> None:
        """A defect of ours: nothing of this frame is stored, so its sender sees the end of the connection."""
        log("frame.failed", flow=arrival.plan.flow, reason=type(failure).__name__)
        arrival.fatal, arrival.code = True, NONE
        self._send([arrival])

    # -- a full disk ------------------------------------------------------------------------------------------------

    def _full(self, arrivals: list[Arrival]) -> None:
        """Nothing of the batch is stored. The ballast makes room to store that it is refused."""
        if not self.full:
            self.full = True
            if self._journal.ballast:
                self._journal.ballast.release()
            asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._look_again)
        try:
            with self._journal.write() as transaction:
                self._write(transaction, arrivals)
        except DiskFull:
            self._refuse_unrecorded(arrivals)
        else:
            self._answer(arrivals)

    def _refuse_unrecorded(self, arrivals: list[Arrival]) -> None:
        """Not even a refusal fits on the disk: answer it, and write their number as soon as it fits again."""
        for arrival in arrivals:
            admission = arrival.admission
            full = arrival.plan.carrier.refusal("disk-full", admission.header)
            refused = admission if isinstance(admission, Refused) else full
            self._decline(arrival, refused, self._journal.next_seq)
        self._unrecorded += len(arrivals)
        self._send(arrivals)

    def _look_again(self) -> None:
        self.full = self._journal.ballast is not None and not self._journal.ballast.restore()
        if self.full:
            asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._look_again)


def _last_message(journal: Journal) -> int:
    reader = journal.reader()
    row = reader.row(queries.MESSAGE_LAST)
    reader.close()
    return int(row[0]) if row else 0


def _reply(arrival: Arrival) -> bytes:
    try:
        return arrival.reply()
    except Exception:  # noqa: BLE001 - what is stored stays stored; a sender without answer sends again
        arrival.fatal = True
        return b""
