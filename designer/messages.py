"""Messages: found by a business key or listed, told as a timeline, and shown one field at a time for a reason.

No list and no timeline holds a value of a message. The designer never opens the journal: everything comes from the
runtime, and a revealed value passes through without being kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from designer import versions
from designer.asking import answer
from designer.errors import Unfit
from designer.http.models import messages as shapes
from designer.people import people
from designer.reasons import words
from designer.words import counted
from flows import fhir
from flows.effects import Nature
from flows.hl7 import VERSIONS, field_name, nature
from flows.paths import PathError, Selector, parse
from flows.release import Manifest
from flows.vocabulary import S4, Concept, DataClass
from runtime.api import RuntimeTrouble
from runtime.questions.audit import AskRecords
from runtime.questions.messages import AskFind, Message, Timeline, TimelinePosting
from runtime.questions.reveal import AskReveal, AskShape, Shape
from runtime.wire import LAST

if TYPE_CHECKING:
    from designer.context import Caller, Designer

REVEAL = "message.reveal"
MASK = "•••"
MOST_TRIES = 100
SHOWN_MS = 60_000
_UNKNOWN = Nature(Concept.UNKNOWN, frozenset({DataClass.UNKNOWN}), S4)
_NEWEST = 1 << 50
CONTROL_ID = "sender|facility|control id (MSH-3|MSH-4|MSH-10)"
_BARS = 2
"""Between sender, facility and control id."""
SEARCHED = (
    f"Found by: a flow's business key, a message number, or {CONTROL_ID}. Only fingerprints are kept, so nothing else"
    " can be searched for: no item code, no document number of an ERP."
)
FIRST_REFUSAL = 400
"""From here on a status is no plain yes: what counts as posted with it was posted by an attempt before."""


def listed(designer: Designer, query: shapes.MessagesQuery) -> shapes.MessageCards:
    """Messages, the newest first."""
    before = query.before or _NEWEST
    found = answer(
        lambda: designer.runtime.messages(
            query.state,
            flow=query.flow,
            before=before,
            limit=query.limit,
            since_ms=query.since,
            until_ms=_NEWEST if query.until is None else query.until,
        )
    ).messages
    return shapes.MessageCards(
        messages=tuple(_cards(designer, found)),
        next=found[-1].number if len(found) == query.limit else None,
        sentence=_told(len(found), query),
    )


def search(designer: Designer, body: shapes.Search) -> shapes.MessageCards:
    """Messages that carry a business key, the newest first."""
    found = answer(lambda: designer.runtime.find(AskFind(key=body.key, flow=body.flow))).messages
    own = [each for each in _of_number(designer, body) if each.number not in {other.number for other in found}]
    sentence = (
        f"{counted(len(found) + len(own), 'message has', 'messages have')} this key or number."
        if found or own
        else _none(body.key.strip())
    )
    found = (*own, *found)
    return shapes.MessageCards(messages=tuple(_cards(designer, found)), next=None, sentence=sentence)


def _none(key: str) -> str:
    """What to try instead. It does not repeat what was typed."""
    if key.isascii() and key.isdigit():
        return "There is no message of that number, and none has it as a business key."
    if key.count("|") == _BARS:
        return f"No message has these three. They are {CONTROL_ID}, each as the sender writes it."
    return f"No message has this business key. A control id is searched for together with its sender: {CONTROL_ID}."


def _of_number(designer: Designer, body: shapes.Search) -> tuple[Message, ...]:
    """The message of exactly this number."""
    if not (body.key.isascii() and body.key.isdigit()) or not 0 < int(body.key) < _NEWEST:
        return ()
    number = int(body.key)
    found = answer(lambda: designer.runtime.messages(flow=body.flow, before=number + 1, limit=1)).messages
    return tuple(each for each in found if each.number == number)


def searchable(designer: Designer) -> shapes.Searchable:
    """Which fields a search finds messages by, flow by flow."""
    found = []
    for flow, live in sorted(versions.live(designer).items()):
        known = versions.manifest(designer, live.release)
        if known is not None:
            keys = tuple(str(each) for each in known.flow.get("business_keys", ()))
            found.append(shapes.KeyFields(flow=flow, name=_name(known, flow), fields=keys))
    return shapes.Searchable(flows=tuple(found), sentence=SEARCHED)


def page(designer: Designer, caller: Caller, number: int) -> shapes.MessagePage:
    """One message's life."""
    life = answer(lambda: designer.runtime.timeline(number))
    known = versions.manifest(designer, life.release) if life.release else None
    return shapes.MessagePage(
        card=shapes.MessageCard(
            number=number,
            flow=life.flow,
            name=_name(known, life.flow),
            source=life.source,
            system=_called(known, life.source),
            release=life.release,
            received=life.received_ms,
            state=life.state,
            filtered=life.filtered,
            why=words(life.filtered) if life.filtered else "",
            postings=len(life.postings),
        ),
        sentence=_sentence(life, known),
        label=life.label,
        digest=life.digest,
        readable=life.readable,
        moments=tuple(
            sorted(
                _moments(life, known, people(designer), _tries(designer, life)),
                key=lambda each: _rank(each, life.received_ms),
            )
        ),
        postings=tuple(_posting(each) for each in life.postings),
        path=_path(life, known),
        titles={str(each["id"]): str(each["title"]) for each in known.flow["steps"]} if known else {},
        may_reveal=life.readable and designer.rights.may(REVEAL, caller.roles, demo=designer.demo),
    )


