"""A master changes only by what enough stewards signed; the runtime keeps what it accepted and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.canonical import sha256_hex
from flows.instants import from_ms
from flows.masters import MasterContract, Row, read_snapshot, write_snapshot
from flows.trust import MasterChange, Reason, Refusal
from lockgate import stewardship
from lockgate.keys import sign_statement
from lockgate.stewardship import Change, RowsUnusable, Standing, read_rows
from runtime.masters import MasterBook
from runtime.sealed import SealedFile
from runtime.state import MasterState, master_file
from runtime.store import ReleaseStore
from tests.trusted import NOON, PEOPLE, ROOT, Person, key_of, root

CONTRACT = MasterContract.model_validate(
    {
        "format": "lockgate/master/1",
        "id": "items",
        "title": "Items",
        "key": ["system", "code"],
        "columns": {
            "material": {"title": "Material", "concept": "item-code", "classes": ["operational"], "sensitivity": 1}
        },
    }
)


def row(code: str, material: str = "10000001") -> Row:
    return Row(key=("CAT", code), values={"material": material})


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "store")


def book(tmp_path: Path, store: ReleaseStore) -> MasterBook:
    return MasterBook(tmp_path / "own", store, b"k" * 32)


def begun(store: ReleaseStore) -> None:
    first = stewardship.begin(store, CONTRACT, (row("A"),), key_of("sam"), ROOT, NOON)
    assert isinstance(first, Standing) and not first.in_force
    second = stewardship.sign(store, "items", key_of("sue"), ROOT, NOON)
    assert isinstance(second, Standing) and second.in_force


def material(rows: MasterBook, code: str) -> str | None:
    found = rows.view(CONTRACT).find(("CAT", code), None)
    return found.values["material"] if found else None


def test_the_first_step_counts_only_with_two_stewards(tmp_path: Path, store: ReleaseStore) -> None:
    stewardship.begin(store, CONTRACT, (row("A"),), key_of("sam"), ROOT, NOON)
    rows = book(tmp_path, store)
    taken = rows.take(CONTRACT, ROOT)
    assert taken.new == 0 and "needs 2 stewards; 1 signed" in taken.problem
    stewardship.sign(store, "items", key_of("sue"), ROOT, NOON)
    assert rows.take(CONTRACT, ROOT).new == 1
    assert material(rows, "A") == "10000001"


def test_an_added_row_takes_one_steward_and_a_change_two(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    rows = book(tmp_path, store)
    stewardship.make(store, "items", Change(add=(row("B", "10000002"),)), key_of("sam"), ROOT, NOON)
    assert rows.take(CONTRACT, ROOT).new == 2
    stewardship.make(store, "items", Change(change=(row("A", "10000009"),)), key_of("sam"), ROOT, NOON)
    assert rows.take(CONTRACT, ROOT).new == 0
    assert material(rows, "A") == "10000001"
    stewardship.sign(store, "items", key_of("sue"), ROOT, NOON)
    assert rows.take(CONTRACT, ROOT).new == 1
    assert (material(rows, "A"), material(rows, "B")) == ("10000009", "10000002")


def test_one_steward_signing_twice_is_one_steward(store: ReleaseStore) -> None:
    stewardship.begin(store, CONTRACT, (row("A"),), key_of("sam"), ROOT, NOON)
    again = stewardship.sign(store, "items", key_of("sam"), ROOT, NOON)
    assert isinstance(again, Refusal) and again.reason is Reason.APPROVED_TWICE


def test_who_is_no_steward_changes_nothing(store: ReleaseStore) -> None:
    refused = stewardship.begin(store, CONTRACT, (row("A"),), key_of("ada"), ROOT, NOON)
    assert isinstance(refused, Refusal) and refused.reason is Reason.ROLE_MISSING
    assert store.master_snapshots("items") == ()


def test_a_row_written_into_the_store_without_a_signature_changes_nothing(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    rows = book(tmp_path, store)
    rows.take(CONTRACT, ROOT)
    standing = stewardship.make(store, "items", Change(add=(row("B"),)), key_of("sam"), ROOT, NOON)
    assert isinstance(standing, Standing)
    for envelope in (store.path / "releases" / standing.digest).iterdir():
        envelope.unlink()
    taken = rows.take(CONTRACT, ROOT)
    assert taken.new == 0 and "0 signed" in taken.problem
    assert material(rows, "B") is None


def test_a_forged_step_does_not_keep_a_steward_from_adding_a_row(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    forged = stewardship.make(store, "items", Change(add=(row("EVIL"),)), key_of("sam"), ROOT, NOON)
    assert isinstance(forged, Standing)
    for envelope in (store.path / "releases" / forged.digest).iterdir():
        envelope.unlink()
    store.add_envelope(forged.digest, b"no envelope")
    made = stewardship.make(store, "items", Change(add=(row("B"),)), key_of("sam"), ROOT, NOON)
    assert isinstance(made, Standing) and made.in_force and made.sequence == forged.sequence
    rows = book(tmp_path, store)
    rows.take(CONTRACT, ROOT)
    assert (material(rows, "B"), material(rows, "EVIL")) == ("10000001", None)


def test_a_copy_of_the_runtime_s_own_that_was_changed_does_not_count(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    book(tmp_path, store).take(CONTRACT, ROOT)
    assert material(book(tmp_path, store), "A") == "10000001"
    place = tmp_path / "own" / "items" / "1.json"
    copy = json.loads(place.read_bytes())
    copy["seal"] = "0" * 64
    place.write_text(json.dumps(copy, separators=(",", ":"), sort_keys=True))
    assert material(book(tmp_path, store), "A") is None


def test_rows_stay_when_a_steward_has_left_and_new_ones_of_theirs_do_not_come(
    tmp_path: Path, store: ReleaseStore
) -> None:
    begun(store)
    book(tmp_path, store).take(CONTRACT, ROOT)
    gone = root(
        persons={name: Person(name=name, roles=roles if name != "sam" else ()) for name, roles in PEOPLE.items()}
    )
    stewardship.make(store, "items", Change(add=(row("B"),)), key_of("sam"), ROOT, NOON)
    rows = book(tmp_path, store)
    assert rows.take(CONTRACT, gone).new == 0
    assert (material(rows, "A"), material(rows, "B")) == ("10000001", None)


def test_a_step_without_a_row_is_not_signed(store: ReleaseStore) -> None:
    nothing = stewardship.begin(store, CONTRACT, (), key_of("sam"), ROOT, NOON)
    assert isinstance(nothing, Refusal) and nothing.reason is Reason.ROW_REFUSED
    assert store.master_snapshots("items") == ()
    begun(store)
    nothing = stewardship.make(store, "items", Change(), key_of("sam"), ROOT, NOON)
    assert isinstance(nothing, Refusal) and "nothing to sign" in nothing.sentence


def test_a_day_that_no_calendar_has_is_not_signed_and_no_runtime_takes_it(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    impossible = Row(key=("CAT", "B"), values={"material": "1"}, valid_from="2026-02-31")
    refused = stewardship.make(store, "items", Change(add=(impossible,)), key_of("sam"), ROOT, NOON)
    assert isinstance(refused, Refusal) and "added row 1" in refused.sentence
    forced = store.master_snapshots("items")[0].snapshot
    step = read_snapshot(forced)
    signed = write_snapshot(
        step.model_copy(update={"sequence": 2, "previous": sha256_hex(forced), "add": (impossible,)})
    )
    store.put_snapshot("items", 2, signed)
    said = MasterChange(master="items", sequence=2, at=from_ms(NOON))
    store.add_envelope(sha256_hex(signed), sign_statement(sha256_hex(signed), said, key_of("sam")))
    taken = book(tmp_path, store).take(CONTRACT, ROOT)
    assert taken.new == 1 and "added row 1: a day of it is not in the calendar" in taken.problem


def test_csv_rows_name_line_and_column_of_a_mistake_and_never_the_value() -> None:
    head = "system,code,material,valid_from,unit,base_unit,units,superseded_by\n"
    good = read_rows(f"{head}CAT,A,1,2026-01-01,BX,EA,BX=12;CS=144,CAT^B\n".encode(), CONTRACT, "items.csv")
    assert good[0].superseded_by == ("CAT", "B") and good[0].units[1].factor == "144"
    with pytest.raises(RowsUnusable, match="line 2: 'valid_from'") as refused:
        read_rows(f"{head}CAT,A,1,SECRET,,,,\n".encode(), CONTRACT, "items.csv")
    assert "SECRET" not in str(refused.value)
    with pytest.raises(RowsUnusable, match="lacks the column 'material'"):
        read_rows(b"system,code\nCAT,A\n", CONTRACT, "items.csv")


def test_csv_of_a_spreadsheet_whose_comma_stands_in_numbers_is_read() -> None:
    text = '\ufeffsystem;code;material;units\r\nCAT;A;1;"BX=12;CS=144"\r\n'
    (read,) = read_rows(text.encode("utf-8"), CONTRACT, "items.csv")
    assert read.key == ("CAT", "A") and [each.unit for each in read.units] == ["BX", "CS"]
    with pytest.raises(RowsUnusable, match="line 2 has more cells than the header"):
        read_rows(b"system,code,material\nCAT,A,1,surplus\n", CONTRACT, "items.csv")
    with pytest.raises(RowsUnusable, match="lacks the column 'system'"):
        read_rows(b"", CONTRACT, "items.csv")
    assert read_rows(b"system,code,material\n", CONTRACT, "items.csv") == ()


def test_what_is_shown_of_a_step_is_not_signed_when_others_signed_another_meanwhile(store: ReleaseStore) -> None:
    begun(store)
    mine = stewardship.next_of(store, "items", Change(add=(row("B"),)), key_of("sam"), ROOT)
    assert not isinstance(mine, Refusal)
    stewardship.make(store, "items", Change(add=(row("C"),)), key_of("sue"), ROOT, NOON)
    refused = stewardship.put(store, mine, key_of("sam"), ROOT, NOON)
    assert isinstance(refused, Refusal) and "look again" in refused.sentence
    (newest,) = store.master_snapshots("items", after=1)
    assert read_snapshot(newest.snapshot).add[0].key == ("CAT", "C")


# -- what was in force ------------------------------------------------------------------------------------------------


def sealed_steps(tmp_path: Path) -> SealedFile[MasterState]:
    return master_file(tmp_path, b"s" * 32)


def keeping(tmp_path: Path, store: ReleaseStore) -> MasterBook:
    """A book as the runtime opens it, with what it had taken before."""
    seen = sealed_steps(tmp_path)
    if not seen.path.exists():
        seen.keep(MasterState(count=1))
    return MasterBook(tmp_path / "own", store, b"k" * 32, seen)


def two_steps(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    stewardship.make(store, "items", Change(add=(row("B", "10000002"),)), key_of("sam"), ROOT, NOON)
    taken = keeping(tmp_path, store).take(CONTRACT, ROOT)
    assert (taken.new, taken.behind) == (2, False)


def test_a_master_whose_newest_step_was_taken_away_is_not_looked_into(tmp_path: Path, store: ReleaseStore) -> None:
    two_steps(tmp_path, store)
    (store.path / "masters" / "items" / "2").unlink()
    (tmp_path / "own" / "items" / "2.json").unlink()
    rows = keeping(tmp_path, store)
    for taken in (rows.take(CONTRACT, ROOT), rows.own(CONTRACT)):
        assert taken.behind and taken.table.sequence == 1
        assert "stands at step 1, and step 2" in taken.problem


def test_a_master_is_looked_into_again_as_soon_as_its_steps_are_back(tmp_path: Path, store: ReleaseStore) -> None:
    two_steps(tmp_path, store)
    for copy in (tmp_path / "own" / "items").iterdir():
        copy.unlink()
    taken = keeping(tmp_path, store).take(CONTRACT, ROOT)
    assert (taken.new, taken.behind, taken.table.sequence) == (2, False, 2)


def test_another_step_in_the_place_of_one_that_was_in_force_is_refused(tmp_path: Path, store: ReleaseStore) -> None:
    two_steps(tmp_path, store)
    (store.path / "masters" / "items" / "2").unlink()
    (tmp_path / "own" / "items" / "2.json").unlink()
    stewardship.make(store, "items", Change(add=(row("C"),)), key_of("sam"), ROOT, NOON)
    rows = keeping(tmp_path, store)
    taken = rows.take(CONTRACT, ROOT)
    assert (taken.new, taken.behind) == (0, True)
    assert material(rows, "C") is None


def test_a_step_that_cannot_be_kept_as_the_newest_is_not_taken(tmp_path: Path, store: ReleaseStore) -> None:
    begun(store)
    rows = keeping(tmp_path, store)
    blocking = tmp_path / "masters.sealed.half"
    blocking.mkdir()
    assert rows.take(CONTRACT, ROOT).new == 0
    assert material(rows, "A") is None
    blocking.rmdir()
    assert rows.take(CONTRACT, ROOT).new == 1
    assert sealed_steps(tmp_path).look().count == 2


def test_the_newest_steps_are_known_from_sealed_copies_alone(tmp_path: Path, store: ReleaseStore) -> None:
    two_steps(tmp_path, store)
    rows = keeping(tmp_path, store)
    (tmp_path / "own" / "items" / "3.json").write_bytes((tmp_path / "own" / "items" / "1.json").read_bytes()[:-9])
    [(name, step)] = rows.newest_kept().items()
    assert name.startswith("items ") and step.count == 2
