"""Whatever is wrong on the command line is one line and exit status 2; help is help."""

from __future__ import annotations

import pytest

from lockgate import cli

WRONG = {
    "no command": [],
    "an unknown command": ["nonsense"],
    "a group without a command": ["trust"],
    "an unknown command of a group": ["trust", "nonsense"],
    "a missing argument": ["check"],
    "an unknown option": ["check", "flow.json", "--nope"],
    "a number that is none": ["replay", "x", "--data", "."],
    "an option without its value": ["check", "flow.json", "--env"],
    "a file that is not there": ["check", "nowhere.json"],
    "a folder for a file": ["check", "."],
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_one_line_and_exit_status_2(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1 and said.err.startswith("lockgate: ")
    assert "fault of lockgate" not in said.err and "Traceback" not in said.err


def test_help_of_every_command_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["check"], ["trust"], ["master", "load"]):
        assert cli.run([*command, "--help"]) == 0
        assert "Usage: lockgate" in capsys.readouterr().out
