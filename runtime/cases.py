"""Cases: a failure never vanishes, it waits for a person. One case a message and cause, however many lines it stops.

A case says what happened, whom it waits for and until when; it holds no payload value. Its cause group is an HMAC over
the cause and the values that it hangs on: cases of one cause share it, and a master's new row finds them by its key.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from flows.graph import Flow
from runtime.crypto import keyed
from runtime.expansion import Parked
from runtime.journal.transaction import Transaction

Severity = Literal["high", "medium", "low"]

_HOUR_MS: Final = 3_600_000
_DUE_MS: Final[dict[Severity, int]] = {"high": 4 * _HOUR_MS, "medium": 24 * _HOUR_MS, "low": 72 * _HOUR_MS}
_SEVERITY: Final[dict[str, Severity]] = {"high": "high", "normal": "medium", "low": "low"}

OPEN: Final = (
    "INSERT INTO incident (flow, message, subject, cause, cause_group, master, step, sentence, severity, owner,"
    " opened_ms, due_ms, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')"
    " ON CONFLICT (flow, subject, cause) DO UPDATE SET count = count + 1, state = 'open', resolved_ms = NULL"
    " RETURNING number, count"
)
STILL_HELD: Final = "SELECT 1 FROM posting WHERE incident = ? AND state IN ('parked', 'in-flight') LIMIT 1"
RESOLVE: Final = (
    "UPDATE incident SET state = 'resolved', resolved_ms = ? WHERE number = ? AND state = 'open' RETURNING flow"
)


class Desk(NamedTuple):
    """To whom the cases of a flow go, and how urgent they are."""

    flow: str
    owner: str
    severity: Severity

    @classmethod
    def of(cls, flow: Flow) -> Desk:
        return cls(flow.id, flow.owners.cases or flow.owners.technical or "operations", _SEVERITY[flow.criticality])

    @classmethod
    def unknown(cls, flow: str) -> Desk:
        """Of a flow whose release cannot be loaded any more."""
        return cls(flow, "operations", "high")


def cause_group(key: bytes, flow: str, step: str, parked: Parked) -> bytes:
    """Cases that hang on the same values share it; without values, those of one step do."""
    return group_of(key, parked.cause, parked.master, parked.subject or (flow, step))


def group_of(key: bytes, cause: str, master: str, subject: tuple[str, ...]) -> bytes:
    parts = (part.encode("utf-8", "surrogatepass") for part in (cause, master, *subject))
    return keyed(key, *parts)[:16]


def open_case(transaction: Transaction, desk: Desk, key: bytes, message: int, step: str, parked: Parked) -> int:
    """The case of this message and cause: a new one, or the one that is there with one more line counted."""
    group = cause_group(key, desk.flow, step, parked)
    return open_case_of(transaction, desk, group, message, step, parked)


def open_case_of(transaction: Transaction, desk: Desk, group: bytes, message: int, step: str, parked: Parked) -> int:
    """As ``open_case``, for a cause group that is known already."""
    subject = message.to_bytes(8, "big") + group[:8]
    return _open(transaction, desk, message, subject, group, step, parked)


def open_refusal(
    transaction: Transaction, desk: Desk, key: bytes, digest: bytes, source: str, reason: str, place: str, answer: str
) -> int:
    """The case of a refused frame: one a digest, however often it comes back."""
    where = f" at {place}" if place else ""
    said = f"answered {answer}" if answer not in ("", "none") else "not answered"
    sentence = (
        f"A frame of '{source}' was refused: {reason}{where}. Nothing of it is kept; it was {said}. "
        "Have the sender correct it and send it again."
    )
    parked = Parked(reason, sentence, place)
    group = group_of(key, reason, "", (desk.flow, source))
    return _open(transaction, desk, None, digest, group, source, parked)


def resolve_if_over(transaction: Transaction, number: int) -> None:
    """Closes the case when no posting of it is parked or on its way any more."""
    if transaction.row(STILL_HELD, (number,)) is not None:
        return
    row = transaction.row(RESOLVE, (transaction.now_ms, number))
    if row is not None:
        transaction.audit("case.resolved", incident=number, flow=row[0])


def _open(
    transaction: Transaction, desk: Desk, message: int | None, subject: bytes, group: bytes, step: str, parked: Parked
) -> int:
    now = transaction.now_ms
    row = transaction.row(
        OPEN,
        (desk.flow, message, subject, parked.cause, group, parked.master, step, parked.sentence, desk.severity,
         desk.owner, now, now + _DUE_MS[desk.severity]),
    )  # fmt: skip
    assert row is not None  # noqa: S101 - RETURNING gives the row
    number, count = int(row[0]), int(row[1])
    if count == 1:
        transaction.audit(
            "case.opened", incident=number, flow=desk.flow, message=message, reason=parked.cause, step=step
        )
    return number
