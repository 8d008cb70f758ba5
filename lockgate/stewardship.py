"""Acts of stewards on a release store: load a master, add, change or retire rows, and sign what another one made."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from pydantic import ValidationError

from flows.canonical import NotCanonical, dumps, loads_strict, sha256_hex
from flows.findings import Json
from flows.instants import from_ms
from flows.master_table import Table
from flows.masters import MasterContract, Row, read_snapshot
from flows.refusals import sentence
from flows.trust import MasterChange, Reason, Root, answering, refuse
from lockgate.keys import PrivateKey, sign_statement
from lockgate.signing import check_holder
from runtime.master_store import Change as Change
from runtime.master_store import Standing as Standing
from runtime.master_store import contract_in as contract_in
from runtime.master_store import current as current
from runtime.master_store import fits, next_step, standing
from runtime.masters import stewards_of
from runtime.store import ReleaseStore, SnapshotFiles

_MAX_ROWS_FILE = 64 << 20


class RowsUnusable(ValueError):
    """A file or text of rows that cannot be read: the sentence names line and column, never a value."""


def check_made(store: ReleaseStore, master: str, change: Change, key: PrivateKey, root: Root, at_ms: int) -> Standing:
    """Makes the next step of a master and signs it as the holder of ``key``, a steward."""
    check_holder(key, root, MasterChange)
    table = current(store, contract_in(store, master), root)
    return _put(store, table, change, key, root, at_ms)


def check_begun(
    store: ReleaseStore, contract: MasterContract, rows: tuple[Row, ...], key: PrivateKey, root: Root, at_ms: int
) -> Standing:
    """Makes the first step of a master, under its contract, and signs it."""
    check_holder(key, root, MasterChange)
    if any(step.sequence > 1 or _is_signed(store, step.snapshot) for step in store.master_snapshots(contract.id)):
        refuse(Reason.STATEMENT_MISPLACED, f"Master '{contract.id}' is loaded already: add, change or retire rows.")
    store.put(dumps(contract.model_dump(mode="json")))
    return _put(store, Table(contract), Change(add=rows), key, root, at_ms)


def check_signed(store: ReleaseStore, master: str, key: PrivateKey, root: Root, at_ms: int) -> Standing:
    """Signs the newest step of a master, after checking that it follows and fits."""
    person = check_holder(key, root, MasterChange)
    contract, last = check_signable(store, master, person, root)
    return _sign(store, contract, last.snapshot, key, root, at_ms)


def check_signable(store: ReleaseStore, master: str, person: str, root: Root) -> tuple[MasterContract, SnapshotFiles]:
    """The contract and the newest step of a master, which follows and fits; refused for who has signed it already."""
    steps = store.master_snapshots(master)
    if not steps:
        refuse(Reason.CONTENT_UNREADABLE, f"The store holds no step of master '{master}'.")
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


def _put(store: ReleaseStore, table: Table, change: Change, key: PrivateKey, root: Root, at_ms: int) -> Standing:
    data = next_step(table, change)
    store.put_snapshot(table.contract.id, table.sequence + 1, data)
    return _sign(store, table.contract, data, key, root, at_ms)


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
        lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RowsUnusable(f"not a CSV file in UTF-8: {error}") from None
    missing = [name for name in (*contract.key, *contract.columns) if lines and name not in lines[0]]
    if missing:
        raise RowsUnusable(f"the header lacks the column '{missing[0]}'")
    return tuple(_row(_spelt(line, contract), f"line {place + 2}") for place, line in enumerate(lines))


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


make = answering(check_made)
begin = answering(check_begun)
sign = answering(check_signed)
