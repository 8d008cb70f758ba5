"""What was sent in the day before the demo was opened, and when. The same for the same two times."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lockgate.demo import hospital, medication
from lockgate.demo.messages import Frame, Writer, day
from lockgate.demo.ward import Ward

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
CURVE = (2, 1, 1, 1, 1, 2, 5, 10, 15, 16, 15, 13, 8, 10, 12, 10, 8, 6, 5, 4, 3, 2, 2, 2)
"""Messages of the busiest source in each hour of a day: theatres begin in the morning, and little happens at night."""
SHARES = {"or-system": 1.0, "west-theatre": 0.4, medication.SOURCE: 0.3, "ward-system": 0.3}
"""How much of that each source sends."""
BATCHED = "east-theatre"
"""Its lines go out in files: of two messages the second comes when the first has waited long enough."""
VISITS, APART = 0.06, 75_000
STEP, FINE, BUSY = 15 * MINUTE, 4 * MINUTE, 24
LATE, HELD = 9, 12
"""Cases of the row that came at noon, and of the one that is missing still."""
BEFORE_NOON, BEFORE_NOW = 2 * HOUR, 3 * HOUR
LEFT_OUT = ("missing item", "unsigned item")
Bundle = dict[str, Any]


class Sent(NamedTuple):
    """One message of a source: a frame of HL7, or a Bundle of the ward system."""

    source: str
    message: Frame | Bundle


class Moment(NamedTuple):
    """What comes together, and the time of it."""

    at_ms: int
    sent: tuple[Sent, ...]
    ripe: bool
    """The lines that go out in files do so now."""


def noon(now_ms: int) -> int:
    """The noon of the last day, by the clock on the wall; in a day that has none to speak of, the hour next to it."""
    begin = now_ms - DAY
    first = datetime.fromtimestamp(begin / 1000).astimezone()
    twelve = first.replace(hour=12, minute=0, second=0, microsecond=0)
    found = twelve if twelve > first else twelve + timedelta(days=1)
    return min(max(round(found.timestamp() * 1000), begin + BEFORE_NOON), now_ms - STEP)


def moments(now_ms: int) -> list[Moment]:
    """The last day in the order of time, its last minutes left out."""
    chance = random.Random(4)  # noqa: S311  reason: an invented workload, nothing secret
    ticks = _ticks(now_ms)
    at: dict[tuple[int, int], list[Sent]] = {}
    for source, share in SHARES.items():
        messages = _messages(source)
        for tick in _due(ticks, now_ms, share):
            at.setdefault((tick, 0), []).append(Sent(source, next(messages)))
    files = _messages(BATCHED)
    for tick in _due(ticks, now_ms, VISITS):
        for later in (0, APART):
            at.setdefault((tick, later), []).append(Sent(BATCHED, next(files)))
    for time_ms, frame in (*_late(now_ms), *_held(now_ms)):
        tick = max(each for each in ticks if each <= time_ms)
        at.setdefault((tick, 0), []).append(Sent("or-system", frame))
    shifts = {tick: chance.randrange(0, length - APART - MINUTE) for tick, length in ticks.items()}
    return [Moment(tick + shifts[tick] + later, tuple(at[tick, later]), later > 0) for tick, later in sorted(at)]


def _ticks(now_ms: int) -> dict[int, int]:
    """When something may be sent, and for how long that is: finer in the last hour, which charts show by the minute."""
    return {
        **dict.fromkeys(range(now_ms - DAY, now_ms - HOUR, STEP), STEP),
        **dict.fromkeys(range(now_ms - HOUR, now_ms, FINE), FINE),
    }


def _due(ticks: Mapping[int, int], now_ms: int, share: float) -> Iterator[int]:
    """A tick for each message: how many an hour has is the curve's, but before one's eyes it is busy."""
    due = 0.5
    for time_ms, length in ticks.items():
        an_hour = CURVE[datetime.fromtimestamp(time_ms / 1000).astimezone().hour]
        due += (max(an_hour, BUSY) if time_ms >= now_ms - HOUR else an_hour) * share * length / HOUR
        while due >= 1:
            due -= 1
            yield time_ms


def _messages(source: str) -> Iterator[Frame | Bundle]:
    """What a source sends, faults among it; they never end."""
    if source == "ward-system":
        ward = Ward(14, "YW")
        while True:
            yield ward.next()
    places = "wards" if source == medication.SOURCE else "theatres"
    number = [*SHARES, BATCHED].index(source)
    for frame in day(21 + number, f"Y{number}", 400, places):
        if _of(source, frame.kind):
            yield frame


def _of(source: str, kind: str) -> bool:
    """Whether a source sends such: faults come from one alone, and what goes out in files are charges."""
    if source == BATCHED:
        return kind == "charge"
    return kind not in LEFT_OUT and (source == "or-system" or not kind.startswith("malformed"))


def _late(now_ms: int) -> Iterator[tuple[int, Frame]]:
    """Charges of the item whose row was signed at noon."""
    return _spread("LATE", hospital.LATE, LATE, noon(now_ms) - BEFORE_NOON, noon(now_ms) - STEP)


def _held(now_ms: int) -> Iterator[tuple[int, Frame]]:
    """Charges of the item whose row is missing still: the cases that wait when the demo opens."""
    return _spread("HELD", hospital.MISSING, HELD, now_ms - BEFORE_NOW, now_ms - STEP)


def _spread(series: str, item: hospital.Item, count: int, first: int, last: int) -> Iterator[tuple[int, Frame]]:
    writer, patients = Writer(7, series), hospital.patients(24)
    for n in range(count):
        yield first + (last - first) * n // count, writer.charge(patients[n], (item,), "missing item")


def summary(plan: list[Moment]) -> Mapping[str, int]:
    """How many messages each source sends."""
    counts: dict[str, int] = {}
    for moment in plan:
        for sent in moment.sent:
            counts[sent.source] = counts.get(sent.source, 0) + 1
    return counts
