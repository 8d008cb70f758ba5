"""The flows that ship hold, do what their test cases say, and can be drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

import flows
from lockgate import cli

LIBRARY = Path(flows.__file__).parent / "library"
FLOWS = sorted(LIBRARY.glob("*/flow.json"))


def named(path: Path) -> str:
    return path.parent.name


@pytest.mark.parametrize("flow", FLOWS, ids=named)
def test_a_shipped_flow_holds(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", str(flow)]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("flow", FLOWS, ids=named)
def test_a_shipped_flow_passes_its_test_cases(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["test", str(flow)]) == 0, capsys.readouterr().out


def test_a_case_that_is_not_met_is_said_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (LIBRARY / "any-type").rglob("*.json"):
        target = tmp_path / path.relative_to(LIBRARY / "any-type")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text().replace('"type": "ORU"', '"type": "ADT"'))
    assert cli.run(["test", str(tmp_path)]) == 1
    assert "field 'type' is not as expected" in capsys.readouterr().out


@pytest.mark.parametrize("flow", FLOWS, ids=named)
def test_a_shipped_flow_is_drawn_with_what_its_wires_carry(flow: Path, tmp_path: Path) -> None:
    assert cli.run(["draw", str(flow), "--out", str(tmp_path / "flow.svg")]) == 0
    assert "fields up to S" in (tmp_path / "flow.svg").read_text()
