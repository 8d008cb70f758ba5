"""Validate: what the flow relies on is there, well-formed and active at its time; what is not is held or counted."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flows.values import NULL
from nodes.contract import Example
from nodes.services import NonConformity
from nodes.stop import Stop, Stopped
from nodes.testing import MemoryServices, master_table, node_of, record_of, results, surroundings
from nodes.transforms.validate import Validate, ValidateConfig

WARDS = {
    "wards": [
        {"key": ["OR", "2"], "values": {"plant": "1000"}, "valid_from": "2026-01-01", "valid_to": "2026-07-01"},
        {"key": ["ICU", "1"], "values": {"plant": "1000"}, "status": "retired"},
    ]
}
ACTIVE = [{"master": "wards", "key": ["unit", "room"], "at": "when"}]


def stop(config: dict[str, Any], given: Any) -> Stop | None:
    try:
        results(node_of(Validate, Example("", config, given, masters=WARDS)), record_of(given))
    except Stop as stopped:
        return stopped
    return None


def reason(config: dict[str, Any], given: Any) -> str | None:
    stopped = stop(config, given)
    return stopped and stopped.reason


def test_a_record_that_holds_everything_goes_on_unchanged() -> None:
    record = record_of({"unit": "OR"})
    assert results(node_of(Validate, Example("", {"present": ["unit"]}, {})), record) == [record]


@pytest.mark.parametrize("given", [{}, {"ward": ""}, {"ward": NULL}])
def test_absent_null_and_empty_are_no_value(given: dict[str, Any]) -> None:
    stopped = stop({"present": ["ward"]}, given)
    assert stopped is not None
    assert (stopped.reason, stopped.place) == ("missing-value", "ward")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"unit": "OR", "room": "2", "when": "20260101"}, None),
        ({"unit": "OR", "room": "2", "when": "20260630235959"}, None),
        ({"unit": "OR", "room": "2", "when": "20260701"}, "not-active"),
        ({"unit": "OR", "room": "2", "when": "20251231"}, "not-active"),
        ({"unit": "OR", "room": "2"}, None),
        ({"unit": "OR", "room": "3", "when": "20260301"}, "not-active"),
        ({"unit": "OR", "when": "20260301"}, "not-active"),
        ({"unit": "ICU", "room": "1", "when": "20260301"}, "not-active"),
        ({"unit": "OR", "room": "2", "when": "20260230"}, "unreadable-time"),
    ],
)
def test_a_key_must_hold_at_its_time(given: dict[str, str], expected: str | None) -> None:
    assert reason({"active": ACTIVE}, given) == expected


def test_an_inactive_key_is_kept_apart_from_the_sentence() -> None:
    stopped = stop({"active": ACTIVE}, {"unit": "WARD-77", "room": "2", "when": "20260301"})
    assert stopped is not None
    assert (stopped.master, stopped.subject, stopped.place) == ("wards", ("WARD-77", "2"), "unit, room")
    assert "WARD-77" not in stopped.sentence


@pytest.mark.parametrize(
    ("shape", "value", "good"),
    [
        ("date", "20260228", True),
        ("date", "2026-02-28", True),
        ("date", "", True),
        ("date", "20260230", False),
        ("date", "20261301", False),
        ("date", "202602", False),
        ("date", "20260228101500", False),
        ("date", "٢٠٢٦٠٢٢٨", False),
        ("time", "20260228", True),
        ("time", "202602281015", True),
        ("time", "20260228101559.1234+0100", True),
        ("time", "2026-02-28T10:15:59Z", True),
        ("time", "2026-02-28T10:15:59.5+01:00", True),
        ("time", "20260228251500", False),
        ("time", "20260228106100", False),
        ("time", "19000101120000+1500", False),
        ("time", "2026-02-28T", False),
        ("time", "2026-02-28T99:15", False),
        ("time", "2026", False),
        ("time", "now", False),
        ("decimal", "1.50", True),
        ("decimal", "-3", True),
        ("decimal", "1e309", False),
        ("decimal", "NaN", False),
        ("decimal", "1,000.50", False),
        ("decimal", "9" * 400, False),
        ("integer", "12", True),
        ("integer", "1.0", False),
        ("integer", "twelve", False),
    ],
)
def test_a_value_has_its_shape_or_is_held(shape: str, value: str, good: bool) -> None:
    stopped = stop({"well_formed": [{"path": "v", "shape": shape}]}, {"v": value})
    assert (stopped is None) is good
    if stopped is not None:
        assert (stopped.reason, stopped.place) == ("not-well-formed", "v")
        assert value not in stopped.sentence


def test_every_repetition_must_be_well_formed() -> None:
    text = (
        "MSH|^~\\&|OR|HOSP|||20260301||DFT^P03^DFT_P03|C7|P|2.5\rFT1|1|||20260301||CG|A-1|||2\rFT1|2|||soon||CG|B|||2\r"
    )
    assert reason({"well_formed": [{"path": "FT1-4.1", "shape": "time"}]}, text) == "not-well-formed"


@pytest.mark.parametrize(
    ("on_fail", "how"),
    [("park", Stopped.PARK), ("reject-line", Stopped.REJECT_LINE), ("filter", Stopped.FILTER)],
)
def test_what_fails_is_held_or_counted_as_the_flow_says(on_fail: str, how: Stopped) -> None:
    stopped = stop({"present": ["ward"], "on_fail": on_fail}, {})
    assert stopped is not None
    assert stopped.how is how


def conform(departures: list[NonConformity] | None, **config: str) -> Stop | None:
    whole = ValidateConfig.model_validate({"conformance": "structure", **config})
    node = Validate(whole, MemoryServices(departures=departures), surroundings(Example("", {}, {})))
    try:
        node.run(record_of({}))
    except Stop as stopped:
        return stopped
    return None


def test_a_conforming_message_goes_on() -> None:
    assert conform([]) is None


def test_a_departure_from_the_structure_is_named_by_code_and_place() -> None:
    stopped = conform([NonConformity("segment-missing", "PID"), NonConformity("segment-unexpected", "OBX")])
    assert stopped is not None
    assert (stopped.reason, stopped.place) == ("segment-missing", "PID")
    assert "2 departures" in stopped.sentence


def test_no_answer_about_the_structure_parks_whatever_the_flow_says() -> None:
    stopped = conform(None, on_fail="filter")
    assert stopped is not None
    assert (stopped.how, stopped.reason) == (Stopped.PARK, "conformance-unanswered")


def test_everything_that_decides_is_declared_as_control() -> None:
    config = ValidateConfig.model_validate(
        {
            "present": ["PV1-19.1"],
            "active": [{"master": "wards", "key": ["PV1-3.1", "PV1-3.2"], "at": "MSH-7.1"}],
            "well_formed": [{"path": "PID-7.1", "shape": "date"}, {"path": "PV1-19.1", "shape": "integer"}],
            "conformance": "structure",
        }
    )
    effects = Validate.effects(config, surroundings(Example("", {}, {})))
    assert effects.named == ()
    assert effects.control == ("PV1-19.1", "PV1-3.1", "PV1-3.2", "MSH-7.1", "PID-7.1", "MSH-9", "MSH-12.1")


@pytest.mark.parametrize(
    ("active", "pointer"),
    [
        ({"master": "nowhere", "key": ["a"]}, "/active/0/master"),
        ({"master": "wards", "key": ["a"]}, "/active/0/key"),
    ],
)
def test_a_master_that_does_not_fit_is_a_problem_with_its_place(active: dict[str, Any], pointer: str) -> None:
    config = ValidateConfig.model_validate({"active": [active]})
    around = surroundings(Example("", {}, {}, masters=WARDS))
    assert [problem.pointer for problem in Validate.check(config, around)] == [pointer]


def test_a_newer_snapshot_counts_at_once() -> None:
    services = MemoryServices({"wards": master_table("wards", WARDS["wards"])})
    config = ValidateConfig.model_validate({"active": ACTIVE})
    node = Validate(config, services, surroundings(Example("", {}, {})))
    record = record_of({"unit": "LAB", "room": "1", "when": "20260301"})
    with pytest.raises(Stop):
        node.run(record)
    rows = [*WARDS["wards"], {"key": ["LAB", "1"], "values": {"plant": "1000"}}]
    again = Validate(config, MemoryServices({"wards": master_table("wards", rows)}), node.around)
    assert list(again.run(record)) == [("out", record)]


@pytest.mark.parametrize(
    "config",
    [
        {"present": ["PID.3"]},
        {"present": "PID-3"},
        {"active": [{"master": "wards", "key": []}]},
        {"active": [{"master": "Wards", "key": ["a"]}]},
        {"well_formed": [{"path": "a", "shape": "regex"}]},
        {"conformance": "full"},
        {"on_fail": "pass"},
    ],
)
def test_a_config_that_cannot_be_read_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ValidateConfig.model_validate(config)
