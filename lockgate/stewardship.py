"""Acts of stewards on a release store: load a master, add, change or retire rows, and sign what another one made."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from flows.canonical import NotCanonical, dumps, loads_strict, sha256_hex
from flows.findings import Json
from flows.instants import from_ms
from flows.master_table import Table
from flows.masters import MasterContract, Row, RowRefused, Snapshot
from flows.masters import read_snapshot as read_snapshot
from flows.refusals import sentence
from flows.trust import MasterChange, Reason, Root, answering, refuse
from lockgate.keys import PrivateKey, sign_statement
from lockgate.signing import check_holder
from runtime import proposals
from runtime.master_store import Change as Change
from runtime.master_store import Standing as Standing
from runtime.master_store import contract_in as contract_in
from runtime.master_store import current as current
from runtime.master_store import fits, next_step, unsigned
from runtime.master_store import in_force as in_force
from runtime.master_store import standing as standing
from runtime.masters import stewards_of
from runtime.store import ReleaseStore, SnapshotFiles

_MAX_ROWS_FILE = 64 << 20


class RowsUnusable(ValueError):
    """A file or text of rows that cannot be read: the sentence names line and column, never a value."""


class Step(NamedTuple):
    """A step of a master that somebody may sign: what it does to which rows."""

    before: Table
    snapshot: Snapshot
    data: bytes


def check_next(store: ReleaseStore, master: str, change: Change, key: PrivateKey, root: Root) -> Step:
    """The next step of a master, as the holder of ``key``, a steward, may make it. Nothing is written yet."""
    check_holder(key, root, MasterChange)
    step = _step(current(store, contract_in(store, master), root), change)
    _refuse_to_replace(store, step)
    return step


def check_first(
    store: ReleaseStore, contract: MasterContract, rows: tuple[Row, ...], key: PrivateKey, root: Root
) -> Step:
    """The first step of a master, under its contract. Nothing is written yet."""
    check_holder(key, root, MasterChange)
    if any(step.sequence > 1 or _is_signed(store, step.snapshot) for step in store.master_snapshots(contract.id)):
        refuse(Reason.STATEMENT_MISPLACED, f"Master '{contract.id}' is loaded already: add, change or retire rows.")
    return _step(Table(contract), Change(add=rows))


def check_newest(store: ReleaseStore, master: str, key: PrivateKey, root: Root) -> Step:
    """The newest step of a master, which another steward made and the holder of ``key`` may sign."""
    person = check_holder(key, root, MasterChange)
    contract, last = check_signable(store, master, person, root)
    before = current(store, contract, root, before=last.sequence)
    return Step(before, read_snapshot(last.snapshot), last.snapshot)


def check_put(store: ReleaseStore, step: Step, key: PrivateKey, root: Root, at_ms: int) -> Standing:
    """Keeps a step in the store, with the signature of ``key``; refused where another one was signed meanwhile."""
    contract = step.before.contract
    for each in store.master_snapshots(contract.id, after=step.snapshot.sequence - 1):
        if each.snapshot != step.data and not unsigned(each, contract, root):
            refuse(Reason.STATEMENT_MISPLACED, f"Meanwhile step {each.sequence} was signed by others: look again.")
    _refuse_to_replace(store, step)
    store.put(dumps(contract.model_dump(mode="json")))
    store.put_snapshot(contract.id, step.snapshot.sequence, step.data)
    return _sign(store, contract, step.data, key, root, at_ms)


def check_made(store: ReleaseStore, master: str, change: Change, key: PrivateKey, root: Root, at_ms: int) -> Standing:
    """Makes the next step of a master and signs it as the holder of ``key``, a steward."""
    return check_put(store, check_next(store, master, change, key, root), key, root, at_ms)


def check_begun(
    store: ReleaseStore, contract: MasterContract, rows: tuple[Row, ...], key: PrivateKey, root: Root, at_ms: int
) -> Standing:
    """Makes the first step of a master, under its contract, and signs it."""
    return check_put(store, check_first(store, contract, rows, key, root), key, root, at_ms)


def check_signed(store: ReleaseStore, master: str, key: PrivateKey, root: Root, at_ms: int) -> Standing:
    """Signs the newest step of a master, after checking that it follows and fits."""
    step = check_newest(store, master, key, root)
    return _sign(store, step.before.contract, step.data, key, root, at_ms)


def check_signable(store: ReleaseStore, master: str, person: str, root: Root) -> tuple[MasterContract, SnapshotFiles]:
    """The contract and the newest step of a master, which follows and fits; refused for who has signed it already."""
    steps = store.master_snapshots(master)
    if not steps:
        refuse(Reason.MASTER_UNKNOWN, f"The store holds no step of master '{master}'.")
    last = steps[-1]
    contract = contract_in(store, master)
    fits(current(store, contract, root, before=last.sequence), last.snapshot)
    if contract.steward_role not in root.roles(person):
        refuse(Reason.ROLE_MISSING, f"Master '{master}' is signed by persons with the role '{contract.steward_role}'.")
    if person in stewards_of(read_snapshot(last.snapshot), last.envelopes, contract, root):
        refuse(Reason.APPROVED_TWICE, f"'{person}' has signed snapshot {last.sequence} of master '{master}' already.")
    return contract, last


def read_rows(data: bytes, contract: MasterContract, name: str) -> tuple[Row, ...]:
    """Rows from CSV (by the file's name) or from JSON: a row, or a list of rows."""
    if name.endswith(".csv"):
        return _from_csv(data, contract)
    try:
        value = loads_strict(data, limit=_MAX_ROWS_FILE)
    except NotCanonical as error:
        raise RowsUnusable(str(error)) from None
    items = value if isinstance(value, list) else [value]
    return tuple(_row(item, f"row {place + 1}") for place, item in enumerate(items))


def _refuse_to_replace(store: ReleaseStore, step: Step) -> None:
    """A step that somebody prepared for signatures does not give way to another one unasked."""
    for each in store.master_snapshots(step.snapshot.master, after=step.before.sequence):
        parts = proposals.read(store, sha256_hex(each.snapshot))
        if each.snapshot == step.data or not parts:
            continue
        try:
            step.before.apply(each.snapshot)
        except RowRefused:
            continue  # it fits no more, and nobody could sign it
        persons = ", ".join(dict.fromkeys(f"'{part.person}'" for part in parts))
        refuse(
            Reason.STATEMENT_MISPLACED,
            f"Step {each.sequence} of master '{step.snapshot.master}', prepared by {persons}, waits for a signature:"
            " sign it, or take it back on the page of the master, then make this one.",
        )


def _step(before: Table, change: Change) -> Step:
    data = next_step(before, change)
    return Step(before, read_snapshot(data), data)


def _sign(
    store: ReleaseStore, contract: MasterContract, data: bytes, key: PrivateKey, root: Root, at_ms: int
) -> Standing:
    snapshot, digest = read_snapshot(data), sha256_hex(data)
    said = MasterChange(master=snapshot.master, sequence=snapshot.sequence, at=from_ms(at_ms))
    store.add_envelope(digest, sign_statement(digest, said, key))
    return standing(store, contract, data, root)


def _is_signed(store: ReleaseStore, snapshot: bytes) -> bool:
    return bool(store.envelopes(sha256_hex(snapshot)))


def _from_csv(data: bytes, contract: MasterContract) -> tuple[Row, ...]:
    try:
        text = data.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
        header, lines = reader.fieldnames or (), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise RowsUnusable(f"not a CSV file in UTF-8: {error}") from None
    missing = [name for name in (*contract.key, *contract.columns) if name not in header]
    if missing:
        raise RowsUnusable(f"the header lacks the column '{missing[0]}'")
    for place, line in enumerate(lines):
        if None in line:
            raise RowsUnusable(f"line {place + 2} has more cells than the header")
    return tuple(_row(_spelt(line, contract), f"line {place + 2}") for place, line in enumerate(lines))


def _delimiter(text: str) -> str:
    """A comma; or a semicolon, which spreadsheets write where the comma stands in numbers."""
    header = text.split("\n", 1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def _spelt(line: Mapping[str, str | None], contract: MasterContract) -> Json:
    """One CSV line as a row: ``superseded_by`` has its key parts joined by ``^``, ``units`` reads ``BX=12;CS=144``."""
    value = {name: text or "" for name, text in line.items()}
    row: dict[str, Json] = {
        "key": [value[name] for name in contract.key],
        "values": {name: value[name] for name in contract.columns},
    }
    for name in ("valid_from", "valid_to", "unit", "base_unit", "status"):
        if value.get(name):
            row[name] = value[name]
    if value.get("superseded_by"):
        row["superseded_by"] = value["superseded_by"].split("^")
    if value.get("units"):
        pairs = (piece.partition("=") for piece in value["units"].split(";"))
        row["units"] = [{"unit": unit, "factor": factor} for unit, _, factor in pairs]
    return row


def _row(value: Json, place: str) -> Row:
    try:
        return Row.model_validate(value)
    except ValidationError as error:
        raise RowsUnusable(f"{place}: {sentence(error.errors(include_url=False, include_input=False)[0])}") from None


next_of = answering(check_next)
first_of = answering(check_first)
newest_of = answering(check_newest)
put = answering(check_put)
make = answering(check_made)
begin = answering(check_begun)
sign = answering(check_signed)
