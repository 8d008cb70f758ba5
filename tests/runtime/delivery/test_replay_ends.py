"""Every replayed line comes to an end, or the runtime says what it waits for: nothing stays on its way unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from flows.trust import Reason, Refusal
from runtime import replay as replaying
from runtime.cases import group_of
from runtime.closing import Closing
from runtime.progress import Progresses
from runtime.questions.cases import AskClose
from runtime.questions.replay import AskPlan, AskProgress, AskReplay, Progress, Replayed
from tests.runtime.workshop import KEYS, Erp, Shop, charge, more, released, shop

Play = Callable[[Shop, Erp], Coroutine[Any, Any, None]]
GROUP = group_of(KEYS.cause, "master-miss", "items", ("SUP", "ZZ-9")).hex()
OPEN = "SELECT count(*) FROM incident WHERE state = 'open'"


def play(folder: Path, story: Play, **given: Any) -> None:
    async def run() -> None:
        erp = Erp()
        async with shop(folder, erp, **given) as made:
            await story(made, erp)

    asyncio.run(run())


def hold_key(flow: dict[str, Any]) -> None:
    flow["ordering"]["on_park"] = "hold-key"


async def replay(made: Shop, **asked: Any) -> Replayed:
    return await made.replays.run(AskReplay(actor="omar", **asked), 0)


def add_item(made: Shop, item: str, material: str = "M-999") -> None:
    row = {"key": ["SUP", item], "values": {"material": material, "base_unit": "EA"}}
    made.masters["items"] = more(made.masters["items"], [row])
    made.releases.renew("items")


def renewed(made: Shop, change: Callable[[dict[str, Any]], None] = lambda flow: None) -> None:
    """The next version of the flow runs."""
    port = made.release.around.environment.connections["erp-inventory"].port
    made.release = released("supply-consumption", change, port=port)
    made.activate(2)


def close(made: Shop, case: int) -> str:
    return Closing(made.engine).close(AskClose(actor="priya", case=case, reason="Used for a drill"), 7).outcome


def test_a_case_closed_by_hand_holds_up_no_other_line_of_its_key_where_the_flow_lets_them_pass(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "ZZ-9") for n in range(4)))
        await made.settled()
        assert close(made, 1) == "closed"
        made.accept(charge("C4", "A-1"))
        await made.settled()
        add_item(made, "ZZ-9")
        assert (await replay(made, group=GROUP)).queued == 3
        await made.settled()
        assert made.states() == {"parked": 1, "delivered": 4}
        assert made.rows(OPEN) == [(0,)]

    play(tmp_path, story)


def test_a_key_that_was_on_hold_goes_on_when_a_newer_version_lets_lines_pass(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "A-1"))
        await made.until(lambda: made.states() == {"parked": 1, "in-flight": 1})
        renewed(made)
        add_item(made, "ZZ-9")
        assert (await replay(made, group=GROUP)).queued == 1
        await made.settled()
        assert [each.body["material"] for each in erp.applied] == ["M-999", "M-100"]

    play(tmp_path, story, change=hold_key)


def test_lines_behind_a_replayed_one_go_on_though_a_newer_version_orders_by_another_key(tmp_path: Path) -> None:
    def by_patient(flow: dict[str, Any]) -> None:
        hold_key(flow)
        flow["ordering"]["key"] = "PID-3[1].1"

    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "A-1"))
        await made.until(lambda: made.states() == {"parked": 1, "in-flight": 1})
        renewed(made, by_patient)
        add_item(made, "ZZ-9")
        assert (await replay(made, group=GROUP)).queued == 1
        await made.settled()
        assert made.states() == {"delivered": 2}

    play(tmp_path, story, change=hold_key)


def test_a_replayed_line_that_is_parked_at_a_restart_leaves_no_empty_case_open(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        erp.close()
        add_item(made, "ZZ-9")
        assert (await replay(made, group=GROUP)).queued == 1
        made.stop()
        made.release = Refusal(Reason.REVOKED, "It was revoked.")  # type: ignore[assignment]
        made.start()
        assert made.states() == {"parked": 1}
        assert made.rows("SELECT cause, state FROM incident ORDER BY number") == [
            ("master-miss", "resolved"),
            ("release-refused", "open"),
        ]

    play(tmp_path, story)


def test_a_case_that_holds_nothing_is_resolved_at_the_next_start(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"), charge("C2", "YY-8"))
        await made.settled()
        with made.journal.write() as transaction:
            transaction.run("UPDATE posting SET incident = 2 WHERE incident = 1")
        made.stop()
        made.start()
        assert made.rows("SELECT number, state FROM incident ORDER BY number") == [(1, "resolved"), (2, "open")]

    play(tmp_path, story)


def test_one_message_that_cannot_be_replayed_does_not_keep_the_others_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "ZZ-9", encounter=f"E{n}") for n in range(5)))
        await made.settled()
        add_item(made, "ZZ-9")
        again = made.engine.expander.again

        def failing(accepted: Any, running: Any) -> Any:
            if accepted.number == 3:
                raise KeyError("a mistake of a node")
            return again(accepted, running)

        monkeypatch.setattr(made.engine.expander, "again", failing)
        said = await replay(made, group=GROUP)
        assert (said.queued, [each.lines for each in said.left]) == (4, [1])
        assert said.sentence.startswith("Postings: 4 on their way, 1 not tried.")
        await made.settled()
        assert made.rows(OPEN) == [(1,)]

    play(tmp_path, story)


def test_lines_of_a_flow_that_does_not_run_are_said_beside_those_that_went(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "ZZ-9", encounter=f"E{n}") for n in range(3)))
        await made.settled()
        add_item(made, "ZZ-9")
        with made.journal.write() as transaction:
            transaction.run("UPDATE message SET flow = 'elsewhere' WHERE number = 2")
        said = await replay(made, group=GROUP)
        assert (said.queued, said.left[0].lines) == (2, 1)
        assert said.left[0].sentence == "No release of flow 'elsewhere' runs; activate one first."
        assert said.sentence == f"Postings: 2 on their way, 1 not tried. {said.left[0].sentence}"

    play(tmp_path, story)


def test_a_replay_of_very_many_messages_says_how_many_wait_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "MOST_REPLAYED", 3)

    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "ZZ-9", encounter=f"E{n}") for n in range(5)))
        await made.settled()
        add_item(made, "ZZ-9")
        said = await replay(made, group=GROUP)
        assert (said.queued, said.left[0].lines) == (3, 2)
        await made.settled()
        assert (await replay(made, group=GROUP)).left == ()
        await made.settled()
        assert made.rows(OPEN) == [(0,)]

    play(tmp_path, story)


def progress(made: Shop, said: Replayed) -> Progress:
    assert said.mark is not None
    return Progresses(made.engine).of(AskProgress(**said.mark.model_dump(), group=GROUP))


def test_what_became_of_a_replay_is_said_of_every_line(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(*(charge(f"C{n}", "ZZ-9", encounter=f"E{n}") for n in range(5)))
        await made.settled()
        add_item(made, "ZZ-9")
        refused = b"HTTP/1.1 422 X\r\nContent-Length: 2\r\n\r\n{}"
        erp.script = lambda number, asked: refused if number > 3 else erp.ok(asked)
        said = await replay(made, group=GROUP)
        await made.settled()
        seen = progress(made, said)
        assert (seen.lines, seen.posted, seen.on_its_way, seen.new) == (5, 3, (), 0)
        assert [(each.cause, each.lines) for each in seen.held] == [("answer-422", 2)]
        held = made.rows("SELECT number FROM incident WHERE cause = 'answer-422' ORDER BY number")[0][0]
        assert close(made, held) == "closed"
        seen = progress(made, said)
        assert (seen.posted, seen.closed, [each.lines for each in seen.held]) == (3, 1, [1])

    play(tmp_path, story)


def test_lines_that_stop_again_and_cases_that_came_since_are_told_apart(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9", encounter="E1"), charge("C2", "ZZ-9", encounter="E2"))
        await made.settled()
        said = await replay(made, group=GROUP)
        made.accept(charge("C3", "ZZ-9", encounter="E3"))
        await made.settled()
        seen = progress(made, said)
        assert (seen.lines, seen.posted, seen.new) == (2, 0, 1)
        assert [(each.group, each.cause, each.lines) for each in seen.held] == [(GROUP, "master-miss", 2)]

    play(tmp_path, story)


def test_a_replayed_line_that_waits_behind_a_held_one_of_its_key_says_which_cause_holds_it(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "YY-8"), charge("C2", "ZZ-9"), charge("C3", "ZZ-9", encounter="E2"))
        await made.settled()
        add_item(made, "ZZ-9")
        said = await replay(made, group=GROUP)
        await made.until(lambda: made.states() == {"parked": 1, "in-flight": 1, "delivered": 1})
        seen = progress(made, said)
        other = group_of(KEYS.cause, "master-miss", "items", ("SUP", "YY-8")).hex()
        assert [(each.waits_for, each.group, each.lines) for each in seen.on_its_way] == [("held-line", other, 1)]

    play(tmp_path, story, change=hold_key)


def test_a_replayed_line_that_was_not_taken_yet_says_that_it_waits_for_its_next_attempt(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        add_item(made, "ZZ-9")
        busy = b"HTTP/1.1 429 X\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\n{}"
        erp.script = lambda number, asked: busy
        said = await replay(made, group=GROUP)
        await made.until(lambda: made.rows("SELECT attempts FROM posting") == [(1,)])
        (waiting,) = progress(made, said).on_its_way
        assert (waiting.waits_for, waiting.connection, waiting.lines) == ("next-attempt", "erp-inventory", 1)

    play(tmp_path, story)


def test_a_line_that_ends_on_purpose_is_counted_as_ended(tmp_path: Path) -> None:
    def rejecting(flow: dict[str, Any]) -> None:
        step = next(each for each in flow["steps"] if each["id"] == "to-material")
        step["config"]["on_miss"] = "reject-line"

    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        renewed(made, rejecting)
        said = await replay(made, group=GROUP)
        assert (said.outcome, said.ended) == ("queued", 1)
        seen = progress(made, said)
        assert (seen.lines, seen.ended, seen.posted) == (1, 1, 0)

    play(tmp_path, story)


def test_a_key_on_hold_holds_what_comes_after_a_restart_too_where_nothing_else_was_on_its_way(tmp_path: Path) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9"))
        await made.settled()
        made.stop()
        made.start()
        made.activate()
        made.accept(charge("C2", "A-1"), charge("C3", "B-2", encounter="E2"))
        await made.until(lambda: made.states().get("delivered", 0) > 0)
        await asyncio.sleep(0.1)
        assert [each.body["material"] for each in erp.applied] == ["M-200"]
        add_item(made, "ZZ-9")
        await replay(made, group=GROUP)
        await made.settled()
        assert [each.body["material"] for each in erp.applied] == ["M-200", "M-999", "M-100"]

    play(tmp_path, story, change=hold_key)


def undivided(flow: dict[str, Any]) -> None:
    """The whole message in one piece."""
    flow["steps"] = [step for step in flow["steps"] if step["id"] != "lines"]
    flow["wires"] = [wire for wire in flow["wires"] if wire["from"] != "lines.out"]
    next(wire for wire in flow["wires"] if wire["to"] == "lines.in")["to"] = "tokenise.in"


def test_a_line_that_a_newer_version_does_not_make_any_more_stays_held_and_is_not_called_a_repeat(
    tmp_path: Path,
) -> None:
    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "A-1", "ZZ-9"))
        await made.settled()
        renewed(made, undivided)
        add_item(made, "ZZ-9")
        planned = made.replays.plan(AskPlan(group=GROUP))
        assert (planned.post, planned.park, planned.end, planned.problem) == (0, 0, 0, replaying.NO_SUCH_LINE)
        answered = await replay(made, group=GROUP)
        assert (answered.outcome, [each.lines for each in answered.left]) == ("nothing-to-do", [1])
        assert answered.left[0].sentence == replaying.NO_SUCH_LINE
        assert made.states() == {"delivered": 1, "parked": 1}
        assert made.rows(OPEN) == [(1,)]
        renewed(made)  # a version that divides messages as the first did
        assert (await replay(made, group=GROUP)).queued == 1
        await made.settled()
        assert [each.body["material"] for each in erp.applied] == ["M-100", "M-999"]

    play(tmp_path, story)


def test_a_line_of_a_message_that_a_newer_version_ends_as_a_whole_ends_with_it(tmp_path: Path) -> None:
    def nothing_of_theatres(flow: dict[str, Any]) -> None:
        step = {"id": "not", "kind": "filter", "version": 1, "title": "Not from theatres"}
        keep = {"equal": [{"field": "MSH-3.1"}, {"text": "WARD"}]}
        flow["steps"].insert(1, {**step, "config": {"keep": keep, "reason": "not-ours"}})
        next(wire for wire in flow["wires"] if wire["from"] == "receive.out")["to"] = "not.in"
        flow["wires"].append({"from": "not.out", "to": "check.in"})

    async def story(made: Shop, erp: Erp) -> None:
        made.accept(charge("C1", "ZZ-9", "ZZ-9"))
        await made.settled()
        renewed(made, nothing_of_theatres)
        assert (await replay(made, group=GROUP)).ended == 2
        assert made.states() == {}
        assert made.rows("SELECT filtered FROM message") == [("not-ours",)]
        assert made.rows(OPEN) == [(0,)]

    play(tmp_path, story)
