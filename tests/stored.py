"""A stored payload, opened with the keys of its runtime: to see that what is looked for was there."""

from __future__ import annotations

from pathlib import Path

from runtime.crypto import about_message
from runtime.journal.keys import DataKeys
from runtime.ledger import open_reader
from runtime.secrets import FileSecrets
from runtime.world import SystemRandomness

MESSAGE = (
    "SELECT m.flow, m.source, r.digest, m.received_ms, m.label, m.digest, m.data_key, m.payload"
    " FROM message m JOIN release r ON r.number = m.release WHERE m.number = ?"
)


def stored_payload(data: Path, number: int = 1) -> bytes:
    """The bytes of a message as they came in; ``data`` is the runtime's folder."""
    reader = open_reader(data / "journal.db")
    keys = DataKeys(FileSecrets(data / "secrets").master_key, SystemRandomness())
    [(*about, key, payload)] = reader.rows(MESSAGE, (number,))
    return keys.numbered(reader, key).open(payload, about_message(number, *about))
