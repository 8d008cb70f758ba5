"""The format of the journal's file: how it is set up, its tables, and by what a journal is known."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Final

import apsw

from runtime.journal import queries
from runtime.journal.errors import JournalUnusable
from runtime.journal.older import raised

FORMAT: Final = "lockgate/journal/3"
_FAMILY: Final = "lockgate/journal/"
PAGE_BYTES: Final = 1024
"""Small, since a lone message touches seven tables and indexes: half the bytes written of the usual 4096."""
_SETTINGS: Final = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -16384",
    "temp_store = MEMORY",
    "mmap_size = 0",
)

Reseal = Callable[[apsw.Connection], None]
"""Seals what an older version sealed, in the way of this one."""


def prepared(connection: apsw.Connection, where: str, mode: str, reseal: Reseal | None) -> None:
    """The file behind a new connection as this version writes it; JournalUnusable where it cannot be."""
    _set_up(connection, where, mode)
    execute = connection.execute
    execute("BEGIN IMMEDIATE")
    if execute(queries.TABLES).fetchall() == [(0,)]:
        execute(_sql("schema.sql"))
        execute(queries.SET_META, ("format", FORMAT))
    _know(connection, where, reseal)
    execute(_sql("added.sql"))
    execute("COMMIT")


def own(path: Path) -> None:
    """A new journal is its owner's alone; SQLite gives its log the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def flush_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _set_up(connection: apsw.Connection, where: str, mode: str) -> None:
    execute = connection.execute
    execute(f"PRAGMA page_size = {PAGE_BYTES}")
    if execute(f"PRAGMA journal_mode = {mode}").fetchall() != [(mode,)]:
        raise JournalUnusable(f"The journal {where} cannot be kept in {mode} mode.")
    for setting in _SETTINGS:
        execute(f"PRAGMA {setting}").fetchall()
    if execute("PRAGMA synchronous").fetchall() != [(2,)]:
        raise JournalUnusable(f"The journal {where} cannot be flushed at every commit.")


def _know(connection: apsw.Connection, where: str, reseal: Reseal | None) -> None:
    """A journal of an older version is raised to this one in the transaction that opens it; others are refused."""
    known = connection.execute(queries.IS_JOURNAL).fetchall() == [(1,)]
    found = connection.execute(queries.META, ("format",)).fetchone() if known else None
    if found is None or not found[0].startswith(_FAMILY):
        raise JournalUnusable(f"{where} is no journal of a runtime; it was left as it is.")
    if found != (FORMAT,) and not raised(connection, found[0], FORMAT, reseal):
        raise JournalUnusable(
            f"{where} was written by another version ({found[0]}; this one writes {FORMAT}). It was left as"
            " it is: start the version that wrote it, or give this one a data folder of its own."
        )


def _sql(name: str) -> str:
    return resources.files("runtime.journal").joinpath(name).read_text("utf-8")
