"""Replay: sending on its way what was parked, what that would do, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from runtime.wire import LAST, MOST_ROWS, Actor, Contract, Group

WaitsFor = Literal["answer", "next-attempt", "file", "held-line"]
"""An answer of the other side; the next attempt, after one that failed; the file that gathers; a held line of the same
key, in whose cause ``group`` names."""


class AskReplay(Contract):
    """Replays one case, or every open case of a cause group, or every open case that a master's key caused."""

    ask: Literal["replay"] = "replay"
    actor: Actor
    case: int | None = Field(default=None, ge=1, le=LAST)
    group: Group | None = None
    master: str | None = None
    key: tuple[str, ...] = ()
    """With ``master``: the key whose row was added; empty means every open case of that master."""

    @model_validator(mode="after")
    def _one_target(self) -> AskReplay:
        if sum(target is not None for target in (self.case, self.group, self.master)) != 1:
            raise ValueError("a replay names exactly one of case, group and master")
        if self.key and self.master is None:
            raise ValueError("a key belongs to a master: name it too")
        return self


class LeftOut(Contract):
    lines: int
    sentence: str


class ReplayMark(Contract):
    """The records of one replay in the journal, and the newest case that there was when it began."""

    after: int
    through: int
    newest: int


class Replayed(Contract):
    outcome: Literal["queued", "nothing-to-do", "parked-again"]
    """queued: at least one posting is on its way; parked-again: every line stopped again; else nothing was open."""
    cases: tuple[int, ...]
    """The cases that were looked at."""
    queued: int
    parked: int
    ended: int = 0
    """Lines that ended on purpose."""
    left: tuple[LeftOut, ...] = ()
    """Lines that were not tried, and why."""
    mark: ReplayMark | None = None
    """By this it is asked what became of it."""
    sentence: str


class AskPlan(Contract):
    """What a replay would do now, without doing it: the same choice of cases as a replay."""

    ask: Literal["plan"] = "plan"
    case: int | None = Field(default=None, ge=1, le=LAST)
    group: Group | None = None
    limit: int = Field(default=200, ge=1, le=MOST_ROWS)
    """Messages looked at; the rest is counted."""

    @model_validator(mode="after")
    def _one_target(self) -> AskPlan:
        if (self.case is None) == (self.group is None):
            raise ValueError("a plan names exactly one of case and group")
        return self


class PlannedLine(Contract):
    """What would become of one parked line."""

    message: int
    posting: int
    item: str
    step: str
    outcome: Literal["post", "park", "end"]
    connection: str = ""
    operation: str = ""
    reason: str = ""
    sentence: str = ""
    """Why it would stop again, or end."""


class Plan(Contract):
    cases: tuple[int, ...]
    lines: tuple[PlannedLine, ...]
    post: int
    park: int
    end: int
    not_looked_at: int
    """Messages beyond the limit."""
    problem: str
    snapshots: str
    """The masters' snapshots that it looked into: ``items=4 locations=1``."""


class AskProgress(Contract):
    """What became of a replay, by the mark that its answer had."""

    ask: Literal["progress"] = "progress"
    after: int = Field(ge=0, le=LAST)
    through: int = Field(ge=0, le=LAST)
    newest: int = Field(default=0, ge=0, le=LAST)
    group: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    """With it, cases of this cause that came since are counted."""


class OnItsWay(Contract):
    """Lines that are not there yet for one reason."""

    waits_for: WaitsFor
    connection: str
    group: str
    seconds: int
    """So long a file gathers at most."""
    lines: int


class HeldAgain(Contract):
    """Lines that stopped again for one cause."""

    group: str
    cause: str
    sentence: str
    lines: int


class Progress(Contract):
    lines: int
    posted: int
    ended: int
    """On purpose, without a posting."""
    closed: int
    """Held again, and their case was closed by hand."""
    on_its_way: tuple[OnItsWay, ...]
    held: tuple[HeldAgain, ...]
    new: int
    """Open cases of the cause that came since."""
