"""What somebody with write access to every file might try: a row in the store, signed by nobody who may."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flows.canonical import sha256_hex
from flows.instants import from_ms
from flows.masters import Row, Snapshot, read_snapshot, write_snapshot
from flows.trust import MasterChange
from lockgate.keys import new_key, sign_statement
from runtime.store import ReleaseStore

LONG_AGO_MS = 1_767_225_600_000


def write_unsigned_row(store: Path, master: str, row: Mapping[str, object]) -> None:
    """Put ``row`` into the store as the next step of ``master``, with the signature of a key that no root knows."""
    releases = ReleaseStore(store)
    newest = releases.master_snapshots(master)[-1]
    forged = Snapshot(
        format="lockgate/snapshot/1",
        master=master,
        contract=read_snapshot(newest.snapshot).contract,
        sequence=newest.sequence + 1,
        previous=sha256_hex(newest.snapshot),
        add=(Row.model_validate(row),),
    )
    name = releases.put_snapshot(master, forged.sequence, write_snapshot(forged))
    change = MasterChange(master=master, sequence=forged.sequence, at=from_ms(LONG_AGO_MS))
    releases.add_envelope(name, sign_statement(name, change, new_key()))
