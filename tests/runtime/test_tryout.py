"""Samples tried out: every shipped test case, step by step, with nothing shown that people may not see."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.analysis import Analysis, analyse
from flows.environment import Surroundings
from flows.graph import load_flow
from flows.policyset import builtin
from flows.surroundings import load_surroundings
from flows.testcases import FlowCase, differences
from nodes import catalogue
from runtime.casemaking import case_of, played
from runtime.recognise import lines_of, recognise
from runtime.rehearsal import Rehearsal, payload_of, rehearsal, staged, tables_of
from runtime.tryout import MASK, MOST_IN_ALL, MOST_RECORDS, SampleRow, Tried, Wanted, reveal, try_out

LIBRARY = Path(__file__).parents[2] / "flows" / "library"
CASES = sorted(LIBRARY.glob("*/cases/*.json"))


class Drawn(NamedTuple):
    flow: Rehearsal
    analysis: Analysis
    around: Surroundings


@cache
def drawn(folder: Path) -> Drawn:
    flow, _ = load_flow((folder / "flow.json").read_bytes())
    assert flow is not None
    around = load_surroundings((folder / "environment.json").read_bytes(), lambda path: (folder / path).read_bytes())
    around = around._replace(purpose=flow.purpose)
    analysis = analyse(flow, around, catalogue.declare, builtin())
    return Drawn(rehearsal(flow, around, analysis), analysis, around)


def tried(path: Path) -> tuple[Tried, FlowCase, bytes]:
    here = drawn(path.parents[1])
    case = FlowCase.model_validate_json(path.read_text())
    tables = tables_of(here.around, case)
    payload = payload_of(case, staged(here.flow, tables).source)
    return try_out(here.flow, here.analysis, payload, tables), case, payload


def rows(run: Tried) -> list[SampleRow]:
    sides = [side for step in run.steps for record in step.records for side in (record.before, record.after)]
    return [row for side in (*sides, *(each.body for each in run.postings)) for row in side.rows]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_a_run_comes_out_as_the_test_case_expects_and_shows_no_grave_value(path: Path) -> None:
    run, case, _ = tried(path)
    assert (run.refused.code if run.refused else None) == case.expect.refused
    assert {(each.step, each.item) for each in run.postings} == {(e.sink, e.item) for e in case.expect.postings}
    parked = {(end.step, end.item, end.reason) for end in run.ends if end.how == "parked"}
    assert parked == {(e.step, e.item, e.reason) for e in case.expect.parked}
    for row in rows(run):
        harmless = set(row.protections) & {"pseudonymised", "redacted"}
        assert row.sensitivity <= 2 or row.value == MASK or harmless, row.path
        assert row.masked == (row.value == MASK)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_a_test_case_made_of_what_happened_passes(path: Path) -> None:
    here = drawn(path.parents[1])
    _, case, payload = tried(path)
    made = case_of(here.flow, case.title, case.given, payload, tables_of(here.around, case))
    stage = staged(here.flow, tables_of(here.around, made))
    again = played(stage, payload_of(made, stage.source)).became
    assert again == played(staged(here.flow, tables_of(here.around, case)), payload).became
    assert differences(made, again) == ()


def test_every_step_says_what_it_changed() -> None:
    run, _, _ = tried(LIBRARY / "supply-consumption" / "cases" / "two-lines.json")
    by_step = {step.step: step for step in run.steps}
    assert by_step["receive"].records[0].before.rows == ()
    assert by_step["tokenise"].records[0].changed == ("PID-3[1].1", "PID-3[2].1")
    assert set(by_step["to-material"].records[0].changed) == {"material", "quantity"}
    assert {record.item for record in by_step["lines"].records} == {"FT1[1]", "FT1[2]"}


def test_of_a_message_of_many_lines_every_step_and_every_posting_shows_what_it_did() -> None:
    path = LIBRARY / "supply-consumption" / "cases" / "two-lines.json"
    here, (_, case, payload) = drawn(path.parents[1]), tried(path)
    segments = payload.decode().strip("\r").split("\r")
    line = next(each for each in segments if each.startswith("FT1|"))
    numbered = [line.replace("FT1|1|", f"FT1|{number}|", 1) for number in range(1, 121)]
    many = "\r".join([each for each in segments if each[:3] not in ("FT1", "NTE", "DG1")] + numbered) + "\r"
    run = try_out(here.flow, here.analysis, many.encode(), tables_of(here.around, case))
    assert len(run.postings) == MOST_RECORDS
    assert all(posting.body.rows for posting in run.postings)
    for step in run.steps:
        for record in step.records:
            seen = {row.path for row in (*record.before.rows, *record.after.rows)}
            assert seen and set(record.changed[:10]) <= seen, step.step
    assert len(rows(run)) <= MOST_IN_ALL


def test_one_value_is_given_by_its_place_and_none_where_there_is_none() -> None:
    path = LIBRARY / "supply-consumption" / "cases" / "two-lines.json"
    here, (run, case, payload) = drawn(path.parents[1]), tried(path)
    tables = tables_of(here.around, case)
    masked = next(row for row in run.steps[0].records[0].after.rows if row.masked and row.path.startswith("PID-"))
    wanted = Wanted(step=run.steps[0].step, record=0, side="after", path=masked.path)
    shown = reveal(here.flow, here.analysis, payload, tables, wanted)
    assert shown and shown in payload.decode()
    for odd in ({"record": 99}, {"path": "PID-99.9"}, {"step": "nowhere"}, {"side": "body", "step": "nowhere"}):
        assert reveal(here.flow, here.analysis, payload, tables, wanted.model_copy(update=odd)) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", "unknown"),
        ("hello", "unknown"),
        ("MSH", "hl7v2"),
        ("MSH|^~\\&|A|B|||||ADT^A01|1|P|9.9", "hl7v2"),
        ("\x0bMSH|^~\\&|A|B|||20260101||ADT^A01|1|P|2.5\r\x1c\r", "hl7v2"),
        ("{", "fhir"),
        ('{"a": 1}', "fhir"),
        ('{"resourceType": "Patient", "resourceType": "Patient"}', "fhir"),
        ("{" * 10_000, "fhir"),
        ("MSH|^~\\&|" + "|" * 100_000, "hl7v2"),
        ("MSH\ud800|^~\\&|", "hl7v2"),
        ("<xml/>", "unknown"),
    ],
)
def test_any_text_is_recognised_without_a_fault(text: str, form: str) -> None:
    found = recognise(text)
    assert found.format == form
    assert found.problem or found.type
    assert lines_of(text) is not None


def test_a_step_says_how_many_go_on_and_how_many_end_in_it() -> None:
    for path in CASES:
        run, _, _ = tried(path)
        for step in run.steps:
            assert step.on + step.ended + step.rejected + step.held == len(step.records) + step.more, path
        ends = [end for end in run.ends if end.reason != "same-posting"]
        assert sum(step.ended + step.rejected + step.held for step in run.steps) == len(ends), path


def test_lines_that_leave_by_a_port_without_a_wire_do_not_count_as_going_on() -> None:
    here = drawn(LIBRARY / "supply-consumption")
    _, case, payload = tried(LIBRARY / "supply-consumption" / "cases" / "two-lines.json")
    cut = here.flow.flow.model_copy(
        update={"wires": tuple(wire for wire in here.flow.flow.wires if wire.source.step != "lines")}
    )
    run = try_out(
        here.flow.__class__(cut, here.around, here.flow.declarations, here.flow.fields),
        here.analysis,
        payload,
        tables_of(here.around, case),
    )
    lines = next(step for step in run.steps if step.step == "lines")
    assert (lines.on, lines.ended) == (0, 2)
