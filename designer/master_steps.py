"""The steps of a master: what each does to which rows, who prepared it, who signed it, and since when it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from sqlmodel import select

from designer import words
from designer.errors import NotThere
from designer.http.models import masters as shapes
from designer.master_book import Book, book_of, shown, snapshot_of, today_of
from designer.models.operations import PreparedRow
from designer.people import people
from flows import invisible
from flows.canonical import sha256_hex
from flows.instants import from_ms, to_ms
from flows.master_table import Table
from flows.masters import Row, Snapshot
from runtime import proposals
from runtime.master_store import in_force, signed_at, standing
from runtime.proposals import Part
from runtime.store import SnapshotFiles

if TYPE_CHECKING:
    from designer.context import Caller, Designer

MOST_NAMED = 12
MOST_SHOWN = 200
Act = Literal["adds", "changes", "retires"]


class Waiting(NamedTuple):
    """The step after those that count."""

    step: SnapshotFiles
    snapshot: Snapshot
    digest: str
    signed: tuple[str, ...]
    """Ids of the stewards."""
    parts: tuple[Part, ...]


def steps_of(designer: Designer, caller: Caller, book: Book) -> Iterator[shapes.Signers]:
    """Every step that can be read, the oldest first."""
    called, since = people(designer), 0
    for step in book.steps:
        snapshot = snapshot_of(step)
        if snapshot is None:
            continue
        done = standing(designer.store, book.contract, step.snapshot, designer.trusted.root)
        parts = parts_of(designer, book.contract.id, step, snapshot)
        counts = step.sequence <= book.table.sequence
        at = sorted(signed_at(step, book.contract, designer.trusted.root).values())
        since = max(since, at[done.needed - 1]) if counts and len(at) >= done.needed else since
        yield shapes.Signers(
            sequence=step.sequence,
            digest=done.digest,
            signed=tuple(called.get(each, each) for each in done.signed),
            needed=done.needed,
            in_force=counts,
            since=since if counts and since else None,
            mine=not counts and _may_sign(designer, caller, book) and caller.person not in done.signed,
            adds=len(snapshot.add),
            changes=len(snapshot.change),
            retires=len(snapshot.retire),
            person=words.listed(_distinct(called.get(each.person, each.person) for each in parts)),
            reason="; ".join(_distinct(each.reason for each in parts)),
            at=to_ms(parts[-1].at) if parts else None,
            rows=tuple(_named(snapshot, parts, called))[:MOST_NAMED],
            link=f"{designer.settings.desk}/master/{book.contract.id}",
        )


def pending_of(designer: Designer, caller: Caller, book: Book) -> shapes.Signers | None:
    """The step after those that count, if there is one."""
    later = [each for each in steps_of(designer, caller, book) if each.sequence == book.table.sequence + 1]
    return later[0] if later and not later[0].in_force else None


def waiting_in(designer: Designer, book: Book) -> Waiting | None:
    """The same, with the rows themselves."""
    for step in book.steps:
        snapshot = snapshot_of(step)
        if step.sequence == book.table.sequence + 1 and snapshot is not None:
            done = standing(designer.store, book.contract, step.snapshot, designer.trusted.root)
            parts = parts_of(designer, book.contract.id, step, snapshot)
            return Waiting(step, snapshot, done.digest, done.signed, parts)
    return None


def page(designer: Designer, caller: Caller, name: str, sequence: int) -> shapes.StepPage:
    """One step with its rows, each before and after it."""
    book = book_of(designer, name)
    step = next((each for each in book.steps if each.sequence == sequence), None)
    snapshot = snapshot_of(step) if step else None
    if step is None or snapshot is None:
        raise NotThere("no-step", f"Master '{name}' has no step {sequence}.")
    said = next(each for each in steps_of(designer, caller, book) if each.sequence == sequence)
    before = in_force(designer.store, book.contract, designer.trusted.root, before=sequence)
    parts, called, today = parts_of(designer, name, step, snapshot), people(designer), today_of(designer)
    changed = tuple(
        shapes.ChangedRow(
            act=act,
            key=key,
            before=shown(old, today) if old else None,
            after=shown(new, today) if new else None,
            person=called.get(whose, whose),
        )
        for act, key, old, new, whose in _changed(snapshot, before, parts)
    )
    return shapes.StepPage(step=said, rows=changed[:MOST_SHOWN], more=max(0, len(changed) - MOST_SHOWN))


def parts_of(designer: Designer, master: str, step: SnapshotFiles, snapshot: Snapshot) -> tuple[Part, ...]:
    """Who put which rows into a step; none where it was made elsewhere."""
    digest = sha256_hex(step.snapshot)
    found = proposals.read(designer.store, digest)
    if found:
        return found
    with designer.database.reading() as session:
        wanted = (PreparedRow.master == master, PreparedRow.digest == digest)
        row = session.exec(select(PreparedRow).where(*wanted)).first()
    return (part(snapshot, row.person, row.reason, row.at_ms),) if row else ()


def part(snapshot: Snapshot, person: str, reason: str, at_ms: int) -> Part:
    """All of a step as one person's."""
    sizes = {"adds": len(snapshot.add), "changes": len(snapshot.change), "retires": len(snapshot.retire)}
    return Part(person=person, reason=invisible.without(reason), at=from_ms(at_ms), **sizes)


def _may_sign(designer: Designer, caller: Caller, book: Book) -> bool:
    return book.contract.steward_role in designer.trusted.root.roles(caller.person)


def _named(snapshot: Snapshot, parts: tuple[Part, ...], called: dict[str, str]) -> Iterator[shapes.NamedRow]:
    """Each row by its key alone, with who prepared it."""
    keys: tuple[tuple[Act, tuple[tuple[str, ...], ...]], ...] = (
        ("adds", tuple(row.key for row in snapshot.add[:MOST_NAMED])),
        ("changes", tuple(row.key for row in snapshot.change[:MOST_NAMED])),
        ("retires", tuple(key for key, _ in snapshot.retire[:MOST_NAMED])),
    )
    for act, named in keys:
        for place, key in enumerate(named):
            person = proposals.whose(parts, act, place)
            yield shapes.NamedRow(act=act, key=key, person=called.get(person, person))


def _changed(
    snapshot: Snapshot, before: Table, parts: tuple[Part, ...]
) -> Iterator[tuple[Act, tuple[str, ...], Row | None, Row | None, str]]:
    touched = {row.key for row in snapshot.change} | {key for key, _ in snapshot.retire}
    old: dict[tuple[str, ...], list[Row]] = {key: [] for key in touched}
    for row in before.rows() if touched else ():
        if row.key in old:
            old[row.key].append(row)
    for place, row in enumerate(snapshot.add):
        yield "adds", row.key, None, row, proposals.whose(parts, "adds", place)
    for place, row in enumerate(snapshot.change):
        was = next((each for each in old[row.key] if each.valid_from == row.valid_from), None)
        yield "changes", row.key, was, row, proposals.whose(parts, "changes", place)
    for place, (key, day) in enumerate(snapshot.retire):
        last = old[key][-1] if old[key] else None
        ended = last.model_copy(update={"valid_to": day}) if last else None
        yield "retires", key, last, ended, proposals.whose(parts, "retires", place)


def _distinct(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))
