"""Masters as a release store holds them: the rows that stewards signed, and steps that wait for their signatures.

For those who look, prepare and sign. What the runtime takes it decides for itself (``runtime.masters``).
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ValidationError

from flows.canonical import NotCanonical, loads_strict, sha256_hex
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
from flows.trust import Reason, Root, answering, refuse
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


def in_force(store: ReleaseStore, contract: MasterContract, root: Root) -> Table:
    """The rows that count now: up to the first step that lacks a signature or does not fit. Never refused."""
    table = Table(contract)
    for step in store.master_snapshots(contract.id):
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


def unsigned(step: SnapshotFiles, contract: MasterContract, root: Root) -> bool:
    """Whether no steward has signed a step: anybody who can write files can put one there."""
    try:
        return not stewards_of(read_snapshot(step.snapshot), step.envelopes, contract, root)
    except RowRefused:
        return True


taken = answering(accept)
