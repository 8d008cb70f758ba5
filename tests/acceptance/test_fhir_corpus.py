"""Real FHIR: every file of a public corpus is posted to a signed release that accepts any resource of R4."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lockgate.demo import hospital
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import House
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.ports import free_ports
from runtime.questions.ledger import Ledger as Books
from tests.acceptance.results import settled

CORPUS = "fhir"
FILES, DELIVERED_FILES = 463, 350
MEDIA = {".xml": "application/fhir+xml"}
Posted = Counter[tuple[str, str]]


class Sent(NamedTuple):
    """One request: a file, or a line of a file of lines."""

    file: str
    number: int
    body: bytes
    media: str


class Result(NamedTuple):
    sent: Sent
    status: int
    said: str

    @property
    def taken(self) -> bool:
        return self.status in (200, 201)


def requests(folder: Path) -> Iterator[Sent]:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        lines = [line for line in data.splitlines() if line.strip()] if path.suffix == ".ndjson" else [data]
        for number, body in enumerate(lines, 1):
            yield Sent(name, number, body, MEDIA.get(path.suffix, "application/fhir+json"))


class Poster:
    """A sender that keeps its connection as long as it may."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, sent: Sent) -> Result:
        reader, writer = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        self._streams = reader, writer
        head = (
            f"POST /fhir HTTP/1.1\r\nHost: h\r\nContent-Type: {sent.media}\r\nContent-Length: {len(sent.body)}\r\n\r\n"
        )
        writer.write(head.encode() + sent.body)
        async with asyncio.timeout(10):
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines[1:] if line)
            outcome = json.loads(await reader.readexactly(int(headers["content-length"])))
        if headers.get("connection") == "close":
            writer.close()
            self._streams = None
        assert outcome["resourceType"] == "OperationOutcome"
        return Result(sent, int(lines[0].split(" ")[1]), outcome["issue"][0]["diagnostics"])


def expected(results: list[Result]) -> Posted:
    """What must arrive, computed from the files: of each resource that was taken anew, type and number of entries."""
    posted: Posted = Counter()
    for result in results:
        if result.status == 201:
            document: Mapping[str, Any] = json.loads(result.sent.body.decode("utf-8-sig"))
            bundle = document["resourceType"] == "Bundle"
            posted[document["resourceType"], str(len(document.get("entry", [])) if bundle else 1)] += 1
    return posted


def arrived(ledger: Path) -> Posted:
    bodies = [entry["body"] for entry in read(ledger) if entry["event"] == "applied"]
    return Counter((body["resourceType"], body["entries"]) for body in bodies)


async def run(tmp_path: Path, sent: list[Sent]) -> tuple[list[Result], Posted, Books]:
    house, ledger = House(tmp_path / "house"), tmp_path / "monitor.jsonl"
    fhir_port, monitor_port = free_ports(2)
    house.found(hospital.PEOPLE)
    flow = house.bring("fhir-any-type", {"interface": fhir_port, "monitor": monitor_port})
    house.go_live(flow)
    contract = Contract.read(flow.parent / "contracts" / "monitor.openapi.json", "postResourceEvent")
    monitor = Erp(contract, Ledger(ledger), Faults(0, 0, 0))
    await monitor.start(monitor_port)
    runtime = house.start()
    try:
        await asyncio.to_thread(house.wait_running, runtime, "fhir-any-type")
        poster = Poster(fhir_port)
        results = [await poster.post(each) for each in sent]
        want = expected(results)
        for _ in range(1000):
            books = await asyncio.to_thread(house.client.ledger, "fhir-any-type")
            if monitor.applied() == want.total() and not books.in_flight + books.waiting:
                break
            await asyncio.sleep(0.02)
        return results, arrived(ledger), books
    finally:
        await asyncio.to_thread(runtime.stop)
        monitor.close()
        assert "Traceback" not in runtime.log.read_text(errors="replace")


def page(results: list[Result]) -> str:
    """The section of results: the same for the same outcome, wherever and whenever it ran."""
    files = {result.sent.file for result in results}
    refused = [result for result in results if not result.taken]
    whole = files - {result.sent.file for result in refused}
    reasons = Counter(result.said.partition(" at ")[0] for result in refused)
    why = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    repeats = sum(result.status == 200 for result in results)
    lines = [
        "# What became of a public corpus of FHIR",
        "",
        f"{len(results)} requests from {len(files)} files of `{CORPUS}` (of `.ndjson` each line), posted to the",
        "library flow `fhir-any-type`, sealed, approved and activated.",
        "Written by `tests/acceptance/test_fhir_corpus.py`.",
        "",
        f"Files delivered whole: {len(whole)}. Requests taken: {len(results) - len(refused)} (repeats: {repeats}).",
        f"Refused: {len(refused)}: {why}.",
        "",
        "| file | request | status | reason and place |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {r.sent.file} | {r.sent.number} | {r.status} | {r.said} |" for r in refused]
    return "\n".join(lines) + "\n"


def test_every_file_of_the_corpus_is_delivered_or_refused_with_its_reason(tmp_path: Path, corpora: Path) -> None:
    sent = list(requests(corpora / CORPUS))
    results, posted, books = asyncio.run(run(tmp_path, sent))
    assert len({each.file for each in sent}) == FILES
    assert posted == expected(results)
    refused = {result.sent.file for result in results if not result.taken}
    assert FILES - len(refused) >= DELIVERED_FILES
    assert all(result.said for result in results)
    assert books.balanced
    assert (books.received, books.refused) == (len(results), sum(not result.taken for result in results))
    assert books.repeated == sum(result.status == 200 for result in results)
    assert books.delivered == posted.total() and books.parked == 0
    assert settled(CORPUS, page(results)), "tests/acceptance/RESULTS.md was another; it is written again: commit it"