def fields(designer: Designer, number: int, query: shapes.BodyQuery) -> shapes.MessageFields:
    """Which fields a message, or a posting's body, has: what they are, and none of their values."""
    found = answer(lambda: designer.runtime.shape(AskShape(message=number, posting=query.posting)))
    sink = _sink(designer, number, query.posting) if query.posting else {}
    return shapes.MessageFields(
        format=found.format,
        type=found.type,
        fields=tuple(_place(path, found, sink) for path in found.places),
        more=found.more,
    )


def reveal(designer: Designer, caller: Caller, number: int, body: shapes.Reveal) -> shapes.RevealedField:
    """One field's value. Both chains have the record before anybody has the value; which field it was stands in the
    runtime's, once there is such a field: what somebody typed for a path is written down nowhere."""
    try:
        parse(body.path)
    except PathError as error:
        raise Unfit("no-path", error.sentence, "/path") from None
    with designer.database.change(caller.person) as change:
        change.record("message.revealing", message=number, posting=body.posting or 0)
    asked = AskReveal(actor=caller.person, message=number, posting=body.posting, path=body.path, reason=body.reason)
    shown = answer(lambda: designer.runtime.reveal(asked))
    until = designer.clock.now_ms() + SHOWN_MS
    return shapes.RevealedField(path=shown.path, values=shown.values, more=shown.more, until=until, record=shown.seq)


def _told(count: int, query: shapes.MessagesQuery) -> str:
    if not count:
        return "No message is like that."
    if count < query.limit:
        return f"{counted(count, 'message', 'messages')}, the newest first."
    return f"{'The next' if query.before else 'The newest'} {count} messages."


def _cards(designer: Designer, found: tuple[Message, ...]) -> Iterator[shapes.MessageCard]:
    for each in found:
        known = versions.manifest(designer, each.release) if each.release else None
        yield shapes.MessageCard(
            number=each.number,
            flow=each.flow,
            name=_name(known, each.flow),
            source=each.source,
            system=_called(known, each.source),
            release=each.release,
            received=each.received_ms,
            state=each.state,
            filtered=each.filtered,
            why=words(each.filtered) if each.filtered else "",
            postings=each.postings,
        )


def _name(known: Manifest | None, flow: str) -> str:
    return str(known.flow["name"]) if known else flow


