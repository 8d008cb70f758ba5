"""The ERP stand-in applies once a key, refuses what its contract does not know, and fails like a real one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import pytest

from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.ledger import Ledger, read

BODY = {"material": "40001201", "quantity": "3", "costCentre": "4410", "usedAt": "20260316073001"}
CALM = Faults(0, 0, 0)


@pytest.fixture(scope="module")
def contract() -> Contract:
    place = resources.files("flows") / "library/supply-consumption/contracts/erp-inventory.openapi.json"
    return Contract.read(Path(str(place)), "postGoodsIssue")


def asked(erp: Erp, requests: Sequence[tuple[str, object]], path: str = "/goods-issues") -> list[int]:
    """Post each (key, body) on a connection of its own; gives the statuses, 0 for a closed connection."""

    async def once(port: int, key: str, body: object) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        raw = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nIdempotency-Key: {key}\r\nContent-Length: {len(raw)}\r\n\r\n"
        writer.write(head.encode() + raw)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return int(answer.split(b" ")[1]) if answer else 0

    async def run() -> list[int]:
        port = await erp.start()
        statuses = [await once(port, key, body) for key, body in requests]
        erp.close()
        return statuses

    return asyncio.run(asyncio.wait_for(run(), 20))


def test_a_repeated_key_has_no_second_effect(tmp_path: Path, contract: Contract) -> None:
    erp = Erp(contract, Ledger(tmp_path / "l"), CALM)
    assert asked(erp, [("k1", BODY), ("k1", BODY), ("k1", BODY), ("k2", BODY)]) == [201, 201, 409, 201]
    assert erp.applied() == 2


def test_a_used_key_with_another_body_is_a_conflict(tmp_path: Path, contract: Contract) -> None:
    erp = Erp(contract, Ledger(tmp_path / "l"), CALM)
    assert asked(erp, [("k1", BODY), ("k1", BODY | {"quantity": "4"})]) == [201, 422]
    assert [entry["event"] for entry in read(tmp_path / "l")] == ["applied", "conflict"]


@pytest.mark.parametrize("body", [BODY | {"patient": "x"}, {"material": "1"}, BODY | {"quantity": 3}, [BODY]])
def test_a_body_beyond_the_contract_is_refused(tmp_path: Path, contract: Contract, body: object) -> None:
    erp = Erp(contract, Ledger(tmp_path / "l"), CALM)
    assert asked(erp, [("k1", body)]) == [422] and erp.applied() == 0


def test_it_drops_five_percent_of_its_answers_after_applying(tmp_path: Path, contract: Contract) -> None:
    erp = Erp(contract, Ledger(tmp_path / "l"), Faults())
    statuses = Counter(asked(erp, [(f"k{n}", BODY) for n in range(200)]))
    assert statuses[0] == 9 and statuses[429] == 6 and statuses[503] == 6
    assert erp.applied() == statuses[201] + statuses[0]


def test_it_remembers_its_keys_after_a_restart(tmp_path: Path, contract: Contract) -> None:
    asked(Erp(contract, Ledger(tmp_path / "l"), CALM), [("k1", BODY)])
    again = Erp(contract, Ledger(tmp_path / "l"), CALM)
    assert asked(again, [("k1", BODY)]) == [201] and again.applied() == 1


def test_it_answers_within_its_own_contract(tmp_path: Path, contract: Contract) -> None:
    asked(Erp(contract, Ledger(tmp_path / "l"), CALM), [("k1", BODY)])
    assert next(iter(read(tmp_path / "l")))["document"] == {"document": "4900000001"}
