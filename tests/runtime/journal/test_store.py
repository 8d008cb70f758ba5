"""The journal's contract, held by the one on disk and the one in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from flows import audit
from runtime.crypto import Unreadable
from runtime.journal import queries
from runtime.journal.errors import JournalUnusable
from runtime.journal.format import FORMAT
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.lines import line_format
from runtime.journal.store import Journal
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World

_names = itertools.count()
Open = Callable[[str], Journal]
MESSAGE = (
    "INSERT INTO message (number, flow, source, release, received_ms, twin, digest, label, answer, expanded, data_key,"
    " payload) VALUES (?, 'supply', 'or', ?, 0, x'', x'', 'test', 'AA', 1, 1, x'')"
)
POSTING = (
    "INSERT INTO posting (number, message, release, item, connection, operation, step, lane, idempotency, state,"
    " data_key) VALUES (?, ?, ?, '', 'erp', 'post', 'post', x'', x'', 'in-flight', 1)"
)


@pytest.fixture(name="clock")
def _clock() -> SetClock:
    return SetClock()


@pytest.fixture(name="open_journal", params=["disk", "memory"])
def _open_journal(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Open]:
    """Opens the same journal under any writer name."""
    world = World(clock, SeededRandomness(1), SystemNetwork())
    name = f"suite-{next(_names)}"
    opened: list[Journal] = []

    def open_journal(writer: str) -> Journal:
        if request.param == "disk":
            journal = Journal.open(tmp_path / "journal.db", writer, world, ballast_bytes=1 << 20)
        else:
            journal = Journal.in_memory(name, writer, world)
        opened.append(journal)
        return journal

    yield open_journal
    for journal in opened:
        journal.close()


def held(journal: Journal, writer: str) -> tuple[int, audit.Break | None]:
    count, _, broken = audit.verify(writer, journal.reader().rows(queries.AUDIT_ROWS, (writer, 1)))
    return count, broken


def test_what_is_committed_is_seen_by_readers_and_other_writers(open_journal: Open) -> None:
    intake, delivery = open_journal("intake"), open_journal("delivery")
    with intake.write() as transaction:
        transaction.run(queries.SET_META, ("a", "1"))
    assert delivery.reader().row(queries.META, ("a",)) == ("1",)
    with delivery.write() as transaction:
        assert transaction.row(queries.META, ("a",)) == ("1",)


def test_an_exception_rolls_back_rows_audit_and_what_the_caller_remembers(open_journal: Open) -> None:
    journal = open_journal("intake")
    undone: list[str] = []
    with pytest.raises(ZeroDivisionError), journal.write() as transaction:
        transaction.run(queries.SET_META, ("a", "1"))
        transaction.audit("message.accepted", message=1)
        transaction.undone(lambda: undone.append("first"))
        transaction.undone(lambda: undone.append("second"))
        raise ZeroDivisionError
    assert undone == ["second", "first"]
    assert journal.reader().row(queries.META, ("a",)) is None
    with journal.write() as transaction:
        assert transaction.next_seq == 1
        transaction.audit("message.accepted", message=1)
    assert held(journal, "intake") == (1, None)


def test_each_writer_has_a_chain_of_its_own_that_goes_on_after_a_restart(open_journal: Open) -> None:
    for _ in range(2):
        for writer in ("intake", "delivery"):
            journal = open_journal(writer)
            with journal.write() as transaction:
                transaction.audit("message.accepted", message=1, reason=None)
                transaction.audit("message.accepted", message=2)
            with journal.write() as transaction:
                transaction.audit("message.accepted", message=3)
    assert held(journal, "intake") == (6, None)
    assert held(journal, "delivery") == (6, None)
    assert [row[0] for row in journal.reader().rows(queries.AUDIT_WRITERS)] == ["delivery", "intake"]


def test_two_processes_under_one_writer_name_do_not_fork_the_chain(open_journal: Open) -> None:
    first, second = open_journal("intake"), open_journal("intake")
    with first.write() as transaction:
        transaction.audit("message.accepted", message=1)
    with pytest.raises(apsw.ConstraintError), second.write() as transaction:
        transaction.audit("message.accepted", message=1)
    assert held(first, "intake") == (1, None)


def test_a_reader_cannot_write(open_journal: Open) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        open_journal("intake").reader().rows("DELETE FROM audit")


def test_a_constraint_costs_its_transaction_and_nothing_else(open_journal: Open) -> None:
    journal = open_journal("intake")
    with pytest.raises(apsw.ConstraintError), journal.write() as transaction:
        transaction.run(queries.SET_META, ("a", None))
    with journal.write() as transaction:
        transaction.run(queries.SET_META, ("a", "1"))
    assert journal.reader().row(queries.META, ("a",)) == ("1",)


def test_an_audit_record_with_an_unknown_member_stops_its_transaction(open_journal: Open) -> None:
    journal = open_journal("intake")
    with pytest.raises(audit.AuditError), journal.write() as transaction:
        transaction.run(queries.SET_META, ("a", "1"))
        transaction.audit("message.accepted", patient="4711")
    assert journal.reader().row(queries.META, ("a",)) is None


def test_lines_of_hot_paths_are_what_the_canonical_encoder_gives(open_journal: Open) -> None:
    journal = open_journal("intake")
    line = line_format("message.accepted", "intake", "message", flow="f%s", source="s", release="ab", reason="100%")
    with journal.write() as transaction:
        transaction.audit_line(line % (transaction.now_ms, 17, transaction.next_seq))
        transaction.audit("message.accepted", message=17, flow="f%s", source="s", release="ab", reason="100%")
    (row,) = journal.reader().rows(queries.AUDIT_ROWS, ("intake", 1))
    first, second = row[2].split(b"\n")
    assert first.replace(b'"seq":1', b'"seq":2') == second
    assert held(journal, "intake") == (2, None)


def test_a_data_key_serves_a_flow_for_a_day_and_every_process(open_journal: Open, clock: SetClock) -> None:
    intake, delivery = open_journal("intake"), open_journal("delivery")
    keys, others = DataKeys(b"m" * 32, SeededRandomness(2)), DataKeys(b"m" * 32, SeededRandomness(3))
    with intake.write() as transaction:
        number, sealer = keys.current(transaction, "supply")
        again, _ = keys.current(transaction, "supply")
        other, _ = keys.current(transaction, "charges")
        sealed = sealer.seal(b"payload", b"message:1")
    clock.advance(86_400)
    with intake.write() as transaction:
        tomorrow, _ = keys.current(transaction, "supply")
    assert number == again
    assert len({number, other, tomorrow}) == 3
    assert others.numbered(delivery.reader(), number).open(sealed, b"message:1") == b"payload"
    with intake.write() as transaction:
        assert DataKeys(b"m" * 32, SeededRandomness(4)).current(transaction, "supply")[0] == tomorrow


def test_a_data_key_that_was_rolled_back_is_never_used(open_journal: Open) -> None:
    journal = open_journal("intake")
    keys = DataKeys(b"m" * 32, SeededRandomness(2))
    with pytest.raises(ZeroDivisionError), journal.write() as transaction:
        keys.current(transaction, "supply")
        raise ZeroDivisionError
    with journal.write() as transaction:
        number, sealer = keys.current(transaction, "supply")
    fresh = DataKeys(b"m" * 32, SeededRandomness(3)).numbered(journal.reader(), number)
    assert fresh.open(sealer.seal(b"x", b"y"), b"y") == b"x"


def test_shredding_a_period_makes_its_payload_unreadable_for_good(open_journal: Open, clock: SetClock) -> None:
    journal = open_journal("intake")
    keys = DataKeys(b"m" * 32, SeededRandomness(2))
    with journal.write() as transaction:
        number, _ = keys.current(transaction, "supply")
    clock.advance(2 * 86_400)
    with journal.write() as transaction:
        transaction.run(queries.DATA_KEY_SHRED, (number,))
    keys.forget()
    with pytest.raises(NoDataKey):
        keys.numbered(journal.reader(), number)


def test_another_master_key_opens_nothing(open_journal: Open) -> None:
    journal = open_journal("intake")
    with journal.write() as transaction:
        number, _ = DataKeys(b"m" * 32, SeededRandomness(2)).current(transaction, "supply")
    with pytest.raises(Unreadable):
        DataKeys(b"n" * 32, SeededRandomness(2)).numbered(journal.reader(), number)


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path, clock: SetClock) -> None:
    world = World(clock, SeededRandomness(1), SystemNetwork())
    text, database, newer = tmp_path / "text.db", tmp_path / "other.db", tmp_path / "newer.db"
    text.write_bytes(b"not a database, not a database, not a database" * 100)
    apsw.Connection(str(database)).execute("CREATE TABLE sheep (name TEXT)")
    journal = Journal.open(newer, "intake", world, ballast_bytes=0)
    with journal.write() as transaction:
        transaction.run(queries.SET_META, ("format", "lockgate/journal/99"))
    journal.close()
    for path in (text, database, newer):
        with pytest.raises(JournalUnusable):
            Journal.open(path, "intake", world, ballast_bytes=0)
    assert text.read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("lacks", [(), ("begun",), ("begun", "release")])
def test_a_journal_of_the_first_format_is_raised_and_its_open_postings_stay(
    tmp_path: Path, clock: SetClock, lacks: tuple[str, ...]
) -> None:
    world, path = World(clock, SeededRandomness(1), SystemNetwork()), tmp_path / "journal.db"
    journal = Journal.open(path, "delivery", world, ballast_bytes=0)
    with journal.write() as transaction:
        transaction.run(MESSAGE, (1, 7))
        transaction.run(POSTING, (1, 1, 7))
        transaction.run(queries.SET_META, ("format", "lockgate/journal/1"))
    for column in lacks:
        journal.connection.execute(f"ALTER TABLE posting DROP COLUMN {column}")
    journal.close()
    with pytest.raises(JournalUnusable):
        Journal.open(path, "delivery", world, ballast_bytes=0)  # nobody without the keys raises it
    for _ in range(2):
        again = Journal.open(path, "delivery", world, ballast_bytes=0, reseal=lambda connection: None)
        assert again.reader().rows("SELECT message, release, begun, state FROM posting") == [(1, 7, None, "in-flight")]
        assert again.reader().row(queries.META, ("format",)) == (FORMAT,)
        again.close()


def test_a_journal_of_a_newer_version_is_refused_with_what_to_do(tmp_path: Path, clock: SetClock) -> None:
    world, path = World(clock, SeededRandomness(1), SystemNetwork()), tmp_path / "journal.db"
    journal = Journal.open(path, "intake", world, ballast_bytes=0)
    with journal.write() as transaction:
        transaction.run(queries.SET_META, ("format", "lockgate/journal/99"))
    journal.close()
    with pytest.raises(JournalUnusable) as refused:
        Journal.open(path, "intake", world, ballast_bytes=0)
    assert "lockgate/journal/99" in str(refused.value) and "start the version that wrote it" in str(refused.value)


def test_the_files_of_a_journal_are_for_their_owner_alone(tmp_path: Path, clock: SetClock) -> None:
    data = tmp_path / "data"
    world = World(clock, SeededRandomness(1), SystemNetwork())
    journal = Journal.open(data / "journal.db", "intake", world, ballast_bytes=1 << 20)
    with journal.write() as transaction:
        transaction.audit("message.accepted", message=1)
    assert {path.stat().st_mode & 0o077 for path in (data, *data.iterdir())} == {0}
