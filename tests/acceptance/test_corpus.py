"""Real input: every message of a public corpus goes through a signed release that accepts any type."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

from tests.acceptance.frames import TAKEN, Sent, messages, told
from tests.acceptance.interface import Interface, Posting, interface
from tests.acceptance.results import settled

FILES, MESSAGES = 87, 88
CORPUS = "hl7v2/microsoft__FHIR-Converter"


class Result(NamedTuple):
    sent: Sent
    answer: str
    place: str
    reason: str
    posted: Posting | None


async def exchange(there: Interface, sent: list[Sent]) -> list[Result]:
    """One message at a time, so that what the monitor gets next belongs to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
    results = []
    for each in sent:
        before = there.monitor.applied()
        writer.write(b"\x0b" + each.frame + b"\x1c\r")
        if each.silent:
            results.append(Result(each, "none asked", "", "", await next_posting(there, before)))
            continue
        answer = (await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10)).decode()
        code, place, reason = told(answer)
        posted = await next_posting(there, before) if code in TAKEN else None
        results.append(Result(each, code, place, reason, posted))
    writer.close()
    return results


async def next_posting(there: Interface, before: int) -> Posting | None:
    for _ in range(500):
        if there.monitor.applied() > before:
            return there.postings()[before]
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
    async with interface(tmp_path) as there:
        return await exchange(there, list(messages(folder)))


def test_every_message_of_the_corpus_is_delivered_or_refused_with_place_and_reason(
    tmp_path: Path, corpora: Path
) -> None:
    results = asyncio.run(taken(tmp_path, corpora / CORPUS))
    assert (len({r.sent.file for r in results}), len(results)) == (FILES, MESSAGES)
    for result in results:
        sent = result.sent
        where = f"{sent.file} message {sent.number}"
        if result.answer in TAKEN:
            assert result.posted == sent.posting, where
        else:
            assert result.place and result.reason, f"{where}: refused without place or reason"
    page = table(results)
    assert settled("hl7v2", page), (
        "tests/acceptance/RESULTS.md was another; it is written again: look at it and commit it"
    )
