"""What became of one message, moment by moment: from the journal's timeline and what delivery's chain kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from designer.http.models import messages as shapes
from designer.people import people
from designer.reasons import words
from designer.words import counted
from flows.release import Manifest
from runtime.api import RuntimeTrouble
from runtime.questions.audit import AskRecords
from runtime.questions.messages import Timeline, TimelinePosting
from runtime.wire import LAST

if TYPE_CHECKING:
    from designer.context import Designer

MOST_TRIES = 100
FIRST_REFUSAL = 400
"""From here on a status is no plain yes: what counts as posted with it was posted by an attempt before."""


def moments(designer: Designer, life: Timeline, known: Manifest | None) -> tuple[shapes.Moment, ...]:
    """The moments of a message in their order; what has none of its own stands last."""
    found = _moments(life, known, people(designer), _tries(designer, life))
    return tuple(sorted(found, key=lambda each: _rank(each, life.received_ms)))


def sentence(life: Timeline, known: Manifest | None) -> str:
    """What became of it, in one sentence."""
    if life.state == "filtered":
        return f"It was taken and ended on purpose: {words(life.filtered or '')}."
    if life.state == "waiting":
        return "It is stored, and waits for its turn."
    done = sum(each.state == "delivered" for each in life.postings)
    held = sum(each.state == "parked" for each in life.postings)
    under_way = len(life.postings) - done - held
    systems = ", ".join(sorted({_system(known, each) for each in life.postings if each.connection})) or "nowhere"
    lines = counted(len(life.postings), "line", "lines")
    told = [
        (done, "was", "were", f"posted to {systems}"),
        (held, "is", "are", "held for a person"),
        (under_way, "is", "are", f"on the way to {systems}"),
    ]
    parts = [f"{count} {one if count == 1 else many} {what}" for count, one, many, what in told if count]
    if not parts:
        return "Nothing was posted."
    number, _, rest = parts[0].partition(" ")
    return f"{', '.join((f'{number} of {lines} {rest}', *parts[1:]))}."


def _tries(designer: Designer, life: Timeline) -> tuple[Mapping[str, Any], ...]:
    """What delivery's chain has of attempts that were put off, of postings that were tried more than once."""
    again = [each for each in life.postings if each.attempts > 1 and each.first_ms is not None]
    if not again:
        return ()
    ends = [each.ended_ms for each in again if each.ended_ms is not None]
    asked = AskRecords(
        writer="delivery",
        actions=("posting.deferred",),
        since_ms=min(each.first_ms or 0 for each in again),
        until_ms=max(ends) + 1 if len(ends) == len(again) else LAST,
        limit=MOST_TRIES,
    )
    try:
        return tuple(json.loads(each.record) for each in designer.runtime.records(asked).records)
    except (RuntimeTrouble, ValueError):
        return ()  # the timeline stands without them


def _moments(
    life: Timeline, known: Manifest | None, called: Mapping[str, str], tries: tuple[Mapping[str, Any], ...]
) -> Iterator[shapes.Moment]:
    answered = "not answered" if life.answer in ("", "none") else f"then answered with {life.answer}"
    yield shapes.Moment(at=life.received_ms, what="received", sentence=f"Received and stored for good, {answered}.")
    if life.filtered is not None and not life.postings:
        yield shapes.Moment(at=None, what="filtered", sentence=f"Ended on purpose: {words(life.filtered)}.")
    for line in life.lines:
        sentence = f"{line.item or 'The message'} ended on purpose: {words(line.reason)}."
        yield shapes.Moment(at=None, what="ended", sentence=sentence, step=line.step, item=line.item)
    for each in life.postings:
        yield from _of_posting(each, known)
        yield from _put_off(each, known, tries)
    for case in life.cases:
        yield shapes.Moment(at=case.opened_ms, what="case", sentence=case.sentence, step=case.step, case=case.number)
        if case.resolved_ms is not None:
            sentence = f"Case {case.number} was resolved."
            yield shapes.Moment(at=case.resolved_ms, what="resolved", sentence=sentence, case=case.number)
    for replay in life.replays:
        who = replay.actor.partition("/")[0]
        sentence = f"{called.get(who, who)} had it replayed: {words(replay.outcome)}."
        yield shapes.Moment(
            at=replay.asked_ms, what="replayed", sentence=sentence, posting=replay.posting, case=replay.case
        )


def _put_off(
    each: TimelinePosting, known: Manifest | None, tries: tuple[Mapping[str, Any], ...]
) -> Iterator[shapes.Moment]:
    for record in tries:
        if record.get("posting") == each.number:
            status = record.get("status")
            said = f"answered {status}" if status else f"gave no answer ({words(str(record.get('reason', '')))})"
            sentence = f"Attempt {record.get('attempts', '')}: {_system(known, each)} {said}; it is sent again."
            yield shapes.Moment(
                at=int(record["at"]),
                what="waits",
                sentence=sentence,
                step=each.step,
                item=each.item,
                posting=each.number,
            )


def _of_posting(each: TimelinePosting, known: Manifest | None) -> Iterator[shapes.Moment]:
    system, item = _system(known, each), each.item or "the message"
    place = {"step": each.step, "item": each.item, "posting": each.number}
    masters = f" Masters as of {_steps_of(each.snapshots)}." if each.snapshots else ""
    if each.first_ms is not None:
        tries = f", in {each.attempts} attempts" if each.attempts > 1 else ""
        sentence = f"Sent {item} to {system}{tries}.{masters}"
        yield shapes.Moment.model_validate({"at": each.first_ms, "what": "sent", "sentence": sentence, **place})
    if each.state == "delivered":
        if each.status is not None and each.status >= FIRST_REFUSAL:
            sentence = f"{system} has {item} already (it answered {each.status}), so it is posted once."
        else:
            sentence = f"{system} took {item}{f' with {each.status}' if each.status else ''}."
        yield shapes.Moment.model_validate({"at": each.ended_ms, "what": "delivered", "sentence": sentence, **place})
    elif each.state == "parked":
        sentence = (
            f"{item.capitalize() if not each.item else item} is held at '{_title(known, each.step)}' for a person."
        )
        yield shapes.Moment.model_validate({"at": None, "what": "held", "sentence": sentence, **place})
    else:
        sentence = f"{item} waits to be sent to {system}."
        at = each.next_ms if each.next_ms else None
        yield shapes.Moment.model_validate({"at": at, "what": "waits", "sentence": sentence, **place})


def _rank(moment: shapes.Moment, received_ms: int) -> tuple[bool, int]:
    """What ended on purpose did so when the message was taken apart: before anything of it was sent."""
    if moment.what in ("ended", "filtered"):
        return False, received_ms
    return moment.at is None, moment.at or 0


def _steps_of(snapshots: str) -> str:
    """``items=4 locations=1`` as ``items step 4, locations step 1``."""
    return ", ".join(each.replace("=", " step ") for each in snapshots.split(" "))


def _title(known: Manifest | None, step: str) -> str:
    """A step as its flow calls it."""
    steps = known.flow["steps"] if known else ()
    return next((str(each["title"]) for each in steps if each["id"] == step), step)


def _system(known: Manifest | None, each: TimelinePosting) -> str:
    """Where a posting goes, as people call it."""
    return called(known, each.connection) or f"'{each.step}'"


def called(known: Manifest | None, name: str) -> str:
    """The system behind a connection, as people call it."""
    connection = known.environment["connections"].get(name) if known else None
    return str(connection["system"]) if connection else name
