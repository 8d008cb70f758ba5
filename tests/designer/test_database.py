"""control.db: migrations give exactly the tables of the models, and writers take turns."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel, select

import designer.models
from designer.database import Database
from designer.models.audit import AuditRow
from tests.designer.office import Office, Watch


def test_the_migrations_give_the_tables_of_the_models(tmp_path: Path) -> None:
    assert designer.models.AuditRow
    database = Database(tmp_path, Watch())
    database.upgrade()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    database.close()


def test_an_upgrade_of_what_is_new_changes_nothing(office: Office) -> None:
    office.signed_in("ana")
    office.designer.database.upgrade()
    assert office.signed_in("ana").get("/session").status_code == 200


def test_many_writers_at_once_all_get_their_turn(office: Office) -> None:
    def write() -> None:
        for _ in range(10):
            with office.designer.database.change("ana") as change:
                change.record("person.changed", person="ana")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.designer.database.reading() as session:
        assert sum(row.count for row in session.exec(select(AuditRow))) == 80


def test_the_file_keeps_what_was_committed_through_a_power_cut(office: Office) -> None:
    with office.designer.database.engine.connect() as connection:
        said = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
    assert said == {"journal_mode": "wal", "synchronous": 2}
