"""Trying a flow out with a sample: what every step makes of it, with every value masked that people may not see.

A value is shown where lineage says that all that can stand there is S2 at most, or was pseudonymised or redacted on
the way; where lineage knows nothing of a place it is masked. What is masked is masked here, in the child that runs the
sample: whoever shows the result never had it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from flows.analysis import Analysis
from flows.atoms import Atom
from flows.findings import Model
from flows.hl7 import VERSIONS, field_name
from flows.lineage import NOTHING, Lineage, State
from flows.master_table import Table
from flows.paths import parse
from flows.vocabulary import Concept, DataClass, Protection
from nodes.formats.plain import PlainRecord
from nodes.leaves import Leaf, kind_of, leaves, repeated_segments, type_of
from nodes.record import Envelope, Record
from nodes.source import Refused
from runtime.expansion import Expansion, PostingDraft
from runtime.interpreter import Visit
from runtime.rehearsal import Rehearsal, Stage, staged

MASK: Final = "•••"
HIGHEST_SHOWN: Final = 2
MOST_ROWS, MOST_RECORDS, LONGEST = 600, 40, 400
MOST_IN_ALL = 16_000
"""Rows of one answer."""
_NO_WIRE: Final = "no-wire-"
_MADE_HARMLESS: Final = frozenset({Protection.PSEUDONYMISED, Protection.REDACTED})
How = Literal["on", "posted", "parked", "filter", "reject-line"]


class SampleRow(Model):
    """One field of a record. ``value`` is the mask where it is not shown."""

    path: str
    name: str
    """What HL7 calls it; "" where there is no name."""
    value: str
    masked: bool
    sensitivity: int
    concept: Concept
    classes: tuple[DataClass, ...]
    protections: tuple[Protection, ...]


class SampleSide(Model):
    rows: tuple[SampleRow, ...]
    more: int = 0
    """Fields beyond those."""


class SampleStop(Model):
    """Why a record went no further."""

    how: Literal["parked", "filter", "reject-line"]
    reason: str
    sentence: str
    place: str


class SamplePassage(Model):
    """One record through one step. A step that makes several has one passage for each."""

    item: str
    port: str
    how: How
    before: SampleSide
    after: SampleSide
    changed: tuple[str, ...]
    """Paths that are new, gone, or hold another value."""
    stop: SampleStop | None


class SampleStep(Model):
    step: str
    records: tuple[SamplePassage, ...]
    more: int
    """Records beyond those shown."""
    on: int
    """So many go on, or would be posted. With the three below: all of them, shown or not."""
    ended: int
    """So many end here on purpose."""
    rejected: int
    """So many lines are rejected here."""
    held: int
    """So many are held here for a person."""


class SamplePosting(Model):
    """What a sink would send."""

    step: str
    item: str
    connection: str
    operation: str
    body: SampleSide


class SampleEnd(Model):
    """A line that ends before a sink."""

    step: str
    item: str
    how: Literal["parked", "ended"]
    reason: str
    sentence: str


class SampleRefusal(Model):
    """The source refuses the sample."""

    code: str
    place: str


class Tried(Model):
    """All that a sample comes to."""

    format: Literal["hl7v2", "fhir", "record", "unknown"]
    type: str
    refused: SampleRefusal | None = None
    filtered: str | None = None
    """Why the source has nothing to do with it."""
    steps: tuple[SampleStep, ...] = ()
    postings: tuple[SamplePosting, ...] = ()
    ends: tuple[SampleEnd, ...] = ()


class Wanted(Model):
    """One masked value to be shown: the ``number``-th passage of a step, on one side."""

    step: str
    record: int
    side: Literal["before", "after", "body", "expected"]
    """``expected``: of a test case's posting to that step."""
    path: str


def try_out(flow: Rehearsal, analysis: Analysis, payload: bytes, masters: Mapping[str, Table]) -> Tried:
    """Runs a sample through every step."""
    stage = staged(flow, masters)
    admitted = stage.admit(payload)
    if isinstance(admitted, Refused):
        return Tried(format="unknown", type="", refused=SampleRefusal(code=admitted.code, place=admitted.place))
    visits: list[Visit] = []
    if admitted.filtered:
        return Tried(format="unknown", type="", filtered=admitted.filtered)
    expansion = stage.play(payload, visits.append)
    if not visits:
        why = next((each.parked.cause for each in expansion.postings if each.parked), "unreadable")
        return Tried(format="unknown", type="", refused=SampleRefusal(code=why, place=""))
    return _Account(stage, analysis, visits).told(expansion)


def reveal(
    flow: Rehearsal, analysis: Analysis, payload: bytes, masters: Mapping[str, Table], wanted: Wanted
) -> str | None:
    """The one value that is wanted; None where there is none. Whether it may be shown, the caller knows."""
    stage = staged(flow, masters)
    if isinstance(stage.admit(payload), Refused):
        return None
    visits: list[Visit] = []
    expansion = stage.play(payload, visits.append)
    if wanted.side == "body":
        sent = [each for each in expansion.postings if each.parked is None]
        bodies = [each.body for each in sent if each.step == wanted.step and each.body]
        found = leaves(body_of(bodies[wanted.record])) if wanted.record < len(bodies) else ()
        return next((leaf.value for leaf in found if leaf.path == wanted.path), None)
    return _Account(stage, analysis, visits).value(wanted)


