"""What the runtime lends a node: masters, pseudonyms, the conformance of a message."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

from flows.masters import MasterRow
from nodes.record import Envelope


class MasterView(Protocol):
    """A verified snapshot of one master, in memory."""

    @property
    def sequence(self) -> int:
        """The snapshot's number: recorded with each posting."""

    def find(self, key: tuple[str, ...], at: str | None) -> MasterRow | None:
        """The active row of ``key`` at the HL7 or ISO time ``at`` (None: the latest), following successors; or None."""

    def factor(self, key: tuple[str, ...], unit: str, at: str | None) -> Decimal | None:
        """What one ``unit`` of this item is in its base unit, exactly; or None when no conversion is known."""


class NonConformity(NamedTuple):
    """One departure of a message from its HL7 structure: a code and a place (``PATIENT/PID``), never a value."""

    code: Literal["structure-unknown", "segment-missing", "segment-unexpected", "segment-repeated", "unreadable"]
    place: str


class Services(Protocol):
    """What the runtime lends a node. No node reads environment, disk, clock or network by itself."""

    def master(self, name: str) -> MasterView: ...

    def pseudonym(self, value: str) -> str:
        """A keyed pseudonym: equal values of one organisation give equal pseudonyms; 26 characters of base 32."""

    def conformance(self, envelope: Envelope) -> Sequence[NonConformity] | None:
        """Where the message of ``envelope`` departs from its structure (runtime.workers); None: no answer in time."""
