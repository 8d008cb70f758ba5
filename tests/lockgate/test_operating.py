"""What an operator and a steward see of a running runtime, and an auditor of one that does not run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from designer.database import Database
from lockgate.cli.people_chain import folder_of, joined, walked
from lockgate.cli.unusable import Unusable
from lockgate.demo import hospital
from lockgate.demo.house import House, Runtime, command, until
from lockgate.demo.ports import free_ports
from runtime.questions.audit import AuditVerified
from runtime.world import SetClock

pytestmark = pytest.mark.xdist_group("operating")
FLOW = "supply-consumption"
CHARGE = """MSH|^~\\&|OR|GENERAL|LOCKGATE|HUB|20260316081500||DFT^P03^DFT_P03|T1|P|2.5.1
EVN|P03|20260316081500
PID|1||P-100231^^^GENERAL^MR||Marsh^Ellen
PV1|1|I|OR1^101^A^GENERAL||||||||||||||||V-555001
FT1|1|||20260316074500|20260316074500|CG|SUT-2-0^Suture^CAT|||2|||4410
FT1|2|||20260316074500|20260316074500|CG|SCR-9^Screw^CAT|||1|||4410
"""
ITEM = {"key": ["CAT", "SUT-2-0"], "values": {"material": "10000412", "base_unit": "EA"}, "base_unit": "EA"}
PLACE = {"key": ["OR1", "101", "A", "GENERAL"], "values": {"plant": "1010"}}


@pytest.fixture(name="house", scope="module")
def _house(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("house"))
    house.found(hospital.TEMPTED)
    mllp, erp = free_ports(2)
    flow = house.bring(FLOW, {"or-system": mllp, "erp-inventory": erp})
    house.load_master(flow, "items", [ITEM], ("sam", "noor"))
    house.load_master(flow, "locations", [PLACE], ("sam", "noor"))
    house.go_live(flow)
    charge = house.folder / "charge.hl7"
    charge.write_text(CHARGE)
    (house.folder / "port").write_text(str(mllp))
    return house


@pytest.fixture(name="runtime")
def _runtime(house: House) -> Iterator[Runtime]:
    """Running, with one line held: the master lacks its code."""
    runtime = house.start()
    try:
        house.wait_running(runtime, FLOW)
        command("send", house.folder / "charge.hl7", "--port", (house.folder / "port").read_text())
        until("the case is open", lambda: house.client.cases().open == 1, failed=runtime.why)
        yield runtime
    finally:
        runtime.kill_left()


def test_a_case_names_its_line_and_the_code_that_the_master_lacks(house: House, runtime: Runtime) -> None:
    said = command("cases", "--data", house.data).out
    assert "held: FT1[2] of message 1" in said
    assert "master 'items' lacks: CAT ^ SCR-9" in said
    assert said.rstrip().endswith("1 case open.")
    assert "P-100231" not in said and "Marsh" not in said


def test_a_cause_is_known_by_its_beginning(house: House, runtime: Runtime) -> None:
    (case,) = house.client.cases().cases
    again = command("replay", "--group", case.group[:6], "--data", house.data, expect=1)
    assert again.out.startswith("parked-again: ")
    for wrong in ("nosuch", "", case.group[:6] + "x"):
        refused = command("replay", "--group", wrong, "--data", house.data, expect=2)
        assert "no open cause begins with this" in refused.err and refused.err.count("\n") == 1


def test_an_auditor_walks_the_chains_of_a_runtime_that_does_not_run(house: House, runtime: Runtime) -> None:
    running = command("audit", "verify", "--data", house.data)
    assert "No runtime answers" not in running.err
    runtime.kill()
    killed = command("audit", "verify", "--data", house.data)
    assert "Holds: " in killed.out and f"No runtime answers: read from {house.data}" in killed.err
    again = house.start()
    house.wait_running(again, FLOW)
    again.stop()
    before = contents(house.data)
    at_rest = command("audit", "verify", "--data", house.data)
    assert "Holds: " in at_rest.out
    assert contents(house.data) == before
    with sqlite3.connect(house.data / "journal.db") as journal:
        journal.execute("UPDATE audit SET records = replace(records, 'accepted', 'acceptex') WHERE writer = 'intake'")
    journal.close()
    changed = command("audit", "verify", "--data", house.data, expect=1)
    assert "BROKEN" in changed.out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_where_nothing_ever_ran_an_auditor_is_told(tmp_path: Path) -> None:
    done = command("audit", "verify", "--data", tmp_path, expect=2)
    assert "No runtime answers" in done.err and "no journal" in done.err and "Error" not in done.err


HOLDS = AuditVerified(good=True, chains=(), checkpoints=0, sentence="3 records hold.")


def people_of(folder: Path) -> Path:
    """The folder of a designer in which somebody did two things."""
    database = Database(folder, SetClock(1_800_000_000_000))
    database.upgrade()
    for action in ("session.began", "session.ended"):
        with database.change("ana") as change:
            change.record(action, person="ana")
    database.close()
    return folder


def test_the_chain_of_people_is_walked_where_it_is_named_or_stands_beside(tmp_path: Path) -> None:
    people = people_of(tmp_path / "designer")
    assert folder_of(None, tmp_path / "data") == people and folder_of(None, tmp_path / "other" / "data") is None
    assert folder_of(people, tmp_path / "elsewhere" / "data") == people
    with pytest.raises(Unusable, match=r"no control\.db"):
        folder_of(tmp_path, tmp_path / "data")
    before = contents(people)
    chain = walked(people)
    assert chain.good and chain.sentence == "2 records hold." and contents(people) == before
    found = joined(HOLDS, chain)
    assert found.good and found.sentence == "3 records hold. The designer's own chain: 2 records hold."
    assert "name its folder with --designer" in joined(HOLDS, None).sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE audit SET records = replace(records, 'ana', 'eve') WHERE first = 2", "Record 2 was changed."),
        ("DELETE FROM audit WHERE first = 1", "Record 1 is missing; the next one is 2."),
        ("UPDATE audit SET count = 'one' WHERE first = 1", "Record 1 is missing; the next one is"),
    ],
)
def test_a_changed_byte_in_the_chain_of_people_is_told_first(tmp_path: Path, change: str, sentence: str) -> None:
    people = people_of(tmp_path / "designer")
    with sqlite3.connect(people / "control.db") as database:
        database.execute(change)
    database.close()
    found = joined(HOLDS, walked(people))
    assert not found.good and found.sentence.startswith(f"The designer's own chain: {sentence}")
