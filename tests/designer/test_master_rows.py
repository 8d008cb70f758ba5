"""A row of a master that went to the page and back is the same row: nothing that stewards signed is dropped."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

from designer import master_book, missing_keys
from designer.errors import Unfit
from designer.http.models import masters as shapes
from flows import invisible
from flows.instants import to_ms
from flows.master_table import Table
from flows.masters import MasterContract, Row, Snapshot, UnitFactor, contract_digest, write_snapshot
from lockgate.demo import seed
from runtime.master_store import Change, Clash, joined
from runtime.questions.causes import UnmappedKey
from tests.designer.office import SUPPLY

TODAY = "2026-03-01"


def words(most: int) -> SearchStrategy[str]:
    return some.text(min_size=1, max_size=most).map(invisible.without).filter(bool)


def dates() -> SearchStrategy[str | None]:
    return some.none() | some.dates(datetime.date(1990, 1, 1)).map(datetime.date.isoformat)


def factors() -> SearchStrategy[UnitFactor]:
    number = some.from_regex(r"\A[0-9]{1,15}(\.[0-9]{1,12})?\Z")
    return some.builds(UnitFactor, unit=words(20), factor=number, valid_from=dates(), valid_to=dates())


def rows() -> SearchStrategy[Row]:
    keys = some.lists(words(200), min_size=1, max_size=4).map(tuple)
    names = some.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z")
    return some.builds(
        Row,
        key=keys,
        values=some.dictionaries(names, some.text(max_size=200).map(invisible.without), max_size=4),
        valid_from=dates(),
        valid_to=dates(),
        status=some.sampled_from(["active", "retired"]),
        superseded_by=some.none() | keys,
        unit=some.none() | words(20),
        base_unit=some.none() | words(20),
        units=some.lists(factors(), max_size=4).map(tuple),
    )


def sent_back(row: Row) -> Row:
    """As a page does it: all that it was shown, without what it is told beside the row."""
    page = json.loads(master_book.shown(row, TODAY).model_dump_json())
    del page["holds"]
    return master_book.given(shapes.RowGiven.model_validate_json(json.dumps(page)))


@settings(max_examples=150, deadline=None)
@given(rows())
def test_any_row_comes_back_as_it_was(row: Row) -> None:
    assert sent_back(row) == row


def test_every_row_of_the_hospital_comes_back_as_it_was() -> None:
    found = [Row.model_validate(each) for each in (*seed.item_rows(), *seed.location_rows())]
    assert any(row.units for row in found) and any(row.superseded_by for row in found)
    assert [sent_back(row) for row in found] == found


def test_nothing_that_a_row_has_is_unknown_to_the_page() -> None:
    assert set(shapes.MasterRow.model_fields) == {*Row.model_fields, "holds"}
    assert set(shapes.RowGiven.model_fields) == set(Row.model_fields)
    assert set(shapes.UnitRow.model_fields) == set(shapes.UnitGiven.model_fields) == set(UnitFactor.model_fields)


def test_a_missing_conversion_comes_with_the_row_that_it_is_a_change_of() -> None:
    contract = MasterContract.model_validate_json((SUPPLY / "masters" / "items.json").read_bytes())
    row = Row.model_validate(seed.item_rows()[0])
    first = Snapshot(
        format="lockgate/snapshot/1",
        master="items",
        contract=contract_digest(contract),
        sequence=1,
        previous=None,
        add=(row,),
    )
    book = master_book.Book(contract, Table(contract).apply(write_snapshot(first)), ())
    lacks = UnmappedKey(
        master="items",
        cause="unit-unknown",
        key=(*row.key, "CS"),
        group="aa",
        flows=("f",),
        steps=("s",),
        cases=1,
        lines=1,
        first_ms=1,
        last_ms=1,
    )
    page = missing_keys.missing(lacks, book, TODAY)
    assert (page.unit, page.row) == ("CS", master_book.shown(row, TODAY))
    assert missing_keys.missing(lacks.model_copy(update={"key": ("L", "unheard-of")}), book, TODAY).row is None


def test_a_row_with_a_character_that_nobody_sees_is_refused_in_words() -> None:
    row = shapes.RowGiven(key=("L", "CAT\u202e-1"), values={"material": "4711"})
    with pytest.raises(Unfit, match="a character that nobody sees"):
        master_book.given(row)


def book(*rows: Row) -> master_book.Book:
    """The items with these rows, as if signed."""
    contract = MasterContract.model_validate_json((SUPPLY / "masters" / "items.json").read_bytes())
    first = Snapshot(
        format="lockgate/snapshot/1",
        master="items",
        contract=contract_digest(contract),
        sequence=1,
        previous=None,
        add=rows,
    )
    return master_book.Book(contract, Table(contract).apply(write_snapshot(first)), ())


def item(code: str, **more: Any) -> Row:
    return Row(key=("L", code), values={"material": "4711", "base_unit": "EA"}, base_unit="EA", **more)


def lacked(*key: str, cause: str, day: str) -> UnmappedKey:
    at = to_ms(f"{day}T12:00:00Z")
    return UnmappedKey(
        master="items", cause=cause, key=key, group="aa", flows=("f",), steps=("s",), cases=1, lines=1, first_ms=at,
        last_ms=at,
    )  # fmt: skip


def test_a_missing_unit_is_a_change_of_the_row_of_the_day_of_its_lines() -> None:
    items = book(item("A", valid_to="2127-01-01"), item("A", valid_from="2127-01-01"))
    page = missing_keys.missing(lacked("L", "A", "CS", cause="unit-unknown", day="2126-11-22"), items, TODAY)
    assert page.row and (page.row.valid_from, page.row.valid_to) == (None, "2127-01-01")
    later = missing_keys.missing(lacked("L", "A", "CS", cause="unit-unknown", day="2127-02-01"), items, TODAY)
    assert later.row and later.row.valid_from == "2127-01-01"


def test_a_key_counts_as_added_from_the_day_on_which_its_row_is_valid() -> None:
    items = book(item("A", valid_from="2027-01-01", units=(UnitFactor(unit="CS", factor="12"),)))
    for key, cause in ((("L", "A"), "master-miss"), (("L", "A", "CS"), "unit-unknown")):
        assert missing_keys.missing(lacked(*key, cause=cause, day="2026-11-22"), items, TODAY).added is None
        assert missing_keys.missing(lacked(*key, cause=cause, day="2027-01-01"), items, TODAY).added == 1
    assert not missing_keys.answered(lacked(cause="master-miss", day="2027-01-01"), items.table)


def test_changes_are_joined_unless_they_speak_of_one_row_in_two_ways() -> None:
    waiting = Change(add=(item("A", valid_to="2026-06-01"),), change=(item("B"),), retire=((("L", "C"), "2026-06-01"),))
    more = Change(add=(item("A", valid_from="2026-06-01"), item("D")), retire=((("L", "C"), "2026-06-01"),))
    whole, fresh = joined(waiting, more)  # type: ignore[misc]  # no clash, as is looked for
    assert [row.key[-1] for row in whole.add] == ["A", "A", "D"] and not fresh.retire
    clashes = {
        "adds": Change(add=(item("A", valid_from="2026-05-01"),)),
        "changes": Change(change=(item("B", unit="EA"),)),
        "retires": Change(retire=((("L", "C"), "2026-07-01"),)),
    }
    for act, change in clashes.items():
        found = joined(waiting, change)
        assert isinstance(found, Clash) and found.act == act and found.place == 0
