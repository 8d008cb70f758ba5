"""Map fields: exactly the fields of the schema, decimals exact, nothing else of the message."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flows.effects import Verb
from flows.values import NULL
from nodes.contract import Example, Problem
from nodes.stop import Stop, Stopped
from nodes.testing import node_of, record_of, results, surroundings
from nodes.transforms.map_fields import MapFields, MapFieldsConfig

SCHEMA = {
    "format": "lockgate/schema/1",
    "name": "line",
    "version": 2,
    "title": "Line",
    "fields": {
        "code": {"type": "string", "concept": "item-code", "title": "Code"},
        "quantity": {"type": "decimal", "concept": "quantity", "title": "Quantity", "required": False},
        "urgent": {"type": "boolean", "concept": "other", "title": "Urgent", "required": False},
        "parts": {"type": "array", "concept": "other", "title": "Parts", "required": False},
    },
}


def example(fields: dict[str, Any], given: Any = None) -> Example:
    return Example("", {"schema": "line@2", "fields": fields}, given or {"a": "1"}, schemas={"line@2": SCHEMA})


def mapped(fields: dict[str, Any], given: Any) -> dict[str, Any]:
    [record] = results(node_of(MapFields, example(fields)), record_of(given))
    return dict(record.fields())


def problems(fields: dict[str, Any]) -> list[Problem]:
    config = MapFieldsConfig.model_validate({"schema": "line@2", "fields": fields})
    return list(MapFields.check(config, surroundings(example(fields))))


def test_the_new_record_has_no_field_but_those_named() -> None:
    assert mapped({"code": "a"}, {"a": "1", "mrn": "4711"}) == {"code": "1"}


def test_an_optional_field_without_value_stays_out() -> None:
    assert mapped({"code": "a", "quantity": "q"}, {"a": "1"}) == {"code": "1"}
    assert mapped({"code": "a", "quantity": "q"}, {"a": "1", "q": ""}) == {"code": "1"}
    assert mapped({"code": "a", "quantity": "q"}, {"a": "1", "q": NULL}) == {"code": "1"}


def test_a_value_that_reads_absent_or_null_is_still_a_value() -> None:
    assert mapped({"code": "a"}, {"a": "absent"}) == {"code": "absent"}
    assert mapped({"code": "a"}, {"a": "null"}) == {"code": "null"}


@pytest.mark.parametrize(("text", "spelt"), [("2", "2"), ("+02.50", "2.50"), ("-0", "0"), (".5", "0.5"), ("7.", "7")])
def test_a_decimal_is_written_plainly_with_its_zeros(text: str, spelt: str) -> None:
    assert mapped({"code": "a", "quantity": "q"}, {"a": "1", "q": text})["quantity"] == spelt


@pytest.mark.parametrize("text", ["1e309", "NaN", "Infinity", "1,000.50", "1 000", "9" * 400, "0x1", "١", "--1", "."])
def test_what_is_no_decimal_waits_for_a_person_and_is_not_named(text: str) -> None:
    with pytest.raises(Stop) as stopped:
        mapped({"code": "a", "quantity": "q"}, {"a": "1", "q": text})
    assert (stopped.value.how, stopped.value.reason, stopped.value.place) == (Stopped.PARK, "not-a-decimal", "q")
    assert text == "." or text not in stopped.value.sentence


def test_a_required_field_without_value_waits_for_a_person() -> None:
    with pytest.raises(Stop) as stopped:
        mapped({"code": "a"}, {"b": "1"})
    assert (stopped.value.reason, stopped.value.place) == ("missing-value", "a")


def test_a_boolean_comes_from_a_condition() -> None:
    tree = {"test": {"equal": [{"field": "p"}, {"text": "S"}]}}
    assert mapped({"code": "a", "urgent": tree}, {"a": "1", "p": "S"}) == {"code": "1", "urgent": True}


def test_each_field_declares_what_it_is_made_of_and_nothing_else_goes_on() -> None:
    fields = {"code": {"fn": "concat", "args": [{"field": "PV1-3.1"}, {"field": "FT1-7.1"}]}, "quantity": "FT1-10"}
    node = node_of(MapFields, example(fields))
    effects = node.effects(node.config, node.around)
    assert [(each.field, each.reads) for each in effects.named] == [
        ("code", ("PV1-3.1", "FT1-7.1")),
        ("quantity", ("FT1-10",)),
    ]
    assert (effects.rest, effects.produces) == (Verb.DROP, "record/line@2")
    assert effects.control == ("PV1-3.1", "FT1-7.1", "FT1-10")


def test_a_fixed_value_is_declared_as_such_with_the_concept_of_its_field() -> None:
    node = node_of(MapFields, example({"code": {"text": "M-1"}}))
    [effect] = node.effects(node.config, node.around).named
    assert [(origin.path, origin.nature.concept) for origin in effect.origins] == [("constant", "item-code")]


def test_what_the_schema_requires_must_be_filled() -> None:
    [problem] = problems({"quantity": "q"})
    assert problem.rule == "LG-NODE-SCHEMA-REQUIRED" and "'code'" in problem.sentence


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("surprise", "a"),
        ("parts", "a"),
        ("urgent", "a"),
        ("quantity", {"text": "two"}),
        ("code", {"test": {"present": "a"}}),
    ],
)
def test_a_field_that_does_not_fit_the_schema_is_a_problem_with_its_place(name: str, source: Any) -> None:
    found = [problem for problem in problems({"code": "a", name: source}) if problem.rule == "LG-NODE-SCHEMA-FIELD"]
    assert [problem.pointer for problem in found] == [f"/fields/{name}"]


def test_an_unknown_schema_is_a_problem_and_effects_still_hold() -> None:
    config = MapFieldsConfig.model_validate({"schema": "other@1", "fields": {"x": "PID-3"}})
    around = surroundings(example({"code": "a"}))
    assert [problem.rule for problem in MapFields.check(config, around)] == ["LG-NODE-SCHEMA"]
    assert MapFields.effects(config, around).named[0].reads == ("PID-3",)


@pytest.mark.parametrize(
    "config",
    [
        {"schema": "line", "fields": {"code": "a"}},
        {"schema": "line@2", "fields": {}},
        {"schema": "line@2", "fields": {"Code": "a"}},
        {"schema": "line@2", "fields": {"code": "PID.3"}},
        {"schema": "line@2", "fields": {"code": {"fn": "system", "args": []}}},
        {"schema": "line@2", "fields": {"code": 7}},
        {"schema_": "line@2", "fields": {"code": "a"}},
    ],
)
def test_a_config_that_cannot_be_read_is_refused(config: Any) -> None:
    with pytest.raises(ValidationError):
        MapFieldsConfig.model_validate(config)
