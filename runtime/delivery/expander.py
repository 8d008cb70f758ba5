"""From accepted messages to rows: reads what waits, expands it outside of any transaction, then writes it in one."""

from __future__ import annotations

from typing import Any, NamedTuple

from runtime.cases import cause_group, open_case_of
from runtime.crypto import Unreadable, about_message, about_posting, keyed
from runtime.delivery import queries
from runtime.delivery.releases import Releases
from runtime.delivery.route import Waiting
from runtime.delivery.running import Barred, Running
from runtime.expansion import Accepted, Expansion, Keys, Parked, PostingDraft
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction
from runtime.missing import keep_missing

TAMPERED = "tampered"
"""The cause of what was changed in the journal by somebody else than the runtime."""
CHANGED = Parked(
    TAMPERED,
    "The stored message does not open where it stands: its row in the journal was changed, or it was put there from"
    " elsewhere. Nothing of it is sent; other messages go on. Find out who writes in the data folder, and have the"
    " sender send it again.",
)
SET_BACK = Parked(
    TAMPERED,
    "The message was delivered or held before, and its row in the journal was set back to be sent once more. Nothing of"
    " it is sent; other messages go on. Find out who writes in the data folder.",
)
BATCH = 64
"""Messages in one transaction: few enough that answers are not kept waiting."""
DAY_MS = 86_400_000


class Ready(NamedTuple):
    """One message, expanded but not yet written."""

    number: int
    by: Running | Barred
    expansion: Expansion
    data_key: int
    received_ms: int


class Written(NamedTuple):
    """What a batch added, to be sent once it is committed."""

    through: int
    waiting: list[Waiting]
    held: list[tuple[bytes, int]]
    """Lanes and the parked postings that hold them."""


