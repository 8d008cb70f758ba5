"""The record of a document: reads an element when somebody asks, and keeps changed resources beside the message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn

from flows.paths import Selector
from flows.values import Value
from nodes.formats.fhir.document import Document, Object
from nodes.formats.fhir.pieces import Edit, edited, first_of, leaves_at, masked
from nodes.formats.plain import PlainRecord, every_at, first_at, masked_at, without_at
from nodes.record import Envelope, Mask, Record

_Added = Mapping[str, Value]
_Changed = Mapping[int, Object]
_NOTHING: _Added = {}
_UNCHANGED: _Changed = {}
_SOURCE: dict[str, Callable[[Document], str]] = {
    "message/resourceType": lambda document: document.type,
    "message/entries": lambda document: str(document.entries),
}
"""What the source puts beside a message."""


class FhirRecord:
    """One message, or one of its items with the resources that belong to it."""

    __slots__ = ("_added", "_changed", "_document", "_item", "_within", "envelope")

    def __init__(
        self,
        document: Document,
        envelope: Envelope,
        item: int | None = None,
        added: _Added = _NOTHING,
        changed: _Changed = _UNCHANGED,
        within: frozenset[int] | None = None,
    ) -> None:
        self._document, self.envelope, self._item, self._within = document, envelope, item, within
        self._added, self._changed = added, changed

    def first(self, selector: Selector) -> Value:
        if selector.form == "fhir":
            return first_of(self._values(selector))
        said = _SOURCE.get(selector.text)
        return first_at(self._added, selector) if said is None else said(self._document)

    def every(self, selector: Selector) -> tuple[Value, ...]:
        if selector.form == "fhir":
            return tuple(self._values(selector))
        said = _SOURCE.get(selector.text)
        return every_at(self._added, selector) if said is None else (said(self._document),)

    def with_value(self, name: str, value: Value) -> Record:
        return self._with(added={**self._added, name: value})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        if selector.form != "fhir":
            return self._with(added=masked_at(self._added, selector, mask))
        return self._edited(selector, lambda value: masked(value, mask))

    def without(self, selector: Selector) -> Record:
        if selector.form != "fhir":
            return self._with(added=without_at(self._added, selector))
        return self._edited(selector, lambda _: None)

    def split(self, group: str) -> Iterator[Record]:
        document, within = self._document, self._own()
        for number in self._numbers(group):
            if number in document.items:
                inside = self.envelope._replace(item_path=document.item_path(number))
                yield FhirRecord(document, inside, number, self._added, self._changed, within)

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        return PlainRecord(fields, self.envelope)

    def fields(self) -> NoReturn:
        raise TypeError("Only a plain record has fields by name: put map_fields before what reads them.")

    def _numbers(self, kind: str) -> list[int]:
        """The resources of a type that this record has."""
        if self._item is None:
            return self._document.by_type.get(kind, [])
        near, within = self._document.near(self._item).get(kind, []), self._within
        return near if within is None else [number for number in near if number in within]

    def _own(self) -> frozenset[int] | None:
        """The resources that an item of this record may have: never one that was out of reach of the steps before,
        masks among them. None for every resource of the message."""
        if self._item is None:
            return None
        near = self._document.near(self._item)
        return frozenset(number for kind in near for number in self._numbers(kind))

    def _chosen(self, selector: Selector) -> list[int]:
        head = selector.parts[0]
        numbers = self._numbers(head.name)
        return numbers if head.at is None else numbers[head.at : head.at + 1]

    def _values(self, selector: Selector) -> Iterator[Value]:
        rest = selector.parts[1:]
        for number in self._chosen(selector):
            yield from leaves_at(self._data(number), rest)

    def _data(self, number: int) -> Object:
        return self._changed.get(number) or self._document.resources[number].data

    def _edited(self, selector: Selector, edit: Edit) -> FhirRecord:
        rest = selector.parts[1:]
        changed = dict(self._changed)
        for number in self._chosen(selector):
            new = edited(self._data(number), rest, edit)
            changed[number] = new if isinstance(new, dict) and new else _EMPTIED
        return FhirRecord(self._document, self.envelope, self._item, self._added, changed, self._within)

    def _with(self, added: _Added) -> FhirRecord:
        return FhirRecord(self._document, self.envelope, self._item, added, self._changed, self._within)


_EMPTIED: Object = {"resourceType": None}
"""Stands for a resource that was dropped whole."""
