"""One master as the release store has it, and its rows as pages show them and send them back."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from designer.errors import NotThere, Unfit
from designer.http.models import masters as shapes
from flows.master_table import Table
from flows.masters import MasterContract, Row, RowRefused, Snapshot, read_snapshot
from flows.refusals import sentence
from runtime.master_store import in_force
from runtime.store import SnapshotFiles, StoreTrouble

if TYPE_CHECKING:
    from designer.context import Designer


class Book(NamedTuple):
    """One master as the store has it."""

    contract: MasterContract
    table: Table
    steps: tuple[SnapshotFiles, ...]


def book_of(designer: Designer, name: str) -> Book:
    """A master of the environment, as far as enough stewards signed it."""
    contract = designer.drawing.around().masters.get(name)
    if contract is None:
        raise NotThere("no-master", f"There is no master '{name}' in this environment.")
    try:
        steps = designer.store.master_snapshots(name)
        return Book(contract, in_force(designer.store, contract, designer.trusted.root), steps)
    except (StoreTrouble, OSError):
        return Book(contract, Table(contract), ())


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
