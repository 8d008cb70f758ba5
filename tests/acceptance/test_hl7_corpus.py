"""All of the public HL7 v2: every message of every file goes over MLLP to a signed release that accepts any type."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lockgate.demo.house import until
from lockgate.demo.ledger import read
from runtime.api import RuntimeClient
from runtime.questions.audit import AskAudit
from runtime.questions.ledger import Ledger as Books
from tests.acceptance.frames import TAKEN, Sent, messages, told
from tests.acceptance.hand_checked import HAND_CHECKED
from tests.acceptance.hl7apy_reads import Reading
from tests.acceptance.interface import FLOW, Interface, Posting, interface
from tests.acceptance.results import settled

CORPUS = "hl7v2"
AT_LEAST = 1_000
_FIVE = re.compile(rb"MSH(.)[^\r\n]{5}\1", re.DOTALL)


class Result(NamedTuple):
    """What the sender saw of one message."""

    sent: Sent
    answer: str
    """``closed`` where the connection ended without one."""
    place: str = ""
    reason: str = ""

    @property
    def taken(self) -> bool:
        return self.answer in TAKEN


class Outcome(NamedTuple):
    """One run: what the sender, the runtime and the monitor have in their books."""

    results: list[Result]
    books: Books
    refused: Mapping[str, tuple[str, str]]
    """Digest of a frame -> (reason, place), by the audit chain."""
    posted: Counter[Posting]
    keys: Counter[str]
    """How often the monitor applied each idempotency key."""


class Sender:
    """One system: a message at a time over one connection, which it opens again when it was closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, sent: Sent) -> Result:
        reader, writer = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        self._streams = reader, writer
        writer.write(b"\x0b" + sent.frame + b"\x1c\r")
        if sent.silent:  # nothing more is sent: once the frame is stored, the other side closes without a word
            writer.write_eof()
        try:
            answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 60)
        except asyncio.IncompleteReadError:
            self.close()
            return Result(sent, "none asked" if sent.silent else "closed")
        return Result(sent, *told(answer.decode("latin-1")))

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def send_all(port: int, sent: Sequence[Sent]) -> list[Result]:
    """Each folder is a system of its own; they all send at the same time."""
    systems: dict[str, list[Sent]] = {}
    for each in sent:
        systems.setdefault(source(each), []).append(each)

    async def system(its: list[Sent]) -> list[Result]:
        sender = Sender(port)
        results = [await sender.send(each) for each in its]
        sender.close()
        return results

    return [result for results in await asyncio.gather(*map(system, systems.values())) for result in results]


def source(sent: Sent) -> str:
    return sent.file.partition("/")[0]


def refusals(client: RuntimeClient) -> dict[str, tuple[str, str]]:
    """Reason and place of every refused frame, from the chain of the audit."""
    found, after = {}, 0
    while rows := client.audit(AskAudit(writer="intake", after=after, limit=500)).rows:
        for record in (json.loads(line) for row in rows for line in row.records):
            if record["action"] == "frame.refused":
                found[record["digest"]] = record["reason"], record.get("place", "")
        after = rows[-1].first
    return found


async def run(folder: Path, sent: Sequence[Sent]) -> Outcome:
    async with interface(folder) as there:
        results = await send_all(there.port, sent)
        await asyncio.to_thread(until, "everything is delivered", lambda: not waiting(there), 120.0)
        books = await asyncio.to_thread(there.house.client.ledger, FLOW)
        refused = await asyncio.to_thread(refusals, there.house.client)
        keys = Counter(entry["key"] for entry in read(there.ledger) if entry["event"] == "applied")
        return Outcome(results, books, refused, there.counted(), keys)


def waiting(there: Interface) -> int:
    books = there.house.client.ledger(FLOW)
    return books.waiting + books.in_flight


def digest(sent: Sent) -> str:
    return hashlib.sha256(sent.frame).hexdigest()


