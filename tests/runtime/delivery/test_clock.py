"""Somebody sets the wall clock while postings are being retried: nothing is early, late, lost or twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from flows import audit
from runtime.world import SystemClock
from tests.runtime.workshop import Asked, Erp, Shop, charge, shop

HOUR, DAY = 3_600, 86_400
JUMPS = {"back an hour": -HOUR, "on a day": DAY, "on ten years": 3650 * DAY, "back ten years": -3650 * DAY}
BUSY = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"


class Jumpy(SystemClock):
    """The machine's clock, until somebody sets it."""

    off_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.off_ms

    def jump(self, seconds: int) -> None:
        self.off_ms += seconds * 1000


Play = Callable[[Shop, Erp, Jumpy], Coroutine[Any, Any, None]]


def play(folder: Path, story: Play, **given: Any) -> None:
    async def run() -> None:
        erp, clock = Erp(), Jumpy()
        async with shop(folder, erp, clock=clock, **given) as made:
            await story(made, erp, clock)

    asyncio.run(run())


@pytest.mark.parametrize("seconds", JUMPS.values(), ids=JUMPS)
def test_a_retry_comes_when_its_pause_is_over_and_not_when_the_wall_says_so(tmp_path: Path, seconds: int) -> None:
    async def story(made: Shop, erp: Erp, clock: Jumpy) -> None:
        def twice(number: int, asked: Asked) -> bytes:
            if len(erp.asked) in (1, 3):
                clock.jump(seconds if len(erp.asked) == 1 else -seconds)
            return BUSY if len(erp.asked) < 5 else erp.ok(asked)

        erp.script = twice
        made.accept(*(charge(f"C{n}", "A-1") for n in range(3)))
        await made.settled()
        keys = [each.key for each in erp.asked]
        assert made.states() == {"delivered": 3} and len(erp.applied) == 3
        assert keys[:5] == [keys[0]] * 5, "the order of the key holds"

    play(tmp_path, story, give_up_s=60)


@pytest.mark.parametrize("seconds", [DAY, 3650 * DAY])
def test_a_jump_forward_gives_nothing_up_early(tmp_path: Path, seconds: int) -> None:
    async def story(made: Shop, erp: Erp, clock: Jumpy) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1"))
        await made.until(lambda: len(erp.asked) == 2)
        clock.jump(seconds)
        await made.until(lambda: len(erp.asked) == 4)
        assert made.states() == {"in-flight": 1}
        erp.script = lambda number, asked: erp.ok(asked)
        await made.settled()
        assert made.states() == {"delivered": 1}

    play(tmp_path, story, give_up_s=3600)


def test_a_jump_back_does_not_keep_on_what_is_to_be_given_up(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: Jumpy) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1"))
        await made.until(lambda: len(erp.asked) == 2)
        clock.jump(-3650 * DAY)
        await made.settled()
        assert made.rows("SELECT cause FROM incident") == [("gave-up",)]

    play(tmp_path, story, give_up_s=2)


@pytest.mark.parametrize("seconds", [-3650 * DAY, 3650 * DAY])
def test_what_was_deferred_before_a_restart_under_another_clock_is_sent(tmp_path: Path, seconds: int) -> None:
    async def story(made: Shop, erp: Erp, clock: Jumpy) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1"))
        await made.until(lambda: made.rows("SELECT 1 FROM posting WHERE attempts > 0") != [])
        made.stop()
        clock.jump(seconds)
        erp.script = lambda number, asked: erp.ok(asked)
        made.start()
        await made.settled()
        (state,) = made.states()
        assert state == "delivered" and len({each.key for each in erp.asked}) == 1

    play(tmp_path, story, give_up_s=30 * DAY)


def test_the_chain_of_the_audit_holds_whatever_the_clock_says(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: Jumpy) -> None:
        for number, seconds in enumerate((0, *JUMPS.values())):
            clock.jump(seconds)
            made.accept(charge(f"C{number}", "A-1", encounter=f"E{number}"))
            await made.settled()
        rows = made.rows("SELECT first, count, records, head FROM audit WHERE writer = 'delivery' ORDER BY first")
        assert audit.verify("delivery", rows)[2] is None and made.states() == {"delivered": 5}

    play(tmp_path, story)
