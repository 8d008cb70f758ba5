"""Whatever happens to a message, what identifies somebody stays inside.

Every S3 and S4 field holds a canary, everything that can go wrong goes wrong, and then every output of the runtime and
of the designer is searched."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lockgate.demo import hospital
from lockgate.demo.house import command
from tests.designer.office import Browser
from tests.designer.workplace import Workplace, workplace
from tests.installation import END, FLOW, START
from tests.reliability.canary import LETTERS, Canaries, Hit, Scanner
from tests.reliability.canary_messages import charge
from tests.stored import stored_payload

pytestmark = [pytest.mark.xdist_group("canaries"), pytest.mark.timeout(240)]
TIME = "20260316073118.8273"
"""The time of use: S3, and the one such value that the ERP may know."""
SCANNER = Scanner((TIME, "07:31:18.8273"))
WHY = "The theatre asks which of its patients this was."
ODD = Canaries("of the other side")
GIVEN = {
    "PV1-3": f"OR1^R1^T1^{hospital.FACILITY}",
    "FT1-4": TIME,
    "FT1-7.1": "SUT-2001",
    "FT1-7.3": hospital.SYSTEM,
    "FT1-10": "2",
    "FT1-13.1": "4410",
}


class Outputs:
    """What came back over any wire, searched as it comes."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.searched = 0

    def take(self, place: str, data: bytes) -> bytes:
        self.hits += SCANNER.data(data, place)
        self.searched += len(data)
        return data


