"""What the command line finds out beyond one question to a runtime: the lines of a case, the key that a master lacks, a
cause by its beginning, and the audit of a runtime that does not run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import apsw

from lockgate.cli.unusable import Unusable
from runtime.api import RuntimeClient
from runtime.delivery.process import JOURNAL
from runtime.journal.reader import Reader
from runtime.ledger import open_reader
from runtime.proof import proved
from runtime.questions.audit import AuditVerified
from runtime.questions.cases import Case
from runtime.questions.causes import AskGroups
from runtime.secrets import FileSecrets, SecretsUnusable

MOST_LINES = 8
MOST_GROUPS = 500
State = Literal["open", "resolved", "all"]


def lines_of(client: RuntimeClient, case: Case) -> tuple[str, ...]:
    """Which lines of its message a case holds, such as ``FT1[2]``; none for a refused frame."""
    if case.message is None:
        return ()
    items = dict.fromkeys(each.item or "the whole" for each in client.case(case.number).postings)
    rest = len(items) - MOST_LINES
    return (*tuple(items)[:MOST_LINES], *((f"{rest} more",) if rest > 0 else ()))


def missing_keys(client: RuntimeClient, state: State, flow: str | None) -> dict[str, tuple[str, ...]]:
    """Cause -> the key that a master lacks, where the runtime may show it: operational data, S1 at most."""
    states: tuple[Literal["open", "resolved"], ...] = ("open", "resolved") if state == "all" else (state,)
    asked = [AskGroups(state=each, flow=flow, limit=MOST_GROUPS) for each in states]
    return {found.group: found.key for each in asked for found in client.groups(each).groups if found.key}


def whole_cause(client: RuntimeClient, beginning: str) -> str:
    """The one open cause that begins so."""
    known = [each.group for each in client.groups(AskGroups(limit=MOST_GROUPS)).groups]
    found = [each for each in known if beginning and each.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    many = "no open cause begins" if not found else f"{len(found)} open causes begin"
    raise Unusable(f"--group {beginning[:64]}: {many} with this; 'lockgate cases' lists causes and their digits")


def verified_at_rest(data: Path, absent: str, since: str | None = None) -> AuditVerified:
    """The audit of a data folder in which no runtime runs, read without changing anything."""
    journal = data / JOURNAL
    if not journal.is_file():
        raise Unusable(f"{absent} There is no journal in {data} either.")
    try:
        reader = _quiet_reader(journal)
    except (apsw.Error, OSError) as error:
        raise Unusable(f"{absent} The journal in {data} cannot be read either: {error}") from None
    try:
        return proved(reader, FileSecrets(data / "secrets"), since)
    except (SecretsUnusable, apsw.Error) as error:
        raise Unusable(f"{journal}: the journal cannot be read: {error}") from None
    finally:
        reader.close()


def _quiet_reader(journal: Path) -> Reader:
    """Reads the file, and the log that a stopped runtime leaves beside it, and writes neither nor their index."""
    log, index = (journal.with_name(f"{journal.name}{end}") for end in ("-wal", "-shm"))
    if log.is_file() and log.stat().st_size and not index.is_file():
        return open_reader(journal)  # a log without its index, as a backup may have it: SQLite makes one
    how = "readonly_shm=1" if index.is_file() else "immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return Reader(apsw.Connection(f"{journal.absolute().as_uri()}?{how}", flags=flags))
