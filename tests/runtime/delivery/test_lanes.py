"""Order per lane against a list model."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from runtime.delivery.lanes import Lanes


class W(NamedTuple):
    number: int
    lane: bytes


def filled(*waiting: tuple[int, bytes]) -> Lanes[W]:
    lanes: Lanes[W] = Lanes()
    for number, lane in waiting:
        lanes.add(W(number, lane))
    return lanes


def test_a_lane_has_one_posting_out_and_others_do_not_wait_for_it() -> None:
    lanes = filled((1, b"a"), (2, b"a"), (3, b"b"))
    assert [lanes.take().number, lanes.take().number] == [1, 3]
    assert not lanes.peek()
    lanes.done(W(1, b"a"))
    assert lanes.peek()
    assert lanes.take().number == 2


def test_a_replayed_posting_goes_before_later_ones_but_not_before_one_that_is_out() -> None:
    lanes = filled((5, b"a"), (6, b"a"))
    assert lanes.peek()
    out = lanes.take()
    lanes.add(W(2, b"a"))
    lanes.done(out)
    assert lanes.peek()
    assert lanes.take().number == 2


def test_a_held_lane_waits_until_it_is_let_go() -> None:
    lanes = filled((1, b"a"), (2, b"a"), (3, b"b"))
    lanes.hold(b"a", 0)
    assert lanes.peek()
    assert lanes.take().number == 3
    assert not lanes.peek()
    lanes.let_go(b"a", None)
    assert lanes.peek()
    assert lanes.take().number == 1


def test_a_lane_held_while_empty_holds_what_comes() -> None:
    lanes = filled()
    lanes.hold(b"a", 1)
    lanes.add(W(2, b"a"))
    assert not lanes.peek()
    lanes.let_go(b"a", None)
    assert lanes.peek()


def test_what_stands_before_the_parked_posting_may_go() -> None:
    lanes = filled((3, b"a"))
    lanes.hold(b"a", 2)
    assert not lanes.peek()
    lanes.add(W(1, b"a"))
    assert lanes.peek()
    lanes.done(lanes.take())
    assert not lanes.peek()
    lanes.let_go(b"a", 7)
    assert lanes.peek()


@given(st.lists(st.tuples(st.sampled_from("adfhl"), st.integers(0, 3)), max_size=60))
def test_each_lane_gives_its_postings_in_order_and_loses_none(acts: list[tuple[str, int]]) -> None:
    lanes: Lanes[W] = Lanes()
    number, out, seen, held = 0, {}, {}, set()
    for act, pick in acts:
        lane = bytes([pick])
        if act == "a":
            number += 1
            lanes.add(W(number, lane))
        elif act == "f" and lanes.peek():
            taken = lanes.take()
            assert taken.lane not in held
            assert taken.lane not in out
            out[taken.lane] = taken
        elif act == "d" and lane in out:
            seen.setdefault(lane, []).append(out[lane].number)
            lanes.done(out.pop(lane))
        elif act == "h":
            held.add(lane)
            lanes.hold(lane, 0)
        elif act == "l":
            held.discard(lane)
            lanes.let_go(lane, None)
    for lane in tuple(held):
        lanes.let_go(lane, None)
    for taken in tuple(out.values()):
        seen.setdefault(taken.lane, []).append(taken.number)
        lanes.done(taken)
    while lanes.peek():
        taken = lanes.take()
        seen.setdefault(taken.lane, []).append(taken.number)
        lanes.done(taken)
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert sum(map(len, seen.values())) == number
    assert lanes.count == 0