def _rank(moment: shapes.Moment, received_ms: int) -> tuple[bool, int]:
    """What ended on purpose did so when the message was taken apart: before anything of it was sent."""
    if moment.what in ("ended", "filtered"):
        return False, received_ms
    return moment.at is None, moment.at or 0


def _sentence(life: Timeline, known: Manifest | None) -> str:
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


def _steps_of(snapshots: str) -> str:
    """``items=4 locations=1`` as ``items step 4, locations step 1``."""
    return ", ".join(each.replace("=", " step ") for each in snapshots.split(" "))


def _title(known: Manifest | None, step: str) -> str:
    steps = known.flow["steps"] if known else ()
    return next((str(each["title"]) for each in steps if each["id"] == step), step)


def _system(known: Manifest | None, each: TimelinePosting) -> str:
    return _called(known, each.connection) or f"'{each.step}'"


def _called(known: Manifest | None, name: str) -> str:
    """The system behind a connection, as people call it."""
    connection = known.environment["connections"].get(name) if known else None
    return str(connection["system"]) if connection else name


def _path(life: Timeline, known: Manifest | None) -> tuple[str, ...]:
    """The steps that the message must have met to come where it ended."""
    if known is None:
        return ()
    ends = {each.step for each in life.postings} | {line.step for line in life.lines}
    into: dict[str, list[str]] = {}
    for wire in known.flow["wires"]:
        into.setdefault(wire["to"].split(".")[0], []).append(wire["from"].split(".")[0])
    met, edge = set(ends), list(ends)
    while edge:
        before = into.get(edge.pop(), [])
        if len(before) == 1 and before[0] not in met:
            met.add(before[0])
            edge.append(before[0])
    return tuple(step["id"] for step in known.flow["steps"] if step["id"] in met)


def _posting(each: TimelinePosting) -> shapes.MessagePosting:
    return shapes.MessagePosting(
        number=each.number,
        release=each.release,
        item=each.item,
        connection=each.connection,
        operation=each.operation,
        step=each.step,
        state=each.state,
        attempts=each.attempts,
        status=each.status,
        first=each.first_ms,
        next=each.next_ms,
        ended=each.ended_ms,
        snapshots=each.snapshots,
        case=each.case,
        readable=each.readable,
    )


def _sink(designer: Designer, number: int, posting: int) -> dict[str, Nature]:
    """What stands in the fields of a posting, by the lineage that was signed."""
    life = answer(lambda: designer.runtime.timeline(number))
    sent = next((each for each in life.postings if each.number == posting), None)
    known = versions.manifest(designer, sent.release) if sent and sent.release else None
    report = known.lineage.get(sent.step, {"fields": {}}) if known and sent else {"fields": {}}
    found = {}
    for path, atoms in report["fields"].items():
        gravest = max(atoms, key=lambda atom: int(atom["sensitivity"]), default=None)
        if gravest is not None:
            classes = frozenset(DataClass(each) for each in gravest["classes"])
            found[path] = Nature(Concept(gravest["concept"]), classes, gravest["sensitivity"])
    return found


def _place(path: str, shape: Shape, sink: dict[str, Nature]) -> shapes.PlaceThere:
    found, name = _UNKNOWN, ""
    place = _parsed(path)
    if place is None:
        pass  # a name that no selector can spell, such as FHIR's _birthDate
    elif shape.format == "record":
        found = sink.get(place.schema_path, _UNKNOWN)
    elif shape.format == "fhir":
        found = fhir.nature(place.schema_path)
    else:
        found, name = _hl7(place, shape.type.partition("@")[2])
    return shapes.PlaceThere(path=path, name=name, concept=found.concept, sensitivity=found.sensitivity, value=MASK)


def _parsed(path: str) -> Selector | None:
    try:
        return parse(path)
    except PathError:
        return None


def _hl7(place: Selector, version: str) -> tuple[Nature, str]:
    if version not in VERSIONS or place.form != "hl7" or place.field is None:
        return _UNKNOWN, ""
    where = (version, place.segment, place.field, place.component, place.sub)
    return nature(*where), field_name(*where)
