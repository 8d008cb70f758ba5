"""What changes against the release before is told on the desk as on the command line, word for word."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.diff import Difference, View, diff
from lockgate.tools.frontend import node_home
from tests.trusted import sealed

SCRIPT = """
const { difference } = await import(process.argv[1]);
let text = "";
for await (const more of process.stdin) text += more;
console.log(JSON.stringify(JSON.parse(text).map(([old, now]) => difference(old, now))));
"""
PAGE = Path(__file__).parents[3] / "frontend" / "desk" / "src" / "difference.ts"
SEALED: Any = json.loads(sealed().manifest)
SINK, FIELD = next(iter(SEALED["fields"])), "caseReference"
TOKEN = {
    "classes": ["patient"],
    "concept": "patient-id",
    "origin": "PID-3.1",
    "protections": ["pseudonymised"],
    "sensitivity": 3,
}
SEALED["lineage"][SINK] = {"fields": {FIELD: [TOKEN], "unit": [{**TOKEN, "origin": "FT1-7.1", "protections": []}]}}
CONNECTION = next(each["connection"] for each in SEALED["flow"]["steps"] if each["id"] == SINK)
Json = Any


def _view(manifest: Json) -> View:
    fields = {sink: tuple(names) for sink, names in manifest["fields"].items()}
    flow, environment, lineage = manifest["flow"], manifest["environment"], manifest["lineage"]
    return View(flow, environment, manifest["files"], manifest["nodes"], lineage, fields)


def _told(found: Difference) -> Json:
    return {
        part: [[each.direction, each.sentence] for each in changes]
        for part, changes in zip(found._fields, found, strict=True)
    }


def _kept(manifest: Json) -> None:
    manifest["flow"]["retention"] = {"payload_days": 14}


def _bare(manifest: Json) -> None:
    for atom in manifest["lineage"][SINK]["fields"][FIELD]:
        atom |= {"protections": [], "sensitivity": 4}


def _elsewhere(manifest: Json) -> None:
    manifest["environment"]["connections"][CONNECTION] |= {"host": "erp.example", "port": 1, "base_path": "/a~b"}


def _contract(manifest: Json) -> None:
    manifest["fields"][SINK] = ["another", *manifest["fields"][SINK][1:]]


def _renamed_step(manifest: Json) -> None:
    old = manifest["flow"]["steps"][0]["id"]
    manifest["flow"]["steps"][0]["id"] = "renamed"
    for wire in manifest["flow"]["wires"]:
        wire |= {end: wire[end].replace(f"{old}.", "renamed.") for end in ("from", "to")}


def _no_sink(manifest: Json) -> None:
    manifest["flow"]["steps"] = [each for each in manifest["flow"]["steps"] if each["id"] != SINK]
    del manifest["fields"][SINK], manifest["lineage"][SINK]


def _names(manifest: Json) -> None:
    manifest["flow"] |= {"name": "A name \U0001f600" * 12, "notes": {"a/b~c": ["one", 2, None, True]}}
    manifest["flow"]["steps"][-1]["title"] = "Another title"
    manifest["flow"]["alerts"] = [*manifest["flow"]["alerts"], "a second", "a third"]


def _settings(manifest: Json) -> None:
    for each in manifest["flow"]["steps"]:
        each["config"]["added"] = {"deep": {"yes": True, "no": False, "none": None, "list": [1, 2]}}
        each["version"] += 1


def _build(manifest: Json) -> None:
    manifest["nodes"] = dict.fromkeys(manifest["nodes"], "0" * 64)
    manifest["files"] = {**dict(list(manifest["files"].items())[1:]), "added/file": "1" * 64}


CHANGES: tuple[Callable[[Json], None], ...] = (
    _kept, _bare, _elsewhere, _contract, _renamed_step, _no_sink, _names, _settings, _build,
)  # fmt: skip


def _pairs() -> Iterator[tuple[Json, Json]]:
    """Each change by itself and taken back, all of them on top of each other, and none."""
    yield SEALED, SEALED
    whole = copy.deepcopy(SEALED)
    for change in CHANGES:
        one = copy.deepcopy(SEALED)
        change(one)
        yield SEALED, one
        yield one, SEALED
        if change is not _no_sink:
            change(whole)
            yield SEALED, copy.deepcopy(whole)


@pytest.fixture(name="told", scope="module")
def _told_by_the_page() -> list[tuple[Json, Json, Json]]:
    """(old, new, what the page says of them)."""
    pairs = list(_pairs())
    arguments = [str(node_home() / "bin" / "node"), "--input-type=module", "-e", SCRIPT, PAGE.as_uri()]
    said = subprocess.run(arguments, input=json.dumps(pairs), capture_output=True, text=True, check=True)
    return [(old, new, each) for (old, new), each in zip(pairs, json.loads(said.stdout), strict=True)]


def test_the_desk_says_what_the_command_line_says(told: list[tuple[Json, Json, Json]]) -> None:
    for old, new, page in told:
        shown = {part: [[each["direction"], each["sentence"]] for each in changes] for part, changes in page.items()}
        assert shown == _told(diff(_view(old), _view(new)))


def test_what_changed_is_said_and_nothing_else(told: list[tuple[Json, Json, Json]]) -> None:
    counts = [sum(len(changes) for changes in page.values()) for _, _, page in told]
    assert counts[0] == 0 and all(counts[1:])


def test_days_of_keeping_are_a_change_that_the_desk_shows(told: list[tuple[Json, Json, Json]]) -> None:
    sentences = [each["sentence"] for each in told[1][2]["behaviour"]]
    assert sentences == ["/flow/retention/payload_days is 14 instead of 30."]


def test_what_a_sentence_cuts_short_is_given_whole(told: list[tuple[Json, Json, Json]]) -> None:
    names = next(page for _, new, page in told if new["flow"]["name"].startswith("A name"))["configuration"]
    whole = [each["after"] for each in names if each["sentence"].startswith("/flow/name is")]
    assert whole == ["A name \U0001f600" * 12]
