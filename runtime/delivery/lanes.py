"""Order: postings of one lane go out one after another, by number; other lanes do not wait for them.

A lane's head is *ready*, *out* (sent, or waiting for its next attempt) or *held* (its key waits for a parked posting).
Pure: what is sent, when and how is the caller's.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar


class Waits(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def lane(self) -> bytes: ...


W = TypeVar("W", bound=Waits)


class Lanes(Generic[W]):
    """The postings of one connection that are in memory."""

    def __init__(self) -> None:
        self._lanes: dict[bytes, deque[W]] = {}
        self._ready: deque[bytes] = deque()
        self._queued: set[bytes] = set()
        self._out: set[bytes] = set()
        self._held: dict[bytes, int] = {}
        """Lane -> number of its first parked posting: only what stands before it may go."""
        self.count = 0

    def add(self, waiting: W) -> None:
        """Behind all of its lane with a smaller number; never before a head that is out."""
        self.count += 1
        lane = self._lanes.get(waiting.lane)
        if lane is None:
            self._lanes[waiting.lane] = deque((waiting,))
        else:
            place = len(lane)
            first = 1 if waiting.lane in self._out else 0
            while place > first and lane[place - 1].number > waiting.number:
                place -= 1
            lane.insert(place, waiting)
        self._offer(waiting.lane)

    def peek(self) -> bool:
        """Whether a lane is ready."""
        while self._ready and not self._may_go(self._ready[0]):
            self._queued.discard(self._ready.popleft())
        return bool(self._ready)

    def take(self) -> W:
        """The head of a ready lane; it is out from now on. Only after ``peek``."""
        lane = self._ready.popleft()
        self._queued.discard(lane)
        self._out.add(lane)
        return self._lanes[lane][0]

    def done(self, waiting: W) -> None:
        """The head has come to an end: the next one is ready."""
        lane = self._lanes[waiting.lane]
        lane.popleft()
        self.count -= 1
        self._out.discard(waiting.lane)
        if lane:
            self._offer(waiting.lane)
        else:
            del self._lanes[waiting.lane]

    def hold(self, lane: bytes, number: int) -> None:
        """Nothing behind this number goes out on the lane; a head that is out comes to its end."""
        self._held[lane] = min(number, self._held.get(lane, number))

    def let_go(self, lane: bytes, number: int | None) -> None:
        """The lane is held from ``number`` on, or not at all any more."""
        if number is None:
            self._held.pop(lane, None)
        else:
            self._held[lane] = number
        self._offer(lane)

    def _offer(self, lane: bytes) -> None:
        if lane not in self._queued and self._may_go(lane):
            self._queued.add(lane)
            self._ready.append(lane)

    def _may_go(self, lane: bytes) -> bool:
        waiting = self._lanes.get(lane)
        if not waiting or lane in self._out:
            return False
        held = self._held.get(lane)
        return held is None or waiting[0].number < held
