"""control.db: how it is opened, brought up to date, read, and changed.

A change is one transaction that holds its audit records: without a record there is no effect, and what others are told
is told after the commit.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session

from designer import audit
from runtime.world import Clock

FILE = "control.db"
_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "lockgate_writes"
Member = str | int


class Unrecorded(RuntimeError):
    """A change without an audit record: a fault of the program. Nothing was changed."""


class Change:
    """One transaction that writes."""

    def __init__(self, session: Session, actor: str, at_ms: int) -> None:
        self.session, self.actor, self.at_ms = session, actor, at_ms
        self.records: list[dict[str, Member]] = []
        self.afterwards: list[Callable[[], None]] = []

    def record(self, action: str, **members: Member) -> None:
        """One audit record of this change; ``action`` is spelt ``noun.past-tense``."""
        self.records.append({"action": action, "actor": self.actor, **members})

    def after(self, tell: Callable[[], None]) -> None:
        """Something to do once this is committed, such as telling others."""
        self.afterwards.append(tell)


class Database:
    """The designer's database. One process writes it; its threads take turns."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self._clock = folder / FILE, clock
        self.engine = _engine(self.path)
        self._turn = threading.Lock()

    def upgrade(self) -> None:
        """Brings the tables to the newest form; a new file gets them all."""
        with self._turn, self.engine.execution_options(**{_WRITES: True}).begin() as connection:
            command.upgrade(migrations(connection), "head")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def change(self, actor: str) -> Iterator[Change]:
        """A transaction that writes, as ``actor``. It is committed at the end, together with its audit records."""
        engine = self.engine.execution_options(**{_WRITES: True})
        with self._turn, Session(engine, expire_on_commit=False) as session:
            change = Change(session, actor, self._clock.now_ms())
            yield change
            session.flush()
            if change.records:
                audit.append(session, change.records, change.at_ms)
            elif session.info.get(_TOUCHED):
                raise Unrecorded("a change without an audit record is no change")
            session.commit()
        for tell in change.afterwards:
            tell()

    def close(self) -> None:
        self.engine.dispose()


def migrations(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


_TOUCHED = "lockgate_touched"


@event.listens_for(Session, "after_flush")
def _touched(session: Any, _context: Any) -> None:
    session.info[_TOUCHED] = True


def _engine(path: Path) -> Engine:
    engine = sqlalchemy.create_engine(
        f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False}, pool_size=16, max_overflow=64
    )
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)
    return engine


def _connected(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, never by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
