"""Real input: every message of a public corpus goes through a signed release that accepts any type."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lockgate.demo import hospital
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import House
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.ports import free_ports
from tests.acceptance.results import settled

FILES, MESSAGES = 87, 88
CORPUS = "hl7v2/microsoft__FHIR-Converter"
MESSAGE = re.compile(rb"(?:\A|(?<=[\r\n])|(?<=\xef\xbb\xbf))MSH.*?(?=[\r\n]MSH|\Z)", re.DOTALL)
TAKEN = ("AA", "CA", "none asked")
TRAILERS = (b"BTS", b"FTS")


class Sent(NamedTuple):
    """One message of the corpus and what its own bytes say it is."""

    file: str
    number: int
    frame: bytes
    type: str
    version: str
    segments: str
    silent: bool
    """MSH-15 asks for no answer to what is taken."""


class Result(NamedTuple):
    sent: Sent
    answer: str
    place: str
    reason: str
    posted: tuple[str, str, str] | None


def messages(folder: Path) -> Iterator[Sent]:
    """Frames go from one MSH to the next, with the line ends that stand in the file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for number, match in enumerate(MESSAGE.finditer(path.read_bytes()), 1):
                yield described(path.relative_to(folder).as_posix(), number, match[0])


def described(file: str, number: int, frame: bytes) -> Sent:
    segments = [line for line in re.split(rb"[\r\n]+", frame) if line and not line.startswith(TRAILERS)]
    header = [*segments[0].decode().split("|"), *[""] * 20]
    silent = header[14] in ("NE", "ER")
    kind, version = header[8].split("^")[0], header[11].split("^")[0]
    return Sent(file, number, frame, kind, version, str(len(segments)), silent)


async def exchange(port: int, sent: list[Sent], erp: Erp, ledger: Path) -> list[Result]:
    """One message at a time, so that what the monitor gets next belongs to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    results = []
    for each in sent:
        before = erp.applied()
        writer.write(b"\x0b" + each.frame + b"\x1c\r")
        if each.silent:
            results.append(Result(each, "none asked", "", "", await next_posting(erp, ledger, before)))
            continue
        answer = (await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10)).decode()
        code, place, reason = told(answer)
        posted = await next_posting(erp, ledger, before) if code in TAKEN else None
        results.append(Result(each, code, place, reason, posted))
    writer.close()
    return results


def told(answer: str) -> tuple[str, str, str]:
    """(code, place, reason) of an acknowledgement: MSA-1, ERR-2 and ERR-3."""
    segments = {line[:3]: line.split("|") for line in answer.strip("\x0b\x1c\r").split("\r")}
    error = [*segments.get("ERR", []), "", "", "", "", "", "", "", ""]
    return segments["MSA"][1], error[2], error[3]


async def next_posting(erp: Erp, ledger: Path, before: int) -> tuple[str, str, str] | None:
    for _ in range(500):
        if erp.applied() > before:
            body = [entry["body"] for entry in read(ledger) if entry["event"] == "applied"][before]
            return body["type"], body["version"], body["segments"]
        await asyncio.sleep(0.01)
    return None


def table(results: list[Result]) -> str:
    """The page of results: the same for the same outcome, wherever and whenever it ran."""
    delivered = sum(result.posted is not None for result in results)
    lines = [
        "# What became of a public corpus",
        "",
        f"{len(results)} messages in {len({r.sent.file for r in results})} files of `{CORPUS}`, each sent over MLLP",
        "with the line ends that stand in its file to the library flow `any-type`, sealed, approved and activated.",
        "Written by `tests/acceptance/test_corpus.py`.",
        "",
        f"Accepted and delivered: {delivered}. Refused: {sum(r.answer not in TAKEN for r in results)}.",
        "",
        "| file | message | type | version | segments | answer | delivered | place and reason |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        sent, why = result.sent, f"{result.place} {result.reason}".strip().replace("|", "\\|")
        lines.append(
            f"| {sent.file} | {sent.number} | {sent.type} | {sent.version} | {sent.segments} | {result.answer} "
            f"| {'yes' if result.posted else 'no'} | {why} |"
        )
    return "\n".join(lines) + "\n"


async def taken(tmp_path: Path, folder: Path) -> list[Result]:
    house = House(tmp_path / "house")
    mllp_port, erp_port = free_ports(2)
    house.found(hospital.PEOPLE)
    flow = house.bring("any-type", {"interface": mllp_port, "monitor": erp_port})
    release = house.seal(flow, "ana")
    house.approve(release, "omar")
    house.approve(release, "mei")
    house.activate(release, "priya")
    contract = Contract.read(flow.parent / "contracts" / "monitor.openapi.json", "postInterfaceEvent")
    erp = Erp(contract, Ledger(tmp_path / "erp.jsonl"), Faults(0, 0, 0))
    await erp.start(erp_port)
    runtime = house.start()
    try:
        await asyncio.to_thread(house.wait_running, runtime, "any-type")
        return await exchange(mllp_port, list(messages(folder)), erp, tmp_path / "erp.jsonl")
    finally:
        await asyncio.to_thread(runtime.stop)
        erp.close()


def test_every_message_of_the_corpus_is_delivered_or_refused_with_place_and_reason(
    tmp_path: Path, corpora: Path
) -> None:
    results = asyncio.run(taken(tmp_path, corpora / CORPUS))
    assert (len({r.sent.file for r in results}), len(results)) == (FILES, MESSAGES)
    for result in results:
        sent = result.sent
        where = f"{sent.file} message {sent.number}"
        if result.answer in TAKEN:
            assert result.posted == (sent.type, sent.version, sent.segments), where
        else:
            assert result.place and result.reason, f"{where}: refused without place or reason"
    page = table(results)
    assert settled("hl7v2", page), (
        "tests/acceptance/RESULTS.md was another; it is written again: look at it and commit it"
    )
