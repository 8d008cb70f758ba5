"""Which fields a stored message has, and the value of one of them, recorded before it leaves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runtime.wire import LAST, Actor, Contract, Why

Path = Annotated[str, Field(min_length=1, max_length=200)]


class AskShape(Contract):
    """Which fields a stored message (or the body of a posting) has, without any value."""

    ask: Literal["shape"] = "shape"
    message: int = Field(ge=1, le=LAST)
    posting: int | None = Field(default=None, ge=1, le=LAST)


class Shape(Contract):
    format: Literal["hl7v2", "fhir", "record"]
    type: str
    """``DFT^P03@2.5.1``, ``Bundle@R4``; empty for a record."""
    places: tuple[str, ...]
    """Instance paths of every field that holds a value, in order."""
    more: int
    """How many there are beyond those."""


class AskReveal(Contract):
    """The value of one field. The reason is recorded before the value leaves; it must not hold the value itself."""

    ask: Literal["reveal"] = "reveal"
    actor: Actor
    message: int = Field(ge=1, le=LAST)
    posting: int | None = Field(default=None, ge=1, le=LAST)
    """The field is of this posting's body, not of the message."""
    path: Path
    reason: Why


class Revealed(Contract):
    path: str
    values: tuple[str, ...]
    """One a repetition; empty where the field is absent."""
    more: int
    seq: int
    """The audit record of delivery that says who looked."""
