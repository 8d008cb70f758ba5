"""Messages: found by a business key or listed, told as a timeline, and shown one field at a time for a reason.

No list and no timeline holds a value of a message. The designer never opens the journal: everything comes from the
runtime, and a revealed value passes through without being kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from designer import timeline, versions
from designer.asking import answer
from designer.errors import Unfit
from designer.http.models import messages as shapes
from designer.reasons import words
from designer.words import counted
from flows import fhir
from flows.effects import Nature
from flows.hl7 import VERSIONS, field_name, nature
from flows.paths import PathError, Selector, parse
from flows.release import Manifest
from flows.vocabulary import S4, Concept, DataClass
from runtime.questions.messages import AskFind, Message, Timeline, TimelinePosting
from runtime.questions.reveal import AskReveal, AskShape, Shape

if TYPE_CHECKING:
    from designer.context import Caller, Designer

REVEAL = "message.reveal"
MASK = "•••"
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
            system=timeline.called(known, life.source),
            release=life.release,
            received=life.received_ms,
            state=life.state,
            filtered=life.filtered,
            why=words(life.filtered) if life.filtered else "",
            postings=len(life.postings),
        ),
        sentence=timeline.sentence(life, known),
        label=life.label,
        digest=life.digest,
        readable=life.readable,
        moments=timeline.moments(designer, life, known),
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
            system=timeline.called(known, each.source),
            release=each.release,
            received=each.received_ms,
            state=each.state,
            filtered=each.filtered,
            why=words(each.filtered) if each.filtered else "",
            postings=each.postings,
        )


def _name(known: Manifest | None, flow: str) -> str:
    return str(known.flow["name"]) if known else flow


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
