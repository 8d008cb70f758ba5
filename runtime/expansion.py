"""What one accepted message becomes: postings for sinks, lines that end on purpose, and parked lines for people.

The compiled plan and the interpreter both fill these shapes; delivery writes them as one set of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.graph import Flow
from nodes.record import Envelope, Record
from nodes.sink import Request
from nodes.stop import Stop, Stopped
from runtime.crypto import keyed

LONGEST_KEY = 1000
"""A longer ordering key is none."""

MOST_KEYS = 8
"""So many values of one business key are kept, should it repeat."""

KEY_USED = (
    "Two postings of this item go to the same operation with different content; only the first is sent. "
    "Part the paths with exclusive conditions."
)


class Release(Protocol):
    """What is read of a verified release here."""

    @property
    def flow(self) -> Flow: ...

    @property
    def around(self) -> Surroundings: ...

    @property
    def declarations(self) -> Mapping[str, Declaration]: ...

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Sink step -> the signed field list of its guard."""


class Source(Protocol):
    """What is asked of a source's node here: reading again what it let in."""

    def identity(self, payload: bytes) -> tuple[str, ...]: ...

    def record(self, payload: bytes, envelope: Envelope) -> Record: ...

    def tree(self, payload: bytes, envelope: Envelope) -> Record:
        """The same, taken apart whole."""


class Sink(Protocol):
    """What is asked of a sink's node here."""

    @property
    def carrier(self) -> str: ...

    def request(self, record: Record) -> Request: ...


class Keys(NamedTuple):
    """The runtime's long-lived keys, derived for one purpose each."""

    idempotency: bytes
    lane: bytes
    cause: bytes


class Accepted(NamedTuple):
    """One accepted message, out of the journal. ``digest`` is SHA-256 of the accepted bytes."""

    number: int
    source: str
    received_ms: int
    digest: bytes
    label: str
    payload: bytes


class Parked(NamedTuple):
    """Why a line waits for a person. ``subject`` are payload values: their HMAC is kept, and they themselves, sealed,
    only where what stands at ``reads`` is operational data (``runtime.missing``)."""

    cause: str
    sentence: str
    place: str = ""
    master: str = ""
    subject: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


class PostingDraft(NamedTuple):
    """A posting to be written. ``connection`` is "" and ``body`` None where the line stopped before a sink."""

    item: str
    connection: str
    operation: str
    step: str
    idempotency: bytes
    body: bytes | None
    parked: Parked | None = None


class LineDraft(NamedTuple):
    """A line that ended on purpose before a sink."""

    item: str
    step: str
    reason: str


class Expansion(NamedTuple):
    postings: tuple[PostingDraft, ...]
    lines: tuple[LineDraft, ...]
    filtered: str | None
    """Why the whole message ends without a posting; None where it has one."""
    lane: bytes
    keys: tuple[bytes, ...] = ()
    """HMACs of the values by which people look for the message."""


def business_key(lane_key: bytes, flow: str, value: str) -> bytes:
    """What the journal keeps of a value that people look for, however they write its letters."""
    return keyed(lane_key, flow.encode(), b"business", spelled(value))[:16]


def spelled(value: str) -> bytes:
    """A value that people look for, as it is hashed."""
    return value.strip().casefold().encode("utf-8", "surrogatepass")


def parked_by(stop: Stop) -> Parked:
    return Parked(stop.reason, stop.sentence, stop.place, stop.master, stop.subject, stop.reads)


def parked_by_failure(step: str, error: Exception) -> Parked:
    """A node that raised anything but Stop has a mistake of its own. Its text may hold values: the class must do."""
    name = type(error).__name__
    return Parked(
        "node-failed",
        f"Step '{step}' failed on this line ({name}). The line is held; report the node, then replay.",
        place=step,
    )


def why_filtered(lines: list[LineDraft]) -> str:
    """The reason of a message without postings: its lines' own where they agree."""
    reasons = {line.reason for line in lines}
    if len(reasons) == 1:
        return reasons.pop()
    return "lines-filtered" if reasons else "nothing-to-send"


def ends_line(stop: Stop) -> bool:
    """Whether a stop is counted as a line; else it is parked."""
    return stop.how is not Stopped.PARK
