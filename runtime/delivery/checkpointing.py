"""Checkpoints as they are made: signed in the journal, remembered by the witness, and copied to a folder elsewhere."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from runtime.channel import log
from runtime.checkpoints import Written, write_checkpoint
from runtime.journal.store import Journal
from runtime.witness import Witness, deposit, made


class Checkpoints:
    """Makes one after the other. What cannot be remembered or copied is told, and the runtime goes on."""

    def __init__(self, journal: Journal, key: Ed25519PrivateKey, witness: Witness, folder: Path | None) -> None:
        self._journal, self._key, self._witness, self._folder = journal, key, witness, folder
        self._reader = journal.reader()

    def make(self) -> None:
        """DiskFull and JournalBroken are the caller's."""
        with self._journal.write() as transaction:
            written = write_checkpoint(transaction, self._key)
        if written is not None:
            self._remember(written)
            self._copy(written)

    def _remember(self, written: Written) -> None:
        try:
            problem = self._witness.note(made(*written), self._reader)
        except OSError as error:
            problem = f"The witness of the audit cannot be written ({error.strerror})."
        if problem:
            log("audit.disturbed", reason=problem)

    def _copy(self, written: Written) -> None:
        if self._folder is None:
            return
        try:
            deposit(self._folder, made(*written), written.envelope)
        except OSError as error:
            log("checkpoint.uncopied", reason=error.strerror)