class _Passed(NamedTuple):
    """A passage before it is written down."""

    before: Record | None
    after: Record | None
    port: str
    visit: Visit


class _Room:
    """Rows that may be given, shared by so many: what one does not need is left to those after it."""

    def __init__(self, rows: int, among: int) -> None:
        self._rows, self._among = rows, among

    def part(self) -> int:
        """How many the next one may have."""
        part = self._rows // max(1, self._among)
        self._among -= 1
        return part

    def taken(self, rows: int) -> None:
        self._rows -= rows


class _Account:
    """Writes down what was watched."""

    def __init__(self, stage: Stage, analysis: Analysis, visits: Sequence[Visit]) -> None:
        self._stage, self._line, self._visits = stage, analysis.lineage, visits
        first = visits[0].record
        self._repeated = repeated_segments(first)
        self._kind, self._type = kind_of(first), type_of(first)
        version = self._type.partition("@")[2]
        self._version = version if version in VERSIONS else ""
        self._seen: dict[tuple[int, str], Sight] = {}

    def told(self, expansion: Expansion) -> Tried:
        sent = [each for each in expansion.postings if each.parked is None][:MOST_RECORDS]
        steps = list(dict.fromkeys(visit.step for visit in self._visits))
        room = _Room(MOST_IN_ALL, len(steps) + 1)
        return Tried(
            format=self._kind,
            type=self._type,
            steps=tuple(self._step(step, room, _led_nowhere(expansion, step)) for step in steps),
            postings=self._postings(sent, _Room(room.part(), len(sent))),
            ends=tuple(self._ends(expansion)),
        )

    def _postings(self, sent: Sequence[PostingDraft], room: _Room) -> tuple[SamplePosting, ...]:
        return tuple(
            SamplePosting(
                step=each.step,
                item=each.item,
                connection=each.connection,
                operation=each.operation,
                body=self._side(each.step, "before", body_of(each.body or b"{}"), (), room),
            )
            for each in sent
        )

    def value(self, wanted: Wanted) -> str | None:
        passed = self._passed(wanted.step)
        if wanted.record >= len(passed):
            return None
        chosen = passed[wanted.record]
        record = chosen.before if wanted.side == "before" else chosen.after
        found = leaves(record, self._repeated) if record is not None else ()
        return next((leaf.value for leaf in found if leaf.path == wanted.path), None)

    def _step(self, step: str, room: _Room, nowhere: int) -> SampleStep:
        passed = self._passed(step)
        chosen = passed[:MOST_RECORDS]
        own = _Room(room.part(), 2 * len(chosen))
        shown = tuple(self._passage(step, each, own) for each in chosen)
        room.taken(sum(len(each.before.rows) + len(each.after.rows) for each in shown))
        ways = Counter(each.visit.how for each in passed)
        return SampleStep(
            step=step,
            records=shown,
            more=len(passed) - len(chosen),
            on=ways["on"] + ways["posted"] - nowhere,
            ended=ways["filter"] + nowhere,
            rejected=ways["reject-line"],
            held=ways["parked"],
        )

    def _passed(self, step: str) -> list[_Passed]:
        found = []
        for visit in self._visits:
            if visit.step == step:
                before = None if step == self._stage.start.id else visit.record
                found += [_Passed(before, made, port, visit) for port, made in visit.made]
                found += [] if visit.made else [_Passed(before, None, "", visit)]
        return found

    def _passage(self, step: str, passed: _Passed, room: _Room) -> SamplePassage:
        item = (passed.after or passed.visit.record).envelope.item_path
        ended, how = passed.visit.ended, passed.visit.how
        stop = None
        if ended is not None and (how == "parked" or how == "filter" or how == "reject-line"):
            stop = SampleStop(how=how, reason=ended.cause, sentence=ended.sentence, place=ended.place)
        changed = self._changed(passed) if passed.before is not None and passed.after is not None else ()
        return SamplePassage(
            item=item,
            port=passed.port,
            how=how,
            before=self._side(step, "before", passed.before, changed, room),
            after=self._side(step, "after", passed.after, changed, room),
            changed=changed,
            stop=stop,
        )

    def _changed(self, passed: _Passed) -> tuple[str, ...]:
        assert passed.before is not None and passed.after is not None  # noqa: S101 - the caller asked
        was = {leaf.path: leaf for leaf in leaves(passed.before, self._repeated)}
        now = {leaf.path: leaf for leaf in leaves(passed.after, self._repeated)}
        paths = [path for path in now if now[path] != was.get(path)]
        return tuple(paths + [path for path in was if path not in now])[:MOST_ROWS]

    def _side(
        self, step: str, when: Literal["before", "after"], record: Record | None, changed: Sequence[str], room: _Room
    ) -> SampleSide:
        """What changed is shown first; where there is no room for all, what stayed as it was is left out."""
        most = min(MOST_ROWS, room.part())
        if record is None:
            return SampleSide(rows=())
        found = list(leaves(record, self._repeated))
        if len(found) > most:
            first = set(changed)
            found.sort(key=lambda leaf: leaf.path not in first)
        rows = tuple(self._row(step, when, leaf) for leaf in found[:most])
        room.taken(len(rows))
        return SampleSide(rows=rows, more=len(found) - len(rows))

    def _row(self, step: str, when: Literal["before", "after"], leaf: Leaf) -> SampleRow:
        state = (self._line.before if when == "before" else self._line.after).get(step, NOTHING)
        sight = self._sight(state, leaf.schema)
        value = '""' if leaf.null else leaf.value
        return SampleRow(
            path=leaf.path,
            name=self._name(leaf.schema),
            value=value[:LONGEST] if sight.shown else MASK,
            masked=not sight.shown,
            sensitivity=sight.sensitivity,
            concept=sight.concept,
            classes=sight.classes,
            protections=sight.protections,
        )

    def _sight(self, state: State, schema: str) -> Sight:
        key = (id(state), schema)
        known = self._seen.get(key)
        if known is None:
            known = self._seen[key] = sight_of(self._line, state, schema)
        return known

    def _name(self, schema: str) -> str:
        if not self._version or not schema[:1].isupper() or self._kind != "hl7v2":
            return ""
        place = parse(schema)
        if place.form != "hl7" or place.field is None:
            return ""
        return field_name(self._version, place.segment, place.field, place.component, place.sub)

    def _ends(self, expansion: Expansion) -> Iterator[SampleEnd]:
        told = {(visit.step, visit.record.envelope.item_path): visit.ended for visit in self._visits if visit.ended}
        for each in expansion.postings:
            if each.parked is not None:
                parked = each.parked
                yield SampleEnd(
                    step=each.step, item=each.item, how="parked", reason=parked.cause, sentence=parked.sentence
                )
        for line in expansion.lines:
            why = told.get((line.step, line.item))
            sentence = why.sentence if why else plainly(line.reason)
            yield SampleEnd(step=line.step, item=line.item, how="ended", reason=line.reason, sentence=sentence)


