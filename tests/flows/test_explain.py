"""Explaining one field at one sink."""

from __future__ import annotations

import pytest

from flows.edits import apply_edits
from flows.explain import ExplainError, explain
from tests.flows.shipped import analysed, check, flow_of, unmasked


def test_a_field_that_may_arrive_is_told_with_its_way():
    told = explain(analysed(flow_of()), "PID-3.1", "decrement")
    assert told.allowed
    assert "pseudonymised) may arrive in 'caseReference'" in told.sentences[0]
    assert "tokenise (PID-3.1) → to-material (PID-3.1) → event (caseReference)" in told.sentences[0]


def test_a_sinks_own_field_is_told_with_all_that_stands_in_it():
    told = explain(analysed(flow_of()), "material", "decrement")
    day = {"FT1-4.1.1", "FT1-4.1.2"}  # the row that holds on the day of use tells of that day
    assert {each.atom.origin for each in told.arrivals} == {"FT1-7.1", "FT1-7.3", "master:items.material", *day}


def test_a_composite_is_told_by_its_parts():
    assert [each.atom.origin for each in explain(analysed(flow_of()), "PID-3", "decrement").arrivals] == ["PID-3.1"]


def test_a_field_that_does_not_arrive_is_told_with_the_step_that_ends_it():
    told = explain(analysed(flow_of()), "PID-5", "decrement")
    assert told.sentences == ("PID-5 does not reach sink 'decrement': event lets nothing of it through.",)
    assert told.allowed


def test_the_smallest_fix_of_what_may_not_arrive_works():
    flow = unmasked()
    told = explain(analysed(flow), "PID-3.1", "decrement")
    assert not told.allowed
    assert "may not arrive" in told.sentences[0]
    assert any(each.startswith("LG-FLD-001") for each in told.sentences)
    assert told.sentences[-1].startswith("Smallest fix: ")
    assert check(apply_edits(flow, told.fixes[0].edits)) == []


@pytest.mark.parametrize(
    ("field", "sink", "says"),
    [
        ("PID-3.1", "nowhere", "no sink 'nowhere'; it has: decrement"),
        ("PID.3", "decrement", "write 'PID-3'"),
        ("XYZ-1", "decrement", "stands in no accepted message"),
    ],
)
def test_a_question_about_what_is_not_there_is_refused(field, sink, says):
    with pytest.raises(ExplainError, match=says):
        explain(analysed(flow_of()), field, sink)
