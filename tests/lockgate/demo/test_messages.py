"""The demo's plan of a day: the same for a seed, with everything in it that the story needs."""

from __future__ import annotations

from collections import Counter

from lockgate.demo import hospital
from lockgate.demo.messages import Expected, day


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert day(1, "A", 60) == day(1, "A", 60)
    assert day(1, "A", 60) != day(2, "A", 60)


def test_a_day_holds_every_kind_of_frame() -> None:
    kinds = Counter(frame.kind.split(" ")[0] for frame in day(1, "A", 200))
    assert kinds["malformed"] == 10
    assert kinds.keys() == {"charge", "update", "retransmission", "missing", "unsigned", "malformed"}
    assert sum(kinds.values()) >= 200


def test_a_charge_has_one_to_four_lines_and_each_time_of_use_names_one_line() -> None:
    charges = [frame for frame in day(1, "A", 200) if frame.kind == "charge"]
    assert {len(frame.lines) for frame in charges} == {1, 2, 3, 4}
    times = [line.used_at for frame in charges for line in frame.lines]
    assert len(times) == len(set(times))


def test_a_box_is_counted_in_its_base_unit() -> None:
    box = next(item for item in hospital.ITEMS if item.unit == "BOX")
    assert str(box.in_base_unit("3")) == "150"


def test_a_retransmission_is_the_same_bytes_as_its_first() -> None:
    frames = day(1, "A", 100)
    first = {frame.name: frame.payload for frame in frames}
    again = [frame for frame in frames if frame.kind == "retransmission"]
    assert again and all(first[frame.name.removesuffix("-again")] == frame.payload for frame in again)


def test_control_ids_are_unique_but_for_retransmissions() -> None:
    frames = [f for f in day(1, "A", 100) if f.kind != "retransmission" and f.expected is not Expected.REFUSED]
    assert len({frame.control_id for frame in frames}) == len(frames)


def test_wards_send_administrations_and_charge_nothing() -> None:
    frames = [frame for frame in day(1, "W", 40, "wards") if frame.kind == "administration"]
    assert len(frames) == 40 and all(b"RAS^O17^RAS_O17" in frame.payload for frame in frames)
    assert all(frame.payload.count(b"\rRXA|") == len(frame.lines) for frame in frames)
    assert not any(b"FT1|" in frame.payload for frame in frames)
