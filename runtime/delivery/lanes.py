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
        self._out: set[bytes] = set()
        self._held: set[bytes] = set()
        self.count = 0

    def add(self, waiting: W) -> None:
        """Behind all of its lane with a smaller number; never before a head that is out."""
        self.count += 1
        lane = self._lanes.get(waiting.lane)
        if lane is None:
            self._lanes[waiting.lane] = deque((waiting,))
            if waiting.lane not in self._held:
                self._ready.append(waiting.lane)
            return
        place = len(lane)
        first = 1 if waiting.lane in self._out else 0
        while place > first and lane[place - 1].number > waiting.number:
            place -= 1
        lane.insert(place, waiting)

    def peek(self) -> bool:
        """Whether a lane is ready."""
        while self._ready and (self._ready[0] in self._held or self._ready[0] not in self._lanes):
            self._ready.popleft()
        return bool(self._ready)

    def take(self) -> W:
        """The head of a ready lane; it is out from now on. Only after ``peek``."""
        lane = self._ready.popleft()
        self._out.add(lane)
        return self._lanes[lane][0]

    def done(self, waiting: W) -> None:
        """The head has come to an end: the next one is ready."""
        lane = self._lanes[waiting.lane]
        lane.popleft()
        self.count -= 1
        self._out.discard(waiting.lane)
        if not lane:
            del self._lanes[waiting.lane]
        elif waiting.lane not in self._held:
            self._ready.append(waiting.lane)

    def hold(self, lane: bytes) -> None:
        """Nothing of this lane goes out until it is let go; a head that is out comes to its end."""
        self._held.add(lane)

    def let_go(self, lane: bytes) -> None:
        self._held.discard(lane)
        if lane in self._lanes and lane not in self._out and lane not in self._ready:
            self._ready.append(lane)

    def drain(self) -> list[W]:
        """Everything that is not out, removed."""
        taken = []
        for name, lane in tuple(self._lanes.items()):
            keep = 1 if name in self._out else 0
            taken += list(lane)[keep:]
            while len(lane) > keep:
                lane.pop()
            if not lane:
                del self._lanes[name]
        self.count -= len(taken)
        return taken
