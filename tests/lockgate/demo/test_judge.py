"""The judge sees what is lost, doubled, leaked or out of order, from the two ledgers alone."""

from __future__ import annotations

from typing import Any

from lockgate.demo.judge import Judgement, judge

Entry = dict[str, Any]


def planned(name: str, lane: str = "E1", *, items: tuple[str, ...] = ("A",), expected: str = "posted") -> Entry:
    lines = [
        {"used_at": used(name, n), "item": item, "material": "1", "quantity": "2", "cost_centre": "4410"}
        for n, item in enumerate(items)
    ]
    return {"event": "planned", "frame": name, "lane": lane, "expected": expected, "lines": lines}


def used(name: str, line: int = 0) -> str:
    return f"202603160{name[1:]:0>4}{line}"


def answer(name: str, code: str = "AA", *, echoed: bool = True) -> Entry:
    return {"event": "answer", "frame": name, "code": code, "echoed": echoed}


def applied(name: str, line: int = 0, **changed: str) -> Entry:
    body = {"material": "1", "quantity": "2.0", "costCentre": "4410", "usedAt": used(name, line)}
    return {"event": "applied", "body": body | changed}


def seen(simulator: list[Entry], erp: list[Entry], **how: Any) -> Judgement:
    return judge(simulator, erp, **how)


def test_a_good_run_is_clean() -> None:
    result = seen([planned("f1"), {"event": "sent"}, answer("f1")], [applied("f1")])
    assert result.clean and (result.sent, result.acknowledged) == (1, 1)


def test_an_acknowledged_line_without_effect_is_lost() -> None:
    assert seen([planned("f1", items=("A", "B")), answer("f1")], [applied("f1")]).lost == 1


def test_an_unacknowledged_line_without_effect_is_not_lost() -> None:
    result = seen([planned("f1")], [])
    assert result.lost == 0 and result.unanswered == 1


def test_a_second_effect_is_a_duplicate() -> None:
    assert seen([planned("f1"), answer("f1")], [applied("f1"), applied("f1")]).duplicates == 1


def test_a_wrong_quantity_is_lost_and_a_stray() -> None:
    result = seen([planned("f1"), answer("f1")], [applied("f1", quantity="3")])
    assert (result.lost, result.strays) == (1, 1)


def test_an_item_that_must_be_held_is_a_stray_when_it_arrives() -> None:
    simulator = [planned("f1", items=("HELD",)), answer("f1")]
    assert seen(simulator, [], held=("HELD",)).clean
    assert seen(simulator, [applied("f1")], held=("HELD",)).strays == 1


def test_a_mark_of_a_patient_is_a_leak() -> None:
    result = seen([planned("f1"), answer("f1")], [applied("f1", caseReference="MRN700100")], marks=("MRN700100",))
    assert result.leaks == 1


def test_a_refused_good_frame_and_an_accepted_fault_are_misjudged() -> None:
    assert seen([planned("f1"), answer("f1", "AE")], []).misjudged == 1
    assert seen([planned("f1", items=(), expected="refused"), answer("f1")], []).misjudged == 1
    assert seen([planned("f1", items=(), expected="refused"), answer("f1", "AR")], []).misjudged == 0


def test_an_acceptance_that_echoes_another_control_id_is_misjudged() -> None:
    assert seen([planned("f1"), answer("f1", echoed=False)], [applied("f1")]).misjudged == 1


def test_effects_of_one_encounter_in_another_order_are_disorder_unless_they_came_by_replay() -> None:
    simulator = [planned("f1"), answer("f1"), planned("f2"), answer("f2")]
    assert seen(simulator, [applied("f2"), applied("f1")]).disorder == 1
    assert seen(simulator, [applied("f2"), applied("f1")], late=("A",)).disorder == 0