class Hostile:
    """An ERP that answers in every way that puts canaries where they could be written down."""

    def __init__(self, port: int) -> None:
        self.bodies: list[dict[str, Any]] = []
        hostile = self

        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hostile.bodies.append(body)
                said = hostile.answer(body)
                self.wfile.write(said)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, body: dict[str, Any]) -> bytes:
        """By the item that was used, so that each message of the story meets another answer."""
        name, told = ODD.text("name"), json.dumps({"patient": ODD.text("patient"), "echo": body}).encode()
        heads = f"X-Patient: {name}\r\nLocation: http://x.example/{name}\r\nRetry-After: {name}\r\n".encode()
        kind = {"40001202": "refused", "40001310": "no-contract", "40002150": "page", "40003060": "reason"}
        match kind.get(body["material"]):
            case "refused":
                return answered(b"422 Unprocessable", told, heads)
            case "no-contract":
                return answered(b"201 Created", told, heads)
            case "page":
                return answered(b"200 OK", b"<html>" + told, heads.replace(b"Retry", b"Content-Type: x\r\nRetry"))
            case "reason":
                return answered(b"302 " + name.encode(), told, heads)
        return answered(b"201 Created", json.dumps({"document": "4900001"}).encode(), heads)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def answered(status: bytes, body: bytes, heads: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (status, heads, len(body), body)


class Story:
    """A day in which everything happens."""

    def __init__(self, folder: Path, place: Workplace, hostile: Hostile) -> None:
        self.folder, self.place, self.hostile = folder, place, hostile
        self.canaries, self.out = Canaries("one day"), Outputs()
        self.house = place.there.house
        self.sent: list[bytes] = []

    def message(self, control: str, **given: str) -> bytes:
        made = charge(
            self.canaries, control, {**GIVEN, **{name.replace("_", "-"): each for name, each in given.items()}}
        )
        self.sent.append(made)
        return made

    def send(self, data: bytes) -> bytes:
        """Bytes as they are; what comes back until the other side has nothing more to say."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.place.there.mllp), timeout=10) as peer:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            while piece := peer.recv(65536):
                got += piece
        return self.out.take("an answer over MLLP", got)

    def sent_well(self, *messages: bytes) -> None:
        for each in messages:
            assert b"|AA|" in self.send(START + each + END)

    def good(self) -> None:
        """What is taken: posted, held for every reason there is, filtered, repeated."""
        first = self.message("C1")
        self.sent_well(first, first)
        for number, item in enumerate(("SUT-2002", "SUT-3010", "MSH-0150", "STA-0060", hospital.MISSING.code)):
            self.sent_well(self.message(f"I{number}", **{"FT1_7.1": item}))
        secret = self.canaries.text("where a quantity, a time and a room belong")
        self.sent_well(
            self.message("H1", PV1_3=f"OR1^R9^T9^{hospital.FACILITY}"),
            self.message("H2", FT1_10=secret),
            self.message("H3", FT1_4=secret),
            self.message("H4", **{"FT1_7.3": "ANOTHER-SYSTEM"}),
            self.message("H5", PV1_3=f"{secret}^{secret}^{secret}^{hospital.FACILITY}"),
            charge(self.canaries, "A1", {}, type_="ADT^A01"),
        )

    def bad(self) -> None:
        """What is refused, and what is no frame at all."""
        whole = self.message("B1")
        secret = self.canaries.text("in the header").encode()
        patient = next(line for line in whole.split(b"\r") if line.startswith(b"PID"))
        spoilt = [
            whole.replace(b"|B1|", b"||"),
            whole.replace(b"DFT^P03^DFT_P03", b"QQQ^Q99"),
            whole.replace(b"|2.5.1", b"|9.9"),
            whole.replace(b"|P|2.5.1", b"|X|2.5.1"),
            whole.replace(b"|2.5.1", b"|2.5.1||||||" + secret),
            whole.replace(b"^~\\&", secret),
            whole.replace(patient, patient + b"\r" + patient.replace(LETTERS.encode(), LETTERS.encode() + b"Z")),
            whole.replace(b"\rPID", b"\r\0PID"),
            whole.replace(b"\rPID", b"\r\xff\xfePID"),
            whole.replace(b"PV1|", b"PV1|" + b"~".join([secret] * 400) + b"|"),
            whole.replace(b"MSH|", b"", 1),
            b"MSH|" + secret,
            b"PID|1||" + secret,
            secret * 70_000,
            b"",
        ]
        for each in spoilt:
            self.send(START + each + END)
        for stream in (
            secret * 600 + START + whole + END,
            START + whole[:4000] + START + whole + END,
            START + whole[:4000] + END + secret + END,
            START + whole[:9000],
            whole,
        ):
            self.send(stream)

    def mended(self) -> None:
        """A row is signed, and what hung on it is run again; so is what the ERP refused."""
        there = self.place.there
        there.settle()
        there.add_row(hospital.MISSING)
        for case in there.client.cases().cases:
            for line in (
                ("replay", str(case.number), "--data", self.house.data),
                ("replay", "--group", case.group, "--data", self.house.data, "--json"),
            ):
                self.say(*line)
        there.settle()
        closing = ("--reason", "The theatre has sent it again.", "--data", self.house.data)
        for case in there.client.cases().cases:
            if case.message is None:
                self.say("cases", "close", str(case.number), *closing)

    def killed(self) -> None:
        """A kill -9 with work under way, and what the next life says."""
        there = self.place.there
        self.sent_well(self.message("K1"))
        there.runtime.kill()
        there.start()
        there.settle()

    def asked(self) -> None:
        """Everything that a command line shows."""
        data = self.house.data
        for line in (
            ("status", "--data", data), ("status", "--data", data, "--json"), ("cases", "--data", data),
            ("cases", "--data", data, "--state", "all", "--json"), ("audit", "verify", "--data", data, "--json"),
        ):  # fmt: skip
            self.say(*line)

    def say(self, *line: Any) -> None:
        done = command(*line, expect=None)
        self.out.take(f"lockgate {line[0]}", (done.out + done.err).encode())

    def browsed(self) -> None:
        """The pages of an operator, of a steward and of an analyst."""
        priya, ana = self.place.signed_in("priya"), self.place.signed_in("ana")
        for person in (priya, self.place.signed_in("sam"), self.place.signed_in("mei"), ana):
            self.read(person)
        key = next(each for each, field in self.canaries.by_value.items() if field == "PV1-19.1")
        self.see("search", priya.post("/messages/search", {"key": key}))
        nothing = priya.given(priya.post("/messages/1/reveal", {"path": key, "reason": WHY}))
        assert nothing["values"] == [], "what somebody types for a path goes back to them alone"
        shown = priya.post("/messages/1/reveal", {"path": "PID-5.1.1", "reason": WHY})
        assert LETTERS in str(priya.given(shown)["values"]), "what is asked for with a reason is shown"
        self.samples(ana)
        self.read(priya)

    def read(self, browser: Browser) -> None:
        pages = ["/monitor?window=day", "/exceptions?state=open", "/exceptions?state=resolved", "/messages", "/flows",
                 "/masters/items/unmapped", "/masters/locations/unmapped", "/audit", "/audit?writer=delivery&limit=200",
                 "/audit?writer=intake&limit=200", f"/flows/{FLOW}"]  # fmt: skip
        newest = (browser.get("/messages").get_json() or {}).get("messages", ())
        pages += [f"/messages/{each['number']}{more}" for each in newest for more in ("", "/fields")]
        for state in ("open", "resolved"):
            found = browser.get(f"/exceptions?state={state}").get_json() or {}
            pages += [f"/exceptions/{each['group']}" for each in found.get("groups", ())]
        pages += [f"/cases/{number}" for number in range(1, 25)]
        for page in pages:
            self.see(page, browser.get(page))

    def samples(self, ana: Browser) -> None:
        draft = str(self.place.draft(ana, "Canaries", pattern="supply-consumption")["id"])
        texts = [self.sent[0].decode(), self.sent[5].decode(), "MSH|" + self.canaries.text("no message"),
                 json.dumps({"resourceType": self.canaries.text("no type")})]  # fmt: skip
        for text in texts:
            self.see("a sample", ana.post(f"/drafts/{draft}/samples", {"name": "or.hl7", "text": text}))
            self.see("a run", ana.post(f"/drafts/{draft}/runs", {"text": text}))
            self.see("a test case", ana.post(f"/drafts/{draft}/cases", {"title": "One charge", "text": text}))
        for page in ("", "/cases", "/analysis", "/revisions"):
            self.see(page, ana.get(f"/drafts/{draft}{page}"))
        self.see("runs of cases", ana.post(f"/drafts/{draft}/cases/run"))

    def see(self, page: str, answer: Any) -> None:
        heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.out.take(f"the designer's {page}", heads.encode() + answer.get_data())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch, workplace(folder) as place:
        patch.setenv("TMPDIR", str(folder / "tmp"))
        place.there.erp.close()
        hostile = Hostile(place.there.erp_port)
        there = place.there
        there.runtime.stop()
        there.start()
        made = Story(folder, place, hostile)
        try:
            made.good()
            made.bad()
            made.mended()
            made.killed()
            made.asked()
            made.browsed()
            yield made
        finally:
            hostile.close()
            there.erp = Nothing()


class Nothing:
    def close(self) -> None: ...


def test_the_canaries_were_in_play(story: Story) -> None:
    """The stored payload is what was sent, with thousands of them; the ERP got what it may get, and only that."""
    data = story.house.data
    stored = stored_payload(data)
    assert stored == story.sent[0] and stored.count(LETTERS.encode()) > 5_000
    assert len(story.canaries.by_value) > 50_000
    assert SCANNER.data(stored, "payload"), "what is looked for is what is there"
    bodies = story.hostile.bodies
    assert len(bodies) >= 6 and {body["usedAt"] for body in bodies} == {TIME}
    assert all(set(body) <= {"material", "quantity", "costCentre", "caseReference", "usedAt"} for body in bodies)


def test_the_story_met_everything_it_is_about(story: Story) -> None:
    books = story.place.there.client.ledger()
    assert books.refused >= 15 and books.repeated >= 1 and books.filtered >= 1 and books.replayed >= 1
    causes = {case.cause for case in story.place.there.client.cases("all").cases}
    held = {"master-miss", "not-active", "not-a-decimal", "unreadable-time"}
    assert held | {"answer-422", "wrong-answer", "answer-302"} <= causes, causes
    assert books.balanced


def test_no_answer_on_any_wire_holds_a_canary(story: Story) -> None:
    assert story.out.searched > 1_000_000
    assert story.out.hits == []


def test_the_erp_was_told_no_canary(story: Story) -> None:
    told = json.dumps([{**body, "usedAt": ""} for body in story.hostile.bodies]).encode()
    assert SCANNER.data(told, "what the ERP got") == []


def test_no_process_carries_a_canary(story: Story) -> None:
    session = story.place.there.runtime.process.pid
    assert SCANNER.processes(session) == []


def test_nothing_that_was_left_anywhere_holds_a_canary(story: Story) -> None:
    """Logs, journal, designer's database, stores, verified copies, temporary folders, names of files."""
    story.place.there.runtime.stop()
    left = {path.name for path in story.folder.rglob("*") if path.is_file()}
    assert {"journal.db", "control.db", "data-1.log"} <= left and (story.folder / "tmp").is_dir()
    assert SCANNER.folder(story.folder) == []


def test_a_leak_into_what_was_left_is_found(story: Story) -> None:
    """The same search over the same folder, after one line too much in a log."""
    log = next(story.house.folder.glob("*.log"))
    whole = log.read_bytes()
    log.write_bytes(
        whole + b'{"event":"posting.parked","said":"' + next(iter(story.canaries.by_value)).encode() + b'"}\n'
    )
    try:
        assert [hit.form for hit in SCANNER.folder(story.house.folder)] == ["raw"]
    finally:
        log.write_bytes(whole)
