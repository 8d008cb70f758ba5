"""Invented HL7 v2: the segments that the published structure asks for and those that the flow reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flows.hl7.accepts import parse_accepts, structure_id
from flows.hl7.grammar import Group, Place, grammar
from flows.hl7.tables import tables
from flows.paths import Selector
from flows.vocabulary import Concept
from runtime.synthetic.needs import Needs
from runtime.synthetic.values import Inventor

ALWAYS = {
    "PID": ("PID-3.1", "PID-5.1", "PID-5.2", "PID-7", "PID-8"),
    "PV1": ("PV1-2", "PV1-3.1"),
}
_TEXT, _FIELD, _PART, _SUB = "\r", "|", "^", "&"
_DATES, _TIMES, _NUMBERS = {"DT"}, {"TS", "DTM", "DT", "TM"}, {"NM", "SI"}
Spot = tuple[int, int, int]
"""Field, component, subcomponent, from 1."""


def message(accepts: Sequence[str], needs: Needs, inventor: Inventor) -> str:
    """One message in the newest version of the first type; "" where no table has its structure."""
    wanted = parse_accepts(accepts[0])
    version = wanted.versions[-1]
    kind, event = (wanted.type, wanted.event) if not wanted.any else ("ADT", "A01")
    structure = structure_id(kind, event, version)
    if structure is None:
        return ""
    writer = _Writer(version, needs, inventor)
    header = _header(kind, event, structure, version, inventor)
    body = [line for member in grammar(version, structure).members for line in writer.lines(member, 0, again=False)]
    return "\n".join([header, *(line for line in body if not line.startswith("MSH"))])


def _header(kind: str, event: str, structure: str, version: str, inventor: Inventor) -> str:
    form = f"{kind}^{event}" + (f"^{structure}" if version >= "2.3.1" and event else "")
    control = f"SYN{inventor.number}"
    return f"MSH|^~\\&|SYNTHETIC|LOCKGATE|HUB|ERP|{inventor.time()}||{form}|{control}|P|{version}"


class _Writer:
    """Writes the members of a structure in order."""

    def __init__(self, version: str, needs: Needs, inventor: Inventor) -> None:
        self._version, self._needs, self._inventor = version, needs, inventor
        self._known = tables(version)
        self._read = [each for each in needs.fields if each.form == "hl7"]
        self._pinned = {place.segment for line in needs.lines for each in line for place in each.places}

    def lines(self, member: Place | Group, line: int, *, again: bool) -> Iterator[str]:
        """The lines of a segment or a group; a repeated group stands as often as there are lines to invent."""
        if not self._wanted(member):
            return
        if isinstance(member, Place):
            yield self._segment(member.segment, line, 1 + (line if again else 0))
            return
        often = len(self._needs.lines) if member.repeats and self._is_each(member) else 1
        inner = [each for each in member.members if not member.choice] or list(member.members[:1])
        for number in range(often):
            for each in inner:
                yield from self.lines(each, number if often > 1 else line, again=again or often > 1)

    def _is_each(self, member: Group) -> bool:
        return member.label.partition("#")[0] in self._needs.each

    def _wanted(self, member: Place | Group) -> bool:
        if not member.optional:
            return True
        if isinstance(member, Place):
            read = {each.segment for each in self._read}
            return member.segment in read | self._pinned and not member.label.endswith(("#2", "#3"))
        return any(self._wanted(each) for each in member.members if each.optional) or any(
            isinstance(each, Place) and each.segment in {s.segment for s in self._read} | self._pinned
            for each in member.members
        )

    def _segment(self, name: str, line: int, number: int) -> str:
        values: dict[Spot, str] = {}
        for text in ALWAYS.get(name, ()):
            self._fill(values, _spot(text), name)
        for each in self._read:
            if each.segment == name and each.field is not None:
                self._fill(values, (each.field, each.component or 1, each.sub or 1), name)
        if name in ("FT1", "OBX", "RXA", "NK1", "DG1", "AL1", "PV1", "PID"):
            values[(1, 1, 1)] = str(number)
        if name == "EVN" and (1, 1, 1) not in values:
            values[(2, 1, 1)] = self._inventor.time()
        for pinned in self._needs.lines[min(line, len(self._needs.lines) - 1)] if self._needs.lines else ():
            for place, part in zip(pinned.places, pinned.key, strict=False):
                _put(values, place, name, part)
            if pinned.unit is not None:
                _put(values, pinned.unit, name, pinned.denotes)
            if pinned.quantity is not None:
                _put(values, pinned.quantity, name, self._inventor.value(Concept.QUANTITY))
        for field, text in self._needs.fixed.items():
            for each in (each for each in self._read if each.text == field):
                _put(values, each, name, text)
        return _spelt(name, values)

    def _fill(self, values: dict[Spot, str], spot: Spot, segment: str) -> None:
        if spot in values:
            return
        entry = self._known.fields(segment).get(spot[0])
        if entry is None:
            return
        datatype = entry.datatype
        for part in spot[1:]:
            inner = self._known.components(datatype).get(part)
            datatype = inner.datatype if inner is not None else datatype
        concept = entry.leaf(tuple(part for part in spot[1:]))
        values[spot] = self._typed(datatype, concept.concept, spot)

    def _typed(self, datatype: str, concept: Concept, spot: Spot) -> str:
        if concept is Concept.BIRTH_DATE:
            return self._inventor.birth()
        if datatype in _TIMES:
            return self._inventor.time()[: 8 if datatype in _DATES else None]
        if datatype in _NUMBERS:
            return self._inventor.value(Concept.QUANTITY)
        if concept is Concept.PERSON_NAME and spot[1] == 2:
            return self._inventor.given()
        return self._inventor.value(concept)


def _put(values: dict[Spot, str], place: Selector, segment: str, text: str) -> None:
    if place.form == "hl7" and place.segment == segment and place.field is not None:
        values[(place.field, place.component or 1, place.sub or 1)] = _escaped(text)


def _escaped(text: str) -> str:
    """A value as it stands in a segment: its separators are spelt."""
    table = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
    return "".join(table.get(sign, sign) for sign in text)


def _spot(text: str) -> Spot:
    numbers = [int(part) for part in text.partition("-")[2].split(".")]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 1, 1)


def _spelt(name: str, values: dict[Spot, str]) -> str:
    """``PID|1||P-1^^^A``: what is not named is empty."""
    fields = []
    for field in range(1, max((spot[0] for spot in values), default=0) + 1):
        parts: dict[int, dict[int, str]] = {}
        for (at, part, sub), text in values.items():
            if at == field:
                parts.setdefault(part, {})[sub] = text
        spelt = [_joined(parts.get(part, {}), _SUB) for part in range(1, max(parts, default=0) + 1)]
        fields.append(_PART.join(spelt))
    return _FIELD.join([name, *fields])


def _joined(parts: dict[int, str], between: str) -> str:
    return between.join(parts.get(number, "") for number in range(1, max(parts, default=0) + 1))
