"""Live counters: what the audit chains tell of the last day, counted as they grow, and what the tables say of now.

Nothing of this is kept on disk: a chain is read on from where it was last read, and backwards a piece a question until
a whole day is known. A question costs what happened since the last one, never a scan of what is over.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec

from runtime.journal.reader import Reader
from runtime.questions.traffic import AskTraffic, Counts, FlowTraffic, Point, StepTraffic, Traffic

SECOND_MS, MINUTE_MS, DAY_MS = 1_000, 60_000, 86_400_000
WRITERS: Final = ("intake", "delivery")
WIDTHS: Final = {"hour": (60 * MINUTE_MS, MINUTE_MS), "day": (DAY_MS, 15 * MINUTE_MS)}
PIECE, PIECE_BYTES = 500, 4 << 20
"""Rows of a chain read at once, and about how much of it is read backwards a question."""

NEWEST: Final = "SELECT coalesce(max(first), 0) FROM audit WHERE writer = ?"
ONWARDS: Final = "SELECT first, records FROM audit WHERE writer = ? AND first > ? ORDER BY first LIMIT 5000"
BACKWARDS: Final = "SELECT first, records FROM audit WHERE writer = ? AND first <= ? ORDER BY first DESC LIMIT ?"
TALLIES: Final = "SELECT flow, sum(received), sum(repeated) FROM tally GROUP BY flow"
REFUSALS: Final = "SELECT flow, count(*) FROM refusal GROUP BY flow"
WAITING: Final = "SELECT flow, count(*), min(received_ms) FROM message WHERE expanded = 0 GROUP BY flow"
IN_FLIGHT: Final = (
    "SELECT m.flow, count(*), min(CASE WHEN p.incident IS NULL THEN m.received_ms ELSE p.first_ms END)"
    " FROM posting p JOIN message m ON m.number = p.message WHERE p.state = 'in-flight' GROUP BY m.flow"
)
"""A line that is replayed waits from its first attempt on: before that it was held, for a person."""
PARKED: Final = (
    "SELECT i.flow, count(*) FROM posting p JOIN incident i ON i.number = p.incident"
    " WHERE p.state = 'parked' GROUP BY i.flow"
)
CASES: Final = "SELECT flow, count(*), sum(severity = 'high') FROM incident WHERE state = 'open' GROUP BY flow"
TIMES: Final = (
    "SELECT m.flow, p.ended_ms - m.received_ms FROM"
    " (SELECT message, ended_ms FROM posting WHERE state = 'delivered' AND ended_ms IS NOT NULL"
    " ORDER BY number DESC LIMIT 1000) p"
    " JOIN message m ON m.number = p.message"
)

_COUNTED: Final = {
    "message.accepted": "accepted",
    "message.repeated": "repeated",
    "message.filtered": "filtered",
    "frame.refused": "refused",
    "posting.delivered": "delivered",
    "posting.parked": "parked",
    "posting.deferred": "deferred",
}
_AT_STEPS: Final = frozenset({"delivered", "parked", "deferred"})


class _Line(msgspec.Struct):
    """The members of an audit record that are counted by."""

    action: str
    at: int
    flow: str = ""
    step: str = ""


_READ = msgspec.json.Decoder(_Line)
Tally = defaultdict[str, int]


class _Flow:
    """What happened to one flow, by time."""

    def __init__(self) -> None:
        self.seconds: defaultdict[int, Tally] = defaultdict(lambda: defaultdict(int))
        self.minutes: defaultdict[int, Tally] = defaultdict(lambda: defaultdict(int))
        self.steps: defaultdict[int, defaultdict[str, Tally]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(int))
        )
        self.last_received: int | None = None

    def count(self, what: str, line: _Line) -> None:
        minute = line.at // MINUTE_MS
        self.minutes[minute][what] += 1
        self.seconds[line.at // SECOND_MS][what] += 1
        if what in _AT_STEPS and line.step:
            self.steps[minute][line.step][what] += 1
        if what == "accepted" and line.at > (self.last_received or 0):
            self.last_received = line.at

    def forget(self, now_ms: int) -> None:
        for minute in [each for each in self.minutes if each < (now_ms - DAY_MS) // MINUTE_MS]:
            del self.minutes[minute]
            self.steps.pop(minute, None)
        for second in [each for each in self.seconds if each < (now_ms - 2 * MINUTE_MS) // SECOND_MS]:
            del self.seconds[second]


class TrafficBook:
    """The counters of one runtime, for whoever asks: one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flows: defaultdict[str, _Flow] = defaultdict(_Flow)
        self._onwards: dict[str, int] = {}
        self._backwards: dict[str, int] = {}
        self._since: dict[str, int] = {}

    def answer(self, reader: Reader, asked: AskTraffic, now_ms: int) -> Traffic:
        with self._lock:
            for writer in WRITERS:
                self._catch_up(reader, writer)
                self._look_back(reader, writer, now_ms)
            return self._counted(reader, asked, now_ms)

    # -- reading the chains -------------------------------------------------------------------------------------------

    def _catch_up(self, reader: Reader, writer: str) -> None:
        if writer not in self._onwards:
            newest = reader.rows(NEWEST, (writer,))[0][0]
            self._onwards[writer] = self._backwards[writer] = newest
            return
        while rows := reader.rows(ONWARDS, (writer, self._onwards[writer])):
            self._count([records for _, records in rows])
            self._onwards[writer] = rows[-1][0]

    def _look_back(self, reader: Reader, writer: str, now_ms: int) -> None:
        """One piece more of what was before the first question, until a day is known."""
        at = self._backwards[writer]
        if at < 1 or self._since.get(writer, now_ms) <= now_ms - DAY_MS:
            self._since[writer] = now_ms - DAY_MS
            return
        read = 0
        while at > 0 and read < PIECE_BYTES and self._since.get(writer, now_ms) > now_ms - DAY_MS:
            rows = reader.rows(BACKWARDS, (writer, at, PIECE))
            earliest = self._count([records for _, records in rows])
            read += sum(len(records) for _, records in rows)
            at = self._backwards[writer] = rows[-1][0] - 1 if rows else 0
            self._since[writer] = min(self._since.get(writer, now_ms), earliest)

    def _count(self, batches: list[bytes]) -> int:
        """Counts the records; gives the time of the earliest. A damaged one is the verification's business."""
        earliest = 1 << 62
        for records in batches:
            for line in records.split(b"\n"):
                try:
                    read = _READ.decode(line)
                except msgspec.MsgspecError:
                    continue
                earliest = min(earliest, read.at)
                what = _COUNTED.get(read.action)
                if what is not None and read.flow:
                    self._flows[read.flow].count(what, read)
        return earliest

    # -- answering ----------------------------------------------------------------------------------------------------

    def _counted(self, reader: Reader, asked: AskTraffic, now_ms: int) -> Traffic:
        length, width = WIDTHS[asked.window]
        since = (now_ms - length) // width * width + width
        now = _Now(reader)
        flows = []
        for name in sorted(self._flows.keys() | now.flows):
            self._flows[name].forget(now_ms)
            flows.append(_traffic(name, self._flows[name], now, since, width, now_ms))
        complete = max((self._since[writer] for writer in WRITERS), default=now_ms)
        return Traffic(now_ms=now_ms, width_ms=width, since_ms=max(since, complete), flows=tuple(flows))


