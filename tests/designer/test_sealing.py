"""Test cases lie sealed: the database alone shows no message, and the key is for its owner alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from designer.sealing import NAME, Sealing
from runtime.crypto import Unreadable
from runtime.world import SystemRandomness


def sealing(folder: Path) -> Sealing:
    return Sealing(folder, SystemRandomness())


def test_what_is_sealed_opens_after_a_restart_and_at_its_own_place_alone(tmp_path: Path) -> None:
    kept = sealing(tmp_path).seal(b'{"given":"PID|1||4711"}', "t1")
    assert b"4711" not in kept
    assert sealing(tmp_path).open(kept, "t1") == b'{"given":"PID|1||4711"}'
    with pytest.raises(Unreadable):
        sealing(tmp_path).open(kept, "t2")


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = sealing(tmp_path).seal(b"one", "t1")
    assert sealing(tmp_path).open(first, "t1") == b"one"
    assert [(each.name, each.stat().st_mode & 0o777) for each in tmp_path.iterdir()] == [(NAME, 0o600)]
    assert (tmp_path / NAME).stat().st_size == 32


def test_another_key_opens_nothing_and_what_was_kept_before_there_was_one_is_read(tmp_path: Path) -> None:
    kept = sealing(tmp_path).seal(b"one", "t1")
    (tmp_path / NAME).unlink()
    with pytest.raises(Unreadable):
        sealing(tmp_path).open(kept, "t1")
    assert sealing(tmp_path).open(b'{"title":"before"}', "t1") == b'{"title":"before"}'
