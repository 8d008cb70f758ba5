"""A change of a master: put into the release store for stewards to sign, joined to what waits there, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer import words
from designer.errors import Conflict, NotThere, Unfit
from designer.http.models import masters as shapes
from designer.master_book import Book, book_of, given
from designer.master_steps import Waiting, part, steps_of, waiting_in
from designer.missing_keys import answered, lacking
from designer.models.operations import PreparedRow
from designer.people import people
from designer.words import counted
from flows import invisible
from flows.canonical import sha256_hex
from flows.instants import from_ms
from flows.masters import RowRefused
from flows.trust import Refused
from runtime import proposals
from runtime.master_store import Change, Clash, joined, next_step, spelt, take_back
from runtime.proposals import Part, Proposal

if TYPE_CHECKING:
    from designer.context import Caller, Designer
    from designer.database import Change as Transaction

_DID = {"adds": "adds it", "changes": "changes it", "retires": "ends it"}


def prepare(designer: Designer, caller: Caller, name: str, body: shapes.MasterChange) -> shapes.Prepared:
    """Puts a step into the store for stewards to sign. What waits there unsigned keeps its rows: these join them."""
    with designer.database.change(caller.person) as change:
        book = book_of(designer, name)
        if not book.steps:
            raise Conflict("not-loaded", f"Master '{name}' is not loaded yet: an administrator loads its first rows.")
        waiting = _joinable(designer, book)
        wanted = _wanted(body)
        whole, fresh = (wanted, wanted) if waiting is None else _join(designer, waiting, wanted)
        if any(fresh):
            _put(designer, change, book, _bytes(book, whole), _parts(caller, body, fresh, waiting, change.at_ms))
    return _prepared(designer, caller, name, whole, fresh, waiting)


def withdraw(designer: Designer, caller: Caller, name: str, body: shapes.TakeBack) -> shapes.TakenBack:
    """Takes a step that is not in force out of the store; its signatures count no more."""
    with designer.database.change(caller.person) as change:
        book = book_of(designer, name)
        waiting = waiting_in(designer, book)
        if waiting is None:
            raise NotThere("nothing-waits", f"No change of master '{name}' waits: there is nothing to take back.")
        try:
            take_back(designer.store, book.contract, designer.trusted.root, waiting.step.sequence, body.digest)
        except Refused as refused:
            raise Conflict("not-taken-back", refused.refusal.sentence) from None
        sequence = waiting.step.sequence
        change.record("master.taken-back", master=name, sequence=sequence, digest=body.digest, reason=body.reason)
    said = f"Step {sequence} is taken back. The rows are as they were."
    if waiting.signed:
        said += f" The signature of {_called(designer, waiting.signed)} counts no more."
    return shapes.TakenBack(sentence=said)


def _joinable(designer: Designer, book: Book) -> Waiting | None:
    """The step that waits without a signature. Conflict where it has one; one that does not fit waits for nobody."""
    waiting = waiting_in(designer, book)
    if waiting is None:
        return None
    sequence = waiting.step.sequence
    if waiting.signed:
        raise Conflict(
            "waits",
            f"Step {sequence} was signed by {_called(designer, waiting.signed)} and lacks a signature: finish it"
            " first, or take it back.",
        )
    try:
        book.table.apply(waiting.step.snapshot)
    except RowRefused:
        return None
    return waiting


def _join(designer: Designer, waiting: Waiting, wanted: Change) -> tuple[Change, Change]:
    snapshot = waiting.snapshot
    found = joined(Change(snapshot.add, snapshot.change, snapshot.retire), wanted)
    if isinstance(found, Clash):
        person = proposals.whose(waiting.parts, found.act, found.place)
        whose = f", prepared by {people(designer).get(person, person)}," if person else ""
        raise Conflict(
            "contradicts",
            f"Row {spelt(found.key)} waits for a signature already: step {waiting.step.sequence}{whose}"
            f" {_DID[found.act]} in another way. Have that step signed first, or take it back.",
        )
    return found


def _bytes(book: Book, whole: Change) -> bytes:
    try:
        return next_step(book.table, whole)
    except Refused as refused:
        raise Unfit("does-not-fit", refused.refusal.sentence) from None


def _parts(
    caller: Caller, body: shapes.MasterChange, fresh: Change, waiting: Waiting | None, at_ms: int
) -> tuple[Part, ...]:
    sizes = {"adds": len(fresh.add), "changes": len(fresh.change), "retires": len(fresh.retire)}
    own = Part(person=caller.person, at=from_ms(at_ms), reason=invisible.without(body.reason), **sizes)
    if waiting is None:
        return (own,)
    before = waiting.parts or (part(waiting.snapshot, "elsewhere", "Prepared elsewhere", at_ms),)
    return (*before, own)


def _put(designer: Designer, change: Transaction, book: Book, data: bytes, parts: tuple[Part, ...]) -> None:
    name, sequence, digest = book.contract.id, book.table.sequence + 1, sha256_hex(data)
    if change.session.get(PreparedRow, (name, sequence, digest)) is None:
        last = parts[-1]
        change.session.add(
            PreparedRow(
                master=name,
                sequence=sequence,
                digest=digest,
                person=last.person,
                reason=last.reason,
                at_ms=change.at_ms,
            )
        )
    change.record("master.prepared", master=name, sequence=sequence, digest=digest)
    proposals.put(designer.store, Proposal(step=digest, parts=parts))
    designer.store.put_snapshot(name, sequence, data)


def _prepared(
    designer: Designer, caller: Caller, name: str, whole: Change, fresh: Change, waiting: Waiting | None
) -> shapes.Prepared:
    book = book_of(designer, name)
    step = next(each for each in steps_of(designer, caller, book) if each.sequence == book.table.sequence + 1)
    data = next(each.snapshot for each in book.steps if each.sequence == step.sequence)
    held = _held(designer, book, data, {row.key for row in (*fresh.add, *fresh.change)})
    waits = f" {counted(held, 'held line waits', 'held lines wait')} for it." if held else ""
    needs = "One steward signs it" if step.needed == 1 else f"{step.needed} stewards sign it"
    more, size = sum(map(len, fresh)), sum(map(len, whole))
    if waiting is None:
        said = f"Prepared as step {step.sequence}."
    elif not more:
        said = f"This stands in step {step.sequence} already, which waits."
    else:
        said = (
            f"Added to the step that waits: {counted(more, 'row', 'rows')}. Step {step.sequence} has {size} rows now."
        )
    return shapes.Prepared(step=step, releases=held, sentence=f"{said} {needs} on the desk.{waits}")


def _held(designer: Designer, book: Book, data: bytes, keys: set[tuple[str, ...]]) -> int:
    """So many held lines find what they lack once the step is in force, each on its own day."""
    after, size = book.table.apply(data), len(book.contract.key)
    lacks = [each for each in lacking(designer, book.contract.id) if each.key[:size] in keys]
    return sum(each.lines for each in lacks if not answered(each, book.table) and answered(each, after))


def _wanted(body: shapes.MasterChange) -> Change:
    return Change(
        add=tuple(given(row) for row in body.add),
        change=tuple(given(row) for row in body.change),
        retire=tuple((each.key, each.day) for each in body.retire),
    )


def _called(designer: Designer, persons: tuple[str, ...]) -> str:
    called = people(designer)
    return words.listed([called.get(each, each) for each in persons])
