"""Order: postings of one lane go out one after another, by number; other lanes do not wait for them.

A lane's head is *ready*, *out* (sent, or waiting for its next attempt) or *held* (its key waits for a parked posting).
Where postings go out together, several of a lane may be out at once: its head and what comes right behind it.
Pure: what is sent, when and how is the caller's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Waits(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def lane(self) -> bytes: ...


W = TypeVar("W", bound=Waits)


def _number(waiting: Waits) -> int:
    return waiting.number


class Lanes(Generic[W]):
    """The postings of one connection that are in memory."""

    def __init__(self) -> None:
        self._lanes: dict[bytes, deque[W]] = {}
        self._ready: deque[bytes] = deque()
        self._queued: set[bytes] = set()
        self._out: dict[bytes, int] = {}
        """Lane -> how many of it are out, from its head on."""
        self._held: dict[bytes, int] = {}
        """Lane -> number of its first parked posting: only what stands before it may go."""
        self.count = self.out = 0

    def add(self, waiting: W) -> None:
        """Behind all of its lane with a smaller number; never before a head that is out."""
        self.count += 1
        lane = self._lanes.get(waiting.lane)
        if lane is None:
            self._lanes[waiting.lane] = deque((waiting,))
        else:
            place = len(lane)
            first = self._out.get(waiting.lane, 0)
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
        self._out[lane] = 1
        self.out += 1
        return self._lanes[lane][0]

    def head(self) -> W:
        """What ``take`` would give, left where it is. Only after ``peek``."""
        return self._lanes[self._ready[0]][0]

    def take_more(self, most: int, fits: Callable[[W], bool]) -> list[W]:
        """As many as ``most`` that fit, by number, each lane's without a gap; they are out from now on."""
        taken: list[W] = []
        passed: list[bytes] = []
        while len(taken) < most and self.peek():
            lane = self._ready.popleft()
            run = self._run(lane, most - len(taken), fits)
            if run:
                self._queued.discard(lane)
                self._out[lane] = len(run)
                taken += run
            else:
                passed.append(lane)
        self._ready.extendleft(reversed(passed))
        self.out += len(taken)
        return sorted(taken, key=_number)

    def put_first(self, waiting: list[W]) -> None:
        """Postings that were out together when a former life ended: before all others of their lanes, and out."""
        for each in reversed(waiting):
            self._lanes.setdefault(each.lane, deque()).appendleft(each)
            self._out[each.lane] = self._out.get(each.lane, 0) + 1
            self.count += 1
            self.out += 1

    def done(self, waiting: W) -> None:
        """One that is out has come to an end; when all of its lane that were out have, the next one is ready."""
        lane, out = self._lanes[waiting.lane], self._out[waiting.lane]
        if lane[0] is waiting or out == 1:
            lane.popleft()
        else:
            lane.remove(waiting)
        self.count -= 1
        self.out -= 1
        if out > 1:
            self._out[waiting.lane] = out - 1
            return
        del self._out[waiting.lane]
        if lane:
            self._offer(waiting.lane)
        else:
            del self._lanes[waiting.lane]

    def hold(self, lane: bytes, number: int) -> None:
        """Nothing behind this number goes out on the lane; a head that is out comes to its end."""
        self._held[lane] = min(number, self._held.get(lane, number))

    def held_by(self, lane: bytes) -> int | None:
        """The number from which on nothing of the lane goes out; None where nothing holds it."""
        return self._held.get(lane)

    def let_go(self, lane: bytes, number: int | None) -> None:
        """The lane is held from ``number`` on, or not at all any more."""
        if number is None:
            self._held.pop(lane, None)
        else:
            self._held[lane] = number
        self._offer(lane)

    def _run(self, lane: bytes, most: int, fits: Callable[[W], bool]) -> list[W]:
        held = self._held.get(lane)
        run: list[W] = []
        for each in self._lanes[lane]:
            if len(run) == most or not fits(each) or (held is not None and each.number >= held):
                break
            run.append(each)
        return run

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
