"""The verified rows of masters: pulled step by step from the release store, kept as copies of the runtime's own.

A step counts when it follows the one before, keeps its contract, and enough stewards of the trust root signed it. The
copy carries a seal (HMAC under a secret of this runtime) that says it was accepted: a steward who has left since does
not take the rows along, and nobody who can only write files can add one. A row in the store without signatures
changes nothing. The newest step is kept in ``masters.sealed`` before it counts: a master that lies behind it, since
copies or steps were taken away, is not used.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError

from flows.canonical import NotCanonical, b64decode, b64encode, dumps, load_canonical, sha256_hex
from flows.findings import Model
from flows.master_table import Table
from flows.masters import (
    MasterContract,
    RowRefused,
    Snapshot,
    contract_digest,
    read_snapshot,
    stewards_needed,
    write_snapshot,
)
from flows.trust import MasterChange, Reason, Refused, Root, check_statement, refuse
from runtime.reading import read_plain
from runtime.sealed import SealedFile
from runtime.state import MasterState, Step
from runtime.store import ReleaseStore, StoreTrouble

_MAX_COPY = 128 << 20


class Taken(NamedTuple):
    """What came of a look into the store: the table as it stands now, and why it is not newer."""

    table: Table
    new: int
    """How many steps were taken."""
    problem: str = ""
    """A sentence for the operator, where a step in the store was refused."""
    behind: bool = False
    """Whether a newer step was in force here: these rows must not be used."""


class _Copy(Model):
    format: Literal["lockgate/accepted-snapshot/1"] = "lockgate/accepted-snapshot/1"
    snapshot: str
    envelopes: tuple[str, ...]
    seal: str


class MasterBook:
    """All masters of a runtime. ``folder`` holds its own copies, ``seal_key`` is a secret of this runtime, ``seen`` the
    newest steps that it ever took; without it the book is for looking only, and takes nothing."""

    def __init__(
        self, folder: Path, store: ReleaseStore, seal_key: bytes, seen: SealedFile[MasterState] | None = None
    ) -> None:
        self._folder, self._store, self._seal_key, self._seen = folder, store, seal_key, seen
        self._tables: dict[tuple[str, str], Table] = {}

    def view(self, contract: MasterContract) -> Table:
        """The rows under ``contract`` as last taken; empty where nothing was taken yet."""
        name = (contract.id, contract_digest(contract))
        if name not in self._tables:
            self._tables[name] = self._own(contract)
        return self._tables[name]

    def own(self, contract: MasterContract) -> Taken:
        """The rows as last taken, and whether they lie behind what was in force."""
        table = self.view(contract)
        behind = self._behind(table)
        return Taken(table, 0, behind, bool(behind))

    def take(self, contract: MasterContract, root: Root) -> Taken:
        """Takes the steps in the store that follow; stops at the first one that is refused and says why."""
        table, new, problem = self.view(contract), 0, ""
        try:
            steps = self._store.read_steps(contract.id, after=table.sequence)
            problem = next(iter(steps.damaged), "")
            for step in steps.whole:
                after = accept(table, step.snapshot, step.envelopes, root)
                self._raise(after)
                self._keep(step.sequence, contract.id, step.snapshot, step.envelopes)
                table, new = after, new + 1
                self._tables[contract.id, table.contract_digest] = table
        except Refused as refused:
            problem = refused.refusal.sentence
        except (StoreTrouble, OSError) as error:
            problem = f"Master '{contract.id}' cannot be taken from the store: {error}"
        behind = self._behind(table)
        return Taken(table, new, behind or problem, bool(behind))

    def _behind(self, table: Table) -> str:
        """A sentence where a newer step than the table's was in force here, or another one of its number."""
        step = self._step(table)
        if step is None or table.sequence > step.count or (table.sequence, table.digest) == (step.count, step.digest):
            return ""
        return (
            f"Master '{table.contract.id}' stands at step {table.sequence}, and step {step.count} ({step.digest[:12]})"
            " was in force here: put store and data folder back from their backup. What looks into it waits."
        )

    def _raise(self, after: Table) -> None:
        """The newest step, written before any row of it is looked up; Refused for another one in its place."""
        step = self._step(after)
        if self._seen is None or (step is not None and after.sequence < step.count):
            return  # on the way up again to what was in force
        if step is not None and after.sequence == step.count:
            if after.digest != step.digest:
                refuse(Reason.STATEMENT_MISPLACED, self._behind(after))
            return
        known = self._seen.read()
        newest = Step(count=after.sequence, digest=after.digest or "")
        self._seen.keep(MasterState(count=known.count + 1, masters={**known.masters, _name(after): newest}))

    def _step(self, table: Table) -> Step | None:
        return self._seen.read().masters.get(_name(table)) if self._seen is not None else None

    def _own(self, contract: MasterContract) -> Table:
        """The table from the copies: a damaged one ends it there, and the store is asked again from that step on."""
        table = Table(contract)
        while True:
            place = self._place(contract.id, table.sequence + 1)
            if not place.is_file():
                return table
            snapshot = self._read(place)
            if snapshot is None:
                return table
            try:
                table = table.apply(snapshot)
            except RowRefused:
                return table

    def _place(self, master: str, sequence: int) -> Path:
        return self._folder / master / f"{sequence}.json"

    def newest_kept(self) -> dict[str, Step]:
        """The newest step of each master and contract of which a whole copy is there, by its sealed name."""
        found: dict[str, Step] = {}
        for place in self._folder.glob("*/*.json"):
            snapshot = self._read(place)
            if snapshot is None:
                continue
            read = read_snapshot(snapshot)
            name = f"{read.master} {read.contract}"
            if name not in found or found[name].count < read.sequence:
                found[name] = Step(count=read.sequence, digest=sha256_hex(snapshot))
        return found

    def _read(self, place: Path) -> bytes | None:
        try:
            data = read_plain(place, _MAX_COPY)
            load_canonical(data, limit=_MAX_COPY)
            copy = _Copy.model_validate_json(data)
            snapshot = b64decode(copy.snapshot)
        except (OSError, NotCanonical, ValidationError):
            return None
        return snapshot if hmac.compare_digest(copy.seal, self._seal(snapshot)) else None

    def _keep(self, sequence: int, master: str, snapshot: bytes, envelopes: Iterable[bytes]) -> None:
        copy = _Copy(
            snapshot=b64encode(snapshot),
            envelopes=tuple(b64encode(each) for each in envelopes),
            seal=self._seal(snapshot),
        )
        place = self._place(master, sequence)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        passing = place.with_suffix(".new")
        with passing.open("wb") as file:
            file.write(dumps(copy.model_dump(mode="json")))
            file.flush()
            os.fsync(file.fileno())
        passing.rename(place)

    def _seal(self, snapshot: bytes) -> str:
        return hmac.new(self._seal_key, b"lockgate/accepted-snapshot/1" + snapshot, "sha256").hexdigest()


