"""One destination: its lanes, its gate, its connections, and what is sent next. Nothing here touches the journal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from nodes.sink import Answer, Batch, Outcome, Settled
from runtime.cases import Desk
from runtime.delivery.attempts import RETRY_AFTER_CAP_S, Again, Decision, Delivered, Failure, Park, Tried, again
from runtime.delivery.carriers import Link, Outgoing, Sender, Unsent
from runtime.delivery.http1 import Trouble
from runtime.delivery.lanes import Lanes
from runtime.guard import Guard, GuardRefusal
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
_BROKEN_OFF = (
    "The runtime ended while it was being sent, and this system takes no idempotency key: it may have been applied or"
    " not. Ask there before you replay."
)


class Destination(NamedTuple):
    """How the postings of one sink step of one release go out, prepared once."""

    desk: Desk
    release: int
    digest: str
    step: str
    connection: str
    operation: str
    guard: Guard
    """The signed fields: every body is held against them once more as it goes out."""
    route: Route
    sender: Sender
    classify: Callable[[Answer, str, int], Outcome]
    give_up_s: int
    hold_key: bool
    delivered_line: bytes
    """Format of the audit line: at, attempts, message, posting, seq, status."""
    honours_key: bool = True
    """The system takes a repeated key for the same posting, so that a retry is safe."""
    batch: Batch | None = None
    """How postings are put together; None: each goes out alone."""

    @property
    def begins(self) -> bool:
        """What is about to be sent is committed first: after a crash somebody has to know what it was."""
        return self.batch is not None or not self.honours_key


class Waiting:
    """A posting that is on its way."""

    __slots__ = (
        "added", "attempts", "begun", "body", "broken", "data_key", "first_ms", "incident", "key", "lane",
        "maybe_applied", "message", "next_ms", "number", "since", "to",
    )  # fmt: skip

    def __init__(
        self, number: int, message: int, lane: bytes, key: bytes, to: Destination, data_key: int, body: bytes | None
    ) -> None:
        self.number, self.message, self.lane, self.key, self.to = number, message, lane, key, to
        self.data_key, self.body = data_key, body
        self.attempts, self.first_ms, self.next_ms = 0, 0, 0
        self.maybe_applied = False
        self.incident: int | None = None
        self.added = 0.0
        """Since when it waits, by the monotonic clock."""
        self.since: float | None = None
        """When it was first tried, by the monotonic clock; None while this life has not tried it."""
        self.begun: int | None = None
        """Number of the first posting that it is sent together with, once that is durable."""
        self.broken = False
        """An attempt at exactly those that it is sent together with ended without an answer."""


Load = list[Waiting]
"""What goes out together: one posting, or a batch to one destination."""


class Route:
    """The postings of one destination in memory, and their requests under way."""

    def __init__(
        self,
        world: World,
        link: Link,
        gate: Gate,
        settled: Callable[[Waiting, Decision], None],
        body_of: Callable[[Waiting], bytes | Park],
        barred: Callable[[Waiting], Park | None],
        begin: Callable[[Load, Callable[[], None]], None],
    ) -> None:
        """``settled`` gets every decision; ``body_of`` reads a body that is not in memory, or says why it is
        not sent; ``barred`` says why a posting may not be sent any more; ``begin`` commits that a load is about to be
        sent."""
        self._world, self.link, self.gate = world, link, gate
        self._settled, self._body_of, self._barred, self._begin = settled, body_of, barred, begin
        self.lanes: Lanes[Waiting] = Lanes()
        self._due: deque[Load] = deque()
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
        waiting.added = self._world.clock.monotonic()
        self.lanes.add(waiting)

    def take_up(self, load: Load) -> None:
        """A load that was being sent when a former life ended: it goes first, and as it was. Call ``pump`` after."""
        self.lanes.put_first(load)
        if load[0].to.honours_key:
            self._due.append(load)
        else:
            self._end(load, Park("uncertain", _BROKEN_OFF, None))

    def pump(self) -> None:
        """Sends what may be sent now."""
        while not self.stopped and (self._due or self.lanes.peek()):
            now = self._world.clock.monotonic()
            wait = self.gate.wait(now)
            if wait is None:
                return
            if not self._due:
                wait = max(wait, self._ripens(now))
            if wait > 0:
                self._later(wait)
                return
            self._send(self._due.popleft() if self._due else self._take())

    def _ripens(self, now: float) -> float:
        """Seconds until what is ready goes out: at once, or when a batch is full or its first has waited enough."""
        head = self.lanes.head()
        batch = head.to.batch
        if batch is None or self.lanes.count - self.lanes.out >= batch.most:
            return 0.0
        return head.added + batch.age_s - now

    def _take(self) -> Load:
        head = self.lanes.head()
        to = head.to
        return [self.lanes.take()] if to.batch is None else self.lanes.take_more(to.batch.most, _same(to))

    def stop(self) -> None:
        """Sends nothing more; requests under way come to their end."""
        self.stopped = True
        if self._timer is not None:
            self._timer.cancel()
        for timer in self._retries.values():
            timer.cancel()

    def close(self) -> None:
        """Drops what carries its postings."""
        self.link.close()

    def _later(self, seconds: float) -> None:
        if self._timer is None or self._timer.when() > self._loop.time() + seconds:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_later(seconds, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self.pump()

    def _send(self, load: Load) -> None:
        now_ms, now = self._world.clock.now_ms(), self._world.clock.monotonic()
        first = load[0]
        if 0 < first.next_ms - now_ms <= RETRY_AFTER_CAP_S * 1000:  # beyond that somebody has set the clock back
            self._defer(load, now_ms)
            return
        barred = self._barred(first)
        if barred is not None:
            self._end(load, barred)
            return
        outgoing = self._outgoing(load)
        if not load:
            return
        for waiting in load:
            waiting.attempts += 1
            waiting.first_ms = waiting.first_ms or now_ms
            if waiting.since is None:
                waiting.since = now - max(0.0, (now_ms - waiting.first_ms) / 1000)
        self.gate.start()
        if first.to.begins and load[0].begun is None:
            self._begin(load, partial(self._go, load, outgoing))
        else:
            self._go(load, outgoing)

    def _outgoing(self, load: Load) -> list[Outgoing]:
        """The load with its bodies; what is gone, was changed or is not what was signed leaves the load."""
        outgoing: list[Outgoing] = []
        staying: list[Waiting] = []
        for waiting in load:
            body = self._fit(waiting)
            if isinstance(body, Park):
                self._end([waiting], body)
            else:
                outgoing.append(Outgoing(waiting.key, body))
                staying.append(waiting)
        load[:] = staying
        return outgoing

    def _fit(self, waiting: Waiting) -> bytes | Park:
        """The body, held against the signed fields of the very sink by which it goes out."""
        body = waiting.body if waiting.body is not None else self._body_of(waiting)
        if not isinstance(body, Park):
            try:
                waiting.to.guard.check(body)
            except GuardRefusal as refusal:
                return Park("guard", f"{refusal} Nothing was sent; the line is held.", None)
        return body

    def _go(self, load: Load, outgoing: list[Outgoing]) -> None:
        load[0].to.sender.send(outgoing, load[0].broken, partial(self._done, load))

    def _done(self, load: Load, told: Answer | Trouble | Unsent) -> None:
        first = load[0]
        if isinstance(told, Trouble):
            self.gate.failed(self._world.clock.monotonic())
            decision = self._after_trouble(load, told)
        elif isinstance(told, Unsent):
            self.gate.answered()
            decision = Park(told.reason, told.sentence, None)
        else:
            self.gate.answered()
            decision = self._after_answer(first, told)
        if isinstance(decision, Again):
            for waiting in load:
                waiting.next_ms = decision.next_ms
                self._settled(waiting, decision)
            self._defer(load, self._world.clock.now_ms())
        else:
            self._end(load, decision)
        self.pump()

    def _end(self, load: Load, decision: Decision) -> None:
        for waiting in load:
            if waiting.body is not None:
                self._bodies -= len(waiting.body)
            if isinstance(decision, Park) and waiting.to.hold_key:
                self.lanes.hold(waiting.lane, waiting.number)
            self.lanes.done(waiting)
            self._settled(waiting, decision)

    def _defer(self, load: Load, now_ms: int) -> None:
        """Its lanes stay blocked until then: the order of a key holds over retries."""
        seconds = min(max(load[0].next_ms - now_ms, 0) / 1000, RETRY_AFTER_CAP_S)
        self._retries[load[0].number] = self._loop.call_later(seconds, self._is_due, load)

    def _is_due(self, load: Load) -> None:
        del self._retries[load[0].number]
        for waiting in load:
            waiting.next_ms = 0  # its time has gone by, whatever the wall clock says now
        self._due.append(load)
        self.pump()

    def _after_answer(self, waiting: Waiting, answer: Answer) -> Decision:
        now_ms = self._world.clock.now_ms()
        outcome = waiting.to.classify(answer, waiting.key.decode("ascii"), now_ms)
        if outcome.how is Settled.DELIVERED:
            return Delivered(answer.status)
        if outcome.how is Settled.PARK:
            return Park(outcome.reason, outcome.sentence, answer.status)
        return self._again(waiting, Failure(outcome.reason, answer.status, outcome.after_s), now_ms)

    def _after_trouble(self, load: Load, trouble: Trouble) -> Decision:
        now_ms, first = self._world.clock.now_ms(), load[0]
        if trouble in (Trouble.MALFORMED, Trouble.TOO_LARGE):
            return Park("wrong-answer", _MALFORMED, None)
        if trouble is not Trouble.UNREACHED:
            for waiting in load:
                waiting.maybe_applied = waiting.broken = True
            if not first.to.honours_key:
                return Park("uncertain", _UNKNOWN, None)
        return self._again(first, Failure(trouble.value), now_ms)

    def _again(self, waiting: Waiting, failure: Failure, now_ms: int) -> Decision:
        now = self._world.clock.monotonic()
        tried = Tried(waiting.attempts, now - (now if waiting.since is None else waiting.since), waiting.maybe_applied)
        chance = int.from_bytes(self._world.randomness.bytes(2), "big") / 65_535
        return again(tried, failure, now_ms, waiting.to.give_up_s, chance)


def _same(to: Destination) -> Callable[[Waiting], bool]:
    """Whether a posting goes to this very destination."""
    return lambda waiting: waiting.to is to
