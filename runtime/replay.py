"""Replay: parked lines run again from the stored payload, with the newest rows of the masters and today's release.

What comes out takes the place of the parked posting, under its own key: a line is posted at most once, however often
somebody asks. A posting that may have been applied is only ever sent again with the very same content.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, Final, NamedTuple

from runtime.cases import STILL_HELD, group_of, resolve_if_over
from runtime.channel import log
from runtime.crypto import Unreadable, about_message, about_posting
from runtime.delivery import queries
from runtime.delivery.engine import Engine
from runtime.delivery.route import Waiting
from runtime.delivery.running import Running
from runtime.expansion import Accepted, Expansion, Keys, LineDraft, Parked, PostingDraft
from runtime.journal.errors import DiskFull, JournalBroken
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.reader import Reader
from runtime.journal.transaction import Transaction
from runtime.questions.replay import AskPlan, AskReplay, Plan, PlannedLine, Replayed
from runtime.shares import Row, Share, shares_of

CASE_OPEN: Final = "SELECT number, message FROM incident WHERE number = ? AND state = 'open'"
CASES_OF_GROUP: Final = "SELECT number, message FROM incident WHERE cause_group = ? AND state = 'open' ORDER BY number"
CASES_OF_MASTER: Final = "SELECT number, message FROM incident WHERE master = ? AND state = 'open' ORDER BY number"
CAUSES_OF_MASTER: Final = "SELECT DISTINCT cause FROM incident WHERE master = ? AND state = 'open'"
GROUPS: Final = "SELECT DISTINCT cause_group FROM incident WHERE state = 'open'"
MESSAGE: Final = (
    "SELECT m.flow, m.source, r.digest, m.received_ms, m.label, m.digest, m.data_key, m.payload"
    " FROM message m LEFT JOIN release r ON r.number = m.release WHERE m.number = ?"
)
POSTINGS: Final = (
    "SELECT p.number, p.item, p.step, p.state, p.idempotency, p.body_digest, p.incident, p.attempts, i.cause, p.lane"
    " FROM posting p LEFT JOIN incident i ON i.number = p.incident WHERE p.message = ? ORDER BY p.number"
)
SENT_AGAIN: Final = (
    "UPDATE posting SET release = ?, item = ?, connection = ?, operation = ?, step = ?, lane = ?, idempotency = ?,"
    " state = 'in-flight', snapshots = ?, attempts = 0, first_ms = NULL, begun = NULL, next_ms = 0, status = NULL,"
    " body_digest = ?, body = ? WHERE number = ? AND state = 'parked'"
)
HELD_AGAIN: Final = (
    "UPDATE posting SET release = ?, item = ?, connection = '', operation = ?, step = ?, idempotency = ?,"
    " snapshots = ?, incident = ?, body_digest = NULL, body = NULL WHERE number = ? AND state = 'parked'"
)
WITHDRAWN: Final = "DELETE FROM posting WHERE number = ? AND state = 'parked'"
FILTERED: Final = (
    "UPDATE message SET filtered = ? WHERE number = ? AND NOT EXISTS (SELECT 1 FROM posting WHERE message = ?)"
)
NEWEST: Final = "SELECT (SELECT coalesce(max(number), 0) FROM replay), (SELECT coalesce(max(number), 0) FROM incident)"
PARKED_LINES: Final = "SELECT count(*) FROM posting WHERE incident = ? AND state = 'parked'"
REPLAY_ADD: Final = "INSERT INTO replay (incident, posting, actor, asked_ms, outcome) VALUES (?, ?, ?, ?, ?)"


MOST_REPLAYED = 2_000
"""Messages of one request: whoever asked hears the answer before they give up waiting. The rest is for the next one."""
MOST_PLANNED = 2_000
"""Lines told one by one; all are counted."""


class _Stored(NamedTuple):
    """What is done again: one message and its parked postings."""

    number: int
    data_key: int
    running: Running
    expansion: Expansion
    rows: tuple[Row, ...]
    targets: tuple[Row, ...]


class _Count:
    """What a request came to."""

    def __init__(self) -> None:
        self.queued = self.parked = self.ended = 0
        self.left: dict[str, int] = {}
        """Why lines were not tried, and how many."""

    def add(self, other: _Count) -> None:
        self.queued, self.parked, self.ended = (
            self.queued + other.queued, self.parked + other.parked, self.ended + other.ended,
        )  # fmt: skip
        for sentence, lines in other.left.items():
            self.leave(lines, sentence)

    def leave(self, lines: int, sentence: str) -> None:
        self.left[sentence] = self.left.get(sentence, 0) + lines


class Replays:
    """Carries out replays, one request after the other, message by message."""

    def __init__(self, engine: Engine, data_keys: DataKeys, keys: Keys) -> None:
        self._engine, self._data_keys, self._keys = engine, data_keys, keys
        self._reader: Reader = engine.journal.reader()
        self._turn = asyncio.Lock()

    async def run(self, asked: AskReplay, uid: int) -> Replayed:
        """Does what was asked and says what came of it. Every request is audited, also one that changes nothing."""
        async with self._turn:
            actor = f"{asked.actor}/uid-{uid}"
            cases = self._cases(asked)
            count = _Count()
            before = self._reader.rows(NEWEST)[0]
            by_message = _by_message(cases)
            for message, those in itertools.islice(by_message.items(), MOST_REPLAYED):
                self._tried(message, those, actor, count)
                await asyncio.sleep(0)
            beyond = (case for those in itertools.islice(by_message.values(), MOST_REPLAYED, None) for case in those)
            if lines := sum(self._lines(case) for case in beyond):
                count.leave(lines, "They are more than one replay takes: replay again.")
            return self._answer(asked, actor, tuple(number for number, _ in cases), count, before)

    def plan(self, asked: AskPlan) -> Plan:
        """What a replay of these cases would do now. Nothing is written and nothing is sent."""
        cases = self._cases(AskReplay(actor="plan", case=asked.case, group=asked.group))
        by_message = _by_message(cases)
        count, lines, snapshots = _Count(), list[PlannedLine](), ""
        for message, those in itertools.islice(by_message.items(), asked.limit):
            stored = self._stored(message, those, count)
            if stored is not None:
                snapshots = stored.running.snapshots
                lines += [line for share in _known(stored, count) for line in self._planned(stored, share)]
        outcomes = [line.outcome for line in lines]
        return Plan(
            cases=tuple(number for number, _ in cases),
            lines=tuple(lines[:MOST_PLANNED]),
            post=outcomes.count("post"),
            park=outcomes.count("park"),
            end=outcomes.count("end"),
            not_looked_at=max(0, len(by_message) - asked.limit),
            problem=" ".join(count.left),
            snapshots=snapshots,
        )

    def _planned(self, stored: _Stored, share: Share) -> list[PlannedLine]:
        """As ``_settle`` would do it."""
        target = share.target
        if share.drafts:
            return [self._planned_draft(stored, target, draft) for draft in share.drafts]
        ends = share.lines or [LineDraft(target.item, target.step, share.reason)]
        return [
            PlannedLine(
                message=stored.number, posting=target.number, item=line.item, step=line.step, outcome="end",
                reason=line.reason,
            )
            for line in ends
        ]  # fmt: skip

    def _planned_draft(self, stored: _Stored, target: Row, draft: PostingDraft) -> PlannedLine:
        parked = draft.parked or self._used(target, draft)
        return PlannedLine(
            message=stored.number,
            posting=target.number,
            item=draft.item,
            step=draft.step,
            outcome="post" if parked is None else "park",
            connection=draft.connection,
            operation=draft.operation if parked is None else "",
            reason=parked.cause if parked else "",
            sentence=parked.sentence if parked else "",
        )

    # -- which ------------------------------------------------------------------------------------------------------

    def _cases(self, asked: AskReplay) -> list[tuple[int, int | None]]:
        rows = self._reader.rows
        if asked.case is not None:
            return [(n, m) for n, m in rows(CASE_OPEN, (asked.case,))]
        if asked.group is not None:
            groups = [group for (group,) in rows(GROUPS) if group.hex().startswith(asked.group)]
        elif asked.key:
            causes = [cause for (cause,) in rows(CAUSES_OF_MASTER, (asked.master,))]
            groups = [group_of(self._keys.cause, cause, asked.master or "", asked.key) for cause in causes]
        else:
            return [(n, m) for n, m in rows(CASES_OF_MASTER, (asked.master,))]
        return [(n, m) for group in groups for n, m in rows(CASES_OF_GROUP, (group,))]

    # -- one message ------------------------------------------------------------------------------------------------

    def _tried(self, number: int, cases: frozenset[int], actor: str, count: _Count) -> None:
        """One message that fails keeps no other from its replay."""
        lines = sum(map(self._lines, cases))
        try:
            self._message(number, cases, actor, count)
        except (DiskFull, JournalBroken):
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours, or of a node, at one message
            log("replay.failed", message=number, reason=type(error).__name__)
            count.leave(lines, f"A mistake of the runtime's own ({type(error).__name__}): report it with the case.")

    def _lines(self, case: int) -> int:
        return int(self._reader.rows(PARKED_LINES, (case,))[0][0])

    def _message(self, number: int, cases: frozenset[int], actor: str, count: _Count) -> None:
        stored = self._stored(number, cases, count)
        if stored is None:
            self._over([case for case in cases if self._reader.row(STILL_HELD, (case,)) is None])
            return
        done = _Count()
        waiting: list[Waiting] = []
        with self._engine.journal.write() as transaction:
            for share in _known(stored, done):
                self._settle(transaction, stored, share, actor, waiting, done)
            for case in cases:
                resolve_if_over(transaction, case)
        count.add(done)
        self._engine.send(waiting)
        for lane in {stored.expansion.lane, *(row.lane for row in stored.targets)}:
            self._engine.let_go(lane)  # a newer version may order by another key, or hold none

    def _over(self, cases: list[int]) -> None:
        """Open cases that hold no line any more."""
        if cases:
            with self._engine.journal.write() as transaction:
                for case in cases:
                    resolve_if_over(transaction, case)

    def _stored(self, number: int, cases: frozenset[int], count: _Count) -> _Stored | None:
        rows = tuple(Row(*row) for row in self._reader.rows(POSTINGS, (number,)))
        targets = tuple(row for row in rows if row.state == "parked" and row.incident in cases)
        found = self._reader.row(MESSAGE, (number,))
        if not targets or found is None:
            return None
        flow, source, taken_by, received_ms, label, digest, data_key, sealed = found
        running = self._engine.releases.active(flow)
        if running is None:
            count.leave(len(targets), f"No release of flow '{flow}' runs; activate one first.")
            return None
        try:
            about = about_message(number, flow, source, taken_by, received_ms, label, digest)
            payload = self._data_keys.numbered(self._reader, data_key).open(sealed, about)
        except NoDataKey:
            gone = "The stored payload was destroyed with its period; the sender has to send it again."
            count.leave(len(targets), gone)
            return None
        except Unreadable:
            changed = "The row of the message in the journal was changed; the sender has to send it again."
            count.leave(len(targets), changed)
            return None
        accepted = Accepted(number, source, received_ms, digest, label, payload)
        expansion = self._engine.expander.again(accepted, running)
        return _Stored(number, data_key, running, expansion, rows, targets)

    def _settle(
        self,
        transaction: Transaction,
        stored: _Stored,
        share: Share,
        actor: str,
        waiting: list[Waiting],
        count: _Count,
    ) -> None:
        """Puts what came out in the place of the parked posting; what is more gets rows of its own."""
        target = share.target
        drafts = sorted(share.drafts, key=lambda draft: draft.parked is not None)
        for draft in drafts[:1]:
            parked = draft.parked or self._used(target, draft)
            if parked is None:
                waiting.append(self._send_again(transaction, stored, target, draft, actor))
                count.queued += 1
            else:
                self._hold_again(transaction, stored, target, draft, parked, actor)
                count.parked += 1
        for draft in drafts[1:]:
            waiting += self._add(transaction, stored, target, draft, actor, count)
        for line in share.lines:
            transaction.run(queries.LINE_ADD, (stored.number, *line))
        if not drafts:
            self._withdraw(transaction, stored, share, actor)
            count.ended += 1

    def _used(self, target: Row, draft: PostingDraft) -> Parked | None:
        """Why a posting may not be sent again: it may have been applied, and what would go out now is different."""
        if draft.body is None or not _maybe_applied(target):
            return None
        same = target.key == draft.idempotency and self._engine.expander.body_digest(draft.body) == target.body_digest
        return None if same else Parked("key-used", KEY_USED_BEFORE, draft.step)

    def _send_again(
        self, transaction: Transaction, stored: _Stored, target: Row, draft: PostingDraft, actor: str
    ) -> Waiting:
        body, number, by = draft.body or b"", target.number, stored.running
        sealed = self._sealed(stored, number, draft, body)
        transaction.run(
            SENT_AGAIN,
            (by.number, draft.item, draft.connection, draft.operation, draft.step, stored.expansion.lane,
             draft.idempotency, by.snapshots, self._engine.expander.body_digest(body), sealed, number),
        )  # fmt: skip
        self._note(transaction, stored, target.incident, number, actor, "queued", draft)
        return self._waiting(stored, number, draft, target.incident)

    def _hold_again(
        self, transaction: Transaction, stored: _Stored, target: Row, draft: PostingDraft, parked: Parked, actor: str
    ) -> None:
        by, case = stored.running, target.incident
        if not _maybe_applied(target):  # else it stays as it is, so that nobody forgets that it may have been applied
            case = self._engine.expander.open_case(transaction, by, stored.number, draft.step, parked)
            row = (by.number, draft.item, draft.step, draft.step, draft.idempotency, by.snapshots, case, target.number)
            transaction.run(HELD_AGAIN, row)
        self._note(transaction, stored, case, target.number, actor, "parked-again", draft, parked.cause)

    def _add(
        self, transaction: Transaction, stored: _Stored, target: Row, draft: PostingDraft, actor: str, count: _Count
    ) -> list[Waiting]:
        """A parked message that turns into several lines: the first took its row, these are new."""
        by, number = stored.running, self._engine.expander.next_posting()
        case, sealed, digest, state = target.incident, None, None, "in-flight"
        if draft.parked is not None:
            case = self._engine.expander.open_case(transaction, by, stored.number, draft.step, draft.parked)
            state = "parked"
        else:
            body = draft.body or b""
            sealed = self._sealed(stored, number, draft, body)
            digest = self._engine.expander.body_digest(body)
        row: tuple[Any, ...] = (
            number, stored.number, by.number, draft.item, draft.connection, draft.operation, draft.step,
            stored.expansion.lane, draft.idempotency, state, by.snapshots, case, stored.data_key, digest, sealed,
        )  # fmt: skip
        transaction.run(queries.POSTING_ADD, row)
        if draft.parked is not None:
            self._note(transaction, stored, case, number, actor, "parked-again", draft, draft.parked.cause)
            count.parked += 1
            return []
        self._note(transaction, stored, case, number, actor, "queued", draft)
        count.queued += 1
        return [self._waiting(stored, number, draft, case)]

    def _sealed(self, stored: _Stored, number: int, draft: PostingDraft, body: bytes) -> bytes:
        """Bound to what it is now: another release, sink or key may stand in its row than before."""
        about = about_posting(
            number, stored.number, stored.running.release.digest, draft.step, draft.connection, draft.operation,
            draft.item, stored.expansion.lane, draft.idempotency,
        )  # fmt: skip
        return self._data_keys.numbered(self._reader, stored.data_key).seal(body, about)

    def _withdraw(self, transaction: Transaction, stored: _Stored, share: Share, actor: str) -> None:
        """The line ends on purpose now: no posting any more, but a line with its reason."""
        reason = share.lines[0].reason if share.lines else share.reason
        transaction.run(WITHDRAWN, (share.target.number,))
        target = share.target
        transaction.run(REPLAY_ADD, (target.incident or 0, target.number, actor, transaction.now_ms, "ended"))
        transaction.run(FILTERED, (reason, stored.number, stored.number))
        transaction.audit(
            "posting.withdrawn", posting=share.target.number, message=stored.number, incident=share.target.incident,
            actor=actor, reason=reason, flow=stored.running.desk.flow,
        )  # fmt: skip

    def _waiting(self, stored: _Stored, number: int, draft: PostingDraft, incident: int | None) -> Waiting:
        to = stored.running.destinations[draft.step]
        key = draft.idempotency.hex().encode("ascii")
        waiting = Waiting(number, stored.number, stored.expansion.lane, key, to, stored.data_key, draft.body)
        waiting.incident, waiting.maybe_applied = incident, True
        return waiting

    def _note(
        self, transaction: Transaction, stored: _Stored, case: int | None, posting: int, actor: str, outcome: str,
        draft: PostingDraft, reason: str | None = None,
    ) -> None:  # fmt: skip
        transaction.run(REPLAY_ADD, (case or 0, posting, actor, transaction.now_ms, outcome))
        transaction.audit(
            "posting.replayed", posting=posting, message=stored.number, incident=case, actor=actor, outcome=outcome,
            reason=reason, item=draft.item, step=draft.step, flow=stored.running.desk.flow,
            release=stored.running.release.digest, snapshots=stored.running.snapshots,
        )  # fmt: skip

    # -- the answer ---------------------------------------------------------------------------------------------------

    def _answer(
        self, asked: AskReplay, actor: str, cases: tuple[int, ...], count: _Count, before: tuple[int, int]
    ) -> Replayed:
        (after, newest), through = before, self._reader.rows(NEWEST)[0][0]
        changed = count.queued or count.ended
        outcome = "queued" if changed else "parked-again" if count.parked else "nothing-to-do"
        with self._engine.journal.write() as transaction:
            if outcome == "nothing-to-do" and asked.case is not None:
                transaction.run(REPLAY_ADD, (asked.case, None, actor, transaction.now_ms, outcome))
            transaction.audit(
                "replay.requested", actor=actor, outcome=outcome, count=len(cases), incident=asked.case,
                master=asked.master,
            )  # fmt: skip
        return Replayed.model_validate(
            {
                "outcome": outcome,
                "cases": cases,
                "queued": count.queued,
                "parked": count.parked,
                "ended": count.ended,
                "left": tuple({"lines": lines, "sentence": sentence} for sentence, lines in count.left.items()),
                "mark": {"after": after, "through": through, "newest": newest},
                "sentence": _sentence(count, bool(cases)),
            }
        )


KEY_USED_BEFORE: Final = (
    "It may have been applied with other content than a replay would send now. Ask at the other side; nothing is sent."
)


NO_SUCH_LINE: Final = (
    "The version that runs now makes nothing of the message that must be this line: it divides messages otherwise, or"
    " leads its lines past the step where this one stopped. Nothing is sent and it stays held. Activate a version that"
    " does as before, or settle it at the other side and close the case by hand."
)
NOT_TAKEN: Final = frozenset(
    (
        "gave-up contract contract-unreadable host-key-changed weak-algorithms login-refused no-folder write-refused"
    ).split()
)
"""Causes that say that the other side did not take the posting."""


def _maybe_applied(target: Row) -> bool:
    """Whether the other side may hold the posting: it was on its way, and no answer said that it was not taken."""
    cause = target.cause or ""
    return target.body_digest is not None and not cause.startswith(("answer-", "fault-")) and cause not in NOT_TAKEN


def _sentence(count: _Count, any_case: bool) -> str:
    left = sum(count.left.values())
    if not (count.queued or count.parked or count.ended or left):
        return "Nothing to do: no posting is parked there." if any_case else "Nothing to do: no such open case."
    parts = [
        (count.queued, "on their way"),
        (count.parked, "stopped again"),
        (count.ended, "ended on purpose without a posting"),
        (left, "not tried"),
    ]
    told = "Postings: " + ", ".join(f"{number} {what}" for number, what in parts if number) + "."
    return " ".join((told, *count.left))


def _by_message(cases: list[tuple[int, int | None]]) -> dict[int, frozenset[int]]:
    """The messages of the cases, each with those of its cases that are meant."""
    found: dict[int, set[int]] = {}
    for number, message in cases:
        if message is not None:
            found.setdefault(message, set()).add(number)
    return {message: frozenset(those) for message, those in found.items()}


def _known(stored: _Stored, count: _Count) -> list[Share]:
    """The parked postings of which it is certain what they turn into; the others are counted as not tried."""
    shares = shares_of(stored.targets, stored.rows, stored.expansion, stored.running.release.flow)
    known = [share for share in shares if share.drafts or share.lines or share.reason]
    if len(known) < len(shares):
        count.leave(len(shares) - len(known), NO_SUCH_LINE)
    return known
