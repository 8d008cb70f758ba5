"""How far the mending of a cause has come: whether what a master lacked waits for signatures, or is there by now."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from designer.errors import NotThere
from designer.http.models import operations as shapes
from designer.master_book import book_of, day_of_ms
from designer.master_steps import Waiting, waiting_in
from designer.missing_keys import added_in, answered
from designer.words import counted
from flows.master_table import Table
from flows.masters import RowRefused
from runtime.master_store import standing
from runtime.questions.causes import CauseGroup
from runtime.store import StoreTrouble

if TYPE_CHECKING:
    from designer.context import Designer
    from designer.master_book import Book

MOST_KEPT = 256
_FOUND: dict[tuple[object, ...], dict[str, object]] = {}
"""What was found, by what it hangs on; it holds no row."""


def come_so_far(designer: Designer, group: CauseGroup, hint: shapes.FixHint) -> shapes.FixHint:
    """The hint as things stand. ``group`` has its key, also where the hint does not show it."""
    if hint.kind not in ("add-row", "add-unit") or not group.key or not group.open:
        return hint
    looked = _looked_at(designer, group)
    found = _FOUND.get(looked) if looked else None
    if found is None:
        found = _come(designer, group, hint)
        if looked:
            _FOUND[looked] = found
            while len(_FOUND) > MOST_KEPT:
                _FOUND.pop(next(iter(_FOUND)), None)
    return hint.model_copy(update=found)


def _looked_at(designer: Designer, group: CauseGroup) -> tuple[object, ...] | None:
    """What the answer hangs on. A page asks every few seconds, and a large table takes its time to be put together."""
    try:
        steps = designer.store.master_snapshots(group.master)
    except (StoreTrouble, OSError):
        return None
    content = hashlib.sha256()
    for step in steps:
        for part in (step.snapshot, *step.envelopes):
            content.update(len(part).to_bytes(8, "big") + part)
    days = day_of_ms(group.first_ms), day_of_ms(group.last_ms)
    return content.digest(), designer.trusted.root.version, group.master, group.cause, group.key, days


def _come(designer: Designer, group: CauseGroup, hint: shapes.FixHint) -> dict[str, object]:
    try:
        book = book_of(designer, group.master)
    except NotThere:
        return {}
    what = "row" if hint.kind == "add-row" else "unit"
    if answered(group, book.table):
        step = added_in(group, book)
        said = f"The {what} is there now, since step {step} of master {group.master}: replay is what is left."
        return {"stage": "there", "step": step, "sentence": said}
    waiting = waiting_in(designer, book)
    if waiting is None or not _answers(group, book.table, waiting):
        return {}
    return {"stage": "waits", "step": waiting.step.sequence, "sentence": _waits(designer, book, waiting, what)}


def _answers(group: CauseGroup, table: Table, waiting: Waiting) -> bool:
    """Whether the lines find what they lack once the step is in force."""
    try:
        return answered(group, table.apply(waiting.step.snapshot))
    except RowRefused:
        return False


def _waits(designer: Designer, book: Book, waiting: Waiting, what: str) -> str:
    done = standing(designer.store, book.contract, waiting.step.snapshot, designer.trusted.root)
    lacks = counted(max(1, done.needed - len(waiting.signed)), "signature", "signatures")
    where = f"step {waiting.step.sequence} of master {book.contract.id}"
    return f"The {what} stands in {where}, which waits for {lacks}. Then replay."
