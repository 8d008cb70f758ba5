"""Canaries by the other ways out: a SOAP service whose faults and answers hold them, and files laid down by SFTP."""

from __future__ import annotations

import asyncio
import csv
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lockgate.demo import hospital
from lockgate.demo.house import Runtime, command, until
from lockgate.demo.ports import free_ports
from tests.installation import END, START
from tests.reliability.canary import Canaries, Scanner
from tests.reliability.canary_messages import charge
from tests.reliability.sinks import Signed, give_secret, signed_house
from tests.sshd import sshd

pytestmark = [pytest.mark.xdist_group("canaries-out"), pytest.mark.timeout(240)]
TIME = "20260316073118.8273"
SPELT = ("07:31:18", "073118.8273")
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ITEMS = ("SUT-2001", "SUT-2002", "SUT-3010", "MSH-0150", "STA-0060", "STA-0061")


def given(item: str) -> dict[str, str]:
    return {
        "PV1-3": f"OR1^R1^T1^{hospital.FACILITY}", "FT1-4": TIME, "FT1-7.1": item, "FT1-7.3": hospital.SYSTEM,
        "FT1-10": "2", "FT1-13.1": "4410",
    }  # fmt: skip


def deliver(signed: Signed, canaries: Canaries) -> bytes:
    """One charge an item; gives all answers."""
    answers = b""
    with socket.create_connection(("127.0.0.1", signed.mllp_port), timeout=10) as peer:
        for number, item in enumerate(ITEMS):
            peer.sendall(START + charge(canaries, f"O{number}", given(item)) + END)
            answer = b""
            while not answer.endswith(END):
                answer += peer.recv(65536)
            answers += answer
    assert answers.count(b"|AA|") == len(ITEMS)
    return answers


def shown(signed: Signed) -> bytes:
    """All that the command line says."""
    data = signed.house.data
    lines = (("status", "--data", data), ("cases", "--data", data, "--state", "all", "--json"))
    return "".join(command(*line, expect=None).out for line in lines).encode()


def searched(signed: Signed, runtime: Runtime, *more: bytes) -> None:
    """The processes while they run, and all that they leave."""
    scanner = Scanner(SPELT)
    hits = scanner.processes(runtime.process.pid)
    hits += [hit for each in (*more, shown(signed)) for hit in scanner.data(each, "what was said")]
    runtime.stop()
    hits += scanner.folder(signed.house.folder)
    assert hits == []


class Telling(asyncio.Protocol):
    """A SOAP service that tells patients' names in every part of what it answers."""

    def __init__(self, asked: list[bytes]) -> None:
        self.asked, self.got = asked, b""
        self.odd = Canaries("of the service")

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.got += data
        head, _, body = self.got.partition(b"\r\n\r\n")
        length = next((line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b":0")
        if b"\r\n\r\n" not in self.got or len(body) < int(length.split(b":")[1]):
            return
        self.asked.append(body)
        self.transport.write(self.answer(len(self.asked)))
        self.transport.close()

    def answer(self, number: int) -> bytes:
        name = self.odd.text("name")
        fault = f"<s:Fault><faultcode>s:Client</faultcode><faultstring>{name}</faultstring><detail><{name}>{name}"
        fault += f"</{name}></detail></s:Fault>"
        bodies = (fault, f"<{name}/>", f"<x xmlns='urn:{name}'>{name}</x>", name, f"<![CDATA[{name}]]>", fault * 2)
        text = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Header><{name}/></s:Header><s:Body>{bodies[number % 6]}</s:Body>'
        data = (text + ("</s:Envelope>" if number != 3 else f"<!-- {name}")).encode()
        status = b"500 " + name.encode() if number % 2 else b"200 OK"
        head = b"HTTP/1.1 %b\r\nContent-Type: text/xml; charset=%b\r\nX-Patient: %b\r\nContent-Length: %d\r\n\r\n"
        return head % (status, name.encode(), name.encode(), len(data)) + data


@pytest.fixture
def telling() -> Iterator[tuple[int, list[bytes]]]:
    """The service in a thread: its port, and what it was asked."""
    asked: list[bytes] = []
    [port] = free_ports(1)
    loop = asyncio.new_event_loop()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(loop.create_server(lambda: Telling(asked), "127.0.0.1", port))
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield port, asked
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_what_a_soap_service_tells_of_patients_is_written_down_nowhere(
    tmp_path: Path, canaries: Canaries, telling: tuple[int, list[bytes]]
) -> None:
    port, asked = telling
    signed = signed_house(tmp_path / "house", "supply-consumption-soap", {"erp-inventory": port}, give_up_s=5)
    runtime = signed.house.start()
    try:
        signed.house.wait_running(runtime, "supply-consumption-soap")
        answers = deliver(signed, canaries)
        client = signed.house.client
        until("all are held", lambda: client.ledger().parked == len(ITEMS), 60)
        causes = {case.cause for case in client.cases().cases}
        assert len(causes) >= 2 and causes <= {"fault-client", "wrong-answer", "answer-500", "gave-up", "fault-server"}
        assert Scanner().data(b"".join(asked), "what the service got") == []
        assert any(TIME[8:10] in each.decode() for each in asked)
        searched(signed, runtime, answers)
    finally:
        runtime.kill_left()


def test_files_hold_what_their_contract_names_and_their_names_hold_nobody(tmp_path: Path, canaries: Canaries) -> None:
    def batches(config: dict[str, Any]) -> None:
        config["batch"] = {"count": 4, "age_s": 1}

    with sshd() as server:
        signed = signed_house(
            tmp_path / "house",
            "supply-consumption-sftp",
            {"erp-inbox": server.port},
            batches,
            pins=[server.pin],
            user=server.user,
            base_path=str(server.incoming),
            give_up_s=60,
            answer_s=10,
        )
        give_secret(signed.house, "erp-inbox", server.key)
        runtime = signed.house.start()
        try:
            signed.house.wait_running(runtime, "supply-consumption-sftp")
            server.break_sessions()
            answers = deliver(signed, canaries)
            until("all are laid down", lambda: signed.house.client.ledger().delivered == len(ITEMS), 60)
            assert Scanner().folder(server.incoming) == []
            rows = [
                row
                for content in server.files().values()
                for row in csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter=";")
            ]
            assert len(rows) == len(ITEMS) and {row["CostCentre"] for row in rows} == {"4410"}
            searched(signed, runtime, answers)
        finally:
            runtime.kill_left()
