"""How far the mending of a cause has come: whether what a master lacked waits for signatures, or is there by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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


class Mendings:
    """What one request is told of how far things have come; each master is looked at once."""

    def __init__(self, designer: Designer) -> None:
        self._designer = designer
        self._found: dict[str, _Master | None] = {}

    def so_far(self, group: CauseGroup, hint: shapes.FixHint) -> shapes.FixHint:
        """The hint as things stand. ``group`` has its key, also where the hint does not show it."""
        if hint.kind not in ("add-row", "add-unit") or not group.key or not group.open:
            return hint
        if group.master not in self._found:
            self._found[group.master] = _looked_at(self._designer, group.master)
        master = self._found[group.master]
        return hint.model_copy(update=_come(self._designer, group, hint, master)) if master else hint


class _Master(NamedTuple):
    book: Book
    waiting: Waiting | None
    then: Table | None
    """The rows once the step that waits is in force, where it fits."""


def _looked_at(designer: Designer, name: str) -> _Master | None:
    try:
        book = book_of(designer, name)
    except NotThere:
        return None
    waiting = waiting_in(designer, book)
    try:
        then = book.table.apply(waiting.step.snapshot) if waiting else None
    except RowRefused:
        then = None
    return _Master(book, waiting, then)


def _come(designer: Designer, group: CauseGroup, hint: shapes.FixHint, master: _Master) -> dict[str, object]:
    what = "row" if hint.kind == "add-row" else "unit"
    book, waiting, then = master
    if answered(group, book.table):
        step = added_in(group, book)
        said = f"The {what} is there now, since step {step} of master {group.master}: replay is what is left."
        return {"stage": "there", "step": step, "sentence": said}
    if waiting is None or then is None or not answered(group, then):
        return {}
    return {"stage": "waits", "step": waiting.step.sequence, "sentence": _waits(designer, book, waiting, what)}


def _waits(designer: Designer, book: Book, waiting: Waiting, what: str) -> str:
    done = standing(designer.store, book.contract, waiting.step.snapshot, designer.trusted.root)
    lacks = counted(max(1, done.needed - len(waiting.signed)), "signature", "signatures")
    where = f"step {waiting.step.sequence} of master {book.contract.id}"
    return f"The {what} stands in {where}, which waits for {lacks}. Then replay."
