"""Somebody writes the journal without the keys: nothing goes out but what the runtime put there, and it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from runtime.crypto import about_message, about_posting
from runtime.journal import queries
from runtime.journal.format import FORMAT
from runtime.journal.resealing import MESSAGES, POSTINGS, resealing
from runtime.journal.store import Journal
from runtime.questions.replay import AskReplay
from tests.runtime.workshop import Erp, Shop, charge, shop

Story = Callable[[Shop, Erp], Coroutine[Any, Any, None]]
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
DEFERRED = "SELECT count(*) FROM posting WHERE attempts = 1 AND next_ms > 0"


def told(folder: Path, story: Story, on_disk: bool = False, **connection: Any) -> None:
    async def run() -> None:
        erp = Erp()
        async with shop(folder, erp, on_disk=on_disk, **connection) as made:
            await story(made, erp)

    asyncio.run(run())


def write(made: Shop, *statements: str) -> None:
    """As somebody does who may write the file."""
    for statement in statements:
        made.journal.connection.execute(statement)


def again(made: Shop) -> None:
    made.stop()
    made.start()
    made.activate()


async def deferred(made: Shop, count: int) -> None:
    """The other side asked each to come again in an hour: nothing is under way."""
    await made.until(lambda: made.rows(DEFERRED) == [(count,)])


def case(made: Shop) -> list[tuple[Any, ...]]:
    return made.rows("SELECT message, cause FROM incident WHERE state = 'open'")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE posting SET idempotency = zeroblob(32) WHERE number = 1",
        "UPDATE posting SET lane = zeroblob(32) WHERE number = 1",
        "UPDATE posting SET lane = 'text' WHERE number = 1",
        "UPDATE posting SET idempotency = 7 WHERE number = 1",
        "UPDATE posting SET message = 2 WHERE number = 1",
        "UPDATE posting SET message = 99 WHERE number = 1",
        "UPDATE posting SET item = 'FT1[2]' WHERE number = 1",
        "UPDATE posting SET step = 'nowhere' WHERE number = 1",
        "UPDATE posting SET operation = 'other' WHERE number = 1",
        "UPDATE posting SET connection = 'other' WHERE number = 1",
        "UPDATE posting SET attempts = 'many' WHERE number = 1",
        "UPDATE posting SET next_ms = 'never' WHERE number = 1",
        "UPDATE posting SET body = (SELECT body FROM posting WHERE number = 2) WHERE number = 1",
        "UPDATE posting SET body = NULL WHERE number = 1",
        "UPDATE posting SET body = 'text' WHERE number = 1",
        "UPDATE posting SET body = x'00' WHERE number = 1",
    ],
)
def test_a_posting_whose_row_was_changed_is_not_sent_and_waits_as_tampered_while_others_go_on(
    tmp_path: Path, change: str
) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1", encounter="E1"), charge("C2", "B-2", encounter="E2"))
        await deferred(made, 2)
        made.stop()
        write(made, "PRAGMA foreign_keys = OFF", change, "UPDATE posting SET next_ms = 0 WHERE next_ms <> 'never'")
        erp.asked.clear()
        erp.script = lambda number, asked: erp.ok(asked)
        again(made)
        await made.until(lambda: made.states() == {"delivered": 1, "parked": 1})
        assert [asked.body["material"] for asked in erp.applied] == ["M-200"]
        assert [cause for _, cause in case(made)] == ["tampered"]

    told(tmp_path, story)


def test_a_posting_is_never_sent_by_another_release_than_the_one_that_made_it(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1"))
        await deferred(made, 1)
        made.stop()
        write(made, "UPDATE release SET digest = 'other' WHERE number = 1", "UPDATE posting SET next_ms = 0")
        made.release = made.release._replace(digest="cd" * 32)
        erp.asked.clear()
        again(made)
        await made.until(lambda: made.states() == {"parked": 1})
        assert erp.asked == []
        assert [cause for _, cause in case(made)] == ["tampered"]

    told(tmp_path, story)


@pytest.mark.parametrize(
    "change",
    [
        "flow = 'other'",
        "source = 'other'",
        "label = 'real'",
        "received_ms = received_ms + 1",
        "digest = zeroblob(32)",
        "digest = 'text'",
        "source = 7",
        "payload = (SELECT payload FROM message WHERE number = 2)",
        "payload = 'text'",
    ],
)
def test_a_message_whose_row_was_changed_becomes_a_case_and_the_next_one_is_delivered(
    tmp_path: Path, change: str
) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.stop()
        made.accept(charge("C1", "A-1", encounter="E1"), charge("C2", "B-2", encounter="E2"))
        write(made, f"UPDATE message SET {change} WHERE number = 1")  # noqa: S608
        again(made)
        await made.settled()
        assert [asked.body["material"] for asked in erp.applied] == ["M-200"]
        assert case(made) == [(1, "tampered")]
        answer = await made.replays.run(AskReplay(actor="omar", case=1), 0)
        assert answer.queued == 0
        assert len(erp.asked) == 1

    told(tmp_path, story)


def test_a_delivered_message_that_is_set_back_is_not_sent_once_more(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "A-1", encounter="E1"), charge("C2", "B-2", encounter="E2"))
        await made.settled()
        made.stop()
        write(made, "DELETE FROM posting WHERE message = 1", "UPDATE message SET expanded = 0 WHERE number = 1")
        again(made)
        await made.settled()
        assert len(erp.asked) == 2
        assert case(made) == [(1, "tampered")]

    told(tmp_path, story)


def test_a_body_kept_from_before_is_not_sent_under_another_key(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1"))
        await deferred(made, 1)
        [(body,)] = made.rows("SELECT body FROM posting")
        erp.script = lambda number, asked: erp.ok(asked)
        write(made, "UPDATE posting SET next_ms = 0")
        again(made)
        await made.settled()
        made.stop()
        made.journal.connection.execute(
            "UPDATE posting SET state = 'in-flight', next_ms = 0, body = ?, idempotency = zeroblob(32)", (body,)
        )
        again(made)
        await made.settled()
        assert len(erp.applied) == 1
        assert {asked.key for asked in erp.asked} == {erp.applied[0].key}
        assert [cause for _, cause in case(made)] == ["tampered"]

    told(tmp_path, story)


def test_what_is_not_in_the_signed_list_is_stopped_as_it_goes_out(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        route = next(iter(made.routes))
        add = route.add

        def planted(waiting: Any) -> None:
            waiting.body = json.dumps({**json.loads(waiting.body), "patient": "Rivera"}).encode()
            add(waiting)

        route.add = planted
        made.accept(charge("C1", "A-1"))
        await made.settled()
        assert erp.asked == []
        assert case(made) == [(1, "guard")]

    told(tmp_path, story)


def test_a_journal_of_the_second_format_is_raised_and_what_is_open_in_it_goes_out(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: BUSY
        made.accept(charge("C1", "A-1", encounter="E1"))
        await deferred(made, 1)
        made.stop()
        made.accept(charge("C2", "B-2", encounter="E2"))
        as_before(made)
        Journal.open(
            tmp_path / "journal.db", "opening", made.world, ballast_bytes=0, reseal=resealing(made.keys)
        ).close()
        assert made.rows(queries.META, "format") == [(FORMAT,)]
        erp.script = lambda number, asked: erp.ok(asked)
        again(made)
        await made.settled()
        assert sorted(asked.body["material"] for asked in erp.applied) == ["M-100", "M-200"]

    told(tmp_path, story, on_disk=True)


def as_before(made: Shop) -> None:
    """All of it sealed as the second format did it: for the number of the row alone."""
    execute, reader = made.journal.connection.execute, made.journal.reader()
    for rows, update, about, before in (
        (MESSAGES, "UPDATE message SET payload = ? WHERE number = ?", about_message, b"message:%d"),
        (POSTINGS, "UPDATE posting SET next_ms = 0, body = ? WHERE number = ?", about_posting, b"posting:%d"),
    ):
        for number, key, sealed, *belongs in made.rows(rows, 0, 100):
            sealer = made.keys.numbered(reader, key)
            opened = sealer.open(sealed, about(number, *belongs))  # type: ignore[operator]
            execute(update, (sealer.seal(opened, before % number), number))
    execute("ALTER TABLE audit DROP COLUMN mac")
    execute(queries.SET_META, ("format", "lockgate/journal/2"))
