"""Journals of older versions, raised to the format of this one: what is open in them is delivered as before.

The first format was written with and without two columns of ``posting``; both are known by what they lack.
"""

from __future__ import annotations

from typing import Final

import apsw

from runtime.journal import queries

COLUMNS: Final = "SELECT name FROM pragma_table_info('posting')"
LACKED: Final[dict[str, tuple[str, ...]]] = {
    "release": (
        "ALTER TABLE posting ADD COLUMN release INTEGER NOT NULL DEFAULT 0",
        "UPDATE posting SET release = (SELECT release FROM message WHERE number = posting.message)",
    ),
    # Whatever sent without noting it first sent to systems that honour their keys: none of it has begun.
    "begun": ("ALTER TABLE posting ADD COLUMN begun INTEGER",),
}


def raised(connection: apsw.Connection, found: str, to: str) -> bool:
    """Brings a journal of format ``found`` to ``to``, inside the transaction that is open; False where none can."""
    if found != "lockgate/journal/1":
        return False
    there = {name for (name,) in connection.execute(COLUMNS)}
    for column, statements in LACKED.items():
        for statement in statements if column not in there else ():
            connection.execute(statement)
    connection.execute(queries.SET_META, ("format", to))
    return True
