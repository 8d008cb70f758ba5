"""Rows of masters as stewards read them before they sign: what a step adds, changes and retires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import typer

from flows.master_table import Table
from flows.masters import Row, UnitFactor, stewards_needed
from lockgate.cli.sentences import counted
from lockgate.stewardship import Step

MOST = 200
"""Rows of a step that are shown unasked."""
_Rows = Mapping[tuple[str, ...], Sequence[Row]]


def say_step(step: Step, *, whole: bool = False) -> None:
    """What a step does: rows that come, rows that change with before and after, rows that end."""
    snapshot, contract = step.snapshot, step.before.contract
    changes = (len(snapshot.add), len(snapshot.change), len(snapshot.retire))
    typer.echo(
        f"Step {snapshot.sequence} of master '{contract.id}' ({contract.title}): {changes[0]} added, {changes[1]}"
        f" changed, {changes[2]} retired; it takes {counted(stewards_needed(snapshot, contract), 'steward')}."
    )
    lines = tuple(_lines(step))
    shown = lines if whole else lines[:MOST]
    for line in shown:
        typer.echo(f"  {line}")
    if len(shown) < len(lines):
        rest = counted(len(lines) - len(shown), "more row")
        typer.echo(f"  ... and {rest}: 'lockgate master show {contract.id} --step' lists all once it is in the store.")


def spelled(row: Row) -> str:
    """One row: its key, its values, its units and the time in which it holds."""
    return f"{key_of(row.key)}: {', '.join(f'{name} {value}' for name, value in _members(row).items())}"


def key_of(key: Iterable[str]) -> str:
    return " ^ ".join(key)


def _lines(step: Step) -> Iterator[str]:
    snapshot = step.snapshot
    rows = _by_key(step.before) if snapshot.change or snapshot.retire else {}
    for row in snapshot.add:
        yield f"+ {spelled(row)}"
    for row in snapshot.change:
        was = next((each for each in rows.get(row.key, ()) if each.valid_from == row.valid_from), None)
        yield f"~ {_changed(was, row)}"
    for key, day in snapshot.retire:
        last = rows.get(key, ())[-1:]
        yield f"- {key_of(key)}: ends on {day} ({'; '.join(spelled(each) for each in last) or 'no such row'})"


def _by_key(table: Table) -> _Rows:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in table.rows():
        found.setdefault(row.key, []).append(row)
    return found


def _changed(was: Row | None, row: Row) -> str:
    before, after = _members(was) if was else {}, _members(row)
    names = [*after, *(name for name in before if name not in after)]
    told = [
        f"{name} {before.get(name, 'nothing')} -> {after.get(name, 'nothing')}"
        for name in names
        if before.get(name) != after.get(name)
    ]
    return f"{key_of(row.key)} ({_time(row)}): {', '.join(told) or 'nothing changes'}"


def _members(row: Row) -> dict[str, str]:
    """Everything that a row says, in words."""
    units = "; ".join(_unit(each) for each in row.units)
    more = {
        "unit": row.unit,
        "base unit": row.base_unit,
        "units": units or None,
        "superseded by": key_of(row.superseded_by) if row.superseded_by else None,
        "status": row.status if row.status != "active" else None,
        "holds": _time(row),
    }
    return {**row.values, **{name: value for name, value in more.items() if value is not None}}


def _unit(each: UnitFactor) -> str:
    time = _time(each)
    return f"1 {each.unit} = {each.factor}{'' if time == 'always' else f' {time}'}"


def _time(each: Row | UnitFactor) -> str:
    begins = f"from {each.valid_from}" if each.valid_from else ""
    ends = f"until the day before {each.valid_to}" if each.valid_to else ""
    return " ".join(part for part in (begins, ends) if part) or "always"
