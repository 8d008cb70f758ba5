"""Somebody takes a file of the journal away while it is open: nothing is answered any more, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import audit
from runtime import world
from runtime.journal import queries
from runtime.journal.errors import JournalBroken
from runtime.journal.store import Journal


def opened(folder: Path, writer: str = "intake") -> Journal:
    return Journal.open(folder / "journal.db", writer, world.system(), ballast_bytes=0)


def note(journal: Journal, name: str) -> None:
    with journal.write() as transaction:
        transaction.run(queries.SET_META, (name, "x"))
        transaction.audit("message.accepted", message=1)


def noted(folder: Path) -> set[str]:
    with opened(folder, "check").reader() as reader:
        return {name for (name,) in reader.rows("SELECT name FROM meta")}


def unlinked(folder: Path) -> None:
    (folder / "journal.db-wal").unlink()


def both_unlinked(folder: Path) -> None:
    (folder / "journal.db-wal").unlink()
    (folder / "journal.db-shm").unlink()


def renamed(folder: Path) -> None:
    (folder / "journal.db-wal").rename(folder / "elsewhere")


def put_back(folder: Path) -> None:
    """An older copy of the log comes in its place: read as the log, it would bring back an older journal."""
    shutil.copy(folder / "journal.db-wal", folder / "older")
    (folder / "older").replace(folder / "journal.db-wal")


@pytest.mark.parametrize("attack", [unlinked, both_unlinked, renamed, put_back])
def test_a_commit_into_a_log_without_its_name_is_never_answered_and_never_lost(
    tmp_path: Path, attack: Callable[[Path], None]
) -> None:
    journal = opened(tmp_path)
    note(journal, "before")
    attack(tmp_path)
    with pytest.raises(JournalBroken, match=r"journal\.db-wal was deleted or replaced"):
        note(journal, "during")
    with pytest.raises(JournalBroken):
        note(journal, "after")
    journal.close()
    assert {"before", "during", queries.DISTURBED} <= noted(tmp_path)
    assert "after" not in noted(tmp_path)


def test_the_record_says_which_file_was_taken_away(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    note(journal, "before")
    unlinked(tmp_path)
    with pytest.raises(JournalBroken):
        journal.look()
    reader = opened(tmp_path, "check").reader()
    rows = reader.rows(queries.AUDIT_ROWS, ("intake", 1))
    assert audit.verify("intake", rows)[0::2] == (2, None)
    assert b'"action":"journal.disturbed"' in rows[-1][2]
    assert b'"place":"journal.db-wal"' in rows[-1][2]


def test_a_clean_end_loses_nothing_either(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    note(journal, "before")
    unlinked(tmp_path)
    with pytest.raises(JournalBroken):
        journal.rest()
    assert "before" in noted(tmp_path)


def test_a_database_that_was_unlinked_is_kept_whole_under_another_name(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    note(journal, "before")
    (tmp_path / "journal.db").unlink()
    with pytest.raises(JournalBroken, match=r"saved as journal\.db\.kept-"):
        note(journal, "during")
    [kept] = tmp_path.glob("journal.db.kept-*")
    (tmp_path / "saved").mkdir()
    kept.rename(tmp_path / "saved" / "journal.db")
    assert {"before", "during"} <= noted(tmp_path / "saved")


def test_the_other_writer_saves_the_same_and_stops_too(tmp_path: Path) -> None:
    journals = opened(tmp_path), opened(tmp_path, "delivery")
    for journal in journals:
        note(journal, journal.writer)
    unlinked(tmp_path)
    for journal in journals:
        with pytest.raises(JournalBroken):
            note(journal, f"{journal.writer} again")
    assert {"intake", "delivery", "intake again", "delivery again"} <= noted(tmp_path)


def test_a_log_that_grows_and_starts_again_is_the_same_log(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.db", "intake", world.system(), ballast_bytes=0, checkpoint_pages=8)
    for number in range(100):
        note(journal, f"n{number}")
        journal.settle()
        journal.look()
    journal.scrub()
    note(journal, "last")
    journal.rest()