def _name(table: Table) -> str:
    return f"{table.contract.id} {table.contract_digest}"


def accept(table: Table, snapshot: bytes, envelopes: Iterable[bytes], root: Root) -> Table:
    """The table after a step that enough stewards signed; Refused otherwise, and nothing has changed."""
    try:
        read = read_snapshot(snapshot)
        needed = stewards_needed(read, table.contract)
        signed = stewards_of(read, envelopes, table.contract, root)
        if len(signed) < needed:
            refuse(
                Reason.APPROVAL_MISSING,
                f"Snapshot {read.sequence} of master '{read.master}' needs {needed} stewards; {len(signed)} signed it.",
            )
        return table.apply(snapshot)
    except RowRefused as error:
        refuse(Reason.ROW_REFUSED, str(error))


def stewards_of(snapshot: Snapshot, envelopes: Iterable[bytes], contract: MasterContract, root: Root) -> frozenset[str]:
    """The persons who signed exactly this step and hold the contract's role. What does not verify counts nothing."""
    digest = sha256_hex(write_snapshot(snapshot))
    persons: set[str] = set()
    for data in envelopes:
        try:
            said = check_statement(data, root)
        except Refused:
            continue
        match said.predicate:
            case MasterChange(master=snapshot.master, sequence=snapshot.sequence) if said.subject == digest:
                persons |= {person for person in said.persons if contract.steward_role in root.roles(person)}
    return frozenset(persons)
