"""The framer: the same frames however the bytes fall, and never more memory or time than its bounds."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.intake.framer import HEAD, JUNK_MAX, Broken, Framer


def fed(data: bytes, cuts: list[int], frame_bytes: int = 1 << 20) -> list[bytes | Broken]:
    """What comes out when ``data`` arrives cut at these places; nothing is fed after a fatal piece."""
    framer = Framer(frame_bytes)
    out: list[bytes | Broken] = []
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(places):
        out += framer.feed(data[start:end])
        if out and isinstance(out[-1], Broken) and out[-1].fatal:
            break
    return out


contents = st.binary(max_size=60).filter(lambda each: b"\x0b" not in each and b"\x1c" not in each)
padding = st.sampled_from([b"", b"\r", b"\n", b"\r\n", b"\x00", b"  "])
cuts = st.lists(st.integers(0, 500), max_size=30)


@given(st.lists(st.tuples(padding, contents), max_size=6), cuts)
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    frames: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    data = b"".join(before + b"\x0b" + content + b"\x1c\r" for before, content in frames)
    assert fed(data, cuts) == [content for _, content in frames]


@given(st.lists(st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"a", b"MSH|", b"\n"]), max_size=60), cuts)
def test_no_bytes_whatever_raise_and_nothing_is_made_up(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    for piece in fed(data, cuts):
        assert (piece.head if isinstance(piece, Broken) else piece) in data


@given(st.lists(st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"a", b"\n"]), max_size=60), cuts)
def test_cuts_change_nothing_but_what_can_be_seen_behind_a_frame(pieces: list[bytes], cuts: list[int]) -> None:
    """Bytes behind a frame make it ambiguous only where they came together; all else is the same in any pieces."""
    data = b"".join(pieces)
    whole = fed(data, [])
    if not any(isinstance(each, Broken) and each.code == "framing-ambiguous" for each in whole):
        assert fed(data, cuts) == whole


def test_a_carriage_return_is_only_half_an_end() -> None:
    assert fed(b"\x0ba\x1cb\rc\x1c\r", [3]) == [b"a\x1cb\rc"]


def test_an_end_cut_in_two_is_still_an_end() -> None:
    assert fed(b"\x0ba\x1c\r\x0bb\x1c\r", [3]) == [b"a", b"b"]


def test_the_last_start_counts_and_what_stood_before_is_one_broken_piece() -> None:
    broken, frame = fed(b"\x0baa\x0bbb\x0bcc\x1c\r", [])
    assert broken == Broken("frame-restarted", b"aa\x0bbb", 5, fatal=False)
    assert frame == b"cc"


@pytest.mark.parametrize("cut", [0, 2000])
def test_a_frame_of_exactly_its_limit_passes_and_one_byte_more_does_not(cut: int) -> None:
    assert fed(b"\x0b" + b"x" * 2048 + b"\x1c\r", [cut], 2048) == [b"x" * 2048]
    (broken,) = fed(b"\x0b" + b"x" * 2049 + b"\x1c\r", [cut], 2048)
    assert isinstance(broken, Broken)
    assert (broken.code, broken.size, broken.fatal) == ("frame-too-long", 2049, True)


def test_an_endless_stream_is_given_up_at_the_limit_and_only_its_head_is_kept() -> None:
    framer = Framer(1 << 20)
    framer.feed(b"\x0b")
    assert [framer.feed(b"y" * (1 << 16)) for _ in range(16)] == [[]] * 16
    (broken,) = framer.feed(b"y" * (1 << 16))
    assert isinstance(broken, Broken)
    assert len(broken.head) == HEAD


def test_bytes_outside_frames_are_counted_from_frame_to_frame() -> None:
    framer = Framer(1 << 20)
    for _ in range(5):
        assert framer.feed(b"x" * JUNK_MAX) == []
        assert framer.feed(b"\x0bm\x1c\r") == [b"m"]
    (broken,) = framer.feed(b"x" * JUNK_MAX + b"x")
    assert broken == Broken("no-frame-start", b"", JUNK_MAX + 1)


def test_a_frame_that_comes_byte_by_byte_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        framer = Framer(1 << 22)
        began = time.process_time()
        framer.feed(b"\x0b")
        for _ in range(size):
            framer.feed(b"x")
        return time.process_time() - began

    small, large = min(seconds(20_000) for _ in range(5)), min(seconds(160_000) for _ in range(5))
    assert large < 24 * small + 0.05  # eight times the bytes: 8 where time is linear, 64 where it is quadratic
