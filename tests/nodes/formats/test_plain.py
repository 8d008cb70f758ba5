"""Plain records: fields by name, lists, and what a mask or a drop reaches."""

from __future__ import annotations

import pytest

from flows.paths import parse
from flows.values import ABSENT, NULL, Value
from nodes.formats.plain import PlainRecord
from nodes.record import Envelope, Record

ENVELOPE = Envelope(7, "flow", "or-system", 0, (), "", "synthetic")
FIELDS: dict[str, Value] = {
    "caseReference": "4711",
    "sterile": True,
    "remark": NULL,
    "lines": ({"material": "A", "lots": ("1", "2")}, {"material": "B"}),
    "ward": {"name": "OR 2", "beds": ("x",)},
}


@pytest.fixture(name="record")
def _record() -> Record:
    return PlainRecord(FIELDS, ENVELOPE)


def test_a_path_means_every_element_of_a_list_unless_numbered_from_zero(record: Record) -> None:
    assert record.every(parse("lines.material")) == record.every(parse("lines[*].material")) == ("A", "B")
    assert record.first(parse("lines[1].material")) == "B"
    assert record.every(parse("lines.lots")) == ("1", "2")
    assert record.every(parse("lines[2].material")) == record.every(parse("caseReference.x")) == ()


def test_what_is_no_list_is_its_own_first_element(record: Record) -> None:
    assert record.first(parse("caseReference[0]")) == "4711"
    assert record.first(parse("caseReference[1]")) is ABSENT


def test_null_and_truth_are_values(record: Record) -> None:
    assert record.every(parse("remark")) == (NULL,)
    assert record.first(parse("sterile")) is True


def test_an_hl7_selector_means_nothing_here(record: Record) -> None:
    assert record.first(parse("PID-3")) is ABSENT
    assert record.every(parse("PID-3")) == ()
    assert record.without(parse("PID-3")).fields() == record.with_masked(parse("PID-3"), str.upper).fields() == FIELDS


def test_a_mask_reaches_every_leaf_below_its_place(record: Record) -> None:
    masked = record.with_masked(parse("lines"), lambda value: f"<{value}>").with_masked(parse("sterile"), str.upper)
    assert masked.fields()["lines"] == ({"material": "<A>", "lots": ("<1>", "<2>")}, {"material": "<B>"})
    assert masked.first(parse("sterile")) == "TRUE"
    assert record.with_masked(parse("lines[1].material"), lambda _: "*").every(parse("lines.material")) == ("A", "*")


def test_a_mask_leaves_null_alone_and_an_empty_result_is_absent(record: Record) -> None:
    assert record.with_masked(parse("remark"), lambda _: "*").first(parse("remark")) is NULL
    assert record.with_masked(parse("caseReference"), lambda _: "").first(parse("caseReference")) is ABSENT


def test_a_drop_leaves_the_numbers_of_other_elements(record: Record) -> None:
    assert record.without(parse("lines[0]")).first(parse("lines[1].material")) == "B"
    assert record.without(parse("lines.material")).every(parse("lines.material")) == ()
    assert "lines" not in record.without(parse("lines")).fields()
    assert record.without(parse("ward.name")).fields()["ward"] == {"beds": ("x",)}
    assert record.without(parse("none.such")).fields() == FIELDS


def test_a_split_gives_one_record_for_each_element(record: Record) -> None:
    first, second = record.split("lines")
    assert (first.envelope.item_path, second.envelope.item_path) == ("lines[0]", "lines[1]")
    assert (first.first(parse("lines.material")), second.first(parse("lines.material"))) == ("A", "B")
    assert list(record.split("ward")) == list(record.split("none")) == []


def test_fields_cannot_be_changed_from_outside() -> None:
    source: dict[str, Value] = {"a": "1"}
    record = PlainRecord(source, ENVELOPE)
    source["a"] = "2"
    assert record.first(parse("a")) == "1"
    with pytest.raises(TypeError):
        record.fields()["a"] = "3"  # type: ignore[index]  # that it cannot is the point


def test_a_new_value_stands_beside_the_others(record: Record) -> None:
    assert record.with_value("unit", "PCE").fields() == {**FIELDS, "unit": "PCE"}
    assert record.fields() == FIELDS
    assert record.fresh({"a": "1"}).fields() == {"a": "1"}
