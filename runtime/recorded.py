"""The books against the record: whatever the journal says has its audit record, and whatever was recorded is there.

A chain shows that no record was changed; this shows that rows and records speak of the same: a message, a posting, a
release or a case that was removed, set back or slipped in has no record, or a record without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from runtime.journal.reader import Reader

PAGE: Final = 5_000
MOST_NAMED: Final = 10
MESSAGES: Final = "SELECT number, '' FROM message WHERE number > ? ORDER BY number LIMIT ?"
POSTINGS: Final = "SELECT number, state FROM posting WHERE number > ? ORDER BY number LIMIT ?"
CASES: Final = "SELECT number, '' FROM incident WHERE number > ? ORDER BY number LIMIT ?"
RELEASES: Final = "SELECT digest, flow, ended_ms IS NULL FROM release"
REFUSALS: Final = "SELECT count(*) FROM refusal"
TALLY: Final = "SELECT coalesce(sum(received), 0), coalesce(sum(repeated), 0) FROM tally"


class Numbers:
    """A set of row numbers, a bit each."""

    def __init__(self) -> None:
        self._parts: dict[int, bytearray] = {}
        self.count = 0

    def add(self, number: int) -> None:
        part = self._parts.setdefault(number >> 16, bytearray(8192))
        bit = 1 << (number & 7)
        place = (number & 0xFFFF) >> 3
        self.count += not part[place] & bit
        part[place] |= bit

    def remove(self, number: int) -> None:
        if number in self:
            self._parts[number >> 16][(number & 0xFFFF) >> 3] &= ~(1 << (number & 7)) & 0xFF
            self.count -= 1

    def __iter__(self) -> Iterator[int]:
        """The numbers in order."""
        for part in sorted(self._parts):
            for place, bits in enumerate(self._parts[part]):
                yield from ((part << 16) + (place << 3) + bit for bit in range(8) if bits & (1 << bit))

    def __contains__(self, number: int) -> bool:
        part = self._parts.get(number >> 16)
        return part is not None and bool(part[(number & 0xFFFF) >> 3] & (1 << (number & 7)))


class Recorded:
    """What the records say. ``take`` gets each, in the order of its chain."""

    def __init__(self) -> None:
        self.accepted, self.postings, self.delivered, self.held, self.cases = (Numbers() for _ in range(5))
        self.counted: Counter[str] = Counter()
        self.activated: set[str] = set()
        self.active: dict[str, str] = {}
        self.checkpoints: set[str] = set()
        self._of: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "message.accepted": lambda record: self.accepted.add(record["message"]),
            "message.expanded": self._expanded,
            "posting.delivered": lambda record: self.delivered.add(record["posting"]),
            "posting.parked": self._held,
            "posting.replayed": self._held,
            "posting.withdrawn": lambda record: self.postings.remove(record["posting"]),
            "case.opened": lambda record: self.cases.add(record["incident"]),
            "release.activated": self._activated,
            "release.ended": self._ended,
            "checkpoint.made": lambda record: self.checkpoints.add(record["digest"]),
        }

    def take(self, record: Mapping[str, Any]) -> None:
        action = record["action"]
        self.counted[action] += 1
        of = self._of.get(action)
        if of is not None:
            of(record)

    def wrong(self, reader: Reader) -> Iterator[str]:
        """Where rows and records do not agree, a sentence each."""
        yield from _apart(reader, MESSAGES, self.accepted, "message")
        yield from _apart(reader, POSTINGS, self.postings, "posting", self._state)
        yield from _apart(reader, CASES, self.cases, "case")
        yield from self._releases(reader)
        [(refused,)] = reader.rows(REFUSALS)
        [(received, repeated)] = reader.rows(TALLY)
        counts = (refused, repeated, received)
        said = (self.counted["frame.refused"], self.counted["message.repeated"])
        if counts != (*said, self.accepted.count + sum(said)):
            yield "The tally of what was received, refused and repeated is not what was recorded."

    def _expanded(self, record: Mapping[str, Any]) -> None:
        first = record.get("posting")
        for number in range(first, first + record["count"]) if first is not None else ():
            self.postings.add(number)

    def _held(self, record: Mapping[str, Any]) -> None:
        self.postings.add(record["posting"])
        self.held.add(record["posting"])

    def _activated(self, record: Mapping[str, Any]) -> None:
        self.activated.add(record["release"])
        self.active[record["flow"]] = record["release"]

    def _ended(self, record: Mapping[str, Any]) -> None:
        self.active.pop(record["flow"], None)

    def _state(self, number: int, state: str) -> str:
        if (state == "delivered") != (number in self.delivered):
            said = "delivered" if number in self.delivered else "not delivered"
            return f"Posting {number} stands as '{state}', and was recorded as {said}."
        if state == "parked" and number not in self.held:
            return f"Posting {number} stands as 'parked', and nothing was recorded of that."
        return ""

    def _releases(self, reader: Reader) -> Iterator[str]:
        rows = reader.rows(RELEASES)
        there = {digest for digest, _, _ in rows}
        for digest in sorted(self.activated ^ there, key=str):
            end = "is not in the journal any more" if digest in self.activated else "was never recorded as activated"
            yield f"Release {str(digest)[:12]} {end}."
        running = {flow: digest for digest, flow, runs in rows if runs}
        if running != self.active:
            yield "What runs by the journal's rows is not what was recorded as activated last."


def _apart(
    reader: Reader, query: str, known: Numbers, what: str, state: Callable[[int, str], str] = lambda number, state: ""
) -> Iterator[str]:
    """The first row of the table without a record, and which recorded rows are gone."""
    at, stand, told = -1, Numbers(), False
    while page := reader.rows(query, (at, PAGE)):
        for number, its in page:
            there = number in known
            if there:
                stand.add(number)
            problem = state(number, its) if there else f"{what.capitalize()} {number} stands there without a record."
            if problem and not told:
                told = True
                yield problem
        at = page[-1][0]
    if lost := known.count - stand.count:
        first = ", ".join(str(number) for number in islice((each for each in known if each not in stand), MOST_NAMED))
        more = f" and {lost - MOST_NAMED} more" if lost > MOST_NAMED else ""
        whole = f"1 recorded {what} is" if lost == 1 else f"{lost} recorded {what}s are"
        yield f"{whole} not in the journal any more: {first}{more}."
