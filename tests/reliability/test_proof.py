"""Somebody who may write every file, but has no key, changes the record: the audit's proof fails and says where."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from flows import audit
from lockgate.demo import hospital
from lockgate.demo.house import LOCKGATE, Runtime, until
from runtime.api import RuntimeClient, RuntimeTrouble
from runtime.checkpoints import Head, Heads, sign
from runtime.ledger import open_reader
from runtime.proof import proved
from runtime.questions.audit import AuditVerified
from runtime.secrets import FileSecrets
from tests.reliability.loop import FLOW, Signed, signed_house


class _Taking(BaseHTTPRequestHandler):
    """An ERP that takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"document":"1"}'
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *parts: object) -> None:
        """Nothing."""


def charge(control: str, item: str, version: str = "2.5.1") -> bytes:
    place = hospital.THEATRES[0]
    where = f"{place.point_of_care}^{place.room}^{place.bed}^{hospital.FACILITY}"
    return (
        f"\x0bMSH|^~\\&|THEATRE|LKS|LOCKGATE|HUB|20260320073000||DFT^P03^DFT_P03|{control}|P|{version}\r"
        "EVN|P03|20260320073000\rPID|1||MRN900001^^^LKS^MR||QUIBBLETON^ANA||19310704|F\r"
        f"PV1|1|I|{where}||||||||||||||||E1^^^LKS^VN\r"
        f"FT1|1|{control}-1||20260320073000|20260320073000|CG|{item}^SUTURE^LKS-SUP|||2||12.35|{place.cost_centre}^X^LKS"
        "\r\x1c\r"
    ).encode()


