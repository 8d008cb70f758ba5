"""Masters: the rows that stewards signed, and what traffic found missing in them.

Nobody changes a row here. A change is put into the release store as a step without a signature (``preparing``): it
counts for nothing until stewards have signed it on the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from designer import exceptions
from designer.asking import answer
from designer.http.models import masters as shapes
from designer.master_book import Book, book_of, shown, today_of
from designer.master_steps import pending_of, steps_of
from designer.missing_keys import answered, lacking, missing, said_missing
from designer.words import counted
from flows.masters import Row
from runtime.api import RuntimeTrouble
from runtime.questions.causes import AskUnmapped, UnmappedKey

if TYPE_CHECKING:
    from designer.context import Caller, Designer


def listed(designer: Designer, caller: Caller) -> shapes.MasterList:
    """The masters of the environment."""
    found = sorted(designer.drawing.around().masters)
    taken, lacks = _taken(designer), lacking(designer, None)
    return shapes.MasterList(
        masters=tuple(_page(designer, caller, book_of(designer, name), taken, lacks) for name in found)
    )


def rows(designer: Designer, caller: Caller, name: str, query: shapes.RowsQuery) -> shapes.Rows:
    """The rows of a master, by key; those that hold ``q`` in a key or a value."""
    book = book_of(designer, name)
    today = today_of(designer)
    wanted = query.q.casefold()
    found = [row for row in book.table.rows() if not wanted or _holds_text(row, wanted)]
    page_of = found[query.after : query.after + query.limit]
    page = _page(designer, caller, book, _taken(designer), lacking(designer, name))
    return shapes.Rows(
        page=page,
        rows=tuple(shown(row, today) for row in page_of),
        total=len(found),
        steps=tuple(steps_of(designer, caller, book))[::-1][:100],
    )


def unmapped(designer: Designer, caller: Caller, name: str) -> shapes.UnmappedKeys:
    """Keys that traffic brought and the master lacks."""
    book = book_of(designer, name)
    found = answer(lambda: designer.runtime.unmapped(AskUnmapped(master=name))).keys
    may, today = exceptions.sees_keys(designer, caller), today_of(designer)
    keys = tuple(missing(each, book, today, hidden=not may) for each in found)
    hidden, added = (
        sum(not each.key for each in keys if each.added is None),
        sum(each.added is not None and each.lines > 0 for each in keys),
    )
    seen = sum(each.added is None for each in keys) - hidden
    return shapes.UnmappedKeys(keys=keys, hidden=hidden, sentence=said_missing(seen, hidden, added))


def _page(
    designer: Designer, caller: Caller, book: Book, taken: dict[str, int] | None, lacks: Sequence[UnmappedKey]
) -> shapes.MasterPage:
    contract = book.contract
    live, _ = exceptions.matters(designer)
    return shapes.MasterPage(
        id=contract.id,
        title=contract.title,
        loaded=bool(book.table.sequence),
        sentence=_sentence(book),
        key=contract.key,
        columns=tuple(
            shapes.MasterColumn(
                name=name,
                title=each.title,
                concept=str(each.concept),
                sensitivity=each.sensitivity,
                pattern=each.pattern,
            )
            for name, each in contract.columns.items()
        ),
        steward_role=contract.steward_role,
        add_needs=contract.threshold.get("add", 1),
        change_needs=contract.threshold.get("change", 2),
        rows=len(book.table),
        sequence=book.table.sequence,
        taken=taken.get(contract.id) if taken is not None else None,
        pending=pending_of(designer, caller, book),
        unmapped=sum(each.master == contract.id and not answered(each, book.table) for each in lacks),
        used_by=tuple(sorted(flow for flow, known in live.items() if _looks_into(known.flow, contract.id))),
        units=book.units,
    )


def _sentence(book: Book) -> str:
    if not book.steps:
        return "Not loaded: its first rows are loaded and signed by two stewards."
    if not book.table.sequence:
        return "Its first step lacks signatures, so no row counts yet."
    return f"{counted(len(book.table), 'row', 'rows')}, as signed up to step {book.table.sequence}."


def _taken(designer: Designer) -> dict[str, int] | None:
    try:
        return dict(designer.runtime.status().masters)
    except RuntimeTrouble:
        return None


def _looks_into(flow: Any, master: str) -> bool:
    """Whether a step of a flow file names the master, anywhere in its config."""
    if isinstance(flow, dict):
        return flow.get("master") == master or any(_looks_into(each, master) for each in flow.values())
    return isinstance(flow, list) and any(_looks_into(each, master) for each in flow)


def _holds_text(row: Row, wanted: str) -> bool:
    return any(wanted in text.casefold() for text in (*row.key, *row.values.values()))
