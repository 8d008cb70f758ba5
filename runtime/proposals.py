"""Who prepared a step of a master, and why: one small file each in the store, beside what stewards sign.

It is no signed statement and proves nothing. It is shown to whoever decides whether to sign, and says whose rows stand
in a step to which several people added.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from flows.canonical import dumps
from flows.findings import Model
from flows.instants import Instant
from flows.invisible import Seen
from flows.trust.envelope import Hex
from flows.trust.statement import Id
from runtime import unsigned
from runtime.store import NotInStore, ReleaseStore
from runtime.unsigned import Unreadable

MOST_BYTES = 1 << 20
Rows = Annotated[int, Field(ge=0)]


class Part(Model):
    """What one person put into a step: so many of its rows, after those of the parts before."""

    person: Id
    at: Instant
    reason: Annotated[Seen, Field(max_length=500)]
    adds: Rows
    changes: Rows
    retires: Rows


class Proposal(Model):
    """The parts of a step, in the order in which they came."""

    format: Literal["lockgate/proposal/1"] = "lockgate/proposal/1"
    step: Hex
    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=1000)]


def put(store: ReleaseStore, proposal: Proposal) -> None:
    """Keeps who prepared a step."""
    store.put_proposal(proposal.step, dumps(proposal.model_dump(mode="json")))


def read(store: ReleaseStore, step: str) -> tuple[Part, ...]:
    """The parts of a step; none where nobody said, or where what is said cannot be read."""
    try:
        found = unsigned.read(Proposal, partial(store.proposal, step), MOST_BYTES)
    except (NotInStore, Unreadable):
        return ()
    return found.parts if found.step == step else ()


def whose(parts: tuple[Part, ...], act: Literal["adds", "changes", "retires"], place: int) -> str:
    """The person who prepared the row at that place among those that a step adds, changes or retires; "" if unknown."""
    for part in parts:
        size = getattr(part, act)
        if place < size:
            return part.person
        place -= size
    return ""
