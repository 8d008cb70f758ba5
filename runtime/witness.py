"""The witness: the newest checkpoint, remembered outside of the journal, where only this runtime can write it.

Whoever may write every file can cut the end off the audit, together with the checkpoints that name it. The witness
names the newest of them under a code that takes the master key. It is begun with the journal, and again only on a
person's word (``trust accept-state``): one that is missing beside a journal with records was taken away. Put back
together with a journal of the same moment it says nothing; against that a copy of each checkpoint goes to a folder
elsewhere, where one is given.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from flows.canonical import sha256_hex
from flows.findings import Model
from runtime.crypto import Mac
from runtime.journal.reader import Reader

FILE: Final = "witness.json"
"""In the folder of secrets."""
ENVELOPE: Final = "SELECT envelope FROM checkpoint WHERE number = ?"
TAILS: Final = "SELECT 1 FROM audit LIMIT 1"
UNBOUND: Final = "SELECT writer, max(first + count - 1) FROM audit WHERE mac IS NULL GROUP BY writer"
NEWEST: Final = "SELECT number, made_ms, envelope FROM checkpoint ORDER BY number DESC LIMIT 1"
GONE: Final = (
    "The witness of the audit (secrets/witness.json) is missing beside a journal with records: somebody took it away."
)


class Made(Model):
    """A checkpoint. ``digest`` is SHA-256 of its envelope; number 0 stands for none so far."""

    number: int
    made_ms: int
    digest: str


class Remembered(Model):
    begun_ms: int
    newest: Made
    unbound: Mapping[str, int]
    """Records of each writer that an older version wrote, without a code of this runtime."""


class WitnessBroken(Exception):
    """The witness is not as this runtime wrote it. The sentence says what was found."""


class Witness:
    """The file of one data folder."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._path, self._mac = folder / FILE, Mac(key, b"lockgate/witness/1\n")

    def read(self) -> Remembered | None:
        """What is remembered; None where there is no file."""
        try:
            said, _, code = self._path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WitnessBroken(f"The witness of the audit cannot be read ({error.strerror}).") from None
        if self._mac.of(said).hex().encode() != code.strip():
            raise WitnessBroken("The witness of the audit (secrets/witness.json) was not written by this runtime.")
        try:
            return Remembered.model_validate_json(said)
        except ValidationError:
            raise WitnessBroken("The witness of the audit was written by another version.") from None

    def begin(self, reader: Reader, now_ms: int, *, raised: bool) -> None:
        """With a journal that is new, or comes from an older version. Otherwise what is missing stays missing."""
        if self._path.exists():
            return
        if raised or not reader.rows(TAILS):
            self.accept(reader, now_ms)

    def accept(self, reader: Reader, now_ms: int) -> None:
        """What the journal holds now is what there is: for what begins, and on the word of whoever holds the keys."""
        row = reader.row(NEWEST)
        newest = made(*row) if row else Made(number=0, made_ms=now_ms, digest="")
        before: Remembered | None = None
        with suppress(WitnessBroken):
            before = self.read()
        unbound = before.unbound if before else dict(reader.rows(UNBOUND))
        self._write(Remembered(begun_ms=now_ms, newest=newest, unbound=unbound))

    def note(self, checkpoint: Made, reader: Reader) -> str:
        """Remembers a newer checkpoint; gives why it does not: what was cut off is not forgotten over a new one."""
        try:
            before = self.read()
        except WitnessBroken as error:
            return str(error)
        problem = GONE if before is None else missing(before, reader)
        if before is not None and not problem:
            self._write(before.model_copy(update={"newest": checkpoint}))
        return problem

    def _write(self, remembered: Remembered) -> None:
        said = remembered.model_dump_json().encode()
        half = self._path.with_suffix(".half")
        with suppress(FileNotFoundError):
            half.unlink()
        file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, said + b"\n" + self._mac.of(said).hex().encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        half.rename(self._path)


def made(number: int, made_ms: int, envelope: bytes) -> Made:
    return Made(number=number, made_ms=made_ms, digest=sha256_hex(envelope))


def missing(remembered: Remembered, reader: Reader) -> str:
    """What became of the newest checkpoint, if the journal does not hold it; "" while it does."""
    newest = remembered.newest
    if newest.number == 0:
        return ""
    row = reader.row(ENVELOPE, (newest.number,))
    if row is not None and isinstance(row[0], bytes) and sha256_hex(row[0]) == newest.digest:
        return ""
    return (
        f"Checkpoint {newest.number}, the newest that this runtime made, is not in the journal: its end was cut off, or"
        " an older copy was put back."
    )


def deposit(folder: Path, checkpoint: Made, envelope: bytes) -> None:
    """A copy of a checkpoint in a folder elsewhere, under a name that none had before. OSError where it cannot be."""
    name = f"checkpoint-{checkpoint.number:08d}-{checkpoint.digest[:16]}.json"
    file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        os.write(file, envelope)
        os.fsync(file)
    finally:
        os.close(file)
