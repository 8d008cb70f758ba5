"""Map to master: the row that holds on the day, exact quantities, and misses that say what to do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from flows.vocabulary import Protection
from nodes.contract import Example, Problem
from nodes.stop import Stop, Stopped
from nodes.testing import node_of, record_of, results, surroundings
from nodes.transforms.map_to_master import MapConfig, MapToMaster

ROWS = [
    {
        "key": ["GS1", "111"],
        "values": {"material": "M-1"},
        "valid_to": "2026-02-01",
        "base_unit": "EA",
        "units": [{"unit": "BX", "factor": "12"}],
    },
    {
        "key": ["GS1", "111"],
        "values": {"material": "M-2"},
        "valid_from": "2026-02-01",
        "base_unit": "EA",
        "units": [
            {"unit": "BX", "factor": "10", "valid_to": "2026-06-01"},
            {"unit": "BX", "factor": "8", "valid_from": "2026-06-01"},
            {"unit": "ML", "factor": "0.0125"},
        ],
    },
    {
        "key": ["GS1", "999"],
        "values": {"material": "M-2"},
        "base_unit": "EA",
        "unit": "CS",
        "units": [{"unit": "CS", "factor": "40"}],
    },
    {"key": ["GS1", "old"], "values": {"material": "M-0"}, "valid_to": "2025-01-01", "superseded_by": ["GS1", "mid"]},
    {"key": ["GS1", "mid"], "values": {"material": "M-0"}, "valid_to": "2025-06-01", "superseded_by": ["GS1", "111"]},
    {"key": ["GS1", "gone"], "values": {"material": "M-9"}, "status": "retired"},
]
LOOK_UP = {"master": "items", "key": ["system", "code"], "at": "used", "as": {"material": "material"}}
CONVERT = {"quantity": "amount", "unit": "unit", "as": "quantity"}


def example(config: dict[str, Any], given: Any) -> Example:
    return Example("", config, given, masters={"items": ROWS})


def mapped(given: dict[str, str], **config: Any) -> dict[str, Any]:
    whole = {**LOOK_UP, **config}
    [record] = results(node_of(MapToMaster, example(whole, given)), record_of({"system": "GS1", **given}))
    return {name: value for name, value in record.fields().items() if name in ("material", "quantity")}


def stopped(given: dict[str, str], **config: Any) -> Stop:
    with pytest.raises(Stop) as caught:
        mapped(given, **config)
    return caught.value


def problems(config: dict[str, Any]) -> list[Problem]:
    whole = {**LOOK_UP, **config}
    return list(MapToMaster.check(MapConfig.model_validate(whole), surroundings(example(whole, {}))))


@pytest.mark.parametrize(
    ("used", "material"),
    [
        ("20260131", "M-1"),
        ("20260201", "M-2"),
        ("20260131235959+0100", "M-1"),
        ("2026-02-01T00:00:00Z", "M-2"),
        ("", "M-2"),
    ],
)
def test_the_row_of_the_day_of_use_counts_and_without_one_the_day_of_receipt(used: str, material: str) -> None:
    assert mapped({"code": "111", "used": used}) == {"material": material}


def test_superseded_codes_are_followed_to_the_one_in_force() -> None:
    assert mapped({"code": "old", "used": "20260301"}) == {"material": "M-2"}


def test_a_retired_code_is_a_miss() -> None:
    assert stopped({"code": "gone", "used": "20260301"}).reason == "master-miss"


def test_a_missed_code_names_master_and_place_and_keeps_the_code_apart() -> None:
    stop = stopped({"code": "Z-4711", "used": "20260301"})
    assert (stop.how, stop.reason, stop.master, stop.place) == (Stopped.PARK, "master-miss", "items", "system, code")
    assert stop.subject == ("GS1", "Z-4711")
    assert "Z-4711" not in stop.sentence and "steward adds the row" in stop.sentence


def test_a_missing_part_of_the_key_is_a_miss_not_another_key() -> None:
    assert stopped({"used": "20260301"}).subject == ("GS1", "")


def test_a_time_that_is_none_is_called_so_and_not_a_missing_row() -> None:
    stop = stopped({"code": "111", "used": "20260230"})
    assert (stop.how, stop.reason, stop.place) == (Stopped.PARK, "unreadable-time", "used")
    assert "20260230" not in stop.sentence


def test_a_line_can_be_rejected_on_a_miss() -> None:
    assert stopped({"code": "x", "used": "20260301"}, on_miss="reject-line").how is Stopped.REJECT_LINE


def test_a_line_can_go_on_under_fixed_values_and_its_quantity_as_it_stands() -> None:
    fixed = {"on_miss": "default", "default": {"material": "M-000"}}
    assert mapped({"code": "x", "used": "20260301"}, **fixed) == {"material": "M-000"}
    given = {"code": "x", "used": "20260301", "amount": "+2.50", "unit": "BX"}
    assert mapped(given, convert=CONVERT, **fixed) == {"material": "M-000", "quantity": "2.50"}


def test_a_time_that_is_none_never_falls_to_the_fixed_values() -> None:
    fixed = {"on_miss": "default", "default": {"material": "M-000"}}
    assert stopped({"code": "111", "used": "soon"}, **fixed).reason == "unreadable-time"


@pytest.mark.parametrize(
    ("code", "amount", "unit", "used", "quantity"),
    [
        ("111", "2", "EA", "20260301", "2"),
        ("111", "2", "BX", "20260301", "20"),
        ("111", "2", "BX", "20260131", "24"),
        ("111", "2", "BX", "20260601", "16"),
        ("111", "2", "", "20260301", "2"),
        ("111", "2.5", "ML", "20260301", "0.03125"),
        ("111", "-1", "BX", "20260301", "-10"),
        ("111", "0.10", "BX", "20260301", "1"),
        ("999", "3", "", "20260301", "120"),
        ("999", "3", "EA", "20260301", "3"),
        ("111", "123456789012345678.123456789012", "ML", "20260301", "1543209862654320.97654320986265"),
    ],
)
def test_quantities_are_counted_in_the_base_unit_exactly(
    code: str, amount: str, unit: str, used: str, quantity: str
) -> None:
    given = {"code": code, "amount": amount, "unit": unit, "used": used}
    assert mapped(given, convert=CONVERT)["quantity"] == quantity
    assert Decimal(quantity).is_finite()


def test_without_a_unit_in_the_message_the_code_says_what_it_counts() -> None:
    given = {"code": "999", "amount": "2", "used": "20260301"}
    assert mapped(given, convert={"quantity": "amount", "as": "quantity"})["quantity"] == "80"


def test_an_unknown_unit_waits_for_a_factor_and_is_not_guessed() -> None:
    stop = stopped({"code": "111", "amount": "2", "unit": "PAL", "used": "20260301"}, convert=CONVERT)
    assert (stop.how, stop.reason, stop.place, stop.master) == (Stopped.PARK, "unit-unknown", "unit", "items")
    assert stop.subject == ("GS1", "111", "PAL") and "PAL" not in stop.sentence


@pytest.mark.parametrize("amount", ["1e309", "NaN", "inf", "1,000.50", "9" * 400, "two", "1 0", "²", "0" * 65])
def test_what_is_no_quantity_waits_for_a_person_and_is_not_named(amount: str) -> None:
    stop = stopped({"code": "111", "amount": amount, "unit": "BX", "used": "20260301"}, convert=CONVERT)
    assert (stop.how, stop.reason, stop.place) == (Stopped.PARK, "not-a-decimal", "amount")
    assert amount not in stop.sentence


def test_a_missing_quantity_waits_for_a_person() -> None:
    assert stopped({"code": "111", "used": "20260301"}, convert=CONVERT).reason == "no-quantity"


def test_outputs_are_key_and_day_mapped_joined_with_the_column_and_the_choice_is_control() -> None:
    node = node_of(MapToMaster, example({**LOOK_UP, "convert": CONVERT}, {}))
    effects = node.effects(node.config, node.around)
    material, quantity, factor = effects.named
    assert (material.reads, material.protection) == (("system", "code", "used"), Protection.MAPPED)
    assert [origin.path for origin in material.origins] == ["master:items.material"]
    assert (quantity.reads, quantity.protection) == (("amount", "unit"), None)
    assert [origin.path for origin in quantity.origins] == ["master:items.unit-factor"]
    assert (factor.field, factor.reads, factor.protection) == (quantity.field, material.reads, Protection.MAPPED)
    assert effects.control == ("system", "code", "used", "amount", "unit")


def test_an_unknown_master_or_column_is_a_problem_and_its_values_are_the_worst() -> None:
    config = MapConfig.model_validate({**LOOK_UP, "master": "nowhere"})
    around = surroundings(example(LOOK_UP, {}))
    assert [problem.pointer for problem in MapToMaster.check(config, around)] == ["/master"]
    [effect] = MapToMaster.effects(config, around).named
    assert effect.origins[0].nature.sensitivity == 4
    assert [problem.pointer for problem in problems({"as": {"material": "price"}})] == ["/as/material"]


def test_a_key_with_another_number_of_parts_is_a_problem() -> None:
    assert [problem.rule for problem in problems({"key": ["code"]})] == ["LG-NODE-MASTER-KEY"]


@pytest.mark.parametrize(
    "differs",
    [
        {"on_miss": "default"},
        {"default": {"material": "M"}},
        {"on_miss": "default", "default": {"other": "M"}},
        {"on_miss": "default", "default": {}},
        {"on_miss": "ignore"},
        {"key": []},
        {"key": ["PID.3"]},
        {"as": {}},
        {"as": {"Material": "material"}},
        {"convert": {"quantity": "q", "as": "material"}},
        {"convert": {"quantity": "q", "as_": "quantity"}},
        {"as_": {"material": "material"}},
    ],
)
def test_a_config_that_cannot_be_read_is_refused(differs: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MapConfig.model_validate({**LOOK_UP, **differs})
