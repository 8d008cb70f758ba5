"""A thousand postings to a SOAP service and to an SFTP server, with faults and kills: none lost, none doubled.

Where a service cannot tell a repetition, every posting whose outcome nobody knows is a case, and is not sent again.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lockgate.demo.house import LOCKGATE
from lockgate.demo.ledger import Ledger
from lockgate.demo.ports import free_ports
from lockgate.demo.soap_erp import Service, SoapErp, SoapFaults
from tests.reliability.sinks import FileBooks, Outcome, Signed, SinkLoop, SoapBooks, give_secret, signed_house
from tests.sshd import Sshd, sshd

POSTINGS, KILLS = 1_000, 8
UNKEYED, UNKEYED_KILLS = 400, 4
FORGETFUL = (sys.executable, str(Path(__file__).with_name("forgetful.py")))
THROTTLE = {"per_second": 5_000, "burst": 500, "in_flight": 8}
pytestmark = [pytest.mark.xdist_group("sink-kills"), pytest.mark.timeout(300)]


def soap_house(folder: Path, change: Any = lambda config: None) -> tuple[Signed, int]:
    [port] = free_ports(1)
    signed = signed_house(
        folder,
        "supply-consumption-soap",
        {"erp-inventory": port},
        change,
        throttle=THROTTLE,
        give_up_s=300,
        answer_s=10,
    )
    return signed, port


async def soap_run(
    signed: Signed, port: int, erp: SoapErp, postings: int, kills: int, launcher: Sequence[str] = LOCKGATE
) -> Outcome:
    await erp.start(port)
    try:
        return await SinkLoop(signed, SoapBooks(erp), postings, kills, launcher).run()
    finally:
        erp.close()


def service(signed: Signed) -> tuple[Service, Ledger]:
    folder = signed.house.flows / "supply-consumption-soap" / "contracts"
    return Service(folder / "inventory.wsdl"), Ledger(signed.house.folder / "soap-erp.jsonl")


def test_a_thousand_soap_postings_are_neither_lost_nor_doubled_by_faults_and_kills(tmp_path: Path) -> None:
    signed, port = soap_house(tmp_path / "house")
    erp = SoapErp(*service(signed), SoapFaults(20, 61, 67, 59, delay_ms=5))
    outcome = asyncio.run(soap_run(signed, port, erp, POSTINGS, KILLS))
    print(f"\n{outcome._replace(keys=type(outcome.keys)())}")
    judgement, books = outcome.judgement, outcome.books
    assert len(outcome.kills) == KILLS and max(outcome.kills) < judgement.acknowledged == POSTINGS
    assert judgement.clean and judgement.disorder == 0, judgement
    assert set(outcome.keys.values()) == {1} and len(outcome.keys) == POSTINGS
    assert books.balanced and books.delivered == books.postings == POSTINGS and books.parked == 0, books


def without_key(config: dict[str, Any]) -> None:
    del config["key_field"], config["applied"]
    config["fixed"]["posting.reference"] = "0" * 32


def test_where_no_repetition_is_told_every_unknown_outcome_is_a_case_and_none_is_sent_twice(tmp_path: Path) -> None:
    signed, port = soap_house(tmp_path / "house", without_key)
    erp = SoapErp(*service(signed), SoapFaults(25, 61, 0, 59, delay_ms=5), honours_reference=False)
    outcome = asyncio.run(soap_run(signed, port, erp, UNKEYED, UNKEYED_KILLS))
    print(f"\n{outcome._replace(keys=type(outcome.keys)())}")
    judgement, books = outcome.judgement, outcome.books
    assert judgement.duplicates == 0 and judgement.strays == 0 and judgement.acknowledged == UNKEYED
    assert set(outcome.keys.values()) == {1}
    dropped = UNKEYED // 25
    assert outcome.causes == {"uncertain": books.parked} and books.parked >= dropped - 1
    assert books.balanced and books.delivered + books.parked == books.postings == UNKEYED
    assert judgement.lost <= books.parked  # what is uncertain may not have arrived; nothing else is missing
    assert len(outcome.keys) >= books.delivered


def test_the_same_loop_sees_a_runtime_that_does_not_note_what_it_is_about_to_send(tmp_path: Path) -> None:
    signed, port = soap_house(tmp_path / "house", without_key)
    erp = SoapErp(*service(signed), SoapFaults(0, 0, 0, 0, delay_ms=25), honours_reference=False)
    outcome = asyncio.run(soap_run(signed, port, erp, UNKEYED, UNKEYED_KILLS, FORGETFUL))
    assert outcome.judgement.duplicates > 0, outcome.judgement


def test_a_thousand_lines_by_sftp_are_neither_lost_nor_doubled_by_breaks_and_kills(tmp_path: Path) -> None:
    def batches(config: dict[str, Any]) -> None:
        config["batch"] = {"count": 40, "age_s": 1}

    with sshd() as server:
        signed = signed_house(
            tmp_path / "house",
            "supply-consumption-sftp",
            {"erp-inbox": server.port},
            batches,
            pins=[server.pin],
            user=server.user,
            base_path=str(server.incoming),
            throttle={"per_second": 60, "burst": 60, "in_flight": 1},
            give_up_s=300,
            answer_s=10,
        )
        give_secret(signed.house, "erp-inbox", server.key)
        loop = SinkLoop(signed, FileBooks(server), POSTINGS, KILLS)
        outcome = asyncio.run(loop.run(lambda: breaking(server)))
        left = server.partial()
    print(f"\n{outcome._replace(keys=type(outcome.keys)())} left {len(left)}")
    judgement, books = outcome.judgement, outcome.books
    assert len(outcome.kills) == KILLS and judgement.acknowledged == POSTINGS
    # Files lie there by the batch: what gathers while the runtime starts may be all that is left. Most kills must bite.
    assert sum(at < POSTINGS for at in outcome.kills) > KILLS // 2
    assert judgement.clean and judgement.disorder == 0, judgement
    assert set(outcome.keys.values()) == {1} and len(outcome.keys) == POSTINGS
    assert books.balanced and books.delivered == books.postings == POSTINGS and books.parked == 0, books


async def breaking(server: Sshd) -> None:
    """Breaks sessions again and again, and the whole server now and then."""
    chance = random.Random(11)
    while True:
        await asyncio.sleep(0.3 + chance.random() * 0.7)
        if chance.random() < 0.25:
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(0.2)
            await asyncio.to_thread(server.start)
        else:
            await asyncio.to_thread(server.break_sessions)
