"""Masters: the rows that stewards signed, what traffic found missing, and changes prepared for their signatures.

Nobody changes a row here. A change is put into the release store as a step without a signature: it counts for nothing
until stewards have signed it on the desk.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError
from sqlmodel import select

from designer import exceptions, words
from designer.asking import answer
from designer.errors import Conflict, NotThere, Unfit
from designer.http.models import masters as shapes
from designer.models.operations import PreparedRow
from designer.people import people
from designer.words import counted
from flows.canonical import sha256_hex
from flows.master_table import Table
from flows.masters import MasterContract, Row, RowRefused, Snapshot, read_snapshot
from flows.refusals import sentence
from flows.trust import Refused
from runtime.api import RuntimeTrouble
from runtime.master_store import Change, in_force, next_step, standing
from runtime.questions import AskUnmapped, UnmappedKey
from runtime.store import SnapshotFiles, StoreTrouble

if TYPE_CHECKING:
    from designer.context import Caller, Designer

LIKE = 0.6
MOST_LIKE = 3


class Book(NamedTuple):
    """One master as the store has it."""

    contract: MasterContract
    table: Table
    steps: tuple[SnapshotFiles, ...]


def listed(designer: Designer) -> shapes.MasterList:
    """The masters of the environment."""
    found = sorted(designer.drawing.around().masters)
    taken, lacking = _taken(designer), _lacking(designer, None)
    return shapes.MasterList(masters=tuple(_page(designer, book_of(designer, name), taken, lacking) for name in found))


def rows(designer: Designer, name: str, query: shapes.RowsQuery) -> shapes.Rows:
    """The rows of a master, by key; those that hold ``q`` in a key or a value."""
    book = book_of(designer, name)
    today = _today(designer)
    wanted = query.q.casefold()
    found = [row for row in book.table.rows() if not wanted or _holds_text(row, wanted)]
    page_of = found[query.after : query.after + query.limit]
    page = _page(designer, book, _taken(designer), _lacking(designer, name))
    return shapes.Rows(
        page=page,
        rows=tuple(shown(row, today) for row in page_of),
        total=len(found),
        steps=tuple(_steps(designer, book))[::-1][:100],
    )


def unmapped(designer: Designer, caller: Caller, name: str) -> shapes.UnmappedKeys:
    """Keys that traffic brought and the master lacks."""
    book = book_of(designer, name)
    found = answer(lambda: designer.runtime.unmapped(AskUnmapped(master=name))).keys
    may, today = exceptions.sees_keys(designer, caller), _today(designer)
    keys = tuple(missing(each if may else each.model_copy(update={"key": ()}), book, today) for each in found)
    hidden = sum(not each.key for each in keys)
    return shapes.UnmappedKeys(keys=keys, hidden=hidden, sentence=said_missing(len(keys) - hidden, hidden))


def prepare(designer: Designer, caller: Caller, name: str, body: shapes.MasterChange) -> shapes.Prepared:
    """Puts a step into the store for stewards to sign. One that nobody has signed yet gives way to it."""
    book = book_of(designer, name)
    if not book.steps:
        raise Conflict("not-loaded", f"Master '{name}' is not loaded yet: an administrator loads its first rows.")
    pending = _pending(designer, book)
    if pending is not None and pending.signed:
        raise Conflict(
            "waits",
            f"Step {pending.sequence} was signed by {words.listed(pending.signed)} and lacks a signature: finish it"
            " first.",
        )
    try:
        data = next_step(book.table, _change(body))
    except Refused as refused:
        raise Unfit("does-not-fit", refused.refusal.sentence) from None
    sequence, digest = book.table.sequence + 1, sha256_hex(data)
    with designer.database.change(caller.person) as change:
        if change.session.get(PreparedRow, (name, sequence, digest)) is None:
            row = PreparedRow(
                master=name,
                sequence=sequence,
                digest=digest,
                person=caller.person,
                reason=body.reason,
                at_ms=change.at_ms,
            )
            change.session.add(row)
        change.record("master.prepared", master=name, sequence=sequence, digest=digest)
        designer.store.put_snapshot(name, sequence, data)
    step = next(each for each in _steps(designer, book_of(designer, name)) if each.digest == digest)
    held = sum(each.lines for each in _lacking(designer, name) if _adds(body, each))
    waits = f" {counted(held, 'held line waits', 'held lines wait')} for it." if held else ""
    needs = "One steward signs it" if step.needed == 1 else f"{step.needed} stewards sign it"
    return shapes.Prepared(
        step=step, releases=held, sentence=f"Prepared as step {sequence}. {needs} on the desk.{waits}"
    )


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


def _page(
    designer: Designer, book: Book, taken: dict[str, int] | None, lacking: Sequence[UnmappedKey]
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
        pending=_pending(designer, book),
        unmapped=sum(each.master == contract.id for each in lacking),
        used_by=tuple(sorted(flow for flow, known in live.items() if _looks_into(known.flow, contract.id))),
    )


def _sentence(book: Book) -> str:
    if not book.steps:
        return "Not loaded: its first rows are loaded and signed by two stewards."
    if not book.table.sequence:
        return "Its first step lacks signatures, so no row counts yet."
    return f"{counted(len(book.table), 'row', 'rows')}, as signed up to step {book.table.sequence}."


def said_missing(seen: int, hidden: int) -> str:
    """How many keys are missing, in a sentence."""
    said = f"{counted(seen, 'key is', 'keys are')} missing." if seen else "No key is known to be missing."
    if hidden:
        more = (
            counted(hidden, "more cause has", "more causes have")
            if seen
            else counted(hidden, "cause has", "causes have")
        )
        said += f" {more} a key that is not shown: what stands there may be more than operational data."
    return said


def _pending(designer: Designer, book: Book) -> shapes.Signers | None:
    """The step after those that count, if there is one."""
    following = [each for each in _steps(designer, book) if each.sequence == book.table.sequence + 1]
    return following[0] if following and not following[0].in_force else None


def _steps(designer: Designer, book: Book) -> Iterator[shapes.Signers]:
    name = book.contract.id
    with designer.database.reading() as session:
        found = session.exec(select(PreparedRow).where(PreparedRow.master == name)).all()
        prepared = {row.digest: (row.person, row.reason, row.at_ms) for row in found}
    called = people(designer)
    for step in book.steps:
        snapshot = _read(step)
        if snapshot is None:
            continue
        done = standing(designer.store, book.contract, step.snapshot, designer.trusted.root)
        person, reason, at_ms = prepared.get(done.digest, ("", "", None))
        yield shapes.Signers(
            sequence=step.sequence,
            digest=done.digest,
            signed=tuple(called.get(each, each) for each in done.signed),
            needed=done.needed,
            in_force=step.sequence <= book.table.sequence,
            adds=len(snapshot.add),
            changes=len(snapshot.change),
            retires=len(snapshot.retire),
            person=called.get(person, person),
            reason=reason,
            at=at_ms,
            link=f"{designer.settings.desk}/master/{name}",
        )


def _read(step: SnapshotFiles) -> Snapshot | None:
    try:
        return read_snapshot(step.snapshot)
    except RowRefused:
        return None


def _taken(designer: Designer) -> dict[str, int] | None:
    try:
        return dict(designer.runtime.status().masters)
    except RuntimeTrouble:
        return None


def _lacking(designer: Designer, master: str | None) -> Sequence[UnmappedKey]:
    try:
        return designer.runtime.unmapped(AskUnmapped(master=master)).keys
    except RuntimeTrouble:
        return ()


def _looks_into(flow: Any, master: str) -> bool:
    """Whether a step of a flow file names the master, anywhere in its config."""
    if isinstance(flow, dict):
        return flow.get("master") == master or any(_looks_into(each, master) for each in flow.values())
    return isinstance(flow, list) and any(_looks_into(each, master) for each in flow)


def _adds(body: shapes.MasterChange, lacking: UnmappedKey) -> bool:
    size = len(lacking.key)
    return any(row.key == lacking.key[: len(row.key)] and size >= len(row.key) for row in (*body.add, *body.change))


def missing(each: UnmappedKey, book: Book, today: str) -> shapes.Unmapped:
    """A key that traffic brought, with the row that it has and those that are near."""
    parts = len(book.contract.key)
    return shapes.Unmapped(
        group=each.group,
        cause=each.cause,
        key=each.key[:parts],
        unit=each.key[parts] if len(each.key) > parts else "",
        row=_newest(each.key[:parts], book.table, today),
        flows=each.flows,
        cases=each.cases,
        lines=each.lines,
        first=each.first_ms,
        last=each.last_ms,
        suggestions=tuple(_suggested(each.key[:parts], book.table)) if each.key else (),
    )


def _newest(key: tuple[str, ...], table: Table, today: str) -> shapes.MasterRow | None:
    found = [row for row in table.rows() if row.key == key]
    return shown(found[-1], today) if found else None


def _suggested(key: tuple[str, ...], table: Table) -> Iterator[shapes.Suggestion]:
    """Rows whose last part is near: a person decides whether the code is a new item or an old one mistyped."""
    same = [row for row in table.rows() if row.key[:-1] == key[:-1] and row.status == "active"]
    by_code = {row.key[-1]: row for row in same}
    for code in difflib.get_close_matches(key[-1], list(by_code), n=MOST_LIKE, cutoff=LIKE):
        likeness = difflib.SequenceMatcher(None, key[-1], code).ratio()
        row = by_code[code]
        alike = row.model_dump(include={"key", "values", "unit", "base_unit", "units"})
        yield shapes.Suggestion(**alike, likeness=round(likeness * 100))


def _change(body: shapes.MasterChange) -> Change:
    return Change(
        add=tuple(given(row) for row in body.add),
        change=tuple(given(row) for row in body.change),
        retire=tuple((each.key, each.day) for each in body.retire),
    )


def given(row: shapes.RowGiven) -> Row:
    """The row that a steward wrote; Unfit where no row may hold what stands there."""
    try:
        return Row.model_validate(row.model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Unfit("does-not-fit", f"This row cannot be signed: {sentence(first)}.") from None


def shown(row: Row, today: str) -> shapes.MasterRow:
    """A row as pages show it and send it back."""
    begun = row.valid_from is None or row.valid_from <= today
    over = row.valid_to is not None and row.valid_to <= today
    return shapes.MasterRow(**row.model_dump(), holds=row.status == "active" and begun and not over)


def _holds_text(row: Row, wanted: str) -> bool:
    return any(wanted in text.casefold() for text in (*row.key, *row.values.values()))


def _today(designer: Designer) -> str:
    return datetime.datetime.fromtimestamp(designer.clock.now_ms() / 1000, datetime.UTC).date().isoformat()
