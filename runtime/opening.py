"""The first opening of a journal in a runtime's life: an older version's is raised, a new one gets its witness."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import apsw

from runtime.journal.errors import JournalUnusable
from runtime.journal.keys import DataKeys
from runtime.journal.reader import Reader
from runtime.journal.resealing import resealing
from runtime.journal.store import Journal
from runtime.proof import witness
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.world import World


def open_first(path: Path, world: World) -> None:
    """Once at the start, before anybody else opens it. JournalUnusable, or OSError, where it cannot be used."""
    secrets = FileSecrets(path.parent / "secrets")
    journal = Journal.open(path, "opening", world, ballast_bytes=0, reseal=raising(secrets, world))
    with suppress(SecretsUnusable):  # without its secrets nothing starts, which is said elsewhere
        witness(secrets).begin(journal.reader(), world.clock.now_ms(), raised=False)
    journal.close()


def raising(secrets: FileSecrets, world: World) -> Callable[[apsw.Connection], None]:
    """For ``Journal.open``: what an older version stored is bound to its rows, and how much of the audit is its."""

    def reseal(connection: apsw.Connection) -> None:
        try:
            resealing(DataKeys(secrets.master_key, world.randomness))(connection)
            witness(secrets).begin(Reader(connection), world.clock.now_ms(), raised=True)
        except SecretsUnusable as error:
            raise JournalUnusable(f"The journal of an older version cannot be raised: {error}") from None

    return reseal