class Expander:
    """The one writer of new postings."""

    def __init__(self, journal: Journal, data_keys: DataKeys, releases: Releases, keys: Keys, body_key: bytes) -> None:
        self._reader = journal.reader()
        self._data_keys, self._releases, self._keys, self._body_key = data_keys, releases, keys, body_key
        row = self._reader.row(queries.POSTING_LAST)
        self._last_posting = int(row[0]) if row else 0
        row = self._reader.row(queries.EXPANDED_LAST)
        self._before = int(row[0]) if row else 0
        """Every message up to this number was expanded when this life began: one that waits was set back."""
        self.through = 0
        """Every message up to this number is expanded."""

    def read(self, limit: int = BATCH) -> list[Ready]:
        """The next messages that wait, expanded."""
        return [self._expanded(*row) for row in self._reader.rows(queries.WAITING, (self.through, limit))]

    def write(self, transaction: Transaction, batch: list[Ready]) -> Written:
        """Their rows: postings, lines, cases and the audit records, all in this transaction."""
        before = self._last_posting
        transaction.undone(lambda: self._back_to(before))
        postings: list[tuple[Any, ...]] = []
        lines: list[tuple[Any, ...]] = []
        written = Written(batch[-1].number, [], [])
        for ready in batch:
            self._one(transaction, ready, postings, written)
            lines += [(ready.number, *line) for line in ready.expansion.lines]
        transaction.run_many(queries.POSTING_ADD, postings)
        if lines:
            transaction.run_many(queries.LINE_ADD, lines)
        keys = [(ready.received_ms // DAY_MS, key, ready.number) for ready in batch for key in ready.expansion.keys]
        if keys:
            transaction.run_many(queries.BUSINESS_KEY_ADD, sorted(keys))
        transaction.run_many(queries.EXPANDED, [(ready.expansion.filtered, ready.number) for ready in batch])
        return written

    def done(self, written: Written) -> None:
        """The batch is durable."""
        self.through = written.through

    def again(self, accepted: Accepted, running: Running) -> Expansion:
        """The expansion of a message by a release of today: for replay."""
        running.lent.payload = accepted.payload
        return running.plan.expand(accepted)

    def next_posting(self) -> int:
        self._last_posting += 1
        return self._last_posting

    def open_case(self, transaction: Transaction, by: Running | Barred, message: int, step: str, parked: Parked) -> int:
        """The case of a parked line, with the key that a master lacks where its stewards may see it."""
        group = cause_group(self._keys.cause, by.desk.flow, step, parked)
        if isinstance(by, Running) and parked.master:
            keep_missing(transaction, self._data_keys, by.desk.flow, step, parked, group, by.operational)
        return open_case_of(transaction, by.desk, group, message, step, parked)

    def body_digest(self, body: bytes) -> bytes:
        """Keyed: a body of few possible values could be guessed from a plain digest."""
        return keyed(self._body_key, body)

    def _back_to(self, posting: int) -> None:
        self._last_posting = posting

    def _expanded(
        self, number: int, flow: str, source: str, release: int, received_ms: int, digest: bytes, label: str,
        data_key: int, sealed: bytes,
    ) -> Ready:  # fmt: skip
        by = self._releases.of(release, flow)
        if isinstance(by, Barred):
            barred = Parked(by.reason, by.sentence)
            return Ready(number, by, _whole(self._keys, flow, source, number, barred), data_key, received_ms)
        try:
            about = about_message(number, flow, source, by.release.digest, received_ms, label, digest)
            payload = self._data_keys.numbered(self._reader, data_key).open(sealed, about)
        except NoDataKey as error:
            parked = Parked("payload-unreadable", f"The stored payload does not open: {error}")
            return Ready(number, by, _whole(self._keys, flow, source, number, parked), data_key, received_ms)
        except Unreadable:
            return Ready(number, by, _whole(self._keys, flow, source, number, CHANGED), data_key, received_ms)
        if number <= self._before:
            return Ready(number, by, _whole(self._keys, flow, source, number, SET_BACK), data_key, received_ms)
        by.lent.payload = payload
        accepted = Accepted(number, source, received_ms, digest, label, payload)
        return Ready(number, by, by.plan.expand(accepted), data_key, received_ms)

    def _one(self, transaction: Transaction, ready: Ready, postings: list[tuple[Any, ...]], written: Written) -> None:
        by, expansion = ready.by, ready.expansion
        first = self._last_posting + 1
        for draft in expansion.postings:
            number = self.next_posting()
            if draft.parked is not None:
                postings.append(self._parked(transaction, ready, number, draft, draft.parked))
                if isinstance(by, Running) and by.hold_key:
                    written.held.append((expansion.lane, number))
                continue
            assert isinstance(by, Running)  # noqa: S101 - what is barred has parked drafts only
            row, waiting = self._posted(ready, by, number, draft)
            postings.append(row)
            written.waiting.append(waiting)
        count = len(expansion.postings)
        if isinstance(by, Running) and expansion.filtered is None:
            seq = transaction.next_seq
            transaction.audit_line(by.expanded_line % (transaction.now_ms, count, ready.number, first, seq))
        else:
            action = "message.expanded" if expansion.filtered is None else "message.filtered"
            transaction.audit(action, message=ready.number, flow=by.desk.flow, count=count, reason=expansion.filtered)

    def _posted(self, ready: Ready, by: Running, number: int, draft: PostingDraft) -> tuple[tuple[Any, ...], Waiting]:
        body = draft.body or b""
        lane, key = ready.expansion.lane, draft.idempotency
        about = about_posting(
            number,
            ready.number,
            by.release.digest,
            draft.step,
            draft.connection,
            draft.operation,
            draft.item,
            lane,
            key,
        )
        sealed = self._data_keys.numbered(self._reader, ready.data_key).seal(body, about)
        row = (
            number, ready.number, by.number, draft.item, draft.connection, draft.operation, draft.step, lane, key,
            "in-flight", by.snapshots, None, ready.data_key, self.body_digest(body), sealed,
        )  # fmt: skip
        to = by.destinations[draft.step]
        return row, Waiting(number, ready.number, lane, key.hex().encode("ascii"), to, ready.data_key, body)

    def _parked(
        self, transaction: Transaction, ready: Ready, number: int, draft: PostingDraft, parked: Parked
    ) -> tuple[Any, ...]:
        by = ready.by
        case = self.open_case(transaction, by, ready.number, draft.step, parked)
        transaction.audit(
            "posting.parked", posting=number, message=ready.number, incident=case, flow=by.desk.flow, item=draft.item,
            reason=parked.cause, step=draft.step,
        )  # fmt: skip
        return (
            number, ready.number, by.number, draft.item, draft.connection, draft.operation, draft.step,
            ready.expansion.lane, draft.idempotency, "parked", by.snapshots if isinstance(by, Running) else "", case,
            ready.data_key, None, None,
        )  # fmt: skip


def _whole(keys: Keys, flow: str, source: str, number: int, parked: Parked) -> Expansion:
    """A message that could not even be read: one parked posting for all of it."""
    of, by = str(flow).encode("utf-8", "replace"), str(source).encode("utf-8", "replace")
    key = keyed(keys.idempotency, b"whole", of, by, number.to_bytes(8, "big"))
    lane = keyed(keys.lane, of, b"source", by)
    return Expansion((PostingDraft("", "", "", "", key, None, parked),), (), None, lane)
