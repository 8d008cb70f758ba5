"""What is parked holds its key or lets it pass, and goes on by a replay, or ends by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from runtime.cases import group_of
from runtime.closing import Closing
from runtime.questions.cases import AskClose
from tests.runtime.delivery.playing import add_item, answer, hold_key, play, reject, replay
from tests.runtime.workshop import DEMO_ROWS, KEYS, Erp, Shop, charge, table


def test_a_key_on_hold_waits_for_its_parked_posting_and_goes_on_after_the_replay(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "A-1"), charge("C3", "B-2", encounter="E2"))
        await made.until(lambda: made.states() == {"parked": 1, "in-flight": 1, "delivered": 1})
        await asyncio.sleep(0.1)
        assert len(erp.asked) == 1
        add_item(made, "ZZ-9", "M-999")
        await replay(made, case=1)
        await made.settled()
        assert [each.body["material"] for each in erp.applied] == ["M-200", "M-999", "M-100"]

    play(tmp_path, story, change=hold_key)


def test_a_key_on_hold_still_waits_after_a_restart(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "A-1"))
        await made.until(lambda: made.states() == {"parked": 1, "in-flight": 1})
        made.stop()
        made.start()
        made.activate()
        await asyncio.sleep(0.2)
        assert erp.asked == []
        add_item(made, "ZZ-9", "M-999")
        await replay(made, case=1)
        await made.settled()
        assert [each.body["material"] for each in erp.applied] == ["M-999", "M-100"]

    play(tmp_path, story, change=hold_key)


def test_a_case_that_is_closed_by_hand_lets_its_key_go_on_and_says_why(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "A-1"))
        await made.until(lambda: made.states() == {"parked": 1, "in-flight": 1})
        closed = Closing(made.engine).close(AskClose(actor="priya", case=1, reason="Bought from nobody, used once"), 7)
        assert closed.outcome == "closed"
        await made.settled()
        assert [each.body["material"] for each in erp.applied] == ["M-100"]
        assert made.states() == {"parked": 1, "delivered": 1}
        assert made.rows("SELECT state FROM incident") == [("resolved",)]
        assert made.rows("SELECT actor, outcome FROM replay") == [("priya/uid-7", "closed")]
        records = b"".join(record for (record,) in made.rows("SELECT records FROM audit WHERE writer = 'delivery'"))
        assert b'"case.closed"' in records and b"Bought from nobody, used once" in records
        again = Closing(made.engine).close(AskClose(actor="priya", case=1, reason="Bought from nobody, used once"), 7)
        assert again.outcome == "nothing-to-do"
        made.stop()
        made.start()
        made.activate()
        made.accept(charge("C3", "A-1"))
        await made.until(lambda: made.states() == {"parked": 1, "delivered": 2})

    play(tmp_path, story, change=hold_key)


def test_a_case_of_which_a_line_is_on_its_way_is_not_closed(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        erp.script = lambda number, asked: answer(503)
        add_item(made, "ZZ-9", "M-999")
        await replay(made, case=1)
        closed = Closing(made.engine).close(AskClose(actor="priya", case=1, reason="Nobody needs it any more"), 7)
        assert closed.outcome == "on-its-way"
        assert made.rows("SELECT state FROM incident") == [("open",)]

    play(tmp_path, story)


def test_a_replay_posts_once_with_the_newest_rows_and_a_second_one_does_nothing(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "A-1", "ZZ-9"))
        await made.settled()
        assert made.states() == {"delivered": 1, "parked": 1}
        first = await replay(made, case=1)
        assert (first.outcome, first.parked) == ("parked-again", 1)
        assert made.rows("SELECT count(*), sum(count) FROM incident") == [(1, 2)]
        add_item(made, "ZZ-9", "M-999")
        second = await replay(made, case=1)
        assert (second.outcome, second.queued) == ("queued", 1)
        await made.settled()
        third = await replay(made, case=1)
        assert third.outcome == "nothing-to-do"
        assert [each.body["material"] for each in erp.applied] == ["M-100", "M-999"]
        assert len(erp.asked) == 2
        assert made.states() == {"delivered": 2}
        assert made.rows("SELECT state FROM incident") == [("resolved",)]
        assert made.rows("SELECT snapshots FROM posting ORDER BY number") == [
            ("items=1 locations=1",),
            ("items=2 locations=1",),
        ]
        outcomes = [o for (o,) in made.rows("SELECT outcome FROM replay ORDER BY number")]
        assert outcomes == ["parked-again", "queued", "nothing-to-do"]

    play(tmp_path, story)


def test_a_new_row_finds_every_case_that_hangs_on_its_key_and_no_other(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "ZZ-9", "YY-8", encounter=f"E{n}") for n in range(5)))
        await made.settled()
        assert made.rows("SELECT count(*) FROM incident") == [(10,)]
        add_item(made, "ZZ-9", "M-999")
        answered = await replay(made, master="items", key=("SUP", "ZZ-9"))
        assert (answered.outcome, answered.queued, len(answered.cases)) == ("queued", 5, 5)
        await made.settled()
        assert made.states() == {"delivered": 5, "parked": 5}
        group = group_of(KEYS.cause, "master-miss", "items", ("SUP", "YY-8"))
        add_item(made, "YY-8", "M-888")
        assert (await replay(made, group=group.hex())).queued == 5
        await made.settled()
        assert made.rows("SELECT count(*) FROM incident WHERE state = 'open'") == [(0,)]

    play(tmp_path, story)


def test_fifty_replays_at_once_post_once(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        add_item(made, "ZZ-9", "M-999")
        answers = await asyncio.gather(*(replay(made, case=1) for _ in range(50)))
        await made.settled()
        assert sorted(each.outcome for each in answers) == ["nothing-to-do"] * 49 + ["queued"]
        assert len(erp.asked) == 1

    play(tmp_path, story)


def test_a_whole_message_that_was_parked_turns_into_its_lines(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        known = made.masters.pop("locations")
        made.releases.renew("locations")
        made.accept(charge("C1", "A-1", "ZZ-9", "B-2"))
        await made.settled()
        assert made.rows("SELECT item, step, state FROM posting") == [("", "check", "parked")]
        made.masters["locations"] = known
        made.releases.renew("locations")
        answered = await replay(made, case=1)
        assert (answered.queued, answered.parked) == (2, 1)
        await made.settled()
        assert sorted(made.rows("SELECT item, state FROM posting")) == [
            ("FT1[1]", "delivered"),
            ("FT1[2]", "parked"),
            ("FT1[3]", "delivered"),
        ]

    play(tmp_path, story)


def test_a_refused_posting_may_be_sent_with_other_content_and_an_uncertain_one_may_not(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: answer(422) if asked.body["material"] == "M-100" else answer(200, b"<html>")
        made.accept(charge("C1", "A-1", encounter="E1"), charge("C2", "B-2", encounter="E2"))
        await made.settled()
        assert made.states() == {"parked": 2}
        for item in ("A-1", "B-2"):
            made.masters["items"] = change_item(made, item, f"N-{item}")
        made.releases.renew("items")
        erp.script = lambda number, asked: erp.ok(asked)
        asked_before = len(erp.asked)
        assert (await replay(made, case=1)).outcome == "queued"
        assert (await replay(made, case=2)).outcome == "parked-again"
        await made.settled()
        assert [each.body["material"] for each in erp.asked[asked_before:]] == ["N-A-1"]
        assert made.rows("SELECT cause FROM incident WHERE state = 'open'") == [("wrong-answer",)]

    play(tmp_path, story, throttle={"per_second": 1000, "burst": 100, "in_flight": 1})


def change_item(made: Shop, item: str, material: str) -> Any:
    before = made.masters["items"]
    rows = [dict(row) for row in DEMO_ROWS["items"]]
    known = {row["key"][1]: before.find(tuple(row["key"]), None) for row in rows}
    for row in rows:
        code = row["key"][1]
        now = known[code].values["material"] if known[code] else ""
        row["values"] = {"material": material if code == item else now, "base_unit": "EA"}
    return table(before.contract, rows)


def test_a_line_that_ends_on_purpose_in_a_replay_is_no_posting_any_more(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        made.release = reject(made)
        made.activate(2)
        answered = await replay(made, case=1)
        assert answered.outcome == "queued"
        assert made.states() == {}
        assert made.rows("SELECT item, reason FROM line") == [("FT1[1]", "master-miss")]
        assert made.rows("SELECT filtered FROM message") == [("master-miss",)]
        assert made.rows("SELECT state FROM incident") == [("resolved",)]

    play(tmp_path, story)


def test_a_replay_of_nothing_is_audited_too(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        assert (await replay(made, case=99)).outcome == "nothing-to-do"
        records = b"\n".join(r for (r,) in made.rows("SELECT records FROM audit WHERE writer = 'delivery'"))
        assert b'"action":"replay.requested","actor":"omar/uid-0"' in records

    play(tmp_path, story)
