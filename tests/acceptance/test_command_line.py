"""Bad input on the command line: one line with what and where, exit status 2, never a traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from lockgate.demo.house import LOCKGATE, Done, command

LIBRARY = Path(str(resources.files("flows") / "library"))
DIGEST = "ab" * 32
Flow = dict[str, Any]
"""A flow file as parsed, to be spoilt."""


@pytest.fixture
def flow_folder(tmp_path: Path) -> Path:
    """A copy of the supply consumption flow with its environment."""
    folder = tmp_path / "supply-consumption"
    shutil.copytree(LIBRARY / "supply-consumption", folder)
    return folder


def one_line(done: Done) -> str:
    assert done.status == 2, done
    assert "Traceback" not in done.out + done.err
    lines = done.err.strip().splitlines()
    assert len(lines) == 1, done.err
    assert "fault of lockgate" not in lines[0]
    return lines[0]


UNUSABLE_FILES = {
    "not JSON": b"{",
    "not UTF-8": b'{"format": "\xff"}',
    "a key twice": b'{"format": "lockgate/flow/1", "format": "lockgate/flow/1"}',
    "empty": b"",
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("data", UNUSABLE_FILES.values(), ids=UNUSABLE_FILES.keys())
def test_a_flow_file_that_cannot_be_read_is_one_line_and_2(flow_folder: Path, data: bytes) -> None:
    (flow_folder / "flow.json").write_bytes(data)
    assert "flow.json" in one_line(command("check", flow_folder / "flow.json", expect=None))


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["check"],
        ["check", "nowhere.json"],
        ["check", "."],
        ["explain", "nowhere.json", "--field", "PID-3.1", "--sink", "x"],
        ["test", "nowhere.json"],
        ["diff", "nowhere.json", "nowhere.json"],
        ["seal", "nowhere.json", "--env", "nowhere.json", "--key", "nowhere.pem", "--root", "r", "--store", "nowhere"],
        ["approve", DIGEST, "--key", "nowhere.pem", "--root", "nowhere.json", "--store", "nowhere"],
        ["approve", "no digest", "--key", "nowhere.pem", "--root", "nowhere.json", "--store", "nowhere"],
        ["activate", DIGEST, "--key", "nowhere.pem", "--root", "nowhere.json", "--store", "nowhere"],
        ["export", DIGEST, "--store", "nowhere"],
        ["verify", "nowhere.bundle", "--root", "nowhere.json"],
        ["run", "--store", "nowhere", "--root", "nowhere.json", "--data", "nowhere"],
        ["status", "--data", "nowhere"],
        ["cases", "--data", "nowhere"],
        ["replay", "1", "--data", "nowhere"],
        ["audit", "verify", "--data", "nowhere"],
        ["status", "--data", "nowhere", "--no-such-option"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_an_unusable_command_is_one_line_and_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    one_line(command(*arguments, expect=None))


def test_the_installed_command_says_the_same(tmp_path: Path) -> None:
    ended = subprocess.run([*LOCKGATE, "check", str(tmp_path / "nowhere.json")], capture_output=True, text=True)
    assert "nowhere.json" in one_line(Done(ended.returncode, ended.stdout, ended.stderr))


def test_a_demo_in_a_folder_that_is_in_use_is_one_line_and_2(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    assert "not an empty folder" in one_line(command("demo", "--smoke", "--data", tmp_path, expect=None))


def unknown_key(flow: Flow) -> None:
    flow["steps"][1]["colour"] = "red"


def cycle(flow: Flow) -> None:
    flow["wires"].append({"from": "event.out", "to": "lines.in"})


def dangling_wire(flow: Flow) -> None:
    flow["wires"].append({"from": "event.out", "to": "nowhere.in"})


def duplicate_id(flow: Flow) -> None:
    flow["steps"][2]["id"] = "check"


def empty_selector(flow: Flow) -> None:
    flow["steps"][1]["config"]["present"] = ["AL1-1"]


def dotted_selector(flow: Flow) -> None:
    flow["steps"][1]["config"]["present"] = ["PV1.19.1"]


SPOILT: dict[Callable[[Flow], None], str] = {
    unknown_key: "colour",
    cycle: "lines",
    dangling_wire: "nowhere",
    duplicate_id: "check",
    empty_selector: "AL1-1",
    dotted_selector: "PV1-19.1",
}


@pytest.mark.parametrize(("spoil", "named"), SPOILT.items(), ids=[spoil.__name__ for spoil in SPOILT])
def test_a_spoilt_flow_gives_findings_that_name_the_place(
    flow_folder: Path, spoil: Callable[[Flow], None], named: str
) -> None:
    file = flow_folder / "flow.json"
    flow = json.loads(file.read_text())
    spoil(flow)
    file.write_text(json.dumps(flow))
    done = command("check", file, expect=1)
    assert named in done.out, done.out
    assert "Traceback" not in done.out + done.err
