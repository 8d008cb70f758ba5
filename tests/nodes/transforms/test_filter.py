"""Filter: what the flow is about goes on; the rest is counted, never parked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nodes.contract import Example
from nodes.stop import Stop, Stopped
from nodes.testing import node_of, record_of, results
from nodes.transforms.filter import Filter, FilterConfig


def kept(condition: Any, given: dict[str, Any]) -> bool:
    try:
        return bool(results(node_of(Filter, Example("", {"keep": condition}, given)), record_of(given)))
    except Stop as stop:
        assert stop.how is Stopped.FILTER
        return False


@pytest.mark.parametrize(
    ("condition", "given", "expected"),
    [
        ({"present": "ward"}, {"ward": "7B"}, True),
        ({"present": "ward"}, {"ward": ""}, False),
        ({"present": "ward"}, {}, False),
        ({"starts-with": [{"field": "code"}, "S-"]}, {"code": "S-1"}, True),
        ({"starts-with": [{"field": "code"}, "S-"]}, {"code": "T-1"}, False),
        ({"compare": [{"field": "quantity"}, ">", {"number": "0"}]}, {"quantity": "0.001"}, True),
        ({"compare": [{"field": "quantity"}, ">", {"number": "0"}]}, {"quantity": "NaN"}, False),
        ({"compare": [{"field": "quantity"}, ">", {"number": "0"}]}, {"quantity": "1e309"}, False),
        ({"not": {"present": "void"}}, {}, True),
        ({"all": [{"present": "a"}, {"present": "b"}]}, {"a": "1"}, False),
        ({"any": [{"present": "a"}, {"present": "b"}]}, {"a": "1"}, True),
    ],
)
def test_a_condition_decides(condition: Any, given: dict[str, Any], expected: bool) -> None:
    assert kept(condition, given) is expected


def test_a_filtered_record_is_counted_under_the_reason_of_the_flow() -> None:
    example = Example("", {"keep": {"present": "ward"}, "reason": "no-ward"}, {"mrn": "4711"})
    with pytest.raises(Stop) as stopped:
        results(node_of(Filter, example), record_of(example.given))
    assert (stopped.value.how, stopped.value.reason) == (Stopped.FILTER, "no-ward")


def test_every_field_that_the_condition_reads_is_declared_as_control() -> None:
    config = FilterConfig.model_validate(
        {"keep": {"any": [{"present": "PV1-3.1"}, {"equal": [{"field": "FT1-6"}, {"text": "CG"}]}]}}
    )
    around = node_of(Filter, Filter.examples[0]).around
    assert Filter.effects(config, around).control == ("PV1-3.1", "FT1-6")


def test_paths_that_part_at_a_filter_are_exclusive() -> None:
    assert Filter.exclusive


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"keep": {"present": "PID.3"}},
        {"keep": {"all": []}},
        {"keep": {"eval": "1"}},
        {"keep": {"present": "a"}, "reason": "Has Blanks"},
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(config: Any) -> None:
    with pytest.raises(ValidationError):
        FilterConfig.model_validate(config)
