"""How far the mending of a cause has come: whether what a master lacked waits for signatures, or is there by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.errors import NotThere
from designer.http.models import operations as shapes
from designer.master_book import book_of
from designer.master_steps import Waiting, waiting_in
from designer.missing_keys import added_in, answered
from designer.words import counted
from flows.master_table import Table
from flows.masters import RowRefused
from runtime.master_store import standing
from runtime.questions.causes import CauseGroup

if TYPE_CHECKING:
    from designer.context import Designer
    from designer.master_book import Book


def come_so_far(designer: Designer, group: CauseGroup, hint: shapes.FixHint) -> shapes.FixHint:
    """The hint as things stand. ``group`` has its key, also where the hint does not show it."""
    if hint.kind not in ("add-row", "add-unit") or not group.key or not group.open:
        return hint
    return hint.model_copy(update=_come(designer, group, hint))


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
