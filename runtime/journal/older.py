"""Journals of older versions, raised to the format of this one: what is open in them is delivered as before.

The first format was written with and without two columns of ``posting``; both are known by what they lack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import apsw

from runtime.journal import queries

COLUMNS: Final = "SELECT name FROM pragma_table_info('posting')"
AUDIT_COLUMNS: Final = "SELECT name FROM pragma_table_info('audit')"
LACKED: Final[dict[str, tuple[str, ...]]] = {
    "release": (
        "ALTER TABLE posting ADD COLUMN release INTEGER NOT NULL DEFAULT 0",
        "UPDATE posting SET release = (SELECT release FROM message WHERE number = posting.message)",
    ),
    # Whatever sent without noting it first sent to systems that honour their keys: none of it has begun.
    "begun": ("ALTER TABLE posting ADD COLUMN begun INTEGER",),
}


FIRST, SECOND = "lockgate/journal/1", "lockgate/journal/2"
"""The second seals payloads for the numbers of their rows alone, and its audit is not bound to a key."""


def raised(connection: apsw.Connection, found: str, to: str, reseal: Callable[[apsw.Connection], None] | None) -> bool:
    """Brings a journal of format ``found`` to ``to``, inside the transaction that is open; False where none can.
    ``reseal`` binds what is sealed anew: without it, who has no keys raises nothing."""
    if found not in (FIRST, SECOND) or reseal is None:
        return False
    if "mac" not in {name for (name,) in connection.execute(AUDIT_COLUMNS)}:
        connection.execute("ALTER TABLE audit ADD COLUMN mac BLOB")
    there = {name for (name,) in connection.execute(COLUMNS)}
    for column, statements in LACKED.items():
        for statement in statements if column not in there else ():
            connection.execute(statement)
    reseal(connection)
    connection.execute(queries.SET_META, ("format", to))
    return True
