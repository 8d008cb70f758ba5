"""A master's rows change only by steps that fit, and a lookup gives the row of the right day."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.master_table import Table, day_of
from flows.masters import MasterContract, Row, RowRefused, Snapshot, contract_digest, stewards_needed, write_snapshot

CONTRACT = MasterContract.model_validate(
    {
        "format": "lockgate/master/1",
        "id": "items",
        "title": "Items",
        "key": ["system", "code"],
        "columns": {
            "material": {
                "title": "ERP material",
                "concept": "item-code",
                "classes": ["operational"],
                "sensitivity": 1,
                "pattern": r"\d{8}",
            }
        },
    }
)


def row(code: str, material: str = "10000001", **more: object) -> Row:
    return Row.model_validate({"key": ["CAT", code], "values": {"material": material}, **more})


def step(table: Table, **parts: object) -> bytes:
    return write_snapshot(
        Snapshot.model_validate(
            {
                "format": "lockgate/snapshot/1",
                "master": "items",
                "contract": contract_digest(CONTRACT),
                "sequence": table.sequence + 1,
                "previous": table.digest,
                **parts,
            }
        )
    )


def table_of(*rows: Row) -> Table:
    empty = Table(CONTRACT)
    return empty.apply(step(empty, add=rows))


def material(table: Table, code: str, at: str | None) -> str | None:
    found = table.find(("CAT", code), at)
    return None if found is None else found.values["material"]


def test_a_row_is_found_on_its_days_only() -> None:
    table = table_of(row("A", valid_from="2026-01-01", valid_to="2026-07-01"))
    assert material(table, "A", "20251231235959") is None
    assert material(table, "A", "20260101") == "10000001"
    assert material(table, "A", "2026-06-30T23:59:59Z") == "10000001"
    assert material(table, "A", "20260701") is None


def test_a_code_is_followed_to_its_successor_after_its_own_time() -> None:
    table = table_of(
        row("OLD", "10000001", valid_to="2026-03-01", superseded_by=["CAT", "NEW"]),
        row("NEW", "10000002", valid_from="2026-02-01"),
    )
    assert material(table, "OLD", "20260215") == "10000001"
    found = table.find(("CAT", "OLD"), "20260315")
    assert found is not None
    assert found.values["material"] == "10000002"
    assert found.superseded_codes == (("CAT", "OLD"),)


def test_successors_in_a_circle_end_in_nothing() -> None:
    table = table_of(
        row("A", valid_to="2026-01-01", superseded_by=["CAT", "B"]),
        row("B", valid_to="2026-01-01", superseded_by=["CAT", "A"]),
    )
    assert table.find(("CAT", "A"), "20260601") is None


def test_units_convert_exactly_and_only_while_they_hold() -> None:
    table = table_of(
        row("A", base_unit="EA", units=[{"unit": "BX", "factor": "12.5", "valid_to": "2026-06-01"}]),
    )
    assert table.factor(("CAT", "A"), "BX", "20260101") == Decimal("12.5")
    assert table.factor(("CAT", "A"), "EA", "20260101") == 1
    assert table.factor(("CAT", "A"), "BX", "20260601") is None
    assert table.factor(("CAT", "A"), "CS", "20260101") is None


def test_a_unit_may_hold_something_else_later() -> None:
    units = [
        {"unit": "BX", "factor": "10", "valid_to": "2026-03-01"},
        {"unit": "BX", "factor": "20", "valid_from": "2026-03-01"},
    ]
    table = table_of(row("A", base_unit="EA", units=units))
    assert table.factor(("CAT", "A"), "BX", "20260228") == 10
    assert table.factor(("CAT", "A"), "BX", "20260301") == 20


def test_a_superseded_code_converts_by_the_units_of_its_successor() -> None:
    table = table_of(
        row("OLD", valid_to="2026-01-01", superseded_by=["CAT", "NEW"], base_unit="EA"),
        row("NEW", base_unit="EA", units=[{"unit": "BX", "factor": "10"}]),
    )
    assert table.factor(("CAT", "OLD"), "BX", "20260601") == 10


def test_only_a_pure_addition_takes_one_steward() -> None:
    table = table_of(row("A"))
    add = Snapshot.model_validate_json(step(table, add=[row("B")]))
    change = Snapshot.model_validate_json(step(table, change=[row("A", "10000009")]))
    retire = Snapshot.model_validate_json(step(table, retire=[[["CAT", "A"], "2026-01-01"]]))
    first = Snapshot.model_validate_json(step(Table(CONTRACT), add=[row("A")]))
    assert [stewards_needed(s, CONTRACT) for s in (add, change, retire, first)] == [1, 2, 2, 2]


REFUSED = {
    "an addition at a time that the key already has": {"add": [row("A", "10000003", valid_from="2026-05-01")]},
    "a change of a row that is not there": {"change": [row("B")]},
    "a retirement of a key that is not there": {"retire": [[["CAT", "B"], "2026-01-01"]]},
    "a value that breaks the contract's pattern": {"add": [row("B", "MAT-1")]},
    "a key with an empty part": {"add": [row("")]},
    "a row that ends before it begins": {"add": [row("B", valid_from="2026-02-01", valid_to="2026-01-01")]},
    "a unit that holds nothing": {"add": [row("B", units=[{"unit": "BX", "factor": "0.000"}])]},
    "a unit that holds two things at one time": {
        "add": [
            row(
                "B",
                units=[
                    {"unit": "BX", "factor": "10", "valid_to": "2026-03-01"},
                    {"unit": "BX", "factor": "20", "valid_from": "2026-02-28"},
                ],
            )
        ]
    },
    "a first day that no calendar has": {"add": [row("B", valid_from="2026-02-31")]},
    "an end that no calendar has": {"add": [row("B", valid_to="2026-13-01")]},
    "a day in other digits": {"add": [row("B", valid_from="\u0662\u0660\u0662\u0666-01-01")]},
    "a unit's day that no calendar has": {
        "add": [row("B", units=[{"unit": "BX", "factor": "2", "valid_from": "2025-02-29"}])]
    },
    "a unit that ends before it begins": {
        "add": [row("B", units=[{"unit": "BX", "factor": "2", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}])]
    },
    "a retirement on a day that no calendar has": {"retire": [[["CAT", "A"], "9999-99-99"]]},
    "a row that is superseded by itself": {"add": [row("B", superseded_by=["CAT", "B"])]},
    "a successor that is no key": {"add": [row("B", superseded_by=["B"])]},
    "a column beyond the contract": {
        "add": [Row.model_validate({"key": ["CAT", "B"], "values": {"material": "10000001", "patient": "x"}})]
    },
}


@pytest.mark.parametrize("parts", REFUSED.values(), ids=REFUSED)
def test_a_step_is_refused_for(parts: dict[str, object]) -> None:
    table = table_of(row("A"))
    with pytest.raises(RowRefused):
        table.apply(step(table, **parts))
    assert material(table, "A", None) == "10000001"


def test_a_refusal_names_the_row() -> None:
    table = table_of(row("A"))
    with pytest.raises(RowRefused, match="added row 2: a day of it is not in the calendar"):
        table.apply(step(table, add=[row("B"), row("C", valid_from="2026-02-30")]))
    with pytest.raises(RowRefused, match="changed row 1: a day"):
        table.apply(step(table, change=[row("A", valid_to="2026-00-01")]))
    with pytest.raises(RowRefused, match="retired row 1: a day"):
        table.apply(step(table, retire=[[["CAT", "A"], "9999-99-99"]]))


def test_a_row_that_is_none_is_named_without_its_value() -> None:
    table = Table(CONTRACT)
    data = step(table, add=[row("A"), row("B")]).replace(b'"status":"active"', b'"status":"SECRET"', 1)
    with pytest.raises(RowRefused, match="added row 1, at /status") as refusal:
        table.apply(data)
    assert "SECRET" not in str(refusal.value)


def test_a_step_that_does_not_follow_is_refused() -> None:
    table = table_of(row("A"))
    later = table.apply(step(table, add=[row("B")]))
    with pytest.raises(RowRefused, match="does not follow"):
        table.apply(step(later, add=[row("C")]))
    with pytest.raises(RowRefused, match="does not follow"):
        later.apply(step(table, add=[row("C")]))


def test_a_refusal_never_repeats_a_value() -> None:
    table = table_of(row("A"))
    with pytest.raises(RowRefused) as refusal:
        table.apply(step(table, add=[row("B", "SECRET-VALUE")]))
    assert "SECRET" not in str(refusal.value)


@pytest.mark.parametrize("text", ["20260230", "2026", "202602", "99991332", "", "tomorrow", "2026022812345678901"])
def test_a_text_that_is_no_day_is_none(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    "text", ["20260228", "202602281200", "20260228120000.1234+0100", "2026-02-28", "2026-02-28T01:02Z"]
)
def test_the_day_is_read_as_it_is_written(text: str) -> None:
    assert day_of(text) == "2026-02-28"


@given(st.lists(st.tuples(st.integers(1, 27), st.integers(1, 27)), max_size=8), st.integers(1, 28))
def test_no_two_rows_of_a_key_ever_hold_on_one_day(spans: list[tuple[int, int]], day: int) -> None:
    table = Table(CONTRACT)
    for first, length in spans:
        new = row("A", valid_from=f"2026-01-{first:02}", valid_to=f"2026-02-{min(length, 28):02}")
        try:
            table = table.apply(step(table, add=[new]))
        except RowRefused:
            continue
    at = f"2026-01-{day:02}"
    holding = [r for r in table.rows() if (r.valid_from or "") <= at < (r.valid_to or "9")]
    assert len(holding) <= 1


@pytest.mark.parametrize("pattern", ["(a+)+", "a|b", "(?=x)", r"\w+", ".*"])
def test_a_contract_cannot_bring_a_costly_pattern(pattern: str) -> None:
    column = {"title": "x", "concept": "other", "classes": ["operational"], "sensitivity": 1, "pattern": pattern}
    with pytest.raises(ValueError, match="pattern"):
        MasterContract.model_validate({**CONTRACT.model_dump(mode="json"), "columns": {"material": column}})
