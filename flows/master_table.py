"""The rows of a master in memory: applying signed steps, and the lookup by key and time."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from flows import canonical
from flows.masters import (
    MasterContract,
    MasterRow,
    Row,
    RowRefused,
    Snapshot,
    UnitFactor,
    contract_digest,
    read_by_row,
)

_HL7_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,4})?)?)?)?(?:[+-]\d{4})?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")
_MOST_SUCCESSORS = 8


class _Kept(NamedTuple):
    """A row as a table keeps it: a fourth of the memory of the model that a snapshot is read into."""

    key: tuple[str, ...]
    values: Mapping[str, str]
    valid_from: str | None
    valid_to: str | None
    status: Literal["active", "retired"]
    superseded_by: tuple[str, ...] | None
    unit: str | None
    base_unit: str | None
    units: tuple[UnitFactor, ...]

    @classmethod
    def of(cls, row: Row) -> _Kept:
        return cls(
            row.key, dict(row.values), row.valid_from, row.valid_to, row.status, row.superseded_by, row.unit,
            row.base_unit, row.units,
        )  # fmt: skip


class Table:
    """All rows of a master after a number of verified snapshots. Immutable: ``apply`` gives the next one."""

    __slots__ = ("_rows", "contract", "contract_digest", "digest", "sequence")

    def __init__(self, contract: MasterContract) -> None:
        self.contract = contract
        self.contract_digest = contract_digest(contract)
        self.sequence = 0
        self.digest: str | None = None
        self._rows: dict[tuple[str, ...], tuple[_Kept, ...]] = {}

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

    def apply(self, data: bytes) -> Table:
        """The table after the snapshot whose canonical bytes are ``data``; RowRefused when it does not fit."""
        snapshot, added = read_by_row(data)
        self._refuse_foreign(snapshot)
        after = Table(self.contract)
        after.sequence, after.digest = snapshot.sequence, canonical.sha256_hex(data)
        after._rows = dict(self._rows)
        for place, row in enumerate(added):
            after._add(row, f"added row {place + 1}")
        for place, row in enumerate(snapshot.change):
            after._change(row, f"changed row {place + 1}")
        for place, (key, day) in enumerate(snapshot.retire):
            after._retire(key, day, f"retired row {place + 1}")
        return after

    def find(self, key: tuple[str, ...], at: str | None) -> MasterRow | None:
        """The row that is active at the day of ``at`` (HL7 or ISO; None: the latest), following successors."""
        rows = self._rows.get(key)
        if rows is None:
            return None
        day = None if at is None else day_of(at)
        if at is not None and day is None:
            return None
        row = _valid(rows, day)
        if row is not None:
            return MasterRow(row.values, row.unit, row.base_unit, ())
        return self._led_to(key, rows, day)

    def _led_to(self, key: tuple[str, ...], rows: tuple[_Kept, ...], day: str | None) -> MasterRow | None:
        """The row that the successors of ``key`` lead to."""
        led: tuple[tuple[str, ...], ...] = ()
        for _ in range(_MOST_SUCCESSORS + 1):
            row = _valid(rows, day)
            if row is not None:
                return MasterRow(row.values, row.unit, row.base_unit, led)
            successor = _successor(rows, day)
            if successor is None or successor in led or successor == key:
                return None
            led, key = (*led, key), successor
            rows = self._rows.get(key, ())
            if not rows:
                return None
        return None

    def factor(self, key: tuple[str, ...], unit: str, at: str | None) -> Decimal | None:
        """What one ``unit`` of the item is in its base unit, exactly; None where no conversion is known."""
        found = self.find(key, at)
        if found is None:
            return None
        if unit == found.base_unit:
            return Decimal(1)
        day = None if at is None else day_of(at)
        key = self._final(key, found)
        for row in self._rows[key]:
            for entry in row.units:
                if row.values is found.values and entry.unit == unit and _holds(entry.valid_from, entry.valid_to, day):
                    return Decimal(entry.factor)
        return None

    def rows(self) -> Iterable[Row]:
        """Every row, in the order of keys and times."""
        for key in sorted(self._rows):
            for row in self._rows[key]:
                yield Row(**row._asdict())

    def _final(self, key: tuple[str, ...], found: MasterRow) -> tuple[str, ...]:
        if not found.superseded_codes:
            return key
        last = _latest(self._rows[found.superseded_codes[-1]])
        return last.superseded_by or key

    def _refuse_foreign(self, snapshot: Snapshot) -> None:
        if snapshot.master != self.contract.id:
            raise RowRefused(f"This snapshot is for master '{snapshot.master}', not '{self.contract.id}'.")
        if snapshot.contract != self.contract_digest:
            raise RowRefused(f"This snapshot was made for another contract of master '{self.contract.id}'.")
        if snapshot.sequence != self.sequence + 1 or snapshot.previous != self.digest:
            raise RowRefused(
                f"Snapshot {snapshot.sequence} of master '{self.contract.id}' does not follow snapshot {self.sequence}."
            )

    def _add(self, row: Row, place: str) -> None:
        _refuse_shape(row, self.contract, place)
        rows = self._rows.get(row.key, ())
        if any(_overlap(row, other) for other in rows):
            raise RowRefused(
                f"Master '{self.contract.id}', {place}: the key already has a row at that time; that is a change."
            )
        kept = _Kept.of(row)
        self._rows[row.key] = tuple(sorted((*rows, kept), key=lambda r: r.valid_from or "")) if rows else (kept,)

    def _change(self, row: Row, place: str) -> None:
        _refuse_shape(row, self.contract, place)
        rows = self._rows.get(row.key, ())
        rest = tuple(other for other in rows if other.valid_from != row.valid_from)
        if len(rest) == len(rows):
            raise RowRefused(f"Master '{self.contract.id}', {place}: there is no row with this key and first day.")
        self._rows[row.key] = rest
        self._add(row, place)

    def _retire(self, key: tuple[str, ...], day: str, place: str) -> None:
        _refuse_day(day, f"Master '{self.contract.id}', {place}")
        rows = self._rows.get(key, ())
        if not rows:
            raise RowRefused(f"Master '{self.contract.id}', {place}: there is no row with this key.")
        last = _latest(rows)
        if last.valid_from is not None and day <= last.valid_from:
            raise RowRefused(f"Master '{self.contract.id}', {place}: it would end before it begins.")
        ended = last._replace(valid_to=day)
        self._rows[key] = tuple(ended if row is last else row for row in rows)


def day_of(text: str) -> str | None:
    """``YYYY-MM-DD`` of an HL7 or ISO time, as written there (no zone is moved); None where it is none."""
    match = _HL7_DAY.fullmatch(text) or _ISO_DAY.fullmatch(text)
    if match is None:
        return None
    return _calendar_day(*match.groups())


@functools.lru_cache(maxsize=4096)
def _calendar_day(year: str, month: str, day: str) -> str | None:
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _holds(first: str | None, end: str | None, day: str | None) -> bool:
    if day is None:
        return end is None
    return (first is None or first <= day) and (end is None or day < end)


def _valid(rows: tuple[_Kept, ...], day: str | None) -> _Kept | None:
    for row in reversed(rows):
        if row.status == "active" and _holds(row.valid_from, row.valid_to, day):
            return row
    return None


def _latest(rows: tuple[_Kept, ...]) -> _Kept:
    return rows[-1]


def _successor(rows: tuple[_Kept, ...], day: str | None) -> tuple[str, ...] | None:
    """Where the last row that had begun by ``day`` points: a code is followed only after its own time."""
    begun = [row for row in rows if day is None or row.valid_from is None or row.valid_from <= day]
    return begun[-1].superseded_by if begun else None


def _overlap(one: Row, other: _Kept) -> bool:
    return _meet(one, other)


def _meet(one: Row | UnitFactor, other: _Kept | UnitFactor) -> bool:
    """Whether there is a day on which both hold."""
    return (one.valid_to is None or other.valid_from is None or other.valid_from < one.valid_to) and (
        other.valid_to is None or one.valid_from is None or one.valid_from < other.valid_to
    )


def _refuse_shape(row: Row, contract: MasterContract, place: str) -> None:
    where = f"Master '{contract.id}', {place}"
    if len(row.key) != len(contract.key) or not all(row.key):
        raise RowRefused(f"{where}: the key has {len(contract.key)} parts, none of them empty.")
    if row.values.keys() != contract.columns.keys():
        odd = min(row.values.keys() ^ contract.columns.keys())
        raise RowRefused(f"{where}: column '{odd}' is missing or not in the contract.")
    _refuse_times(row, where)
    _refuse_units(row, where)
    _refuse_successor(row, where)
    for column, value in row.values.items():
        pattern = contract.columns[column].pattern
        if len(value) > 200 or (pattern is not None and not re.fullmatch(pattern, value)):
            raise RowRefused(f"{where}: column '{column}' does not match its contract.")


def _refuse_times(row: Row, where: str) -> None:
    """Days that the calendar has, in their order; of units likewise."""
    timed: tuple[Row | UnitFactor, ...] = (row, *row.units)
    for each in timed:
        for day in (each.valid_from, each.valid_to):
            _refuse_day(day, where)
        if each.valid_from and each.valid_to and each.valid_to <= each.valid_from:
            raise RowRefused(f"{where}: it ends before it begins.")


def _refuse_units(row: Row, where: str) -> None:
    for number, unit in enumerate(row.units):
        if not Decimal(unit.factor):
            raise RowRefused(f"{where}: a unit would hold nothing of the base unit; its factor is 0.")
        if any(other.unit == unit.unit and _meet(other, unit) for other in row.units[:number]):
            raise RowRefused(f"{where}: a unit has two factors at one time.")


def _refuse_day(day: str | None, where: str) -> None:
    """A day of the calendar, in its one spelling, is compared as text ever after."""
    if day is not None and not _is_day(day):
        raise RowRefused(f"{where}: a day of it is not in the calendar; write days as 2026-03-31.")


@functools.lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    return day_of(text) == text


def _refuse_successor(row: Row, where: str) -> None:
    successor = row.superseded_by
    if successor is None:
        return
    if len(successor) != len(row.key) or not all(successor):
        raise RowRefused(f"{where}: 'superseded_by' is a key of {len(row.key)} parts, none of them empty.")
    if successor == row.key:
        raise RowRefused(f"{where}: it is superseded by itself; name the code that took its place.")
