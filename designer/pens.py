"""The pen of a draft: one tab of one person writes, others follow. A lease; it runs out when nobody keeps it.

It stands in memory alone. What protects a draft is its revision number; the pen keeps people out of each other's way.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from designer.context import Caller
from designer.errors import Conflict


class Pen(NamedTuple):
    """Who writes, in which tab, since when, and how long at least."""

    person: str
    name: str
    tab: str
    since_ms: int
    until_ms: int

    def is_held_by(self, caller: Caller) -> bool:
        return (self.person, self.tab) == (caller.person, caller.tab)


class Pens:
    """The pens of all drafts."""

    def __init__(self, lease_ms: int) -> None:
        self._lease_ms = lease_ms
        self._lock = threading.Lock()
        self._held: dict[str, Pen] = {}

    def of(self, draft: str, at_ms: int) -> Pen | None:
        """Who has the pen of a draft now."""
        with self._lock:
            return self._of(draft, at_ms)

    def take(self, draft: str, caller: Caller, at_ms: int, *, own: bool) -> Pen:
        """Takes the pen, or keeps it. ``own``: also from another tab of the same person. Conflict where it is held."""
        with self._lock:
            pen = self._of(draft, at_ms)
            if pen is not None and not pen.is_held_by(caller) and not (own and pen.person == caller.person):
                raise _held(pen, caller)
            since = pen.since_ms if pen is not None and pen.is_held_by(caller) else at_ms
            self._held[draft] = Pen(caller.person, caller.name, caller.tab, since, at_ms + self._lease_ms)
            return self._held[draft]

    def lay_down(self, draft: str, caller: Caller) -> None:
        """Lays the pen down; nothing where somebody else has it."""
        with self._lock:
            pen = self._held.get(draft)
            if pen is not None and pen.is_held_by(caller):
                del self._held[draft]

    def drop(self, draft: str) -> None:
        """Nobody writes any more: the draft is locked or gone."""
        with self._lock:
            self._held.pop(draft, None)

    def _of(self, draft: str, at_ms: int) -> Pen | None:
        pen = self._held.get(draft)
        if pen is not None and pen.until_ms <= at_ms:
            del self._held[draft]
            return None
        return pen


def _held(pen: Pen, caller: Caller) -> Conflict:
    if pen.person == caller.person:
        return Conflict("pen-elsewhere", "You are writing in another tab: take the pen to go on in this one.")
    return Conflict("pen-held", f"{pen.name} is writing. You can follow, and ask for the pen.")
