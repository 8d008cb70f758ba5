"""What became of a replay: each of its lines as it stands now, and what those wait for that are still on their way.

Asked of delivery, which alone knows what a line waits behind. Reads only.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Final, NamedTuple

from runtime.delivery.engine import Engine
from runtime.delivery.running import Running
from runtime.journal.reader import Reader
from runtime.questions.replay import AskProgress, HeldAgain, OnItsWay, Progress, WaitsFor

LINES: Final = (
    "SELECT r.outcome, p.number, p.state, p.release, m.flow, p.step, p.connection, p.lane, p.attempts, p.begun,"
    " i.cause_group, i.cause, i.sentence, i.state FROM replay r LEFT JOIN posting p ON p.number = r.posting"
    " LEFT JOIN message m ON m.number = p.message LEFT JOIN incident i ON i.number = p.incident"
    " WHERE r.number > ? AND r.number <= ? AND r.posting IS NOT NULL ORDER BY r.number"
)
HOLDER: Final = "SELECT i.cause_group FROM posting p JOIN incident i ON i.number = p.incident WHERE p.number = ?"
NEW: Final = "SELECT count(*) FROM incident WHERE cause_group = ? AND state = 'open' AND number > ?"


class _Line(NamedTuple):
    """One line of the replay as the journal has it now; its posting is gone where it ended on purpose."""

    outcome: str
    number: int | None
    state: str | None
    release: int
    flow: str
    step: str
    connection: str
    lane: bytes
    attempts: int
    begun: int | None
    group: bytes | None
    cause: str
    sentence: str
    case: str | None


class Progresses:
    """Answers how far replays have come."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader: Reader = engine.journal.reader()

    def of(self, asked: AskProgress) -> Progress:
        lines = [_Line(*row) for row in self._reader.rows(LINES, (asked.after, asked.through))]
        states = Counter(line.state for line in lines)
        parked = [line for line in lines if line.state == "parked"]
        return Progress(
            lines=len(lines),
            posted=states["delivered"],
            ended=states[None],
            closed=sum(line.case == "resolved" for line in parked),
            on_its_way=self._on_their_way([line for line in lines if line.state == "in-flight"]),
            held=_held([line for line in parked if line.case != "resolved"]),
            new=self._new(asked),
        )

    def _on_their_way(self, lines: list[_Line]) -> tuple[OnItsWay, ...]:
        found: Counter[tuple[WaitsFor, str, str, int]] = Counter()
        for line in lines:
            found[self._waits_for(line)] += 1
        return tuple(
            OnItsWay(waits_for=waits_for, connection=connection, group=group, seconds=seconds, lines=count)
            for (waits_for, connection, group, seconds), count in sorted(found.items())
        )

    def _waits_for(self, line: _Line) -> tuple[WaitsFor, str, str, int]:
        """Why it is not there yet."""
        by = self._engine.releases.of(line.release, line.flow)
        to = by.destinations.get(line.step) if isinstance(by, Running) else None
        if to is None or line.number is None:
            return "answer", line.connection, "", 0
        holder = to.route.lanes.held_by(line.lane)
        if holder is not None and holder <= line.number and line.begun is None and not line.attempts:
            row = self._reader.row(HOLDER, (holder,))
            return "held-line", line.connection, row[0].hex() if row else "", 0
        if line.attempts:
            return "next-attempt", line.connection, "", 0
        if to.batch is not None and line.begun is None:
            return "file", line.connection, "", math.ceil(to.batch.age_s)
        return "answer", line.connection, "", 0

    def _new(self, asked: AskProgress) -> int:
        if asked.group is None:
            return 0
        return int(self._reader.rows(NEW, (bytes.fromhex(asked.group), asked.newest))[0][0])


def _held(lines: list[_Line]) -> tuple[HeldAgain, ...]:
    """What is held again, by cause, the most first."""
    by_group: dict[bytes, list[_Line]] = {}
    for line in lines:
        by_group.setdefault(line.group or b"", []).append(line)
    found = (
        HeldAgain(group=group.hex(), cause=those[0].cause, sentence=those[0].sentence, lines=len(those))
        for group, those in by_group.items()
    )
    return tuple(sorted(found, key=lambda each: -each.lines))
