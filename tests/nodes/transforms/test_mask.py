"""Mask: what names somebody does not go on, in no repetition and no part; what is missing stays missing."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flows.effects import Effect, Verb
from flows.paths import parse
from flows.values import ABSENT, NULL
from flows.vocabulary import Protection
from nodes.contract import Example
from nodes.record import Record
from nodes.testing import MemoryServices, node_of, record_of, results
from nodes.transforms.mask import MaskConfig, MaskFields

PATIENT = "MSH|^~\\&|OR|HOSP|||20260301||ADT^A08|C7|P|2.5\rPID|1||{}||Rivera^Ana~River^A||19310704|F\r"


def masked(given: str | dict[str, Any], *fields: dict[str, str]) -> Record:
    example = Example("", {"fields": list(fields)}, given)
    [record] = results(node_of(MaskFields, example), record_of(given))
    return record


def generalised(value: str, to: str) -> object:
    return masked({"v": value}, {"path": "v", "method": "generalise", "to": to}).first(parse("v"))


def test_every_repetition_is_masked() -> None:
    record = masked(PATIENT.format("4711~4712~4711"), {"path": "PID-3.1", "method": "pseudonym"})
    one, two, three = record.every(parse("PID-3.1"))
    assert one == three != two
    assert one == MemoryServices().pseudonym("4711")
    assert {"4711", "4712"}.isdisjoint({str(v) for v in (one, two, three)})


def test_masking_a_composite_masks_each_of_its_parts() -> None:
    record = masked(PATIENT.format("1"), {"path": "PID-5", "method": "redact"})
    assert set(record.every(parse("PID-5.1"))) | set(record.every(parse("PID-5.2"))) == {"***"}


def test_a_dropped_field_drops_its_parts() -> None:
    record = masked(PATIENT.format("1"), {"path": "PID-5", "method": "drop"})
    assert record.every(parse("PID-5.1")) == record.every(parse("PID-5.2")) == ()


def test_a_missing_value_stays_absent_and_null_stays_null() -> None:
    fields = [{"path": "PID-3.1", "method": "pseudonym"}, {"path": "PID-11", "method": "redact"}]
    assert masked(PATIENT.format(""), *fields).first(parse("PID-3.1")) is ABSENT
    assert masked(PATIENT.format('""'), *fields).first(parse("PID-3.1")) is NULL
    assert masked(PATIENT.format(""), *fields).first(parse("PID-11.1")) is ABSENT


def test_later_masks_see_what_earlier_ones_left() -> None:
    record = masked({"v": "4711"}, {"path": "v", "method": "redact"}, {"path": "v", "method": "pseudonym"})
    assert record.first(parse("v")) == MemoryServices().pseudonym("***")


def test_no_fields_is_a_valid_config_that_masks_nothing_and_says_so() -> None:
    config = MaskConfig.model_validate({"fields": []})
    around = node_of(MaskFields, MaskFields.examples[0]).around
    assert MaskFields.effects(config, around).named == ()
    assert [problem.severity for problem in MaskFields.check(config, around)] == ["advisory"]
    assert masked(PATIENT.format("4711")).first(parse("PID-3.1")) == "4711"


@pytest.mark.parametrize(
    ("value", "to", "expected"),
    [
        ("19800704", "year", "1980"),
        ("1980-07-04T10:00:00Z", "year", "1980"),
        ("198007041015+0100", "year", "1980"),
        ("1980", "year", "1980"),
        ("19800704", "year-month", "198007"),
        ("1980-07-04", "year-month", "1980-07"),
        ("1980", "year-month", "1980"),
        ("19360101", "birth-year", "90+"),
        ("19361231", "birth-year", "90+"),
        ("19370101", "birth-year", "1937"),
        ("18990101", "birth-year", "90+"),
        ("89", "age", "89"),
        ("90", "age", "90+"),
        ("121", "age", "90+"),
        ("8400 Winterthur", "postcode-prefix", "840"),
        ("SW1A 1AA", "postcode-prefix", "SW1"),
    ],
)
def test_a_value_is_made_coarser(value: str, to: str, expected: str) -> None:
    assert generalised(value, to) == expected


@pytest.mark.parametrize(
    ("value", "to"),
    [
        ("20260230", "year"),
        ("19801301", "year-month"),
        ("born in spring", "year"),
        ("00000101", "birth-year"),
        ("٢٠٢٦0101", "year"),
        ("ninety", "age"),
        ("-5", "age"),
        ("1234", "age"),
        ("²²", "age"),
        ("840", "postcode-prefix"),
        ("8 4 Z", "postcode-prefix"),
    ],
)
def test_what_cannot_be_made_coarser_is_redacted_never_passed_on(value: str, to: str) -> None:
    assert generalised(value, to) == "***"


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ({"method": "drop"}, Effect(Verb.DROP, "PID-7")),
        ({"method": "redact"}, Effect(Verb.MASK, "PID-7", protection=Protection.REDACTED)),
        ({"method": "pseudonym"}, Effect(Verb.MASK, "PID-7", protection=Protection.PSEUDONYMISED)),
        ({"method": "generalise", "to": "year"}, Effect(Verb.MASK, "PID-7", protection=Protection.GENERALISED)),
    ],
)
def test_each_method_declares_what_it_protects(method: dict[str, str], effect: Effect) -> None:
    config = MaskConfig.model_validate({"fields": [{"path": "PID-7", **method}]})
    assert MaskFields.effects(config, node_of(MaskFields, MaskFields.examples[0]).around).named == (effect,)


@pytest.mark.parametrize(
    "field",
    [
        {"path": "PID.3", "method": "drop"},
        {"path": "PID-3", "method": "encrypt"},
        {"path": "PID-3", "method": "generalise"},
        {"path": "PID-3", "method": "drop", "to": "year"},
        {"path": "PID-3"},
        {"path": "PID-3", "method": "drop", "why": "x"},
    ],
)
def test_a_mask_that_is_not_clear_is_refused(field: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        MaskConfig.model_validate({"fields": [field]})
