"""What to do after an attempt: delivered, again later, or parked for a person. Decisions are values."""

from __future__ import annotations

from typing import NamedTuple

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 60.0
RETRY_AFTER_CAP_S = 3600


class Delivered(NamedTuple):
    status: int


class Again(NamedTuple):
    """Not before ``next_ms``."""

    next_ms: int
    reason: str
    status: int | None


class Park(NamedTuple):
    cause: str
    sentence: str
    status: int | None


Decision = Delivered | Again | Park


class Tried(NamedTuple):
    """One posting's attempts so far, this one counted in."""

    attempts: int
    age_s: float
    """How long it has been tried, by time that went by: a clock that was set ends and prolongs nothing."""
    maybe_applied: bool
    """An attempt ended without an answer after the request had left."""


class Failure(NamedTuple):
    """Why an attempt is to be repeated. ``after_s`` is what the system asked for."""

    reason: str
    status: int | None = None
    after_s: float | None = None


def again(tried: Tried, failure: Failure, now_ms: int, give_up_s: int, chance: float) -> Again | Park:
    """Later, by exponential backoff with jitter (``chance`` from 0 to 1), until the posting has been tried too long."""
    left_s = give_up_s - tried.age_s
    if left_s <= 0:
        return _gave_up(tried, failure, give_up_s)
    pause = min(pause_s(tried.attempts, failure.after_s, chance), left_s)
    return Again(now_ms + round(pause * 1000), failure.reason, failure.status)


def pause_s(attempts: int, after_s: float | None, chance: float) -> float:
    """Between half and all of the doubled pause; what the system asked for when that is longer, an hour at most."""
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * (1 << min(attempts - 1, 20)))
    pause = longest * (0.5 + 0.5 * chance)
    return pause if after_s is None else max(pause, min(max(after_s, 0.0), RETRY_AFTER_CAP_S))


def _gave_up(tried: Tried, failure: Failure, give_up_s: int) -> Park:
    what = f"status {failure.status}" if failure.status is not None else failure.reason
    if tried.maybe_applied:
        return Park(
            "uncertain",
            f"No answer for {_span(give_up_s)} in {tried.attempts} attempts (last: {what}); it may have been applied."
            " Replay sends the same key: a system that honours it posts once.",
            failure.status,
        )
    return Park(
        "gave-up",
        f"Not taken for {_span(give_up_s)} in {tried.attempts} attempts (last: {what})."
        " Replay when the system is back.",
        failure.status,
    )


def _span(seconds: int) -> str:
    """``24 hours``, ``90 s``: as a person says it."""
    for size, one in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size} {one}s"
    return f"{seconds} s"
