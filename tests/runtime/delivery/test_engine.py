"""Delivery as a whole: real journal, nodes and sockets; an ERP that answers by a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from runtime.cases import group_of
from runtime.closing import Closing
from runtime.ledger import ledger
from runtime.questions.cases import AskClose
from runtime.questions.replay import AskReplay
from tests.runtime.workshop import DEMO_ROWS, KEYS, Asked, Erp, Shop, charge, more, released, shop, table

Play = Callable[[Shop, Erp], Coroutine[Any, Any, None]]


def play(folder: Path, story: Play, **given: Any) -> None:
    async def run() -> None:
        erp = Erp()
        async with shop(folder, erp, **given) as made:
            await story(made, erp)
            books = ledger(made.journal.reader())
            assert books.postings == books.delivered + books.parked + books.in_flight
            assert made.journal.reader().rows("SELECT count(*) FROM audit WHERE writer = 'delivery'") != [(0,)]

    asyncio.run(run())


def hold_key(flow: dict[str, Any]) -> None:
    flow["ordering"]["on_park"] = "hold-key"


def answer(status: int, body: bytes = b"{}", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


def test_messages_become_postings_that_arrive_once(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "A-1", "B-2", encounter=f"E{n}") for n in range(50)))
        await made.settled()
        assert made.states() == {"delivered": 100}
        assert len(erp.asked) == len({each.key for each in erp.asked}) == 100
        assert made.expanded[-1] == 50
        assert made.rows("SELECT DISTINCT body IS NULL, snapshots FROM posting") == [(1, "items=1 locations=1")]

    play(tmp_path, story)


def test_a_posting_is_durable_before_its_first_byte_is_sent(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        found = []

        def look(number: int, asked: Asked) -> bytes:
            key = bytes.fromhex(asked.key)
            found.append(made.rows("SELECT state FROM posting WHERE idempotency = ?", key))
            return erp.ok(asked)

        erp.script = look
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(20)))
        await made.settled()
        assert found == [[("in-flight",)]] * 20

    play(tmp_path, story)


def test_the_order_of_a_key_holds_over_retries_and_other_keys_do_not_wait(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        first: list[str] = []

        def fail_first(number: int, asked: Asked) -> bytes | None:
            first.append(asked.key)
            if asked.key == first[0] and first.count(asked.key) < 3:
                return None if number % 2 else answer(503)
            return erp.ok(asked)

        erp.script = fail_first
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n % 3}") for n in range(30)))
        await made.settled()
        lanes = dict(made.rows("SELECT lower(hex(idempotency)), lane FROM posting"))
        numbers = dict(made.rows("SELECT lower(hex(idempotency)), number FROM posting"))
        for lane in set(lanes.values()):
            went = [numbers[each.key] for each in erp.applied if lanes[each.key] == lane]
            assert went == sorted(went)
        assert len(erp.applied) == 30
        slow = lanes[first[0]]
        assert [lanes[each.key] for each in erp.applied].index(slow) == 0
        assert lanes[erp.applied[1].key] != slow

    play(tmp_path, story)


def test_no_more_is_under_way_than_the_throttle_allows(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.delay_s = 0.01
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(40)))
        await made.settled()
        assert erp.most_under_way == 3

    play(tmp_path, story, throttle={"per_second": 10_000, "burst": 1000, "in_flight": 3})


def test_a_refused_posting_is_parked_at_once_as_a_case(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: answer(422)
        made.accept(charge("C1", "A-1", "B-2"))
        await made.settled()
        assert made.states() == {"parked": 2}
        assert len(erp.asked) == 2
        [case] = made.rows("SELECT cause, step, severity, owner, count, state, sentence FROM incident")
        assert case[:6] == ("answer-422", "decrement", "high", "or-supply-desk", 2, "open")
        assert "4711" not in case[6]

    play(tmp_path, story)


def test_a_wrong_answer_is_no_success(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        page = b"<html>please log in</html>"
        script = [
            answer(200, page),
            answer(302, headers=b"Location: http://127.0.0.1:1/\r\n"),
            b"NO HTTP AT ALL\r\n\r\n",
        ]
        erp.script = lambda number, asked: script[(number - 1) % 3]
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(3)))
        await made.settled()
        assert made.states() == {"parked": 3}
        causes = {cause for (cause,) in made.rows("SELECT cause FROM incident")}
        assert causes <= {"wrong-answer", "answer-302"}

    play(tmp_path, story, throttle={"per_second": 1000, "burst": 100, "in_flight": 1})


def test_a_conflict_about_our_own_key_is_success(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: answer(409, b'{"key": "%b"}' % asked.key.encode())
        made.accept(charge("C1", "A-1"))
        await made.settled()
        assert made.states() == {"delivered": 1}

    play(tmp_path, story)


def test_retry_after_is_kept(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        loop, times = asyncio.get_running_loop(), []

        def busy(number: int, asked: Asked) -> bytes:
            times.append(loop.time())
            return answer(429, headers=b"Retry-After: 1\r\n") if number == 1 else erp.ok(asked)

        erp.script = busy
        made.accept(charge("C1", "A-1"))
        await made.settled()
        assert 0.95 < times[1] - times[0] < 2.5

    play(tmp_path, story)


def test_what_is_not_taken_for_too_long_is_parked(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: answer(503) if asked.body["material"] == "M-100" else None
        made.accept(charge("C1", "A-1", encounter="E1"), charge("C2", "B-2", encounter="E2"))
        await made.settled()
        assert made.states() == {"parked": 2}
        assert sorted(made.rows("SELECT cause FROM incident")) == [("gave-up",), ("uncertain",)]
        assert made.rows("SELECT min(attempts) FROM posting")[0][0] >= 3

    play(tmp_path, story, give_up_s=1)


def test_a_parked_posting_lets_its_key_pass(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "A-1"))
        await made.settled()
        assert made.states() == {"parked": 1, "delivered": 1}

    play(tmp_path, story)


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


def test_a_restart_sends_again_what_nobody_answered_under_the_same_key(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: None
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(10)))
        await made.until(lambda: len(erp.applied) == 10)
        made.stop()
        erp.script = lambda number, asked: erp.ok(asked)
        made.start()
        made.activate()
        await made.settled()
        assert made.states() == {"delivered": 10}
        assert len(erp.applied) == 10
        assert {each.key for each in erp.asked} == {each.key for each in erp.applied}

    play(tmp_path, story)


def test_a_dead_system_is_probed_and_everything_arrives_when_it_is_back(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.close()
        await asyncio.sleep(0)
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(30)))
        await asyncio.sleep(0.5)
        assert made.states() == {"in-flight": 30}
        await erp.open()
        await made.settled(20)
        assert made.states() == {"delivered": 30}

    play(tmp_path, story)


def test_what_does_not_fit_into_memory_is_read_again_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.delivery.engine.WINDOW", 8)
    monkeypatch.setattr("runtime.delivery.engine.REFILL", 3)
    monkeypatch.setattr("runtime.delivery.route.BODIES", 500)

    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n % 2}") for n in range(100)))
        await made.settled(20)
        lanes = dict(made.rows("SELECT lower(hex(idempotency)), lane FROM posting"))
        numbers = dict(made.rows("SELECT lower(hex(idempotency)), number FROM posting"))
        for lane in set(lanes.values()):
            went = [numbers[each.key] for each in erp.applied if lanes[each.key] == lane]
            assert went == sorted(went)
        assert len(erp.applied) == len(erp.asked) == 100

    play(tmp_path, story)


def test_a_refused_frame_is_one_case_however_often_it_comes(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        with made.intake.write() as transaction:
            for digest in (b"a", b"b", b"a", b"a"):
                transaction.run(
                    "INSERT INTO refusal (flow, source, received_ms, digest, size, reason, place, answer)"
                    " VALUES ('supply-consumption', 'or-system', 0, ?, 9, 'nul-character', 'segment 3', 'AR')",
                    (digest * 32,),
                )
        made.engine.wake()
        await made.until(lambda: made.rows("SELECT sum(count) FROM incident") == [(4,)])
        assert sorted(made.rows("SELECT count FROM incident")) == [(1,), (3,)]
        made.stop()
        made.start()
        await asyncio.sleep(0.1)
        assert made.rows("SELECT sum(count) FROM incident") == [(4,)]

    play(tmp_path, story)


# -- replay ---------------------------------------------------------------------------------------------------------


async def replay(made: Shop, **asked: Any) -> Any:
    return await made.replays.run(AskReplay(actor="omar", **asked), 0)


def add_item(made: Shop, item: str, material: str) -> None:
    row = {"key": ["SUP", item], "values": {"material": material, "base_unit": "EA"}}
    made.masters["items"] = more(made.masters["items"], [row])
    made.releases.renew("items")


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


def reject(made: Shop) -> Any:
    def change(flow: dict[str, Any]) -> None:
        step = next(each for each in flow["steps"] if each["id"] == "to-material")
        step["config"]["on_miss"] = "reject-line"

    port = made.release.around.environment.connections["erp-inventory"].port
    return released("supply-consumption", change, port=port)


def test_a_replay_of_nothing_is_audited_too(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        assert (await replay(made, case=99)).outcome == "nothing-to-do"
        records = b"\n".join(r for (r,) in made.rows("SELECT records FROM audit WHERE writer = 'delivery'"))
        assert b'"action":"replay.requested","actor":"omar/uid-0"' in records

    play(tmp_path, story)


# -- releases that end ----------------------------------------------------------------------------------------------


def test_after_a_revocation_nothing_more_is_sent_and_everything_waits_for_a_person(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        erp.script = lambda number, asked: answer(503)
        made.accept(*(charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(5)))
        await made.until(lambda: len(erp.asked) >= 5)
        made.releases.deactivate("supply-consumption", "revoked")
        asked = len(erp.asked)
        made.accept(charge("C9", "A-1", encounter="E9"))
        await made.settled()
        assert made.states() == {"parked": 6}
        assert len(erp.asked) <= asked + 1
        assert {cause for (cause,) in made.rows("SELECT cause FROM incident")} == {"release-revoked"}

    play(tmp_path, story)


def test_a_newer_release_takes_new_messages_and_the_older_ones_go_by_their_own(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "A-1"))
        await made.settled()
        made.release = reject(made)
        number = made.activate(2)
        assert number == 2
        made.accept(charge("C2", "ZZ-9", encounter="E2"), release=1)
        made.accept(charge("C3", "ZZ-9", encounter="E3"), release=2)
        await made.settled()
        assert made.states() == {"delivered": 1, "parked": 1}
        assert made.rows("SELECT number, ended_ms IS NULL FROM release") == [(1, 0), (2, 1)]

    play(tmp_path, story)
