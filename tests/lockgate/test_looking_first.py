"""Whoever signs on the command line sees what they sign; on a terminal they are asked, and a no signs nothing."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.enrolment import phrase
from lockgate.demo import hospital, seed
from lockgate.demo.house import LOCKGATE, Done, House, command
from runtime import objections
from runtime.store import ReleaseStore

pytestmark = pytest.mark.xdist_group("looking-first")
FLOW = "supply-consumption"
ROW = {"key": ["CAT", "NEW-1"], "values": {"material": "10000999", "base_unit": "EA"}, "base_unit": "EA"}


@pytest.fixture(name="house", scope="module")
def _house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A signed house with one master; tests add to it and take nothing away."""
    house = House(tmp_path_factory.mktemp("house"))
    house.found(hospital.TEMPTED)
    flow = house.bring(FLOW, {})
    house.load_master(flow, "items", seed.item_rows()[:2], ("sam", "noor"))
    return house


@pytest.fixture(name="release", scope="module")
def _release(house: House) -> str:
    return house.seal(house.flows / FLOW / "flow.json", "ana")


def by(house: House, person: str) -> list[str]:
    return ["--key", str(house.key(person)), "--root", str(house.root), "--store", str(house.store)]


def on_a_terminal(arguments: Sequence[str], answer: str) -> Done:
    """The command as a person at a terminal has it, who gives one answer."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    process = subprocess.Popen([*LOCKGATE, *arguments], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65_536):
            said += piece
    except OSError:
        pass  # Linux says so when the other end is closed
    finally:
        os.close(ours)
    return Done(process.wait(60), said.decode(), "")


def asked(house: House, person: str, name: str) -> tuple[Path, str]:
    """A request with a fresh key of ``person``, and its words."""
    key, request = house.folder / f"{name}.pem", house.folder / f"{name}.request"
    command("trust", "key", "--out", key)
    command("trust", "request", "--key", key, "--person", person, "--out", request)
    return request, phrase(request.read_bytes())


def enrolling(house: House, request: Path, person: str = "zoe", role: str = "steward") -> list[str]:
    own = ["--key", str(house.key("ada")), "--root", str(house.root)]
    return ["trust", "enrol", str(request), "--name", person.title(), "--role", role, *own]


def test_nobody_is_enrolled_before_the_words_were_compared(house: House) -> None:
    request, words = asked(house, "zoe", "uncompared")
    before = house.root.read_bytes()
    done = command(*enrolling(house, request), expect=2)
    assert words in done.out and "--words" in done.err
    done = command(*enrolling(house, request), "--words", "other words than those", expect=1)
    assert "refused (other-words)" in done.out
    assert house.root.read_bytes() == before
    command(*enrolling(house, request), "--words", f"  {words} ")
    assert house.root.read_bytes() != before


def test_at_a_terminal_a_no_enrols_nobody_and_a_yes_does(house: House) -> None:
    request, words = asked(house, "kim", "asked")
    before = house.root.read_bytes()
    done = on_a_terminal(enrolling(house, request, "kim"), "n")
    assert done.status == 1 and words in done.out and "Nothing was signed" in done.out
    assert house.root.read_bytes() == before
    done = on_a_terminal(enrolling(house, request, "kim"), "y")
    assert done.status == 0 and done.out.index(words) < done.out.index("lists Kim")
    assert "Kim (steward)" in command("trust", "show", "--root", house.root).out


def test_a_second_key_of_a_person_is_called_one(house: House) -> None:
    request, words = asked(house, "noor", "second")
    arguments = ["trust", "enrol", str(request), "--name", "Noor", "--role", "steward", "--words", words]
    done = command(*arguments, "--key", house.key("ada"), "--root", house.root, expect=None)
    assert "'noor' has 1 key in the trust root already" in done.out


def test_a_steward_sees_the_rows_before_signing_them(house: House) -> None:
    done = command("master", "add", "items", json.dumps(ROW), *by(house, "sam"))
    assert "+ CAT ^ NEW-1: " in done.out and "material 10000999" in done.out
    changed = {**ROW, "values": {**ROW["values"], "material": "10000998"}, "units": [{"unit": "BX", "factor": "12"}]}  # type: ignore[dict-item]
    done = command("master", "change", "items", json.dumps(changed), *by(house, "sam"))
    told = "~ CAT ^ NEW-1 (always): material 10000999 -> 10000998, units nothing -> 1 BX = 12"
    assert told in done.out
    assert told in command("master", "show", "items", "--step", *by(house, "noor")[2:]).out
    assert told in command("master", "sign", "items", *by(house, "noor")).out
    shown = command("master", "show", "items", "NEW-1", *by(house, "noor")[2:])
    assert "material 10000998" in shown.out and "units 1 BX = 12" in shown.out
    done = command(
        *("master", "retire", "items", "--code", "CAT", "--code", "NEW-1", "--on", "2027-01-31"), *by(house, "sam")
    )
    assert "- CAT ^ NEW-1: ends on 2027-01-31 (CAT ^ NEW-1: " in done.out
    command("master", "sign", "items", *by(house, "noor"))


def test_at_a_terminal_a_no_signs_no_row(house: House) -> None:
    row = json.dumps({**ROW, "key": ["CAT", "NEVER-1"]})
    steps = sorted((house.store / "masters" / "items").iterdir())
    done = on_a_terminal(["master", "add", "items", row, *by(house, "sam")], "n")
    assert done.status == 1 and "+ CAT ^ NEVER-1" in done.out
    assert sorted((house.store / "masters" / "items").iterdir()) == steps


def test_show_says_what_approve_says_and_signs_nothing(house: House, release: str) -> None:
    def statements() -> list[str]:
        return sorted(each.name for each in (house.store / "releases" / release).iterdir())

    before = statements()
    shown = command("show", release[:12], *by(house, "omar")[2:])
    assert statements() == before
    assert "caseReference <- PID-3.1 (patient-id, S4 patient, pseudonymised)" in shown.out
    assert "S4 names somebody" in shown.out and "Verdict: the proof was computed again and holds" in shown.out
    assert "Sealed by ana; approved by nobody yet: 0 of 2." in shown.out
    done = on_a_terminal(["approve", release, *by(house, "omar")], "no")
    assert done.status == 1 and statements() == before
    approved = command("approve", release, *by(house, "omar"))
    assert approved.out.startswith(shown.out)
    assert len(statements()) == len(before) + 1


def test_who_may_not_sign_is_told_in_words(house: House, release: str) -> None:
    refused = command("approve", release, *by(house, "priya"), expect=1)
    assert "'priya' may not approve a release: that takes the role erp-owner or privacy." in refused.out


def test_an_approver_sees_what_changes_against_what_runs(house: House, release: str) -> None:
    file = house.flows / FLOW / "flow.json"
    flow = json.loads(file.read_text())
    masked = next(step for step in flow["steps"] if step["kind"] == "mask")
    masked["config"]["fields"].append({"path": "PID-5", "method": "drop"})
    narrower = house.flows / FLOW / "narrower.json"
    narrower.write_text(json.dumps(flow))
    env = ("--env", str(file.parent / "environment.json"), "--previous", release)
    sealed = command("seal", narrower, *env, *by(house, "ana")).last
    shown = command("show", sealed, *by(house, "omar")[2:])
    assert f"Against release {release[:12]}" in shown.out and "behaviour:" in shown.out


def test_the_places_of_key_root_and_store_may_stand_in_the_environment(
    house: House, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKGATE_ROOT", str(house.root))
    monkeypatch.setenv("LOCKGATE_STORE", str(house.store))
    monkeypatch.setenv("LOCKGATE_KEY", str(house.key("priya")))
    assert command("show", release).status == 0
    assert command("revoke", release, "--why", "", expect=2).err.count("\n") == 1


def test_a_release_that_was_sent_back_says_so_and_is_not_approved(house: House, release: str) -> None:
    store = ReleaseStore(house.store)
    objections.put(store, objections.made(release, "returned", "omar", "2026-03-01T12:00:00Z", "Leave out the time."))
    try:
        done = command("show", release[:12], "--root", house.root, "--store", house.store)
        assert "'omar' sent it back at 2026-03-01T12:00:00Z: Leave out the time." in done.out
        for act, person in (("approve", "omar"), ("activate", "priya")):
            done = command(act, release[:12], *by(house, person), "--yes", expect=1)
            assert "refused (set-aside)" in done.out and "hand it in again" in done.out
        bundle = house.folder / "sent-back.bundle"
        assert "sent it back" in command("export", release[:12], "--store", house.store, "--out", bundle).out
    finally:
        objections.take_away(store, release)


def test_a_release_that_waits_is_refused_and_named_in_the_last_line(house: House, release: str) -> None:
    bundle = house.folder / "waits.bundle"
    command("export", release[:12], "--store", house.store, "--out", bundle)
    done = command("verify", bundle, "--root", house.root, expect=1)
    assert done.out.startswith("refused (approval-missing): ") and "its proof was computed again and holds" in done.out
    words = phrase((house.store / "sha256" / release).read_bytes())
    assert done.out.splitlines()[-2:] == [f"In words: {words}", f"Release {release}"]


def test_a_bundle_whose_bytes_do_not_hold_is_named_by_nothing(house: House, release: str) -> None:
    bundle = house.folder / "damaged.bundle"
    command("export", release[:12], "--store", house.store, "--out", bundle)
    bundle.write_bytes(bundle.read_bytes()[:-40])
    assert "Release " not in command("verify", bundle, "--root", house.root, expect=1).out
