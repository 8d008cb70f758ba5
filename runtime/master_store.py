"""Masters as a release store holds them: the rows that stewards signed, and steps that wait for their signatures.

For those who look, prepare and sign. What the runtime takes it decides for itself (``runtime.masters``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pydantic import ValidationError

from flows.canonical import NotCanonical, loads_strict, sha256_hex
from flows.instants import to_ms
from flows.master_table import Table
from flows.masters import (
    MasterContract,
    Row,
    RowRefused,
    Snapshot,
    contract_digest,
    read_snapshot,
    stewards_needed,
    write_snapshot,
)
from flows.trust import MasterChange, Reason, Root, answering, check_statement, refuse
from runtime.masters import accept, stewards_of
from runtime.store import NotInStore, ReleaseStore, SnapshotFiles


class Change(NamedTuple):
    """What a step does."""

    add: tuple[Row, ...] = ()
    change: tuple[Row, ...] = ()
    retire: tuple[tuple[tuple[str, ...], str], ...] = ()


class Standing(NamedTuple):
    """A step with its signatures: how many stewards have signed and how many it takes."""

    master: str
    sequence: int
    digest: str
    signed: tuple[str, ...]
    needed: int

    @property
    def in_force(self) -> bool:
        return len(self.signed) >= self.needed


def current(store: ReleaseStore, contract: MasterContract, root: Root, *, before: int | None = None) -> Table:
    """The rows as stewards signed them, up to the step ``before``. A last step that none of them signed gives way."""
    table = Table(contract)
    steps = store.master_snapshots(contract.id)
    for step in steps:
        if (before is not None and step.sequence >= before) or (step is steps[-1] and unsigned(step, contract, root)):
            break
        table = accept(table, step.snapshot, step.envelopes, root)
    return table


def in_force(store: ReleaseStore, contract: MasterContract, root: Root, *, before: int | None = None) -> Table:
    """The rows that count now (or counted before a step): up to the first one that lacks a signature or does not fit.
    Never refused."""
    steps = store.master_snapshots(contract.id)
    return counting(steps, contract, root, before=before)


def counting(
    steps: Iterable[SnapshotFiles], contract: MasterContract, root: Root, *, before: int | None = None
) -> Table:
    """The same of steps that were read already."""
    table = Table(contract)
    for step in steps:
        if before is not None and step.sequence >= before:
            break
        after = taken(table, step.snapshot, step.envelopes, root)
        if not isinstance(after, Table):
            break
        table = after
    return table


def contract_in(store: ReleaseStore, master: str) -> MasterContract:
    """The contract under which a master was loaded."""
    steps = store.master_snapshots(master)
    if not steps:
        refuse(Reason.MASTER_UNKNOWN, f"Master '{master}' is not loaded: 'lockgate master load' begins it.")
    try:
        data = store.get(read_snapshot(steps[0].snapshot).contract)
        return MasterContract.model_validate(loads_strict(data))
    except (NotInStore, NotCanonical, RowRefused, ValidationError):
        refuse(Reason.CONTENT_UNREADABLE, f"The contract of master '{master}' cannot be read from the store.")


def next_step(table: Table, change: Change) -> bytes:
    """The bytes of the step that makes a change after ``table``; refused where it does not fit or does nothing."""
    if not any(change):
        refuse(Reason.ROW_REFUSED, f"This step of master '{table.contract.id}' names no row: there is nothing to sign.")
    if (
        table.sequence
    ):  # the first step is a table as its system exports it: lines with such a code are held, and say so
        _refuse_unit_of_nothing((*change.add, *change.change), table.contract)
    snapshot = Snapshot(
        format="lockgate/snapshot/1",
        master=table.contract.id,
        contract=contract_digest(table.contract),
        sequence=table.sequence + 1,
        previous=table.digest,
        add=change.add,
        change=change.change,
        retire=change.retire,
    )
    data = write_snapshot(snapshot)
    fits(table, data)
    return data


def _refuse_unit_of_nothing(rows: Iterable[Row], contract: MasterContract) -> None:
    """A code that denotes a box and does not say how much is in it would hold every line that has it."""
    for row in rows:
        if row.unit and row.unit != row.base_unit and all(each.unit != row.unit for each in row.units):
            base = row.base_unit or "base units"
            refuse(
                Reason.ROW_REFUSED,
                f"Master '{contract.id}', row {spelt(row.key)}: its code denotes {row.unit}, so say how many {base} one"
                f" {row.unit} is; else every line with this code is held.",
            )


def spelt(key: tuple[str, ...]) -> str:
    """A key as people read it."""
    return " · ".join(key)


class Clash(NamedTuple):
    """A row of a step that waits, which contradicts one that shall join it."""

    act: Literal["adds", "changes", "retires"]
    place: int
    key: tuple[str, ...]


def joined(waiting: Change, more: Change) -> tuple[Change, Change] | Clash:
    """A step that waits with more in it, and what of ``more`` was not in it yet; or the row that they contradict in."""
    fresh = Change(
        tuple(row for row in more.add if row not in waiting.add),
        tuple(row for row in more.change if row not in waiting.change),
        tuple(each for each in more.retire if each not in waiting.retire),
    )
    named = {row.key for row in (*fresh.change, *fresh.add)} | {key for key, _ in fresh.retire}
    for place, row in enumerate(waiting.add):
        beside = [other for other in fresh.add if other.key == row.key]
        apart = all(_apart(row, other) for other in beside) and not _touched(row.key, fresh)
        if row.key in named and not apart:
            return Clash("adds", place, row.key)
    for place, row in enumerate(waiting.change):
        if row.key in named:
            return Clash("changes", place, row.key)
    for place, (key, _) in enumerate(waiting.retire):
        if key in named:
            return Clash("retires", place, key)
    whole = Change(waiting.add + fresh.add, waiting.change + fresh.change, waiting.retire + fresh.retire)
    return whole, fresh


def _touched(key: tuple[str, ...], change: Change) -> bool:
    return any(row.key == key for row in change.change) or any(named == key for named, _ in change.retire)


def _apart(one: Row, other: Row) -> bool:
    """Whether there is no day on which both hold."""
    first, last = sorted((one, other), key=lambda row: row.valid_from or "")
    return first.valid_to is not None and first.valid_to <= (last.valid_from or "")


def fits(table: Table, snapshot: bytes) -> None:
    """Refused where a step does not follow a table or does not keep its contract."""
    try:
        table.apply(snapshot)
    except RowRefused as error:
        refuse(Reason.ROW_REFUSED, str(error))


def standing(store: ReleaseStore, contract: MasterContract, data: bytes, root: Root) -> Standing:
    """Who has signed a step, and how many it takes."""
    snapshot, digest = read_snapshot(data), sha256_hex(data)
    signed = stewards_of(snapshot, store.envelopes(digest), contract, root)
    return Standing(
        snapshot.master, snapshot.sequence, digest, tuple(sorted(signed)), stewards_needed(snapshot, contract)
    )


def signed_at(step: SnapshotFiles, contract: MasterContract, root: Root) -> dict[str, int]:
    """When each steward signed a step, in milliseconds, as they said it themselves."""
    found: dict[str, int] = {}
    snapshot = read_snapshot(step.snapshot)
    for data in step.envelopes:
        for person in stewards_of(snapshot, (data,), contract, root):
            match check_statement(data, root).predicate:
                case MasterChange(at=said):
                    at = to_ms(said)
                    found[person] = min(at, found.get(person, at))
    return found


def take_back(store: ReleaseStore, contract: MasterContract, root: Root, sequence: int, digest: str) -> None:
    """Takes a step that is not in force out of the store, with the signatures that it has; refused for any other."""
    step = next((each for each in store.master_snapshots(contract.id) if each.sequence == sequence), None)
    if step is None or sha256_hex(step.snapshot) != digest:
        refuse(Reason.OTHER_VIEW, f"Meanwhile step {sequence} of master '{contract.id}' is another one: look again.")
    store.remove_snapshot(contract.id, sequence)
    # Looked at once nobody can sign it any more: a signature that came in between may have brought it in force.
    if standing(store, contract, step.snapshot, root).in_force:
        store.put_snapshot(contract.id, sequence, step.snapshot)
        refuse(
            Reason.STATEMENT_MISPLACED, f"Step {sequence} of master '{contract.id}' is in force: it is not taken back."
        )
    store.forget_envelopes(digest)


def unsigned(step: SnapshotFiles, contract: MasterContract, root: Root) -> bool:
    """Whether no steward has signed a step: anybody who can write files can put one there."""
    try:
        return not stewards_of(read_snapshot(step.snapshot), step.envelopes, contract, root)
    except RowRefused:
        return True


taken = answering(accept)
