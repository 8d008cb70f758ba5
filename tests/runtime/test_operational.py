"""Which keys may be kept for stewards: those that lineage calls operational, S1 at most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodes.stop import Stop, Stopped
from runtime.expansion import Parked
from runtime.journal.keys import DataKeys
from runtime.journal.store import Journal
from runtime.missing import keep_missing, missing_key
from runtime.operational import Operational
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World
from tests.runtime.workshop import released

GROUP = b"g" * 16


@pytest.mark.parametrize(
    ("step", "reads", "allowed"),
    [
        ("to-material", ("FT1-7.3", "FT1-7.1"), True),
        ("to-material", ("FT1-7.1", ""), True),
        ("to-material", ("FT1-10",), True),
        ("to-material", ("PID-3.1",), False),
        ("to-material", ("FT1-7.1", "FT1-4.1"), False),
        ("to-material", ("PV1-19.1",), False),
        ("to-material", ("ZXX-1.1",), False),
        ("to-material", ("not a path",), False),
        ("to-material", ("",), False),
        ("to-material", (), False),
        ("check", ("PV1-3.1", "PV1-3.2"), False),
        ("check", ("PV1-3.1",), True),
        ("nowhere", ("FT1-7.1",), False),
    ],
)
def test_only_operational_values_up_to_s1_may_be_kept(step: str, reads: tuple[str, ...], allowed: bool) -> None:
    assert Operational(released("supply-consumption"))(step, reads) is allowed


def test_a_key_that_a_mask_has_touched_is_still_what_it_is() -> None:
    def unmasked(flow: dict[str, Any]) -> None:
        next(each for each in flow["steps"] if each["id"] == "tokenise")["config"]["fields"] = [
            {"path": "FT1-7.1", "method": "pseudonym"}
        ]

    assert Operational(released("supply-consumption", unmasked))("to-material", ("FT1-7.1",)) is True
    assert Operational(released("supply-consumption", unmasked))("to-material", ("PID-5.1",)) is False


def _journal(folder: Path) -> tuple[Journal, DataKeys]:
    world = World(SetClock(), SeededRandomness(1), SystemNetwork())
    return Journal.in_memory(str(folder), "delivery", world), DataKeys(b"m" * 32, world.randomness)


@pytest.mark.parametrize(
    "parked",
    [
        Parked("master-miss", "Held.", "FT1-7.1", "", ("A-1",), ("FT1-7.1",)),
        Parked("master-miss", "Held.", "FT1-7.1", "items", ("A-1",), ()),
        Parked("master-miss", "Held.", "FT1-7.1", "items", ("",), ("FT1-7.1",)),
        Parked("master-miss", "Held.", "FT1-7.1", "items", ("A" * 65,), ("FT1-7.1",)),
        Parked("master-miss", "Held.", "FT1-7.1", "items", ("A\x07",), ("FT1-7.1",)),
    ],
)
def test_what_is_no_code_of_a_master_is_not_kept(tmp_path: Path, parked: Parked) -> None:
    journal, keys = _journal(tmp_path)
    with journal.write() as transaction:
        keep_missing(transaction, keys, "f", "s", parked, GROUP, lambda step, reads: True)
    assert missing_key(journal.reader(), keys, GROUP) == ()


def test_a_key_is_kept_once_a_cause_and_gone_with_its_period(tmp_path: Path) -> None:
    journal, keys = _journal(tmp_path)
    parked = Parked("master-miss", "Held.", "FT1-7.1", "items", ("SUP", "A-1"), ("FT1-7.3", "FT1-7.1"))
    with journal.write() as transaction:
        for _ in range(2):
            keep_missing(transaction, keys, "f", "s", parked, GROUP, lambda step, reads: True)
    reader = journal.reader()
    assert missing_key(reader, keys, GROUP) == ("SUP", "A-1")
    assert b"A-1" not in reader.rows("SELECT sealed FROM missing_key")[0][0]
    with journal.write() as transaction:
        transaction.run("DELETE FROM data_key")
    keys.forget()
    assert missing_key(reader, keys, GROUP) == ()


def test_a_refused_line_keeps_no_key_where_lineage_says_no(tmp_path: Path) -> None:
    journal, keys = _journal(tmp_path)
    parked = Parked("not-active", "Held.", "PV1-3.2", "locations", ("R1",), ("PV1-3.2",))
    with journal.write() as transaction:
        keep_missing(transaction, keys, "f", "check", parked, GROUP, Operational(released("supply-consumption")))
    assert missing_key(journal.reader(), keys, GROUP) == ()


def test_a_stop_says_where_its_values_stand() -> None:
    stop = Stop(Stopped.PARK, "master-miss", "Held.", master="items", subject=("A",), reads=("FT1-7.1",))
    assert (stop.subject, stop.reads) == (("A",), ("FT1-7.1",))
