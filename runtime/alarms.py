"""What an operator must know about the files of a runtime: told in its status for as long as it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from runtime.journal import queries
from runtime.journal.reader import Reader
from runtime.proof import witness
from runtime.secrets import FileSecrets
from runtime.witness import GONE, NEWEST, WitnessBroken, made, missing

TAMPERED: Final = "SELECT count(*) FROM incident WHERE cause = 'tampered' AND state = 'open'"
ANY_RECORD: Final = "SELECT 1 FROM audit LIMIT 1"
DISTURBED_MS: Final = 7 * 86_400_000
"""So long it is told that a file was taken away."""
COPY_MS: Final = 10_000
"""A checkpoint of so long ago has its copy."""


def alarms(reader: Reader, secrets: FileSecrets, folder: Path | None, now_ms: int) -> tuple[str, ...]:
    found = (_tampered(reader), _disturbed(reader, now_ms), _cut(reader, secrets), _uncopied(reader, folder, now_ms))
    return tuple(sentence for sentence in found if sentence)


def _tampered(reader: Reader) -> str:
    [(count,)] = reader.rows(TAMPERED)
    if not count:
        return ""
    return (
        f"{count} messages or postings in the journal were changed by somebody else than the runtime; nothing of them"
        " is sent. See the cases with the cause 'tampered', and find out who writes in the data folder."
    )


def _disturbed(reader: Reader, now_ms: int) -> str:
    row = reader.row(queries.META, (queries.DISTURBED,))
    at, _, name = row[0].partition(" ") if row else ("", "", "")
    if not at.isdigit() or now_ms - int(at) > DISTURBED_MS:
        return ""
    when = datetime.fromtimestamp(int(at) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return (
        f"At {when} somebody took {name} away while the runtime ran. What was acknowledged was saved, nothing was"
        " answered after that, and it started again. Find out who writes in the data folder."
    )


def _cut(reader: Reader, secrets: FileSecrets) -> str:
    try:
        remembered = witness(secrets).read()
    except WitnessBroken as error:
        return str(error)
    if remembered is None:
        return GONE if reader.row(ANY_RECORD) else ""
    return missing(remembered, reader)


def _uncopied(reader: Reader, folder: Path | None, now_ms: int) -> str:
    row = reader.row(NEWEST) if folder is not None else None
    if folder is None or row is None or now_ms - row[1] < COPY_MS:
        return ""
    if any(folder.glob(f"*-{made(*row).digest[:16]}.json")):
        return ""
    return f"The newest checkpoint of the audit has no copy in the witness folder {folder}: it cannot be written there."
