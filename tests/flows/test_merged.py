"""Two versions in one picture: what was added, removed and changed is told by sign, word, colour and dash."""

from __future__ import annotations

import itertools
import re

import pytest

from flows.graph import Flow, Step, Wire
from flows.merged import merge
from flows.render import BOX_H, BOX_W, Marks, WireLoad, describe, place, svg
from tests.flows.test_render import flow_of, passes

BEFORE = flow_of([("a", "b"), ("b", "c")])


def changed() -> Flow:
    """``b`` has another title, ``mask`` stands between it and ``c``, and ``d`` hangs on ``b``."""
    steps = {step.id: step for step in BEFORE.steps}
    steps["b"] = steps["b"].model_copy(update={"title": "Another", "config": {"keep": []}})
    for name in ("mask", "d"):
        steps[name] = Step(id=name, kind="mask", version=1, title=name)
    ends = [("a", "b"), ("b", "mask"), ("mask", "c"), ("b", "d")]
    wires = tuple(Wire.model_validate({"from": f"{one}.out", "to": f"{other}.in"}) for one, other in ends)
    return BEFORE.model_copy(update={"steps": tuple(steps.values()), "wires": wires})


def test_everything_of_both_versions_is_there_and_marked() -> None:
    merged = merge(BEFORE, changed())
    assert merged.steps == {"b": "changed", "mask": "added", "d": "added"}
    assert merged.wires[("b.out", "c.in")] == "removed" and merged.wires[("mask.out", "c.in")] == "added"
    assert ("a.out", "b.in") not in merged.wires
    back = merge(changed(), BEFORE)
    assert back.steps == {"b": "changed", "mask": "removed", "d": "removed"}
    assert {step.id for step in back.flow.steps} == {"a", "b", "c", "mask", "d"}


def test_the_same_version_twice_has_no_mark() -> None:
    assert merge(BEFORE, BEFORE) == (BEFORE, {}, {})
    assert svg(BEFORE) == svg(BEFORE, marks=Marks())


def test_marks_are_told_by_sign_and_word_too() -> None:
    merged = merge(changed(), BEFORE)
    marks = Marks(merged.steps, merged.wires)
    drawn = svg(merged.flow, marks=marks)
    for told in ("+ S1 \u00b7 2", "\u2013 removed", "~ changed"):
        loads = {("b.out", "c.in"): WireLoad(1, 2)}
        assert told in svg(merged.flow, loads, marks)
    assert len(re.findall('data-mark="removed"', drawn)) == 2
    said = describe(merged.flow, {}, marks)
    assert "mask is removed." in said and "Step is changed." in said


def test_a_wire_that_carries_something_else_shows_both() -> None:
    ends = ("a.out", "b.in")
    drawn = svg(BEFORE, {ends: WireLoad(1, 9)}, Marks(before={ends: WireLoad(4, 23)}))
    assert "~ S1 \u00b7 9" in drawn and "was S4 \u00b7 23" in drawn


@pytest.mark.parametrize("turned", [False, True])
def test_no_wire_of_a_merged_picture_runs_under_a_foreign_step(turned: bool) -> None:
    pair = (changed(), BEFORE) if turned else (BEFORE, changed())
    whole = merge(*pair).flow
    picture = place(whole)
    for wire, route in zip(whole.wires, picture.routes, strict=True):
        for name, box in picture.boxes.items():
            if name not in (wire.source.step, wire.target.step):
                assert not any(passes(one, other, box) for one, other in itertools.pairwise(route))
    assert all(box.x + BOX_W <= picture.width and box.y + BOX_H <= picture.height for box in picture.boxes.values())


def test_what_a_removed_wire_says_does_not_lie_on_what_the_new_one_carries() -> None:
    merged = merge(changed(), BEFORE)
    picture = place(merged.flow)
    ends = {wire.ends: route for wire, route in zip(merged.flow.wires, picture.routes, strict=True)}
    drawn = svg(merged.flow, {("b.out", "c.in"): WireLoad(1, 2)}, Marks(merged.steps, merged.wires))
    chips = [
        tuple(map(int, spot)) for spot in re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="22"', drawn)
    ]
    for (x, y, wide), (other_x, other_y, other_wide) in itertools.combinations(chips, 2):
        assert x + wide <= other_x or other_x + other_wide <= x or abs(y - other_y) >= 22
    assert ("b.out", "mask.in") in ends
