"""One destination: its lanes, its gate, its connections, and what is sent next. Nothing here touches the journal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from nodes.contract import Answer, Outcome, Settled
from runtime.cases import Desk
from runtime.delivery.attempts import Again, Decision, Delivered, Failure, Park, Tried, again
from runtime.delivery.http1 import Client, Trouble, request
from runtime.delivery.lanes import Lanes
from runtime.throttle import Gate
from runtime.world import World

WINDOW = 20_000
"""Postings of one destination in memory; the rest stays on disk."""
BODIES = 16 << 20
"""Bytes of bodies that are kept in memory for one destination; the others are read again when their turn comes."""
_MALFORMED = "What came back is no HTTP answer within the limits. The posting is held; it can be replayed."
_UNKNOWN = (
    "No answer came, and this system takes no idempotency key: it may have been applied or not. "
    "Ask there before you replay."
)


class Destination(NamedTuple):
    """How the postings of one sink step of one release go out, prepared once."""

    desk: Desk
    release: int
    step: str
    route: Route
    head: bytes
    classify: Callable[[Answer, str, int], Outcome]
    give_up_s: int
    hold_key: bool
    delivered_line: bytes
    """Format of the audit line: at, attempts, message, posting, seq, status."""
    honours_key: bool = True
    """The system takes a repeated key for the same posting, so that a retry is safe."""


class Waiting:
    """A posting that is on its way."""

    __slots__ = (
        "attempts", "body", "data_key", "first_ms", "incident", "key", "lane", "maybe_applied", "message", "next_ms",
        "number", "to",
    )  # fmt: skip

    def __init__(
        self, number: int, message: int, lane: bytes, key: bytes, to: Destination, data_key: int, body: bytes | None
    ) -> None:
        self.number, self.message, self.lane, self.key, self.to = number, message, lane, key, to
        self.data_key, self.body = data_key, body
        self.attempts, self.first_ms, self.next_ms = 0, 0, 0
        self.maybe_applied = False
        self.incident: int | None = None


class Route:
    """The postings of one destination in memory, and their requests under way."""

    def __init__(
        self,
        world: World,
        client: Client,
        gate: Gate,
        settled: Callable[[Waiting, Decision], None],
        body_of: Callable[[Waiting], bytes | None],
        barred: Callable[[Waiting], Park | None],
    ) -> None:
        """``settled`` gets every decision; ``body_of`` reads a body that is not in memory, None when it is gone;
        ``barred`` says why a posting may not be sent any more."""
        self._world, self.client, self.gate = world, client, gate
        self._settled, self._body_of, self._barred = settled, body_of, barred
        self.lanes: Lanes[Waiting] = Lanes()
        self._due: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._retries: dict[int, asyncio.TimerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._bodies = 0
        self.stopped = False
        self.behind = False
        """There are postings on disk that are not in memory; ``last`` is the highest number that is."""
        self.last = 0

    @property
    def under_way(self) -> int:
        return self.gate.under_way

    def add(self, waiting: Waiting) -> None:
        """A committed posting. Call ``pump`` after the last one."""
        self.last = max(self.last, waiting.number)
        if waiting.body is not None:
            self._bodies += len(waiting.body)
            if self._bodies > BODIES:
                self._bodies -= len(waiting.body)
                waiting.body = None
        self.lanes.add(waiting)

    def pump(self) -> None:
        """Sends what may be sent now."""
        while not self.stopped and (self._due or self.lanes.peek()):
            wait = self.gate.wait(self._world.clock.monotonic())
            if wait is None:
                return
            if wait > 0:
                self._later(wait)
                return
            self._send(self._due.popleft() if self._due else self.lanes.take())

    def stop(self) -> None:
        """Sends nothing more; requests under way come to their end."""
        self.stopped = True
        if self._timer is not None:
            self._timer.cancel()
        for timer in self._retries.values():
            timer.cancel()

    def _later(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self.pump()

    def _send(self, waiting: Waiting) -> None:
        now_ms = self._world.clock.now_ms()
        if waiting.next_ms > now_ms:
            self._defer(waiting, now_ms)
            return
        barred = self._barred(waiting)
        if barred is not None:
            self._end(waiting, barred)
            return
        body = waiting.body if waiting.body is not None else self._body_of(waiting)
        if body is None:
            self._end(waiting, Park("shredded", "Its payload was destroyed with its period.", None))
            return
        waiting.attempts += 1
        waiting.first_ms = waiting.first_ms or now_ms
        self.gate.start()
        self.client.send(request(waiting.to.head, waiting.key, body), partial(self._done, waiting))

    def _done(self, waiting: Waiting, answer: Answer | Trouble) -> None:
        if isinstance(answer, Trouble):
            self.gate.failed(self._world.clock.monotonic())
            decision = self._after_trouble(waiting, answer)
        else:
            self.gate.answered()
            decision = self._after_answer(waiting, answer)
        if isinstance(decision, Again):
            waiting.next_ms = decision.next_ms
            self._settled(waiting, decision)
            self._defer(waiting, self._world.clock.now_ms())
        else:
            self._end(waiting, decision)
        self.pump()

    def _end(self, waiting: Waiting, decision: Decision) -> None:
        if waiting.body is not None:
            self._bodies -= len(waiting.body)
        if isinstance(decision, Park) and waiting.to.hold_key:
            self.lanes.hold(waiting.lane, waiting.number)
        self.lanes.done(waiting)
        self._settled(waiting, decision)

    def _defer(self, waiting: Waiting, now_ms: int) -> None:
        """Its lane stays blocked until then: the order of a key holds over retries."""
        seconds = min(max(waiting.next_ms - now_ms, 0) / 1000, 3600.0)
        self._retries[waiting.number] = self._loop.call_later(seconds, self._is_due, waiting)

    def _is_due(self, waiting: Waiting) -> None:
        del self._retries[waiting.number]
        self._due.append(waiting)
        self.pump()

    def _after_answer(self, waiting: Waiting, answer: Answer) -> Decision:
        now_ms = self._world.clock.now_ms()
        outcome = waiting.to.classify(answer, waiting.key.decode("ascii"), now_ms)
        if outcome.how is Settled.DELIVERED:
            return Delivered(answer.status)
        if outcome.how is Settled.PARK:
            return Park(outcome.reason, outcome.sentence, answer.status)
        return self._again(waiting, Failure(outcome.reason, answer.status, outcome.after_s), now_ms)

    def _after_trouble(self, waiting: Waiting, trouble: Trouble) -> Decision:
        now_ms = self._world.clock.now_ms()
        if trouble in (Trouble.MALFORMED, Trouble.TOO_LARGE):
            return Park("wrong-answer", _MALFORMED, None)
        if trouble is not Trouble.UNREACHED:
            waiting.maybe_applied = True
            if not waiting.to.honours_key:
                return Park("uncertain", _UNKNOWN, None)
        return self._again(waiting, Failure(trouble.value), now_ms)

    def _again(self, waiting: Waiting, failure: Failure, now_ms: int) -> Decision:
        tried = Tried(waiting.attempts, waiting.first_ms, waiting.maybe_applied)
        chance = int.from_bytes(self._world.randomness.bytes(2), "big") / 65_535
        return again(tried, failure, now_ms, waiting.to.give_up_s, chance)
