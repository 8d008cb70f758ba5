"""The release store keeps what it is given under its digest, and says when that is no longer so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from flows.bundle import Bundle, parse_bundle
from flows.canonical import sha256_hex
from runtime.releases import VerifiedRelease
from runtime.store import NotInStore, ReleaseStore, SequenceTaken, StoreDamaged
from tests.trusted import Release, sealed, taken

RELEASE = Release(sealed())


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "store")


def filled(store: ReleaseStore) -> str:
    release = store.put_release(RELEASE.sealed.manifest, RELEASE.sealed.attachments)
    for name, envelope in RELEASE.said.items():
        if name != "oli":
            store.add_envelope(release, envelope)
    store.activate("TEST", "supply-consumption", 1, RELEASE.said["oli"])
    return release


def test_what_is_put_is_got_by_its_digest(store: ReleaseStore) -> None:
    assert store.get(store.put(b"content")) == b"content"
    assert store.put(b"content") == sha256_hex(b"content")


def test_changed_content_is_found_on_reading(store: ReleaseStore) -> None:
    name = store.put(b"content")
    (store.path / "sha256" / name).write_bytes(b"changed")
    with pytest.raises(StoreDamaged, match=name[:12]):
        store.get(name)


def test_a_bundle_out_of_the_store_is_let_in(store: ReleaseStore) -> None:
    release = filled(store)
    (activated,) = store.activations("TEST")
    verified = taken(store.bundle(release, activated.envelope))
    assert isinstance(verified, VerifiedRelease) and verified.digest == release


def test_a_bundle_is_the_same_whichever_way_it_was_put_together(store: ReleaseStore) -> None:
    assert store.bundle(filled(store), RELEASE.said["oli"]) == RELEASE.bundle()


def test_a_bundle_without_its_files_is_not_made(store: ReleaseStore) -> None:
    release = filled(store)
    for name in RELEASE.sealed.attachments:
        (store.path / "sha256" / name).unlink()
    with pytest.raises(NotInStore):
        store.bundle(release)


def test_what_is_no_manifest_has_no_bundle(store: ReleaseStore) -> None:
    with pytest.raises(StoreDamaged, match="not the manifest"):
        store.bundle(store.put(b"{}"))


def test_a_release_is_found_by_the_beginning_of_its_digest(store: ReleaseStore) -> None:
    release = filled(store)
    store.add_envelope(sha256_hex(b"a snapshot"), b"an envelope about it")
    assert store.find(release[:6]) == release == store.find(release)
    for beginning in (release[:5], "", "zzzzzz", sha256_hex(b"a snapshot")):
        with pytest.raises(NotInStore):
            store.find(beginning)


def test_an_envelope_added_twice_is_there_once(store: ReleaseStore) -> None:
    release = filled(store)
    store.add_envelope(release, RELEASE.said["pia"])
    assert len(store.envelopes(release)) == 3


def test_the_newest_activation_of_each_flow_is_read(store: ReleaseStore) -> None:
    for flow, sequence in (("one", 1), ("one", 2), ("one", 10), ("two", 1)):
        store.activate("TEST", flow, sequence, f"{flow} {sequence}".encode())
    newest = [(each.flow, each.sequence, each.envelope) for each in store.activations("TEST")]
    assert newest == [("one", 10, b"one 10"), ("two", 1, b"two 1")]
    assert store.activations("PROD") == () and store.environments() == ("TEST",)
    assert store.last_sequence("TEST", "one") == 10 and store.last_sequence("TEST", "three") == 0


def test_of_two_operators_one_gets_the_sequence(store: ReleaseStore) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def activate(number: int) -> None:
        gate.wait()
        try:
            store.activate("TEST", "flow", 1, f"operator {number}".encode())
            outcomes.append("taken")
        except SequenceTaken:
            outcomes.append("late")

    threads = [threading.Thread(target=activate, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late"] * 7 + ["taken"]


def test_a_pointer_that_is_no_digest_is_damage(store: ReleaseStore) -> None:
    filled(store)
    (store.path / "activations" / "TEST" / "supply-consumption" / "1").write_text("../../etc/passwd")
    with pytest.raises(StoreDamaged):
        store.activation("TEST", "supply-consumption", 1)
    assert store.activations("TEST") == ()


def test_steps_of_a_master_come_in_order_with_their_envelopes(store: ReleaseStore) -> None:
    for sequence in (10, 2, 1):
        name = store.put_snapshot("items", sequence, f"step {sequence}".encode())
        store.add_envelope(name, f"signature {sequence}".encode())
    steps = store.master_snapshots("items", after=1)
    assert [(each.sequence, each.snapshot) for each in steps] == [(2, b"step 2"), (10, b"step 10")]
    assert steps[0].envelopes == (b"signature 2",)
    assert store.masters() == ("items",) and store.master_snapshots("none") == ()


def test_an_unsigned_step_gives_way_to_another(store: ReleaseStore) -> None:
    store.put_snapshot("items", 1, b"draft")
    store.put_snapshot("items", 1, b"final")
    assert [each.snapshot for each in store.master_snapshots("items")] == [b"final"]


@pytest.mark.parametrize("name", ["../../x", "", "a/b", "0" * 63, "A" * 64, "é" * 64])
def test_no_name_leaves_the_store(store: ReleaseStore, name: str) -> None:
    for ask in (store.get, store.envelopes, store.bundle):
        with pytest.raises(NotInStore):
            ask(name)
    with pytest.raises(NotInStore):
        store.add_envelope(name, b"")


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".", "..", "a" * 64])
def test_no_flow_environment_or_master_leaves_the_store(store: ReleaseStore, name: str) -> None:
    for ask in (store.activations, store.master_snapshots):
        with pytest.raises(NotInStore):
            ask(name)
    with pytest.raises(NotInStore):
        store.activate("TEST", name, 1, b"")
    with pytest.raises(NotInStore):
        store.put_snapshot(name, 1, b"")


def test_a_store_that_is_not_there_holds_nothing(store: ReleaseStore) -> None:
    assert store.releases() == store.masters() == store.environments() == ()
    with pytest.raises(NotInStore):
        store.get("0" * 64)


def test_what_is_left_of_an_interrupted_write_is_passed_over(store: ReleaseStore) -> None:
    release = filled(store)
    (store.path / "releases" / release / f".{'0' * 64}.7").write_bytes(b"half")
    (store.path / "activations" / "TEST" / "supply-consumption" / ".2.7").write_bytes(b"half")
    assert isinstance(parse_bundle(store.bundle(release)), Bundle)
    assert store.last_sequence("TEST", "supply-consumption") == 1


def test_nothing_is_left_beside_what_was_written(store: ReleaseStore) -> None:
    filled(store)
    assert not list(store.path.rglob(".*"))
