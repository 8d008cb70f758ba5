"""The contract of sources: what is taken at the door, how it is answered, and how it is read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from flows.environment import Limits
from nodes.contract import C, Node
from nodes.record import Envelope, Record


class Header(Protocol):
    """What intake reads of a message before it is stored."""

    @property
    def identity(self) -> tuple[str, ...]: ...


class Accepted(NamedTuple):
    """A frame that is taken. ``filtered`` is the reason why the flow has nothing to do with it, or None."""

    header: Any  # a Header, of the source's own kind
    filtered: str | None = None


class Refused(NamedTuple):
    """A frame that is not taken. ``code`` and ``place`` hold no value of the message.

    ``answer`` is what the protocol calls it: AR or AE in HL7 v2, a status in HTTP. ``header`` is what could be read.
    """

    code: str
    place: str
    answer: str
    header: Any = None  # a Header, of the source's own kind


class Door(Protocol):
    """A configured source as intake sees it. Total: no frame makes it raise; its time is linear in the frame."""

    def admit(self, frame: bytes) -> Accepted | Refused:
        """Whether ``frame`` is taken."""

    def answer(self, header: Any, code: str, reason: str, place: str, control_id: str, at_ms: int) -> bytes:
        """What goes back to the sender, without its frame. ``reason`` and ``place`` are "" where it is taken."""


class Source(Node[C]):
    """A node that begins a flow: it says what it takes, and reads again what it took.

    ``listens`` names the protocol by which messages come in; the runtime has one file for each that it speaks.
    """

    category = "source"
    inputs = ()
    takes = ()
    listens: ClassVar[str]

    @property
    def conflicts(self) -> Literal["accept", "refuse"]:
        """What happens when an identity comes again with other bytes."""
        return "accept"

    def listener(self, limits: Limits) -> Door:
        """What intake asks, with the limits of the connection."""
        raise NotImplementedError

    def identity(self, payload: bytes) -> tuple[str, ...]:
        """The identity of an accepted message."""
        raise NotImplementedError

    def record(self, payload: bytes, envelope: Envelope) -> Record:
        """The record of an accepted message."""
        raise NotImplementedError

    def tree(self, payload: bytes, envelope: Envelope) -> Record:
        """The same, taken apart whole: what the interpreter, the reference, walks with."""
        return self.record(payload, envelope)

    def payload(self, lines: Sequence[str]) -> bytes:
        """A message that was written down line by line, as it comes over the wire."""
        raise NotImplementedError

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        return (("out", record),)
