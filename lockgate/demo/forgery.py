"""What somebody with write access to every file might try: an activation and a row past all checks of the commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flows.canonical import b64decode, b64encode, dumps, loads_strict, sha256_hex
from flows.instants import from_ms
from flows.masters import Row, Snapshot, read_snapshot, write_snapshot
from flows.trust import Activation, MasterChange
from lockgate.keys import new_key, read_key, sign_statement
from runtime.store import ReleaseStore

LONG_AGO_MS = 1_767_225_600_000


def activate_unchecked(store: Path, release: str, flow: str, environment: str, operator_key: Path, at_ms: int) -> None:
    """Put an activation of ``release`` into the store, signed by a true operator, whatever approvals there are."""
    releases = ReleaseStore(store)
    sequence = releases.last_sequence(environment, flow) + 1
    activation = Activation(flow=flow, environment=environment, at=from_ms(at_ms), sequence=sequence)
    releases.activate(environment, flow, sequence, sign_statement(release, activation, read_key(operator_key)))


def write_into_copy(data: Path, master: str, row: Mapping[str, object]) -> None:
    """Put ``row`` into the runtime's own copy of the first step of ``master``, leaving all else as it is."""
    place = data / "masters" / master / "1.json"
    copy = loads_strict(place.read_bytes(), limit=1 << 24)
    snapshot = read_snapshot(b64decode(copy["snapshot"]))
    longer = snapshot.model_copy(update={"add": (*snapshot.add, Row.model_validate(row))})
    place.write_bytes(dumps(copy | {"snapshot": b64encode(write_snapshot(longer))}))


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
