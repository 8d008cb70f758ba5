"""``lockgate init`` and ``lockgate up``: nothing is preset that somebody could guess, and no demo runs for real."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from designer.accounts import setting_up
from designer.app import designer_of
from designer.errors import NotSignedIn
from flows.policyset import builtin
from flows.vocabulary import DataLabel
from lockgate import cli, roots
from lockgate.cli.up import Part, _run
from lockgate.installation import FILE, Installation
from lockgate.keys import new_key
from runtime.build import build_digest


def made(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A new installation; gives the token of its first administrator."""
    capsys.readouterr()
    arguments = ["init", "--data", str(folder), "--person", "ada", "--name", "Ada", "--environment", "TEST=test"]
    assert cli.run(arguments) == 0
    return re.findall(r"^   (\S+)$", capsys.readouterr().out, re.MULTILINE)[0]


def trust(folder: Path, *, demo: bool = False, environment: str = "TEST") -> None:
    key = new_key("ed25519")
    first = roots.First(
        person="ada",
        name="Ada",
        environments={environment: DataLabel.TEST},
        policy_sets=(builtin().digest,),
        builds=(build_digest(),),
        demo=demo,
    )
    (folder / "trust.json").write_bytes(roots.first_root(first, key, time.time_ns() // 1_000_000).data())


def test_init_makes_a_folder_of_ones_own_and_a_token_that_counts_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "here"
    token = made(folder, capsys)
    assert folder.stat().st_mode & 0o077 == 0
    installation = Installation.model_validate_json((folder / FILE).read_bytes())
    designer = designer_of(installation.settings(folder))
    assert setting_up(designer, token, "a long and winding road").person == "ada"
    with pytest.raises(NotSignedIn):
        setting_up(designer, token, "a long and winding road")
    designer.database.close()


def test_no_two_installations_have_one_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = {made(tmp_path / name, capsys) for name in ("one", "two", "three")}
    assert len(tokens) == 3
    assert all(len(token) == 43 for token in tokens)


def test_init_writes_nothing_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "here"
    made(folder, capsys)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = ["init", "--data", str(folder), "--person", "eve", "--name", "Eve", "--environment", "TEST=test"]
    assert cli.run(again) == 2
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("person", "environment", "origin"),
    [
        ("Ada", "TEST=test", "http://localhost:8080"),
        ("ada", "TEST", "http://localhost:8080"),
        ("ada", "TEST=wrong", "http://localhost:8080"),
        ("ada", "test=test", "http://localhost:8080"),
        ("ada", "TEST=test", "localhost"),
        ("ada", "TEST=test", "http://localhost:8080/path"),
    ],
)
def test_init_with_a_mistake_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], person: str, environment: str, origin: str
) -> None:
    folder = tmp_path / "here"
    arguments = ["--person", person, "--name", "Ada", "--environment", environment, "--origin", origin]
    assert cli.run(["init", "--data", str(folder), *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert not folder.exists()


def test_up_refuses_the_root_of_a_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "here", capsys)
    trust(tmp_path / "here", demo=True)
    assert cli.run(["up", "--data", str(tmp_path / "here")]) == 2
    assert "demo" in capsys.readouterr().err


@pytest.mark.parametrize("lacking", ["installation", "root", "environment", "environment-file"])
def test_up_says_what_is_lacking(tmp_path: Path, capsys: pytest.CaptureFixture[str], lacking: str) -> None:
    folder = tmp_path / "here"
    made(folder, capsys)
    if lacking != "root":
        trust(folder, environment="PROD" if lacking == "environment" else "TEST")
    if lacking == "installation":
        (folder / FILE).unlink()
    if lacking == "environment-file":
        path = folder / "environment" / "environment.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "secret": "x"}))
    assert cli.run(["up", "--data", str(folder)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def _sleeper(seconds: float) -> list[str | Path]:
    return [sys.executable, "-c", f"import time; time.sleep({seconds})"]


def test_when_one_part_ends_the_others_are_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert _run((Part("runtime", _sleeper(60)), Part("desk", _sleeper(0.3)))) == 1
    assert time.monotonic() - began < 20
    assert "The desk ended with 0" in capsys.readouterr().err


def test_a_signal_stops_all_parts_and_is_no_failure() -> None:
    threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGTERM)).start()
    assert _run((Part("runtime", _sleeper(60)), Part("designer", _sleeper(60)))) == 0
