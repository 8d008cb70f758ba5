"""FHIR to the ERP, signed and durable: TLS and a token in front, a pseudonym behind, and a miss replayed once."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from importlib import resources
from pathlib import Path
from typing import Any

from lockgate.demo import hospital
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import House, command, until
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.ports import free_ports
from runtime.questions.ledger import Ledger as Books
from tests.certificates import Issued, issued
from tests.reliability.canary import LETTERS, Canaries, Scanner
from tests.reliability.canary_messages import bundle
from tests.runtime.intake.posting import Answered, Peer, request
from tests.stored import stored_payload

NAME = "fhir-consumption"
SCANNER = Scanner()
CASES = Path(str(resources.files("flows") / "library" / NAME / "cases"))
TOKEN = b"q" * 40
ROW = {
    "key": ["http://hospital.example/catalogue", "NEW-9"],
    "values": {"material": "10009999", "base_unit": "EA"},
    "base_unit": "EA",
}


def case(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text())


def keep(house: House, name: str, secret: bytes) -> None:
    """A secret of a connection, as an operator puts it there."""
    folder = house.data / "secrets" / "connections"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / name).write_bytes(secret)
    os.chmod(folder / name, 0o600)  # noqa: PTH101  reason: before anything else is done


def opened(tmp_path: Path, ours: Issued, ports: list[int]) -> tuple[House, Path]:
    """A house whose ward system speaks TLS and shows a token."""
    house = House(tmp_path / "house")
    house.found(hospital.PEOPLE)
    flow = house.bring(NAME, {"ward-system": ports[0], "erp-inventory": ports[1]})
    file = flow.parent / "environment.json"
    environment = json.loads(file.read_text())
    environment["connections"]["ward-system"].update(transport="tls", secret="ward-token")
    file.write_text(json.dumps(environment))
    keep(house, "ward-system-certificate", ours.pem)
    keep(house, "ward-token", TOKEN)
    for master, rows in case("both")["masters"].items():
        house.load_master(flow, master, rows, ("sam", "noor"))
    house.go_live(flow)
    return house, flow


async def post(port: int, tls: ssl.SSLContext, document: Any, token: bytes = TOKEN) -> Answered:
    peer = await Peer.to(port, tls)
    await peer.send(request(json.dumps(document).encode(), b"Authorization: Bearer " + token))
    answered = await peer.answer()
    peer.writer.close()
    return answered


def idle(house: House, messages: int) -> Books | None:
    books = house.client.ledger(NAME)
    return books if books.accepted == messages and not books.in_flight + books.waiting else None


def bodies(ledger: Path) -> list[Any]:
    return [entry["body"] for entry in read(ledger) if entry["event"] == "applied"]


def replay(house: House) -> str:
    code = ("--code", "http://hospital.example/catalogue", "--code", "NEW-9")
    return command("replay", "--data", house.data, "--master", "items", *code, expect=None).out


async def story(tmp_path: Path, canaries: Canaries) -> None:
    ours, ports, ledger = issued(), free_ports(2), tmp_path / "erp.jsonl"
    house, flow = await asyncio.to_thread(opened, tmp_path, ours, ports)
    erp = Erp(Contract.read(flow.parent / "contracts" / "erp-inventory.openapi.json", "postGoodsIssue"), Ledger(ledger),
              Faults(0, 0, 0))  # fmt: skip
    await erp.start(ports[1])
    runtime, tls = house.start(), ssl.create_default_context(cadata=ours.der)
    try:
        await asyncio.to_thread(house.wait_running, runtime, NAME)
        whole, missing = (bundle(canaries, case(name)["given"]) for name in ("both", "unknown-item"))
        missing["identifier"]["value"] = "B-2"
        broken = bundle(canaries, case("both")["given"])
        broken["entry"][0]["resource"]["modifierExtension"] = [{"url": canaries.text("a modifier")}]
        answers = [
            await post(ports[0], tls, whole),
            await post(ports[0], tls, whole),
            await post(ports[0], tls, whole, b"z" * 40),
            await post(ports[0], tls, case("history")["given"]),
            await post(ports[0], tls, broken),
            await post(ports[0], tls, {**whole, "resourceType": canaries.text("a type")}),
            await post(ports[0], tls, canaries.text("no resource")),
            await post(ports[0], tls, missing),
        ]
        assert [each.status for each in answers] == [201, 200, 401, 422, 422, 400, 400, 201]
        assert SCANNER.data(repr(answers).encode(), "answers over HTTP") == []
        assert SCANNER.processes(runtime.process.pid) == []
        await asyncio.to_thread(until, "everything is dealt with", lambda: idle(house, 2) is not None)
        books = house.client.ledger(NAME)
        assert (books.received, books.accepted, books.repeated, books.refused) == (7, 2, 1, 4)
        assert (books.postings, books.delivered, books.parked, books.balanced) == (5, 4, 1, True)
        row = tmp_path / "row.json"
        row.write_text(json.dumps(ROW))
        await asyncio.to_thread(
            command, "master", "add", "items", row, "--key", house.key("sam"), "--root", house.root,
            "--store", house.store,
        )  # fmt: skip
        await asyncio.to_thread(
            until, "the runtime takes the row", lambda: house.client.status().masters.get("items", 0) > 1
        )
        for _ in range(2):
            await asyncio.to_thread(replay, house)
            await asyncio.to_thread(until, "the replay ends", lambda: idle(house, 2) is not None)
        books = house.client.ledger(NAME)
        assert (books.delivered, books.parked, books.replayed) == (5, 0, 1)
    finally:
        await asyncio.to_thread(runtime.stop)
        erp.close()
    check(bodies(ledger), tmp_path)


def check(posted: list[Any], tmp_path: Path) -> None:
    """What the ERP has: each item once, in base units, under one pseudonym; and nothing of the patient anywhere."""
    said = sorted((each["material"], each["quantity"], each["costCentre"], each["usedAt"]) for each in posted)
    delivered, given = "2026-03-16T07:45:00+01:00", "2026-03-16T09:00:00Z"
    assert said == [
        ("10000412", "2", "4410", delivered),
        ("10000412", "2", "4410", delivered),
        ("10000977", "36", "4410", delivered),
        ("10009999", "2", "4410", delivered),
        ("20000031", "1000", "4720", given),
    ]
    assert len({each["caseReference"] for each in posted}) == 2
    data = tmp_path / "house" / "data"
    assert Scanner((TOKEN.decode(),)).folder(tmp_path, [data / "secrets"]) == []
    assert stored_payload(data).count(LETTERS.encode()) > 500


def test_bundles_become_goods_issues_once_and_name_nobody(tmp_path: Path, canaries: Canaries) -> None:
    asyncio.run(story(tmp_path, canaries))
