"""The committed data is what the generator makes of the rules and the published tables."""

import shutil
from pathlib import Path

import pytest

from lockgate.tools import classification


def test_the_committed_data_is_up_to_date() -> None:
    assert classification.main(["--check"]) == 0


def test_a_change_by_hand_is_found_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "flows" / "classification" / "hl7v2"
    shutil.copytree(classification.HOME, home)
    changed = home / "2.5.json"
    changed.write_text(changed.read_text("utf-8").replace("patient-id S4", "patient-id S1"), "utf-8")
    monkeypatch.setattr(classification, "HOME", home)
    assert classification.main(["--check"]) == 1
    assert "hl7v2/2.5.json is out of date" in capsys.readouterr().out
    assert classification.main([]) == 0
    assert classification.main(["--check"]) == 0


def test_the_data_stays_small_enough_to_read_in_a_diff() -> None:
    assert sum(path.stat().st_size for path in classification.HOME.glob("*.json")) < 4_000_000
