"""The designer's own audit chain as an auditor walks it: from its file, whether the designer runs or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from flows import audit
from lockgate.cli.unusable import Unusable
from runtime.questions.audit import AuditVerified, Chain

FILE: Final = "control.db"
WRITER: Final = "designer"
BESIDE: Final = "designer"
_ROWS = "SELECT first, count, CAST(records AS BLOB), CAST(head AS BLOB) FROM audit ORDER BY first"


def folder_of(named: Path | None, data: Path) -> Path | None:
    """The designer's folder: the one that was named, or one that stands beside the runtime's; None: there is none."""
    if named is not None:
        if not (named / FILE).is_file():
            raise Unusable(f"{named}: there is no {FILE} of a designer here.")
        return named
    beside = data.absolute().parent / BESIDE
    return beside if (beside / FILE).is_file() else None


def walked(folder: Path) -> Chain:
    """The chain from its beginning to its end."""
    file = folder / FILE
    try:
        with closing(_opened(file)) as database:
            held, head, broken = audit.verify(WRITER, _rows(database))
    except sqlite3.Error as error:
        raise Unusable(f"{file}: the designer's chain cannot be read: {error}") from None
    sentence = broken.sentence if broken else f"{held} {'record holds' if held == 1 else 'records hold'}."
    return Chain(writer=WRITER, records=held, head=head.hex(), good=broken is None, sentence=sentence)


def joined(found: AuditVerified, people: Chain | None) -> AuditVerified:
    """What the runtime's proof and the designer's chain say together; what is broken comes first."""
    if people is None:
        left_out = "What people did in the designer was not walked: name its folder with --designer."
        return found.model_copy(update={"sentence": f"{found.sentence} {left_out}"})
    own = f"The designer's own chain: {people.sentence}"
    said = (found.sentence, own) if people.good else (own, f"The runtime's: {found.sentence}")
    good = found.good and people.good
    return found.model_copy(update={"good": good, "chains": (*found.chains, people), "sentence": " ".join(said)})


def _opened(file: Path) -> sqlite3.Connection:
    """Reads and writes nothing: a database that nobody has open is read without the files beside it."""
    quiet = not any(file.with_name(f"{FILE}{end}").exists() for end in ("-wal", "-shm"))
    return sqlite3.connect(f"{file.absolute().as_uri()}?{'immutable=1' if quiet else 'mode=ro'}", uri=True)


def _rows(database: sqlite3.Connection) -> Iterator[tuple[int, int, bytes, bytes]]:
    for row in database.execute(_ROWS):
        if [type(each) for each in row] != [int, int, bytes, bytes]:
            yield -1, 0, b"", b""  # somebody wrote values of other types
            return
        yield row
