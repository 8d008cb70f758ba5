"""Delivery as a whole: real journal, nodes and sockets; an ERP that answers by a script."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.runtime.delivery.playing import answer, play, reject
from tests.runtime.workshop import Asked, Erp, Shop, charge


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