class Sight(NamedTuple):
    """What lineage says of a place, and whether its value is shown."""

    shown: bool
    sensitivity: int
    concept: Concept
    classes: tuple[DataClass, ...]
    protections: tuple[Protection, ...]


_NOWHERE: Final = Envelope(0, "", "", 0, (), "", "")
_UNKNOWN: Final = Sight(False, 4, Concept.UNKNOWN, (DataClass.UNKNOWN,), ())


def sight_of(line: Lineage, state: State, schema: str) -> Sight:
    """What may be shown of the field ``schema`` in a record of that state."""
    atoms = line.atoms.members(line.read(state.tree, schema))
    atoms = tuple(atom for atom in atoms if not _only_when(atom)) or tuple(atoms)
    if not atoms:
        return _UNKNOWN
    gravest = max(atoms, key=lambda atom: (not _harmless(atom), atom.nature.sensitivity))
    return Sight(
        shown=all(_harmless(atom) for atom in atoms),
        sensitivity=max(atom.nature.sensitivity for atom in atoms),
        concept=gravest.nature.concept,
        classes=tuple(sorted({each for atom in atoms for each in atom.nature.classes})),
        protections=tuple(sorted(frozenset.intersection(*(atom.protections for atom in atoms)))),
    )


def _harmless(atom: Atom) -> bool:
    return atom.nature.sensitivity <= HIGHEST_SHOWN or bool(atom.protections & _MADE_HARMLESS)


def _only_when(atom: Atom) -> bool:
    """The time by which a row of a master was found: what was looked up tells which row held then, no more."""
    return Protection.MAPPED in atom.protections and atom.nature.concept is Concept.EVENT_TIME


def body_of(body: bytes) -> Record:
    """A body as a record, so that its fields have paths. Its numbers stay as they are spelt."""
    fields = json.loads(body, parse_float=str, parse_int=str)
    return PlainRecord(fields if isinstance(fields, dict) else {}, _NOWHERE)


def _led_nowhere(expansion: Expansion, step: str) -> int:
    """Records that leave a step by a port without a wire."""
    return sum(line.step == step and line.reason.startswith(_NO_WIRE) for line in expansion.lines)


def plainly(reason: str) -> str:
    """Why a record ended where no step said so in words."""
    if reason.startswith(_NO_WIRE):
        return f"No wire leads on from port '{reason.removeprefix(_NO_WIRE)}': the record ends here and is counted."
    if reason == "same-posting":
        return "The same posting is made already: this one is not sent again."
    return f"The record ends here on purpose and is counted: {reason}."
