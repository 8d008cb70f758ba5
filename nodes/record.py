"""What travels on a wire: a record, which no node changes, and the envelope, which no node writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from flows.paths import Selector
from flows.values import Value


class Envelope(NamedTuple):
    """What travels with a record and no node can write. No member is a payload value, except ``identity``.

    ``received_ms`` is UTC milliseconds; ``item_path`` is ``""`` before a split, ``FT1[2]`` after; ``identity`` is the
    message's own (MSH-3, MSH-4, MSH-10) and never leaves the runtime in the clear.
    """

    message: int
    flow: str
    source: str
    received_ms: int
    identity: tuple[str, ...]
    item_path: str
    label: str


class Record(Protocol):
    """An immutable record on a wire. Every ``with...`` gives a new one and leaves this one as it was."""

    @property
    def envelope(self) -> Envelope: ...

    def first(self, selector: Selector) -> Value:
        """The value at the first place that the selector matches (a composite gives its first leaf), or ABSENT."""

    def every(self, selector: Selector) -> tuple[Value, ...]:
        """The values at all places that the selector matches, without ABSENT ones."""

    def with_value(self, name: str, value: Value) -> Record:
        """With ``value`` under a lower-case name at the top of the record."""

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        """With each matching leaf that holds a value replaced by ``mask(value)``; ABSENT and NULL stay."""

    def without(self, selector: Selector) -> Record:
        """Without the matching fields and their parts."""

    def split(self, group: str) -> Iterator[Record]:
        """One record for each repetition of a group (its item path set), each with all that stands outside."""

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        """A new plain record of exactly these fields, in the same envelope."""

    def fields(self) -> Mapping[str, Value]:
        """All of a plain record's fields. Only records made by ``fresh`` have them; sinks read these."""


class Mask(Protocol):
    """A pure function of one value."""

    def __call__(self, value: str, /) -> str: ...
