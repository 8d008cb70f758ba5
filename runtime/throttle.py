"""What a vendor's system can take: a token bucket, a bound on requests under way, and a breaker, one a credential.

Pure arithmetic over a monotonic time that the caller hands in; all flows that use the credential share one Gate.
"""

from __future__ import annotations

from flows.environment import Throttle

UNLIMITED = Throttle(per_second=100_000, burst=100_000, in_flight=32)
TRIPS_AFTER = 8
"""Failures in a row, without one answer between, after which only one probe at a time is sent."""
PROBE_FIRST_S, PROBE_MOST_S = 0.25, 15.0


class Gate:
    """Says whether a request may start now, or how long to wait."""

    def __init__(self, throttle: Throttle | None, now: float) -> None:
        self.limits = throttle or UNLIMITED
        self.under_way = 0
        self._tokens, self._at = float(self.limits.burst), now
        self._failures = 0
        self._closed_until = now

    def wait(self, now: float) -> float | None:
        """0: now. A number of seconds: then. None: when a request under way has ended."""
        if self.under_way >= (1 if self.tripped else self.limits.in_flight):
            return None
        if now < self._closed_until:
            return self._closed_until - now
        self._fill(now)
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self.limits.per_second

    def start(self) -> None:
        """A request starts. Only after ``wait`` gave 0."""
        self.under_way += 1
        self._tokens -= 1

    def answered(self) -> None:
        """A request got an answer, good or bad: the system is there."""
        self.under_way -= 1
        self._failures = 0

    def failed(self, now: float) -> None:
        """A request got no answer."""
        self.under_way -= 1
        self._failures += 1
        if self.tripped:
            pause = PROBE_FIRST_S * 2 ** min(self._failures - TRIPS_AFTER, 16)
            self._closed_until = now + min(pause, PROBE_MOST_S)

    @property
    def tripped(self) -> bool:
        return self._failures >= TRIPS_AFTER

    def take(self, throttle: Throttle | None) -> None:
        """A newer release states other limits for the same credential."""
        self.limits = throttle or UNLIMITED
        self._tokens = min(self._tokens, float(self.limits.burst))

    def _fill(self, now: float) -> None:
        self._tokens = min(float(self.limits.burst), self._tokens + (now - self._at) * self.limits.per_second)
        self._at = now
