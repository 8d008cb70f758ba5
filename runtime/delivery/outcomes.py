"""What attempts came to, as rows: all that a turn of the loop brings is one transaction."""

from __future__ import annotations

from typing import Any, NamedTuple

from runtime.cases import open_case, resolve_if_over
from runtime.delivery import queries
from runtime.delivery.attempts import Again, Decision, Delivered, Park
from runtime.delivery.route import Waiting
from runtime.expansion import Parked
from runtime.journal.transaction import Transaction


class Settled(NamedTuple):
    """A decision about one posting, with its attempts at that moment."""

    waiting: Waiting
    decision: Decision
    attempts: int


def write(transaction: Transaction, settled: list[Settled], cause_key: bytes) -> None:
    """Updates the postings and audits each change."""
    now = transaction.now_ms
    delivered: list[tuple[Any, ...]] = []
    deferred: list[tuple[Any, ...]] = []
    replayed: list[int] = []
    for waiting, decision, attempts in settled:
        if isinstance(decision, Delivered):
            delivered.append((attempts, waiting.first_ms, decision.status, now, waiting.number))
            transaction.audit_line(
                waiting.to.delivered_line
                % (now, attempts, waiting.message, waiting.number, transaction.next_seq, decision.status)
            )
            if waiting.incident is not None:
                replayed.append(waiting.incident)
        elif isinstance(decision, Again):
            deferred.append((attempts, waiting.first_ms, decision.next_ms, decision.status, waiting.number))
            _audit(transaction, "posting.deferred", waiting, attempts, decision.reason, decision.status)
        else:
            _park(transaction, waiting, decision, attempts, cause_key)
    if delivered:
        transaction.run_many(queries.DELIVERED, delivered)
    if deferred:
        transaction.run_many(queries.DEFERRED, deferred)
    for incident in replayed:
        resolve_if_over(transaction, incident)


def begin(transaction: Transaction, load: list[Waiting]) -> None:
    """Notes that these are about to be sent together: whoever finds them in flight after a crash knows it."""
    first = load[0]
    transaction.run_many(queries.BEGUN, [(first.number, waiting.number) for waiting in load])
    transaction.audit(
        "posting.begun", posting=first.number, count=len(load), flow=first.to.desk.flow, step=first.to.step
    )
    for waiting in load:
        waiting.begun = first.number


def _park(transaction: Transaction, waiting: Waiting, decision: Park, attempts: int, cause_key: bytes) -> None:
    parked = Parked(decision.cause, decision.sentence, waiting.to.step)
    case = open_case(transaction, waiting.to.desk, cause_key, waiting.message, waiting.to.step, parked)
    transaction.run(queries.PARKED, (attempts, waiting.first_ms or None, decision.status, case, waiting.number))
    _audit(transaction, "posting.parked", waiting, attempts, decision.cause, decision.status, case)
    if waiting.incident is not None and waiting.incident != case:
        resolve_if_over(transaction, waiting.incident)


def _audit(
    transaction: Transaction,
    action: str,
    waiting: Waiting,
    attempts: int,
    reason: str,
    status: int | None,
    case: int | None = None,
) -> None:
    transaction.audit(
        action, posting=waiting.number, message=waiting.message, flow=waiting.to.desk.flow, step=waiting.to.step,
        attempts=attempts, reason=reason, status=status, incident=case,
    )  # fmt: skip
