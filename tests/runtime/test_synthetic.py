"""Invented messages: taken by the source, the same for the same seed, and something comes of them at the sinks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.analysis import analyse
from flows.graph import read_flow
from flows.master_table import Table
from flows.masters import Row
from flows.policyset import builtin
from flows.surroundings import load_surroundings
from flows.testcases import FlowCase
from nodes import catalogue
from nodes.source import Refused
from runtime.faults import faulted
from runtime.recognise import lines_of, recognise
from runtime.rehearsal import Rehearsal, _table, rehearsal, staged
from runtime.synthetic import invented

LIBRARY = Path(__file__).parents[2] / "flows" / "library"
FLOWS = sorted(path.parent.name for path in LIBRARY.glob("*/flow.json"))


def flow_of(name: str) -> Rehearsal:
    folder = LIBRARY / name
    flow, found = read_flow(json.loads((folder / "flow.json").read_bytes()))
    assert flow is not None, found
    around = load_surroundings((folder / "environment.json").read_bytes(), lambda path: (folder / path).read_bytes())
    return rehearsal(flow, around, analyse(flow, around, catalogue.declare, builtin()))


def rows_of(flow: Rehearsal, name: str) -> dict[str, Table]:
    """The rows of the flow's test cases, and the demo's for the hospital."""
    found: dict[str, dict[tuple[Any, ...], Row]] = {master: {} for master in flow.around.masters}
    for path in sorted((LIBRARY / name / "cases").glob("*.json")):
        for master, rows in FlowCase.model_validate_json(path.read_bytes()).masters.items():
            for row in rows:
                found[master].setdefault((row.key,), row)
    return {master: _table(flow.around, master, tuple(rows.values())) for master, rows in found.items()}


@pytest.mark.parametrize("name", FLOWS)
def test_the_source_takes_what_is_invented_for_it(name: str) -> None:
    flow = flow_of(name)
    tables = rows_of(flow, name)
    stage = staged(flow, tables)
    for seed in range(6):
        text = invented(flow, tables, seed)
        assert text == invented(flow, tables, seed)
        assert recognise(text).problem == ""
        admitted = stage.admit(stage.source.payload(lines_of(text)))
        assert not isinstance(admitted, Refused), (admitted, text)
        assert not admitted.filtered
    assert len({invented(flow, tables, seed) for seed in range(6)}) > 1


@pytest.mark.parametrize("name", FLOWS)
def test_something_is_sent_of_what_is_invented(name: str) -> None:
    flow = flow_of(name)
    tables = rows_of(flow, name)
    stage = staged(flow, tables)
    drafts = stage.play(stage.source.payload(lines_of(invented(flow, tables, 1)))).postings
    held = [(each.step, each.parked.cause, each.parked.sentence) for each in drafts if each.parked]
    assert drafts and not held, invented(flow, tables, 1)


def faults_of(name: str, *wanted: str) -> dict[str, Any]:
    flow = flow_of(name)
    tables = rows_of(flow, name)
    payload = staged(flow, tables).source.payload(lines_of(invented(flow, tables, 1)))
    return {each: faulted(flow, payload, tables, each) for each in wanted}  # type: ignore[arg-type]


def test_faults_come_to_what_delivery_decides() -> None:
    every = ("unreachable", "timeout", "busy", "failing", "refused", "wrong-answer", "repeated", "unknown-key")
    found = {name: run.ends[0] for name, run in faults_of("supply-consumption", *every).items()}
    assert {name: (end.how, end.cause) for name, end in found.items()} == {
        "unreachable": ("held", "gave-up"),
        "timeout": ("held", "uncertain"),
        "busy": ("held", "gave-up"),
        "failing": ("held", "gave-up"),
        "refused": ("held", "answer-422"),
        "wrong-answer": ("held", "wrong-answer"),
        "repeated": ("delivered", ""),
        "unknown-key": ("held", "not-active"),
    }
    assert found["refused"].attempts == found["repeated"].attempts == 1
    assert found["busy"].attempts < found["failing"].attempts
    assert "30 s" in found["busy"].moments[0].sentence
    assert found["failing"].more > 0 and len(found["failing"].moments) == 5


@pytest.mark.parametrize("name", ["supply-consumption-soap", "supply-consumption-sftp"])
def test_faults_are_known_to_every_kind_of_sink(name: str) -> None:
    every = ("unreachable", "timeout", "busy", "failing", "refused", "wrong-answer", "repeated")
    found = {fault: run.ends[0].how for fault, run in faults_of(name, *every).items()}
    assert found == {**dict.fromkeys(every, "held"), "repeated": "delivered"}
