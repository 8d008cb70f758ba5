"""Retention: what is old and done with becomes unreadable; what is open, younger, or under a wrong clock does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from flows import audit
from runtime.closing import Closing
from runtime.crypto import about_message
from runtime.delivery.retention import Retention
from runtime.journal import queries
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.resealing import MESSAGES
from runtime.journal.store import Journal
from runtime.missing import missing_key
from runtime.questions.cases import AskClose
from runtime.questions.replay import AskReplay
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World
from tests.runtime.workshop import Erp, Shop, charge, shop

HOUR, DAY = 3_600.0, 86_400.0
Play = Callable[[Shop, Erp, SetClock, Retention], Coroutine[Any, Any, None]]


def keep(days: int | None) -> Callable[[dict[str, Any]], None]:
    def change(flow: dict[str, Any]) -> None:
        flow["retention"] = None if days is None else {"payload_days": days}

    return change


def play(folder: Path, story: Play, days: int | None = 30) -> None:
    async def run() -> None:
        erp, clock = Erp(), SetClock()
        async with shop(folder, erp, change=keep(days), clock=clock, on_disk=True) as made:
            await story(made, erp, clock, Retention(made.journal, made.keys, clock))
            rows = made.rows("SELECT first, count, records, head FROM audit WHERE writer = 'delivery' ORDER BY first")
            assert audit.verify("delivery", rows)[2] is None

    asyncio.run(run())


def pass_by(clock: SetClock, retention: Retention, days: float) -> int:
    """Time goes by with a look every hour; gives how many keys went."""
    gone = 0
    for _ in range(round(days * 24)):
        clock.advance(HOUR)
        gone += retention.look()
    return gone


def readable(made: Shop) -> list[int]:
    """The messages whose payload opens, with nothing but what is on the disk and the master key."""
    found, keys = [], DataKeys(made.secrets.master_key, SeededRandomness(1))
    for number, key, payload, *belongs in made.rows(MESSAGES, 0, 1_000):
        try:
            keys.numbered(made.journal.reader(), key).open(payload, about_message(number, *belongs))
        except NoDataKey:
            continue
        found.append(number)
    return found


def test_a_delivered_payload_is_readable_for_its_days_and_gone_after_them(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        made.accept(charge("C1", "A-1"))
        await made.settled()
        assert pass_by(clock, retention, 30) == 0 and readable(made) == [1]
        assert pass_by(clock, retention, 1) == 1 and readable(made) == []
        [(records,)] = made.rows("SELECT records FROM audit WHERE CAST(records AS TEXT) LIKE '%payload.shredded%'")
        assert b'"period":"2026-03-31"' in records and b'"reason":"retention"' in records
        with pytest.raises(NoDataKey):
            made.keys.numbered(made.journal.reader(), 1)

    play(tmp_path, story)


def test_nothing_of_the_key_is_left_in_the_files(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        made.accept(charge("C1", "A-1"))
        await made.settled()
        [(wrapped,)] = made.rows("SELECT wrapped FROM data_key")

        def lies_in() -> list[str]:
            return [file.name for file in tmp_path.iterdir() if file.is_file() and wrapped in file.read_bytes()]

        assert lies_in()
        assert pass_by(clock, retention, 31) == 1
        assert lies_in() == []

    play(tmp_path, story)


def test_a_day_with_an_open_posting_stays_readable_until_it_is_done_with(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        erp.script = lambda number, asked: b"HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n"
        made.accept(charge("C1", "A-1"))
        await made.settled()
        clock.advance(DAY)
        erp.script = lambda number, asked: erp.ok(asked)
        made.accept(charge("C2", "A-1", encounter="E2"))
        await made.settled()
        assert pass_by(clock, retention, 40) == 1
        assert readable(made) == [1]
        await made.replays.run(AskReplay(actor="oli", case=1), 0)
        await made.settled()
        assert len(erp.applied) == 2
        assert pass_by(clock, retention, 1) == 1 and readable(made) == []

    play(tmp_path, story)


def test_what_is_held_in_a_case_that_was_closed_by_hand_goes_with_its_days(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        assert pass_by(clock, retention, 32) == 0
        Closing(made.engine).close(AskClose(actor="oli", case=1, reason="Nobody needs it any more."), 0)
        assert pass_by(clock, retention, 1) == 1 and readable(made) == []
        assert made.states() == {"parked": 1}

    play(tmp_path, story)


def test_what_is_on_its_way_or_not_expanded_keeps_its_day(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        erp.script = lambda number, asked: b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
        made.accept(charge("C1", "A-1"))
        await made.until(lambda: made.states() == {"in-flight": 1})
        for route in made.routes:
            route.stop()
        made.engine._draining = True
        clock.advance(DAY)
        made.accept(charge("C2", "A-1"))
        assert pass_by(clock, retention, 60) == 0 and readable(made) == [1, 2]

    play(tmp_path, story)


def test_without_a_retention_nothing_is_destroyed(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        made.accept(charge("C1", "A-1"))
        await made.settled()
        assert pass_by(clock, retention, 400) == 0 and readable(made) == [1]

    play(tmp_path, story, days=None)


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_that_jumps_destroys_nothing_for_a_day(tmp_path: Path, years: int) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        made.accept(charge("C1", "A-1"))
        await made.settled()
        pass_by(clock, retention, 2)
        clock.jump(years * 365 * DAY)
        assert pass_by(clock, retention, 0.9) == 0
        clock.jump(-years * 365 * DAY)
        assert pass_by(clock, retention, 27) == 0 and readable(made) == [1]
        assert pass_by(clock, retention, 3) == 1

    play(tmp_path, story)


def test_a_key_that_a_master_lacks_outlives_its_first_payload_while_a_case_waits_for_it(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp, clock: SetClock, retention: Retention) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        [(group, first)] = made.rows("SELECT cause_group, data_key FROM missing_key")
        made.journal.connection.execute("UPDATE posting SET state = 'delivered'")  # another case of the cause is open
        assert pass_by(clock, retention, 32) == 1
        assert made.rows("SELECT data_key > ? FROM missing_key", first) == [(1,)]
        fresh = DataKeys(made.secrets.master_key, SeededRandomness(1))
        assert missing_key(made.journal.reader(), fresh, group) == ("SUP", "ZZ-9")
        made.journal.connection.execute("UPDATE incident SET state = 'resolved'")
        assert pass_by(clock, retention, 32) == 1
        assert made.rows("SELECT * FROM missing_key") == []

    play(tmp_path, story)


def test_intake_forgets_yesterday_s_key(tmp_path: Path) -> None:
    clock = SetClock()
    journal = Journal.in_memory(str(tmp_path), "intake", World(clock, SeededRandomness(1), SystemNetwork()))
    keys = DataKeys(b"m" * 32, SeededRandomness(2))
    with journal.write() as transaction:
        yesterday, _ = keys.current(transaction, "supply")
    clock.advance(DAY)
    with journal.write() as transaction:
        keys.current(transaction, "supply")
        transaction.run(queries.DATA_KEY_SHRED, (yesterday,))
    with pytest.raises(NoDataKey):
        keys.numbered(journal.reader(), yesterday)
