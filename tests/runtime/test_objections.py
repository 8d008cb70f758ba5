"""A release that was sent back or withdrawn bears a mark in the store: bounded, strict, and taken away again."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import objections
from runtime.objections import Objection
from runtime.store import ReleaseStore

RELEASE, OTHER = "a" * 64, "b" * 64


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "store")


def objection(words: str = "Leave out the time of use.", how: str = "returned") -> Objection:
    return objections.made(RELEASE, how, "omar", "2026-03-31T08:00:00Z", words)  # type: ignore[arg-type]


def test_who_objected_when_and_in_which_words_is_read_again(store: ReleaseStore) -> None:
    assert objections.read(store, RELEASE) is None
    objections.put(store, objection())
    found = objections.read(store, RELEASE)
    assert found == objection()
    assert "'omar' sent it back at 2026-03-31T08:00:00Z: Leave out the time of use." in objections.sentence(found)
    assert objections.read(store, OTHER) is None


def test_a_log_gets_the_sentence_without_what_the_person_wrote() -> None:
    said = objections.sentence(objection(), quoted=False)
    assert "'omar' sent it back at 2026-03-31T08:00:00Z. Its authors" in said and "Leave out" not in said


def test_a_withdrawal_needs_no_words(store: ReleaseStore) -> None:
    objections.put(store, objection("", "withdrawn"))
    found = objections.read(store, RELEASE)
    assert found and "'omar' withdrew it at 2026-03-31T08:00:00Z." in objections.sentence(found)


def test_a_mark_is_taken_away_and_twice_is_no_mistake(store: ReleaseStore) -> None:
    objections.put(store, objection())
    objections.take_away(store, RELEASE)
    objections.take_away(store, RELEASE)
    assert objections.read(store, RELEASE) is None


def test_words_are_text_alone_and_bounded(store: ReleaseStore) -> None:
    objections.put(store, objection("first\x1b[2Jline\nsecond \u202eline" + "x" * 9_000))
    found = objections.read(store, RELEASE)
    assert found and found.words.startswith("first [2Jline\nsecond  linexx") and len(found.words) == 2_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 9_000,
        b'{"at":"2026-03-31T08:00:00Z","format":"lockgate/objection/1","how":"returned","more":1,"person":"omar",'
        b'"release":"' + b"a" * 64 + b'","words":"no"}',
        b'{"at":"2026-03-31T08:00:00Z","format":"lockgate/objection/1","how":"returned","person":"omar",'
        b'"release":"' + b"a" * 64 + b'","words":"\\u001b"}',
        b'{"at":"2026-03-31T08:00:00Z","format":"lockgate/objection/1","how":"returned","person":"omar",'
        b'"release":"' + b"b" * 64 + b'","words":"of another one"}',
        b"x" * 60_000,
    ],
)
def test_a_mark_that_cannot_be_read_still_sets_aside_and_names_its_file(store: ReleaseStore, data: bytes) -> None:
    objections.put(store, objection())
    place = store.path / "objections" / RELEASE
    place.write_bytes(data)
    found = objections.read(store, RELEASE)
    assert found and found.how == "unreadable"
    assert f"objections/{RELEASE}" in objections.sentence(found)


def test_a_mark_that_is_a_folder_sets_aside_too(store: ReleaseStore) -> None:
    (store.path / "objections" / RELEASE).mkdir(parents=True)
    found = objections.read(store, RELEASE)
    assert found and found.how == "unreadable"


def test_a_name_that_is_no_digest_has_no_mark(store: ReleaseStore) -> None:
    with pytest.raises(ValueError, match="release"):
        objections.made("../x", "returned", "omar", "2026-03-31T08:00:00Z", "no")
