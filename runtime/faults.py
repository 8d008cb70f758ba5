"""What a flow does when something goes wrong: rehearsed with the decisions that delivery itself makes.

No sink is contacted: what the other side would have said is made up here and given to the sink that judges answers. A
posting's attempts are then played with a clock that only counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from flows.findings import Model
from flows.master_table import Table
from nodes.sink import Answer, Settled, Sink
from runtime.cases import Desk
from runtime.delivery.attempts import Again, Failure, Park, Tried, again
from runtime.expansion import Expansion, PostingDraft
from runtime.rehearsal import Rehearsal, Stage, staged

Fault = Literal["unreachable", "timeout", "busy", "failing", "refused", "wrong-answer", "repeated", "unknown-key"]
MOST_MOMENTS, MOST_POSTINGS = 5, 20
ASKED_FOR_S: Final = 30
_SOON_S: Final = 7
"""A request that nobody answers is given up after some seconds."""
_BROKEN: Final[Mapping[str, str]] = {"unreachable": "unreached", "timeout": "timeout"}


class FaultMoment(Model):
    """One attempt, counted from the first."""

    at_s: int
    sentence: str


class FaultEnd(Model):
    """What becomes of one posting, or of a line that stops before a sink."""

    item: str
    step: str
    how: Literal["delivered", "held", "ended"]
    cause: str
    sentence: str
    attempts: int
    moments: tuple[FaultMoment, ...]
    more: int
    """Attempts that are not listed."""


class FaultRun(Model):
    """A sample's postings under one fault."""

    fault: Fault
    ends: tuple[FaultEnd, ...]
    more: int
    owner: str
    """Who gets the cases."""
    severity: str
    holds_key: bool
    """What comes after under the same key waits for what is held."""


class _Played(NamedTuple):
    decision: Park | None
    """None: the other side took it."""
    attempts: int
    moments: list[FaultMoment]


def faulted(flow: Rehearsal, payload: bytes, tables: Mapping[str, Table], fault: Fault) -> FaultRun:
    """What becomes of a message that the source takes, under one fault."""
    if fault == "unknown-key":
        tables = {name: Table(contract) for name, contract in flow.around.masters.items()}
    stage = staged(flow, tables)
    expansion = stage.play(payload)
    ends = list(_ends(stage, expansion, fault))
    desk = Desk.of(flow.flow)
    return FaultRun(
        fault=fault,
        ends=tuple(ends[:MOST_POSTINGS]),
        more=max(0, len(ends) - MOST_POSTINGS),
        owner=desk.owner,
        severity=desk.severity,
        holds_key=flow.flow.ordering.on_park == "hold-key",
    )


def _ends(stage: Stage, expansion: Expansion, fault: Fault) -> Iterator[FaultEnd]:
    for line in expansion.lines:
        yield FaultEnd(
            item=line.item, step=line.step, how="ended", cause=line.reason, sentence="", attempts=0, moments=(), more=0
        )
    for draft in expansion.postings:
        yield _stopped(draft) if draft.parked is not None else _sent(stage, draft, fault)


def _stopped(draft: PostingDraft) -> FaultEnd:
    cause, said = (draft.parked.cause, draft.parked.sentence) if draft.parked else ("", "")
    return FaultEnd(
        item=draft.item, step=draft.step, how="held", cause=cause, sentence=said, attempts=0, moments=(), more=0
    )


def _sent(stage: Stage, draft: PostingDraft, fault: Fault) -> FaultEnd:
    node = stage.nodes[draft.step]
    assert isinstance(node, Sink)  # noqa: S101 - postings are made by sinks
    give_up_s = stage.flow.around.environment.connections[draft.connection].give_up_s
    played = _attempts(node, draft.idempotency.hex(), give_up_s, fault)
    end = played.decision
    return FaultEnd(
        item=draft.item,
        step=draft.step,
        how="delivered" if end is None else "held",
        cause=end.cause if end is not None else "",
        sentence=end.sentence if end is not None else "The other side has it: nothing is sent twice.",
        attempts=played.attempts,
        moments=tuple(played.moments[:MOST_MOMENTS]),
        more=max(0, len(played.moments) - MOST_MOMENTS),
    )


def _attempts(sink: Sink, key: str, give_up_s: int, fault: Fault) -> _Played:  # type: ignore[type-arg]
    """One posting's attempts while the fault lasts."""
    now_ms, attempts, moments = 0, 0, list[FaultMoment]()
    broken = _BROKEN.get(fault)
    while True:
        attempts += 1
        if fault == "timeout":
            now_ms += _SOON_S * 1000
        if broken is not None:
            if fault == "timeout" and not sink.honours_key:
                unsure = "Nobody knows whether it was applied, and the other side does not tell a repetition: held."
                return _Played(Park("uncertain", unsure, None), attempts, moments)
            failure = Failure(broken)
        else:
            answer = _answer(sink, key, fault)
            outcome = sink.classify(answer, key, now_ms)
            if outcome.how is Settled.DELIVERED:
                return _Played(None, attempts, moments)
            if outcome.how is Settled.PARK:
                return _Played(Park(outcome.reason, outcome.sentence, answer.status), attempts, moments)
            failure = Failure(outcome.reason, answer.status, outcome.after_s)
        tried = Tried(attempts, now_ms / 1000, fault == "timeout")
        decision = again(tried, failure, now_ms, give_up_s, 0.5)
        if isinstance(decision, Park):
            return _Played(decision, attempts, moments)
        assert isinstance(decision, Again)  # noqa: S101
        moments.append(_moment(now_ms, failure, decision.next_ms))
        now_ms = decision.next_ms


def _moment(now_ms: int, failure: Failure, next_ms: int) -> FaultMoment:
    what = f"status {failure.status}" if failure.status is not None else failure.reason.replace("-", " ")
    said = "No answer" if failure.status is None and failure.reason == "timeout" else "Not taken"
    wait = (next_ms - now_ms) / 1000
    return FaultMoment(at_s=now_ms // 1000, sentence=f"{said} ({what}): sent again after {wait:.3g} s.")


def _answer(sink: Sink, key: str, fault: Fault) -> Answer:  # type: ignore[type-arg]
    """What the other side would say, as the sink's carrier hands it over."""
    if sink.carrier == "sftp":
        outcome = {"refused": "write-refused", "wrong-answer": "name-taken", "repeated": "there-already"}
        said = outcome.get(fault, "disk-full" if fault == "busy" else "failed")
        return Answer(0, {}, json.dumps({"outcome": said}).encode())
    headers, body = {"content-type": "application/json"}, b"{}"
    told: tuple[str, ...] = tuple(getattr(sink.config, "applied", ()))
    if fault == "repeated" and told:
        return Answer(500, headers, json.dumps({"fault": "client", "name": told[0], "key": key}).encode())
    match fault:
        case "busy":
            return Answer(429, {**headers, "retry-after": str(ASKED_FOR_S)}, body)
        case "failing":
            return Answer(500, headers, body)
        case "refused":
            return Answer(422, headers, body)
        case "repeated":
            return Answer(409, {**headers, "idempotency-key": key}, body)
    return Answer(200, {"content-type": "text/html"}, b"<html>Please sign in</html>")
