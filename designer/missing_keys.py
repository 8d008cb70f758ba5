"""Keys that traffic brought and a master lacks, each judged by the day of its lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from designer.http.models import masters as shapes
from designer.master_book import Book, day_of_ms, holds_on, shown, snapshot_of
from designer.words import counted
from flows.master_table import Table
from flows.masters import Row
from runtime.api import RuntimeTrouble
from runtime.questions.causes import AskUnmapped, CauseGroup, UnmappedKey

if TYPE_CHECKING:
    from designer.context import Designer

LIKE = 0.6
MOST_LIKE = 3


def lacking(designer: Designer, master: str | None) -> Sequence[UnmappedKey]:
    """What open cases lack; nothing where no runtime answers."""
    try:
        return designer.runtime.unmapped(AskUnmapped(master=master)).keys
    except RuntimeTrouble:
        return ()


def missing(each: UnmappedKey, book: Book, today: str, *, hidden: bool = False) -> shapes.Unmapped:
    """A key that traffic brought, with the row that it has and those that are near; ``hidden``: without the key."""
    parts = len(book.contract.key)
    key = () if hidden else each.key[:parts]
    return shapes.Unmapped(
        group=each.group,
        cause=each.cause,
        key=key,
        unit=each.key[parts] if len(each.key) > parts and not hidden else "",
        row=_on_day(key, book.table, day_of_ms(each.last_ms), today),
        added=added_in(each, book) if answered(each, book.table) else None,
        flows=each.flows,
        cases=each.cases,
        lines=each.lines,
        first=each.first_ms,
        last=each.last_ms,
        suggestions=tuple(_suggested(key, book.table)) if key else (),
    )


def answered(each: UnmappedKey | CauseGroup, table: Table) -> bool:
    """Whether the master has by now what the lines asked for, on the days on which they came."""
    size = len(table.contract.key)
    key, unit = each.key[:size], each.key[size:]
    if len(key) < size:
        return False
    days = {day_of_ms(each.first_ms), day_of_ms(each.last_ms)}
    if each.cause == "unit-unknown":
        return bool(unit) and all(table.factor(key, unit[0], day) is not None for day in days)
    return all(table.find(key, day) is not None for day in days)


def said_missing(seen: int, hidden: int, added: int = 0) -> str:
    """How many keys are missing, in a sentence."""
    said = f"{counted(seen, 'key is', 'keys are')} missing." if seen else "No key is known to be missing."
    if hidden:
        more = (
            counted(hidden, "more cause has", "more causes have")
            if seen
            else counted(hidden, "cause has", "causes have")
        )
        said += f" {more} a key that is not shown: what stands there may be more than operational data."
    if added:
        wait = counted(added, "key was added, and its lines wait", "keys were added, and their lines wait")
        said += f" {wait} for a replay."
    return said


def added_in(each: UnmappedKey | CauseGroup, book: Book) -> int:
    """The newest step in force that touched the key."""
    key = each.key[: len(book.contract.key)]
    for step in reversed(book.steps):
        snapshot = snapshot_of(step) if step.sequence <= book.table.sequence else None
        if snapshot and any(row.key == key for row in (*snapshot.add, *snapshot.change)):
            return step.sequence
    return book.table.sequence


def _on_day(key: tuple[str, ...], table: Table, day: str, today: str) -> shapes.MasterRow | None:
    """The row that a line of that day meets; where none does, the last one that had begun, or else the first."""
    found: list[Row] = [row for row in table.rows() if row.key == key] if key else []
    if not found:
        return None
    held = [row for row in found if holds_on(row, day)]
    begun = [row for row in found if row.valid_from is None or row.valid_from <= day]
    return shown((held or begun or found[:1])[-1], today)


def _suggested(key: tuple[str, ...], table: Table) -> Iterator[shapes.Suggestion]:
    """Rows whose last part is near: a person decides whether the code is a new item or an old one mistyped."""
    same = [row for row in table.rows() if row.key[:-1] == key[:-1] and row.status == "active"]
    by_code = {row.key[-1]: row for row in same if row.key != key}
    for code in difflib.get_close_matches(key[-1], list(by_code), n=MOST_LIKE, cutoff=LIKE):
        likeness = difflib.SequenceMatcher(None, key[-1], code).ratio()
        row = by_code[code]
        alike = row.model_dump(include={"key", "values", "unit", "base_unit", "units"})
        yield shapes.Suggestion(**alike, likeness=round(likeness * 100))