class _Now:
    """What the tables say of this moment."""

    def __init__(self, reader: Reader) -> None:
        self.received = {flow: (received, repeated) for flow, received, repeated in reader.rows(TALLIES)}
        self.refused: dict[str, int] = dict(reader.rows(REFUSALS))
        self.waiting = {flow: (count, oldest) for flow, count, oldest in reader.rows(WAITING)}
        self.in_flight = {flow: (count, oldest) for flow, count, oldest in reader.rows(IN_FLIGHT)}
        self.parked: dict[str, int] = dict(reader.rows(PARKED))
        self.cases = {flow: (count, high) for flow, count, high in reader.rows(CASES)}
        self.times: defaultdict[str, list[int]] = defaultdict(list)
        for flow, took in reader.rows(TIMES):
            self.times[flow].append(max(0, took))
        self.flows = self.received.keys() | self.cases.keys()

    def oldest(self, flow: str) -> int | None:
        times = [each[flow][1] for each in (self.waiting, self.in_flight) if flow in each]
        return min((at for at in times if at is not None), default=None)


def _traffic(name: str, flow: _Flow, now: _Now, since: int, width: int, now_ms: int) -> FlowTraffic:
    received, repeated = now.received.get(name, (0, 0))
    refused = now.refused.get(name, 0)
    times = sorted(now.times.get(name, ()))
    points: defaultdict[int, Tally] = defaultdict(lambda: defaultdict(int))
    steps: defaultdict[str, Tally] = defaultdict(lambda: defaultdict(int))
    for minute, tally in flow.minutes.items():
        if minute * MINUTE_MS >= since:
            _add(points[minute * MINUTE_MS // width * width], tally)
    for minute, at_steps in flow.steps.items():
        if minute * MINUTE_MS >= since:
            for step, tally in at_steps.items():
                _add(steps[step], tally)
    return FlowTraffic(
        flow=name,
        received=received,
        accepted=received - refused - repeated,
        refused=refused,
        repeated=repeated,
        waiting=now.waiting.get(name, (0, 0))[0],
        in_flight=now.in_flight.get(name, (0, 0))[0],
        parked=now.parked.get(name, 0),
        open_cases=now.cases.get(name, (0, 0))[0],
        high_cases=now.cases.get(name, (0, 0))[1],
        oldest_waiting_ms=now.oldest(name),
        last_received_ms=flow.last_received,
        p50_ms=_share(times, 50),
        p95_ms=_share(times, 95),
        minute=_sum(tally for second, tally in flow.seconds.items() if second > now_ms // SECOND_MS - 60),
        window=_sum(points.values()),
        points=tuple(Point(at_ms=at, counts=Counts(**points[at])) for at in sorted(points)),
        steps={step: StepTraffic(**tally) for step, tally in sorted(steps.items())},
    )


def _add(into: Tally, more: Tally) -> None:
    for what, count in more.items():
        into[what] += count


def _sum(tallies: Iterable[Tally]) -> Counts:
    total: Tally = defaultdict(int)
    for tally in tallies:
        _add(total, tally)
    return Counts(**total)


def _share(times: list[int], percent: int) -> int | None:
    return times[min(len(times) - 1, len(times) * percent // 100)] if times else None
