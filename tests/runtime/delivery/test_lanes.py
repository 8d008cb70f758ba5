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


def test_several_of_a_lane_are_out_together_and_the_next_waits_for_the_last_of_them() -> None:
    lanes = filled((1, b"a"), (2, b"b"), (3, b"a"), (4, b"a"), (5, b"b"))
    assert [each.number for each in lanes.take_more(4, lambda each: True)] == [1, 2, 3, 4]
    assert lanes.out == 4
    for number, lane in ((1, b"a"), (3, b"a")):
        lanes.done(W(number, lane))
    assert lanes.peek() is False
    lanes.add(W(0, b"a"))
    lanes.done(W(2, b"b"))
    assert lanes.peek() and lanes.take().number == 5
    lanes.done(W(4, b"a"))
    assert lanes.peek() and lanes.take().number == 0


def test_what_does_not_fit_keeps_its_lane_and_its_turn() -> None:
    lanes = filled((1, b"a"), (2, b"b"), (3, b"a"), (4, b"c"))
    assert [each.number for each in lanes.take_more(9, lambda each: each.number != 2)] == [1, 3, 4]
    assert lanes.peek() and lanes.head().number == 2
    assert lanes.take().number == 2


def test_what_is_held_is_not_taken_together_with_what_stands_before_it() -> None:
    lanes = filled((1, b"a"), (2, b"a"), (3, b"a"))
    lanes.hold(b"a", 2)
    assert [each.number for each in lanes.take_more(9, lambda each: True)] == [1]


def test_what_was_out_when_a_former_life_ended_stands_first_and_is_out() -> None:
    lanes = filled((1, b"a"), (6, b"a"))
    lanes.put_first([W(3, b"a"), W(4, b"b"), W(5, b"a")])
    assert (lanes.count, lanes.out, lanes.peek()) == (5, 3, False)
    for each in (W(3, b"a"), W(4, b"b"), W(5, b"a")):
        lanes.done(each)
    assert lanes.peek() and lanes.take().number == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60), st.integers(1, 7))
def test_batches_keep_the_order_of_every_lane(steps: list[tuple[int, bool]], most: int) -> None:
    lanes: Lanes[W] = Lanes()
    out: list[list[W]] = []
    went: dict[bytes, list[int]] = {}
    for number, (lane, finish) in enumerate(steps):
        lanes.add(W(number, b"%d" % lane))
        taken = lanes.take_more(most, lambda each: True) if number % 3 == 0 else []
        for each in taken:
            went.setdefault(each.lane, []).append(each.number)
        out += [taken] if taken else []
        if finish and out:
            for each in out.pop(0):
                lanes.done(each)
    assert all(numbers == sorted(numbers) for numbers in went.values())
    assert lanes.count == len(steps) - sum(len(numbers) for numbers in went.values()) + sum(map(len, out))