def page(outcome: Outcome) -> str:
    """The section of results: the same for the same outcome, wherever and whenever it ran."""
    results = outcome.results
    refused = [result for result in results if not result.taken]
    taken = {result.sent.frame for result in results if result.taken}
    lines = [
        "# What became of all of the public HL7 v2",
        "",
        f"{len(results)} messages in {len({r.sent.file for r in results})} files of `{CORPUS}`, each sent over MLLP",
        f"with the line ends that stand in its file to the library flow `{FLOW}`, sealed, approved and activated.",
        "A folder is a system that sends one message after the other, and all folders send at once.",
        "Written by `tests/acceptance/test_hl7_corpus.py`.",
        "",
        f"Distinct messages: {len({r.sent.frame for r in results})}. Accepted and delivered once: {len(taken)}.",
        f"Exact repeats: {outcome.books.repeated}. Refused: {len(refused)}.",
        "",
        "| folder | files | messages | accepted and delivered | repeats | refused |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in sorted({source(result.sent) for result in results}):
        its = [result for result in results if source(result.sent) == name]
        frames = [result.sent.frame for result in its if result.taken]
        new = {frame for frame in frames if first(results, frame) == name}
        files, beyond = len({result.sent.file for result in its}), len(its) - len(frames)
        lines.append(f"| {name} | {files} | {len(its)} | {len(new)} | {len(frames) - len(new)} | {beyond} |")
    lines += [
        "",
        "Every refusal:",
        "",
        "| file | message | answer | reason | place |",
        "| --- | --- | --- | --- | --- |",
    ]
    for result in sorted(refused, key=lambda result: (result.sent.file, result.sent.number)):
        reason, place = outcome.refused[digest(result.sent)]
        lines.append(f"| {result.sent.file} | {result.sent.number} | {result.answer} | {reason} | {place} |")
    return "\n".join(lines) + "\n"


def first(results: Sequence[Result], frame: bytes) -> str:
    """The folder that counts as the one from which a message came: the first by name, since all send at once."""
    return min(source(result.sent) for result in results if result.sent.frame == frame)


def test_every_message_is_delivered_once_or_refused_with_place_and_reason(tmp_path: Path, corpora: Path) -> None:
    sent = list(messages(corpora / CORPUS))
    reading = Reading(list(dict.fromkeys(each.frame for each in sent)))
    outcome = asyncio.run(run(tmp_path, sent))
    results, books = outcome.results, outcome.books
    taken = {result.sent.frame: result.sent for result in results if result.taken}
    refused = [result for result in results if not result.taken]

    # What was taken is delivered once, and nothing else is; the books of all three agree.
    assert outcome.posted == Counter(one.posting for one in taken.values())
    assert set(outcome.keys.values()) == {1}
    assert len(taken) >= AT_LEAST
    assert books.balanced
    assert (books.received, books.refused) == (len(results), len(refused))
    assert (books.accepted, books.repeated) == (len(taken), len(results) - len(refused) - len(taken))
    assert (books.delivered, books.parked, books.filtered) == (len(taken), 0, 0)

    # Each refusal has its reason and its place, in the answer, where there is one, as in the audit.
    for result in refused:
        said = outcome.refused[digest(result.sent)]
        assert all(said) and (result.answer == "closed" or said == (result.reason, result.place)), result.sent.file

    for where, expected in HAND_CHECKED.items():
        one = next(result for result in results if (result.sent.file, result.sent.number) == where)
        assert (one.sent.posting if one.taken else outcome.refused[digest(one.sent)]) == expected, where
        assert not one.taken or outcome.posted[expected], where  # type: ignore[index]

    must = reading.readable() | {each.frame for each in sent if _FIVE.match(each.frame) and distinct(each.frame)}
    lost = sorted({each.file for each in sent if each.frame in must and each.frame not in taken})
    assert not lost, f"readable, and not accepted: {lost}"
    assert settled("hl7v2-all", page(outcome)), (
        "tests/acceptance/RESULTS.md was another; it is written again: commit it"
    )


def distinct(frame: bytes) -> bool:
    """Whether the five characters of MSH-2 can be told apart."""
    return len(set(frame[3:9])) == 6
