"""The plain record of a document: every resource laid out by type at once. Slow, obvious, what the other must equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from flows.paths import Part, Selector
from flows.values import ABSENT, Value
from nodes.formats.fhir.document import Document, text_of
from nodes.formats.plain import PlainRecord, every_at, masked_at, without_at
from nodes.record import Envelope, Mask, Record


class Held(NamedTuple):
    """A resource with its number in the whole message."""

    number: int
    type: str
    data: Any  # a JSON object


class TreeRecord:
    """The same promises as FhirRecord, kept the long way."""

    def __init__(
        self, document: Document, envelope: Envelope, held: tuple[Held, ...], added: Mapping[str, Value]
    ) -> None:
        self._document, self.envelope, self._held, self._added = document, envelope, held, added

    @property
    def held(self) -> tuple[Held, ...]:
        """Its resources, by type and number."""
        return self._held

    @property
    def added(self) -> Mapping[str, Value]:
        """What steps put beside the message, by name."""
        return self._added

    def first(self, selector: Selector) -> Value:
        values = self.every(selector)
        return values[0] if values else ABSENT

    def every(self, selector: Selector) -> tuple[Value, ...]:
        if selector.text == "message/resourceType":
            return (text_of(self._document.root["resourceType"]),)
        if selector.text == "message/entries":
            entry: Any = self._document.root.get("entry", [])
            return (str(len(entry)) if self._document.type == "Bundle" else "1",)
        if selector.form != "fhir":
            return every_at(self._added, selector)
        found = [value for each in self._meant(selector) for value in _read(each.data, selector.parts[1:])]
        return tuple(value for value in found if value is True or value is False or (value and type(value) is str))

    def with_value(self, name: str, value: Value) -> Record:
        return TreeRecord(self._document, self.envelope, self._held, {**self._added, name: value})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        if selector.form != "fhir":
            added = masked_at(self._added, selector, mask)
            return TreeRecord(self._document, self.envelope, self._held, added)
        return self._changed(selector, lambda value: _masked(value, mask))

    def without(self, selector: Selector) -> Record:
        if selector.form != "fhir":
            return TreeRecord(self._document, self.envelope, self._held, without_at(self._added, selector))
        return self._changed(selector, lambda _: None)

    def split(self, group: str) -> Iterator[Record]:
        for each in self._held:
            if each.type != group or each.number not in self._document.items:
                continue
            near = self._document.near(each.number)
            mine = {one.number: one for one in self._held}  # nothing comes back that this record does not have
            held = tuple(mine[number] for numbers in near.values() for number in numbers if number in mine)
            inside = self.envelope._replace(item_path=self._document.item_path(each.number))
            yield TreeRecord(self._document, inside, held, self._added)

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        return PlainRecord(fields, self.envelope)

    def fields(self) -> NoReturn:
        raise TypeError("Only a plain record has fields by name: put map_fields before what reads them.")

    def _meant(self, selector: Selector) -> list[Held]:
        head = selector.parts[0]
        found = [each for each in self._held if each.type == head.name]
        return found if head.at is None else found[head.at : head.at + 1]

    def _changed(self, selector: Selector, edit: Any) -> TreeRecord:
        meant = {each.number for each in self._meant(selector)}
        held = tuple(
            each._replace(data=_written(each.data, selector.parts[1:], edit)) if each.number in meant else each
            for each in self._held
        )
        return TreeRecord(self._document, self.envelope, held, self._added)


def tree(document: Document, envelope: Envelope) -> TreeRecord:
    """The record of a document, laid out whole."""
    numbers = [number for numbers in document.by_type.values() for number in numbers]
    held = tuple(Held(n, document.resources[n].type, document.resources[n].data) for n in numbers)
    return TreeRecord(document, envelope, held, {})


def _read(data: Any, parts: tuple[Part, ...]) -> list[Any]:
    found = [data]
    for part in parts:
        inner = [each[part.name] for each in found if isinstance(each, dict) and part.name in each]
        found = [one for each in inner for one in _listed(each, part.at)]
    return found


def _listed(value: Any, at: int | None) -> list[Any]:
    whole = value if isinstance(value, list) else [value]
    return whole if at is None else whole[at : at + 1]


def _written(data: Any, parts: tuple[Part, ...], edit: Any) -> Any:
    if not parts:
        return edit(data)
    if not isinstance(data, dict) or parts[0].name not in data:
        return data
    inner, at, below = data[parts[0].name], parts[0].at, parts[1:]
    if isinstance(inner, list):
        changed: Any = [_written(e, below, edit) if at in (None, n) else e for n, e in enumerate(inner)]
    else:
        changed = _written(inner, below, edit) if at in (None, 0) else inner
    return {name: changed if name == parts[0].name else value for name, value in data.items()}


def _masked(value: Any, mask: Mask) -> Any:
    if isinstance(value, bool):
        return mask(str(value).lower()) or None
    if isinstance(value, str):
        return value and (mask(value) or None)
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    if isinstance(value, dict):
        return {name: _masked(each, mask) for name, each in value.items()}
    return value
