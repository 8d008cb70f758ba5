"""Traffic: what every flow does now, in the last minute, and over a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from runtime.wire import Contract


class AskTraffic(Contract):
    """Counters of every flow: as they stand now, in the last minute, and over a window."""

    ask: Literal["traffic"] = "traffic"
    window: Literal["hour", "day"] = "hour"


class Counts(Contract):
    """What happened in a stretch of time, as the audit chains tell it."""

    accepted: int = 0
    refused: int = 0
    repeated: int = 0
    filtered: int = 0
    """Messages that ended on purpose without a posting."""
    delivered: int = 0
    parked: int = 0
    deferred: int = 0
    """Attempts that will be tried again."""


class Point(Contract):
    at_ms: int
    """Where it begins."""
    counts: Counts


class StepTraffic(Contract):
    """What came to an end, or was held, at one step within the window."""

    delivered: int = 0
    parked: int = 0
    deferred: int = 0


class FlowTraffic(Contract):
    flow: str
    received: int
    """Of all time, as are accepted, refused and repeated."""
    accepted: int
    refused: int
    repeated: int
    waiting: int
    in_flight: int
    parked: int
    open_cases: int
    high_cases: int
    oldest_waiting_ms: int | None
    """When the oldest message came that is not finished and not parked."""
    last_received_ms: int | None
    p50_ms: int | None
    """From acceptance to the answer of the other side, over the newest deliveries."""
    p95_ms: int | None
    minute: Counts
    """The last sixty seconds."""
    window: Counts
    points: tuple[Point, ...]
    """The window in stretches of ``Traffic.width_ms``, oldest first; stretches without traffic are left out."""
    steps: Mapping[str, StepTraffic]


class Traffic(Contract):
    now_ms: int
    width_ms: int
    since_ms: int
    """From when on the window is complete: the chains are read backwards a piece a question."""
    flows: tuple[FlowTraffic, ...]
