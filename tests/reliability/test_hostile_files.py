"""A running installation and somebody who can write every file of its store and data folder, but holds no key."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.vocabulary import DataLabel
from lockgate import roots
from lockgate.demo import hospital, seed
from lockgate.demo.house import House, Runtime, command, until
from lockgate.demo.ports import free_ports
from lockgate.keys import read_key
from runtime.api import RuntimeAbsent

FLOW = "supply-consumption"
REASON = "the sealed state was lost with the old disk"
pytestmark = pytest.mark.xdist_group("hostile-files")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two releases of one flow, the second active; its ERP is away."""
    made = House(tmp_path_factory.mktemp("hostile") / "house")
    made.found(hospital.PEOPLE)
    mllp, erp = free_ports(2)
    flow = made.bring(FLOW, {"or-system": mllp, "erp-inventory": erp})
    made.load_master(flow, "items", seed.item_rows(), ("sam", "noor"))
    made.load_master(flow, "locations", seed.location_rows(), ("sam", "noor"))
    drawn = json.loads(flow.read_text())
    made.go_live(flow)
    drawn["steps"][-2]["config"]["fields"].pop("caseReference")
    flow.write_text(json.dumps(drawn))
    (made.folder / "release").write_text(made.go_live(flow))
    return made


@pytest.fixture
def runtime(house: House) -> Iterator[Runtime]:
    started = house.start()
    try:
        house.wait_running(started, FLOW, 60)
        yield started
    finally:
        started.kill_left()
        started.process.wait()


def ended(house: House) -> str:
    """What a start says that is refused."""
    started = house.start()
    assert started.process.wait(60) == 2
    return started.log.read_text()


def problems(house: House) -> str:
    try:
        return " ".join(house.client.status().problems)
    except RuntimeAbsent:
        return ""


def test_pipes_links_and_endless_files_in_the_store_hold_up_neither_people_nor_messages(
    house: House, runtime: Runtime
) -> None:
    other = house.store / "activations" / "TEST" / "other"
    other.mkdir()
    os.mkfifo(other / "1")
    with (house.store / "activations" / "TEST" / FLOW / "9").open("wb") as endless:
        endless.truncate(1 << 42)
    os.mkfifo(house.store / "masters" / "items" / "2")
    (house.store / "masters" / "locations" / "2").symlink_to("/dev/zero")

    def named() -> bool:
        said = problems(house)
        return all(place in said for place in ("other/1", f"{FLOW}/9", "items/2", "locations/2"))

    until("every one of them is named", named, 60, runtime.why)
    assert house.flow_states()[FLOW] == "running"
    assert house.client.ledger().balanced
    for place in (other / "1", house.store / "activations" / "TEST" / FLOW / "9"):
        place.unlink()
    other.rmdir()
    for master in ("items", "locations"):
        (house.store / "masters" / master / "2").unlink()
    until("nothing is left of it", lambda: not problems(house), 60, runtime.why)


def test_a_superseded_release_stays_so_when_store_and_journal_are_set_back(house: House, runtime: Runtime) -> None:
    assert runtime.stop() == 0
    newest = house.store / "activations" / "TEST" / FLOW / "2"
    pointer = newest.read_bytes()
    newest.unlink()
    with sqlite3.connect(house.data / "journal.db") as journal:
        journal.execute("DELETE FROM release")
    journal.close()
    again = house.start()
    try:
        until("it is refused", lambda: house.flow_states().get(FLOW) == "refused", 60, again.why)
        (state,) = house.client.status().flows
        assert (state.reason, state.listening) == ("activation-old", ())
        newest.write_bytes(pointer)
        house.wait_running(again, FLOW, 60)
    finally:
        again.kill_left()
        again.process.wait()


def test_without_its_sealed_state_a_folder_runs_again_only_by_a_persons_word(house: House, runtime: Runtime) -> None:
    assert runtime.stop() == 0
    state = house.data / "state.sealed"
    older = state.read_bytes()
    state.unlink()
    assert "accept-state" in ended(house)
    where = ("--data", house.data, "--root", house.root)
    pin = roots.check_trust(house.root.read_bytes(), time.time_ns() // 1_000_000).pin
    wrong = command("trust", "accept-state", *where, "--pin", "0" * 12, "--reason", REASON, expect=2)
    assert "another trust file" in wrong.err
    said = command("trust", "accept-state", *where, "--pin", pin[:12], "--reason", REASON).out
    assert f"{FLOW}: no activation below 2" in said and "master items: no step below 1" in said
    accepted = state.read_bytes()
    state.write_bytes(older)
    assert "older than the journal" in ended(house)
    state.write_bytes(accepted)
    again = house.start()
    try:
        house.wait_running(again, FLOW, 60)
        assert house.client.audit_verify().good
    finally:
        again.kill_left()
        again.process.wait()


def test_verify_says_what_a_runtime_of_this_build_would_say(house: House, tmp_path: Path) -> None:
    bundle, release = tmp_path / "release.bundle", (house.folder / "release").read_text()
    command("export", release, "--store", house.store, "--out", bundle)
    assert "Holds." in command("verify", bundle, "--root", house.root).out
    first = roots.First(
        person="ada",
        name="Ada",
        environments={"TEST": DataLabel.SYNTHETIC},
        policy_sets=("ab" * 32,),
        builds=("ab" * 32,),
    )
    other = tmp_path / "other.json"
    other.write_bytes(roots.first_root(first, read_key(house.key("ada")), time.time_ns() // 1_000_000).data())
    refused = command("verify", bundle, "--root", other, expect=1).out
    assert "build-not-accepted" in refused and "lockgate trust accept" in refused
