"""One master as the release store has it, and its rows as pages show them and send them back."""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from designer.errors import NotThere, Unfit
from designer.http.models import masters as shapes
from flows.master_table import Table
from flows.masters import MasterContract, Row, RowRefused, Snapshot, contract_digest, read_snapshot
from flows.refusals import sentence
from flows.trust import Root
from runtime.master_store import counting
from runtime.store import SnapshotFiles, StoreTrouble

if TYPE_CHECKING:
    from designer.context import Designer


class Book(NamedTuple):
    """One master as the store has it."""

    contract: MasterContract
    table: Table
    steps: tuple[SnapshotFiles, ...]
    units: tuple[str, ...] = ()
    """Units that its rows know, the first of them in the order of the alphabet."""


MOST_UNITS = 200


class Books:
    """The masters as they were last put together: a large one takes its time, and pages ask every few seconds."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, Book]] = {}

    def book(self, contract: MasterContract, steps: tuple[SnapshotFiles, ...], root: Root) -> Book:
        """The book of these steps, put together only where one of them, a signature or who may sign has changed."""
        mark = _mark(contract, steps, root)
        before, book = self._kept.get(contract.id, (b"", None))
        if book is None or mark != before:
            table = counting(steps, contract, root)
            book = Book(contract, table, steps, _units(table))
            self._kept[contract.id] = (mark, book)
        return book


def _units(table: Table) -> tuple[str, ...]:
    found = {unit for row in table.rows() for unit in (row.base_unit, row.unit, *(each.unit for each in row.units))}
    return tuple(sorted(each for each in found if each))[:MOST_UNITS]


def _mark(contract: MasterContract, steps: tuple[SnapshotFiles, ...], root: Root) -> bytes:
    said = hashlib.sha256(f"{root.version} {contract_digest(contract)}".encode())
    for step in steps:
        for part in (step.snapshot, *step.envelopes):
            said.update(len(part).to_bytes(8, "big") + part)
        said.update(b"\n")
    return said.digest()


def book_of(designer: Designer, name: str) -> Book:
    """A master of the environment, as far as enough stewards signed it."""
    contract = designer.drawing.around().masters.get(name)
    if contract is None:
        raise NotThere("no-master", f"There is no master '{name}' in this environment.")
    try:
        steps = designer.store.master_snapshots(name)
    except (StoreTrouble, OSError):
        return Book(contract, Table(contract), ())
    return designer.books.book(contract, steps, designer.trusted.root)


def snapshot_of(step: SnapshotFiles) -> Snapshot | None:
    """What a step does; None where it cannot be read."""
    try:
        return read_snapshot(step.snapshot)
    except RowRefused:
        return None


def given(row: shapes.RowGiven) -> Row:
    """The row that a steward wrote; Unfit where no row may hold what stands there."""
    try:
        return Row.model_validate(row.model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Unfit("does-not-fit", f"This row cannot be signed: {sentence(first)}.") from None


def shown(row: Row, today: str) -> shapes.MasterRow:
    """A row as pages show it and send it back."""
    return shapes.MasterRow(**row.model_dump(), holds=holds_on(row, today))


def holds_on(row: Row, day: str) -> bool:
    """Whether a lookup of that day may give the row."""
    begun = row.valid_from is None or row.valid_from <= day
    over = row.valid_to is not None and row.valid_to <= day
    return row.status == "active" and begun and not over


def today_of(designer: Designer) -> str:
    return day_of_ms(designer.clock.now_ms())


def day_of_ms(at_ms: int) -> str:
    """The day of an instant, as lookups compare days."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).date().isoformat()
