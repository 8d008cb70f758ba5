"""Bad input on the command line: one line with what and where, exit status 2, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
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


@pytest.mark.parametrize("field", ["PID-99", "pid-3.1", "PID-3,1", "", "Patient.name"])
def test_a_question_about_no_field_is_one_line_and_2(flow_folder: Path, field: str) -> None:
    done = command("explain", flow_folder / "flow.json", "--field", field, "--sink", "decrement", expect=None)
    assert f"--field {field}".strip() in one_line(done)


def test_a_field_that_may_not_leave_ends_with_1_and_one_fix(flow_folder: Path) -> None:
    file = flow_folder / "flow.json"
    flow = json.loads(file.read_text())
    next(step for step in flow["steps"] if step["kind"] == "mask")["config"]["fields"] = []
    file.write_text(json.dumps(flow))
    done = command("explain", file, "--field", "PID-3.1", "--sink", "decrement", expect=1)
    assert "may not arrive" in done.out and done.out.lower().count("fix") == 1
    file = LIBRARY / "supply-consumption" / "flow.json"
    assert command("explain", file, "--field", "PID-3.1", "--sink", "decrement").status == 0


@pytest.mark.parametrize("named", ["missing.json", "empty.json", "list.json", "cases"])
def test_an_environment_file_that_cannot_be_used_is_the_one_that_is_named(flow_folder: Path, named: str) -> None:
    (flow_folder / "empty.json").touch()
    (flow_folder / "list.json").write_text("[]")
    for arguments in (["check"], ["explain", "--field", "PID-3.1", "--sink", "decrement"]):
        command_, *rest = arguments
        done = command(command_, flow_folder / "flow.json", *rest, "--env", flow_folder / named, expect=None)
        assert str(flow_folder / named) in one_line(done)


def test_what_is_no_file_is_not_waited_for(flow_folder: Path) -> None:
    os.mkfifo(flow_folder / "pipe")
    for never_ends in (flow_folder / "pipe", Path("/dev/zero")):
        assert "this is no file" in one_line(command("check", never_ends, expect=None))
        seal = ("seal", flow_folder / "flow.json", "--store", flow_folder / "store", "--root", "nowhere.json")
        assert "this is no file" in one_line(command(*seal, "--key", never_ends, expect=None))
    (flow_folder / "masters" / "items.json").unlink()
    os.mkfifo(flow_folder / "masters" / "items.json")
    assert "items.json: this is no file" in one_line(command("check", flow_folder / "flow.json", expect=None))


@pytest.mark.parametrize(
    "arguments",
    [["verify", "FLOW", "--root", "ROOT"], ["trust", "show", "--root", "FLOW"], ["trust", "enrol", "FLOW"]],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_file_of_another_kind_is_called_so(flow_folder: Path, arguments: Sequence[str]) -> None:
    line = [str(flow_folder / "flow.json") if each == "FLOW" else each for each in arguments]
    if arguments[1] == "enrol":
        line += ["--role", "analyst", "--name", "Ana", "--key", "k.pem", "--root", "r.json"]
    assert "this is not a" in one_line(command(*line, expect=None))


def test_a_flow_file_that_holds_a_list_is_told_in_words(flow_folder: Path) -> None:
    (flow_folder / "flow.json").write_text("[]")
    done = command("check", flow_folder / "flow.json", expect=1)
    assert "this must be an object" in done.out and "dictionary" not in done.out


@pytest.mark.parametrize("person", ["Äda", "ADA", "ada smith", ""])
def test_a_short_name_that_is_none_is_told_in_words(tmp_path: Path, person: str) -> None:
    command("trust", "key", "--out", tmp_path / "ada.pem")
    root = ["--name", "Ada", "--environment", "TEST=synthetic", "--out", tmp_path / "root.json"]
    for made in (["init", *root], ["request", "--out", tmp_path / "ada.request"]):
        done = command("trust", *made, "--key", tmp_path / "ada.pem", "--person", person, expect=None)
        assert "lower-case letters" in one_line(done)


def test_small_slips_are_told_as_what_they_are(tmp_path: Path, flow_folder: Path) -> None:
    assert "there is no such file or folder" in one_line(command("test", tmp_path / "nosuchdir", expect=None))
    assert "no file is named" in one_line(command("check", "", expect=None))
    assert "Did you mean 'check'? See:" in one_line(command("chek", expect=None))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "loop" in one_line(command("check", tmp_path / "loop", expect=None))
    (tmp_path / "loop").unlink()
    (tmp_path / "empty.json").touch()
    done = command("diff", tmp_path / "empty.json", flow_folder / "flow.json", expect=None)
    assert "sealed" not in one_line(done) and "empty.json" in one_line(done)
    assert "give the first 6" in one_line(command("export", "abc", "--store", tmp_path, expect=None))
    assert "no release" in one_line(command("export", "abcdef12", "--store", tmp_path, expect=None))
    assert command("--version").out.startswith("lockgate ")


def test_places_that_take_nothing_are_named(tmp_path: Path) -> None:
    key, root, flow = tmp_path / "ada.pem", tmp_path / "root.json", LIBRARY / "supply-consumption" / "flow.json"
    command("trust", "key", "--out", key)
    made = ("trust", "init", "--demo", "--key", key, "--person", "ada", "--name", "Ada", "--out", root)
    command(*made, "--environment", "TEST=synthetic")
    (tmp_path / "store").mkdir()
    for arguments in (
        ["seal", flow, "--key", key, "--root", root, "--store", key],
        ["seal", flow, "--key", key, "--root", root, "--store", ""],
        ["run", "--store", tmp_path / "store", "--root", root, "--data", key],
        ["run", "--store", tmp_path / "store", "--root", root, "--data", "/proc/none"],
        ["trust", "key", "--out", "/proc/none/key.pem"],
        ["draw", flow, "--out", "/proc/none.svg"],
        ["export", "ab" * 32, "--store", "/proc/none"],
    ):
        one_line(command(*arguments, expect=None))


def test_a_port_that_is_in_use_is_called_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("demo", "--smoke", "--port", port, "--data", tmp_path / "demo", expect=None)
        assert f"port {port} is in use" in one_line(done) and not (tmp_path / "demo").exists()
        contract = LIBRARY / "supply-consumption" / "contracts" / "erp-inventory.openapi.json"
        erp = [sys.executable, "-m", "lockgate.demo.erp", port, str(contract), "postGoodsIssue"]
        ended = subprocess.run([*erp, str(tmp_path / "erp.jsonl")], capture_output=True, text=True)
        assert "port" in one_line(Done(ended.returncode, ended.stdout, ended.stderr))


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