def send(port: int, frame: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as sender:
        sender.sendall(frame)
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            answer += sender.recv(65_536)
        return answer


def live(signed: Signed, runtime: Runtime) -> None:
    """Delivered, repeated, refused and held: a little of everything."""
    house, port = signed.house, signed.mllp_port
    house.wait_running(runtime, FLOW, 60)
    item = hospital.ITEMS[0].code
    for frame in (charge("C1", item), charge("C1", item), charge("C2", "NONE-1"), charge("C3", item)):
        assert b"MSA|AA" in send(port, frame)
    assert b"MSA|AR" in send(port, charge("C4", item, "9.9"))
    until("settled", lambda: house.client.ledger().delivered == 2 and house.client.ledger().parked == 1, 30)
    until("the refused frame has its case", lambda: house.client.ledger().open_cases == 2, 30)


@pytest.fixture(scope="module", name="lived")
def _lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A data folder in which a runtime lived twice, and the folder with its witnessed checkpoints."""
    folder = tmp_path_factory.mktemp("proof")
    signed = signed_house(folder / "house")
    erp = ThreadingHTTPServer(("127.0.0.1", signed.erp_port), _Taking)
    threading.Thread(target=erp.serve_forever, daemon=True).start()
    kept = folder / "elsewhere"
    kept.mkdir()
    house = signed.house
    arguments = ["run", "--store", str(house.store), "--root", str(house.root), "--data", str(house.data)]
    runtime = Runtime([*arguments, "--witness", str(kept)], folder / "log", LOCKGATE)
    live(signed, runtime)
    assert house.client.audit_verify().good
    assert runtime.stop() == 0
    runtime = Runtime(arguments, folder / "log", LOCKGATE)
    house.wait_running(runtime, FLOW, 60)
    assert b"MSA|AA" in send(signed.mllp_port, charge("C9", hospital.ITEMS[0].code))
    until("delivered", lambda: house.client.ledger().delivered == 3, 30)
    assert house.client.status().problems == ()
    assert runtime.stop() == 0
    erp.shutdown()
    erp.server_close()
    yield house.data, kept


@pytest.fixture(name="data")
def _data(lived: tuple[Path, Path], tmp_path: Path) -> Path:
    to = tmp_path / "data"
    shutil.copytree(lived[0], to, ignore=shutil.ignore_patterns("*.sock", "*.ballast-*"))
    return to


def proof(data: Path, since: Path | None = None) -> AuditVerified:
    reader = open_reader(data / "journal.db")
    try:
        return proved(reader, FileSecrets(data / "secrets"), since.read_text() if since else None)
    finally:
        reader.close()


def attack(data: Path, *statements: str) -> None:
    with sqlite3.connect(data / "journal.db") as journal:
        for statement in statements:
            journal.execute(statement)


def test_what_nobody_touched_holds_and_each_checkpoint_is_kept_elsewhere(lived: tuple[Path, Path], data: Path) -> None:
    found = proof(data)
    assert found.good, found.sentence
    copies = sorted(lived[1].iterdir())
    assert copies
    for copy in copies:
        assert proof(data, copy).good


SLIPPED_IN = (
    "INSERT INTO message SELECT 9, flow, source, release, received_ms, twin, digest, label, answer, filtered, expanded,"
    " data_key, payload FROM message WHERE number = 1"
)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM checkpoint", "Checkpoint 2, the newest that this runtime made, is not in the journal"),
        ("DELETE FROM checkpoint WHERE number = 2", "Checkpoint 2, the newest"),
        ("DELETE FROM audit", "Checkpoint 1 names record"),
        ("UPDATE audit SET mac = NULL WHERE writer = 'intake'", "chain is broken"),
        ("UPDATE audit SET mac = zeroblob(32) WHERE first = 1", "chain is broken"),
        ("DELETE FROM message WHERE number = 4", "1 recorded message is not in the journal any more: 4."),
        (SLIPPED_IN, "Message 9 stands there without a record"),
        ("DELETE FROM posting WHERE state = 'delivered'", "3 recorded postings are not in the journal any more"),
        ("UPDATE posting SET number = number + 100 WHERE number = 1", "Posting 101 stands there without a record"),
        (
            "UPDATE posting SET state = 'in-flight' WHERE number = 1",
            "Posting 1 stands as 'in-flight', and was recorded",
        ),
        (
            "UPDATE posting SET state = 'delivered' WHERE state = 'parked'",
            "stands as 'delivered', and was recorded",
        ),
        ("UPDATE posting SET state = 'parked' WHERE number = 1", "stands as 'parked', and was recorded as delivered"),
        ("DELETE FROM incident", "2 recorded cases are not in the journal any more"),
        ("DELETE FROM refusal", "The tally of what was received"),
        ("UPDATE tally SET received = received - 1, repeated = repeated - 1", "The tally of what was received"),
        ("DELETE FROM release", "is not in the journal any more"),
        ("UPDATE release SET ended_ms = 1", "What runs by the journal's rows is not what was recorded"),
        ("UPDATE release SET digest = 'ab'", "was never recorded as activated"),
    ],
)
def test_every_change_of_the_journal_fails_the_proof(data: Path, statement: str, says: str) -> None:
    attack(data, "PRAGMA foreign_keys = OFF", statement)
    found = proof(data)
    assert not found.good
    assert says in found.sentence


def test_a_record_that_is_written_anew_with_its_whole_chain_was_not_written_by_this_runtime(data: Path) -> None:
    """The chain alone would hold: anybody can compute it."""
    with sqlite3.connect(data / "journal.db") as journal:
        head = audit.GENESIS
        rows = journal.execute("SELECT first, records FROM audit WHERE writer = 'delivery' ORDER BY first").fetchall()
        for first, records in rows:
            changed = b"\n".join(_changed(line) for line in records.split(b"\n"))
            for line in changed.split(b"\n"):
                head = audit.chain(head, line)
            journal.execute(
                "UPDATE audit SET records = ?, head = ? WHERE writer = 'delivery' AND first = ?", (changed, head, first)
            )
        journal.execute("DELETE FROM checkpoint")
    found = proof(data)
    assert not found.good
    assert any("were not written by this runtime" in chain.sentence for chain in found.chains)


def _changed(line: bytes) -> bytes:
    record = json.loads(line)
    return audit.encode({**record, "reason": "nothing"}) if record["action"] == "posting.parked" else line


def cut(data: Path) -> None:
    """The end is cut off at the first checkpoint, and so is everything that speaks of it."""
    attack(
        data,
        "DELETE FROM checkpoint WHERE number = 2",
        "DELETE FROM audit WHERE writer = 'delivery' AND first > (SELECT max(first) FROM audit"
        " WHERE writer = 'delivery' AND CAST(records AS TEXT) LIKE '%checkpoint.made%'"
        " AND first < (SELECT max(first) FROM audit WHERE writer = 'delivery'))",
        "DELETE FROM audit WHERE writer = 'intake' AND CAST(records AS TEXT) LIKE '%\"message\":4,%'",
        "DELETE FROM posting WHERE message = 4",
        "DELETE FROM message WHERE number = 4",
        "UPDATE tally SET received = received - 1",
    )


def test_an_end_that_is_cut_off_with_all_that_names_it_is_remembered_by_the_witness(data: Path) -> None:
    cut(data)
    found = proof(data)
    assert not found.good
    assert found.sentence.startswith("Checkpoint 2, the newest that this runtime made, is not in the journal")


def test_a_witness_that_was_taken_away_or_written_by_somebody_else_fails_the_proof(data: Path) -> None:
    witness = data / "secrets" / "witness.json"
    said, code = witness.read_bytes().split(b"\n")[:2]
    witness.write_bytes(said.replace(b'"number":2', b'"number":0') + b"\n" + code + b"\n")
    assert "was not written by this runtime" in proof(data).sentence
    witness.unlink()
    assert "witness of the audit (secrets/witness.json) is missing" in proof(data).sentence


def test_a_checkpoint_that_another_key_signed_is_no_checkpoint_of_this_record(data: Path) -> None:
    """Whoever can write the signer's file can sign: what was made is on the record, under the code."""
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    signer = data / "secrets" / "audit-delivery.pem"
    signer.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with sqlite3.connect(data / "journal.db") as journal:
        rows = journal.execute("SELECT writer, max(first + count - 1), head FROM audit GROUP BY writer").fetchall()
        heads = {writer: Head(seq=seq, head=head.hex()) for writer, seq, head in rows}
        journal.execute("DELETE FROM checkpoint")
        said = sign(Heads(made=1, heads=heads, previous=None), other)
        journal.execute("INSERT INTO checkpoint (number, made_ms, envelope) VALUES (2, 1, ?)", (said,))
    assert not proof(data).good


def test_an_older_copy_of_everything_is_seen_against_a_checkpoint_that_was_kept_elsewhere(
    lived: tuple[Path, Path], tmp_path: Path
) -> None:
    """Journal and witness of one earlier moment agree; only what lies elsewhere knows better."""
    other = signed_house(tmp_path / "other")
    runtime = other.house.start()
    other.house.wait_running(runtime, FLOW, 60)
    assert runtime.stop() == 0
    assert proof(other.house.data).good
    [*_, newest] = sorted(lived[1].iterdir())
    found = proof(other.house.data, newest)
    assert not found.good
    assert "The checkpoint that was kept elsewhere is not in this journal" in found.sentence


@pytest.mark.parametrize(
    "change", [cut, lambda data: attack(data, "DELETE FROM audit", "DELETE FROM checkpoint")], ids=["cut", "emptied"]
)
def test_a_runtime_that_starts_over_a_cut_record_says_so_and_never_forgets_it(
    lived: tuple[Path, Path], data: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    change(data)
    house = lived[0].parent
    arguments = ["run", "--store", str(house / "store"), "--root", str(house / "root.json"), "--data", str(data)]
    for _ in range(2):
        runtime = Runtime(arguments, tmp_path / "log", LOCKGATE)
        client, began = RuntimeClient(data), time.monotonic()
        problems: tuple[str, ...] = ()
        while not problems and time.monotonic() < began + 60:
            assert runtime.alive(), runtime.why()
            try:
                problems = client.status().problems
            except RuntimeTrouble:
                time.sleep(0.05)
        assert any("is not in the journal: its end was cut off" in problem for problem in problems)
        assert not client.audit_verify().good
        assert runtime.stop() == 0
