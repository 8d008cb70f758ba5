"""Ten thousand generated charges: the generator says what must become of each line, and so it does."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lockgate.demo import hospital
from lockgate.demo.erp import Contract, Erp, Faults
from lockgate.demo.house import House, until
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.ports import free_ports
from runtime.questions.ledger import Ledger as Books
from tests.acceptance.generated import catalogue as files
from tests.acceptance.generated.charges import Charge, Writer, patients
from tests.acceptance.generated.oracle import Held, Posting
from tests.reliability.canary import MARKS, Canaries

FLOW = "supply-consumption"
MESSAGES, SENDERS, AHEAD = 10_000, 8, 32
DROPPED = 251
"""Every so many-th posting is applied, and its answer lost: it comes again."""
MOST_SHOWN = 40
PATIENCE_S = 240.0


class Outcome(NamedTuple):
    numbers: Mapping[str, int]
    """Control id -> the journal's number of the message, as its answer told it."""
    bodies: list[Mapping[str, Any]]
    """What the ERP applied, by its own ledger."""
    parked: Mapping[tuple[int, str], str]
    """(message, item) -> cause of its case."""
    books: Books


async def run(folder: Path, masters: Path, charges: Sequence[Charge], rows: Sequence[Mapping[str, object]]) -> Outcome:
    house, ledger = House(folder / "house"), folder / "erp.jsonl"
    mllp, erp_port = free_ports(2)
    house.found(hospital.PEOPLE)
    wide = {"per_second": 100_000, "burst": 10_000, "in_flight": 64}
    flow = house.bring(FLOW, {"or-system": mllp, "erp-inventory": erp_port}, throttle=wide)
    house.load_master(flow, "items", rows, ("sam", "noor"))
    places = [{"key": list(key), "values": {"plant": plant}} for key, plant in files.locations(masters).items()]
    house.load_master(flow, "locations", places, ("sam", "noor"))
    release = house.seal(flow, "ana")
    for approver in ("omar", "mei"):
        house.approve(release, approver)
    house.activate(release, "priya")
    erp = Erp(
        Contract.read(flow.parent / "contracts" / "erp-inventory.openapi.json", "postGoodsIssue"),
        Ledger(ledger),
        Faults(drop_every=DROPPED, busy_every=0, unavailable_every=0),
    )
    await erp.start(erp_port)
    runtime = house.start()
    try:
        await asyncio.to_thread(house.wait_running, runtime, FLOW, PATIENCE_S)
        senders = [charges[start::SENDERS] for start in range(SENDERS)]
        told = await asyncio.gather(*(send(mllp, its) for its in senders))
        numbers = {control: number for each in told for control, number in each.items()}
        await asyncio.to_thread(until, "the traffic settles", lambda: settled(house), PATIENCE_S)
        books = await asyncio.to_thread(house.client.ledger, FLOW)
    finally:
        await asyncio.to_thread(runtime.stop)
        erp.close()
    assert "Traceback" not in runtime.log.read_text(errors="replace")
    bodies = [entry["body"] for entry in read(ledger) if entry["event"] == "applied"]
    return Outcome(numbers, bodies, parked(house.data / "journal.db"), books)


def settled(house: House) -> bool:
    books = house.client.ledger(FLOW)
    return books.waiting == 0 and books.in_flight == 0


async def send(port: int, charges: Sequence[Charge]) -> dict[str, int]:
    """One system: some messages ahead of their answers, which come in order."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    room, numbers = asyncio.Semaphore(AHEAD), dict[str, int]()

    async def answers() -> None:
        for charge in charges:
            answer = (await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 60)).decode().split("\r")
            room.release()
            code, control = answer[1].split("|")[1:3]
            assert (code, control) == ("AA", charge.control_id)
            numbers[control] = int(answer[0].split("|")[9].removeprefix("LG"))

    reading = asyncio.create_task(answers())
    for charge in charges:
        await room.acquire()
        writer.write(b"\x0b" + charge.frame + b"\x1c\r")
        await writer.drain()
    await reading
    writer.close()
    return numbers


def parked(journal: Path) -> dict[tuple[int, str], str]:
    """What waits for a person, of each message by its line."""
    asked = (
        "SELECT p.message, p.item, i.cause FROM posting p JOIN incident i ON i.number = p.incident WHERE p.state = ?"
    )
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as reader:
        found = reader.execute(asked, ("parked",)).fetchall()
    assert len({row[:2] for row in found}) == len(found)
    return {(message, item): cause for message, item, cause in found}


def disagreements(charges: Sequence[Charge], outcome: Outcome) -> Iterator[str]:
    """The places where something else became of a line than the generator says; no value of any line."""
    arrived = defaultdict(list)
    for body in outcome.bodies:
        arrived[body["usedAt"]].append(body)
    for charge in charges:
        message = outcome.numbers[charge.control_id]
        if charge.held:
            found = outcome.parked.get((message, ""), "nothing")
            if found != charge.held.reason:
                yield f"{charge.control_id}: {charge.held.reason} expected, {found} found"
            continue
        for number, line in enumerate(charge.lines, 1):
            bodies = arrived[line.used_at] if isinstance(line.expected, Posting) else []
            why = outcome.parked.get((message, f"FT1[{number}]"), "")
            wrong = difference(line.expected, bodies, why)
            if wrong:
                yield f"{charge.control_id} line {number}: {wrong}"


def difference(expected: Posting | Held, bodies: Sequence[Mapping[str, Any]], why: str) -> str:
    if isinstance(expected, Held):
        return "" if why == expected.reason else f"{expected.reason} expected, {why or 'no case'} found"
    if why or len(bodies) != 1:
        return f"a posting expected, {why or len(bodies)} found"
    want = {"material": expected.material, "quantity": expected.quantity, "costCentre": expected.cost_centre}
    odd = [name for name, value in want.items() if bodies[0][name] != value]
    return f"{' and '.join(odd)} not as expected" if odd else ""


def test_every_line_becomes_the_posting_or_the_case_that_the_generator_says(
    tmp_path: Path, corpora: Path, canaries: Canaries
) -> None:
    masters = corpora / "masters"
    catalogue = files.read(masters)
    charges = list(Writer(catalogue, files.locations(masters), patients(canaries)).charges(MESSAGES))
    outcome = asyncio.run(run(tmp_path, masters, charges, catalogue.rows()))

    wrong = list(disagreements(charges, outcome))
    assert not wrong, f"{len(wrong)} disagree:\n" + "\n".join(wrong[:MOST_SHOWN])

    lines = [line for charge in charges if not charge.held for line in charge.lines]
    postings = [line for line in lines if isinstance(line.expected, Posting)]
    cases = Counter(line.expected.reason for line in lines if isinstance(line.expected, Held))
    held = Counter(charge.held.reason for charge in charges if charge.held)
    assert len(outcome.bodies) == len(postings)
    assert Counter(outcome.parked.values()) == cases + held
    books = outcome.books
    assert books.balanced
    assert (books.received, books.accepted, books.refused, books.repeated) == (MESSAGES, MESSAGES, 0, 0)
    assert (books.delivered, books.parked) == (len(postings), (cases + held).total())

    # A patient has one reference, no two share one, and nothing that arrived names any of them.
    who = {line.used_at: charge.patient for charge in charges for line in charge.lines}
    pairs = {(who[body["usedAt"]], body["caseReference"]) for body in outcome.bodies}
    assert len(pairs) == len({patient for patient, _ in pairs}) == len({reference for _, reference in pairs})
    told = json.dumps(outcome.bodies)
    assert not any(mark in told for mark in MARKS)


def test_the_charges_hold_every_kind_of_dirt_and_every_kind_of_outcome(corpora: Path, canaries: Canaries) -> None:
    masters = corpora / "masters"
    catalogue = files.read(masters)
    charges = list(Writer(catalogue, files.locations(masters), patients(canaries)).charges(MESSAGES))
    used = {line.key for charge in charges for line in charge.lines}
    for what, keys in catalogue.dirt.items():
        assert used & set(keys), what
    lines = [line for charge in charges if not charge.held for line in charge.lines]
    reasons = Counter(line.expected.reason for line in lines if isinstance(line.expected, Held))
    assert reasons.keys() == {
        "master-miss", "unit-unknown", "no-quantity", "not-a-decimal", "unreadable-time", "missing-value",
    }  # fmt: skip
    assert {charge.held.reason for charge in charges if charge.held} == {"missing-value", "not-active"}
    heirs = [line for line in lines if any(each.heir for each in catalogue.entries.get(line.key, ()))]
    assert sum(isinstance(line.expected, Posting) for line in heirs) > 100
    assert len({charge.frame for charge in charges}) == MESSAGES


def test_a_planted_disagreement_is_found_at_its_place(corpora: Path, canaries: Canaries) -> None:
    masters = corpora / "masters"
    writer = Writer(files.read(masters), files.locations(masters), patients(canaries))
    charges = [charge for charge in writer.charges(300) if not charge.held]
    outcome = as_expected(charges)
    assert not list(disagreements(charges, outcome))
    first = next(body for body in outcome.bodies)
    for name in ("material", "quantity", "costCentre"):
        planted = outcome._replace(bodies=[first | {name: "other"}, *outcome.bodies[1:]])
        assert [found.partition(": ")[2] for found in disagreements(charges, planted)] == [f"{name} not as expected"]
    for bodies in (outcome.bodies[1:], [first, *outcome.bodies]):
        assert len(list(disagreements(charges, outcome._replace(bodies=bodies)))) == 1
    for cause in ("unit-unknown", "guard"):
        where = next(iter(outcome.parked))
        planted = outcome._replace(parked={**outcome.parked, where: cause})
        assert len(list(disagreements(charges, planted))) == 1


def as_expected(charges: Sequence[Charge]) -> Outcome:
    """What a product that agrees everywhere would leave behind."""
    lines = [(n, k, line.expected) for n, charge in enumerate(charges) for k, line in enumerate(charge.lines, 1)]
    names = ("material", "quantity", "costCentre", "usedAt")
    bodies = [dict(zip(names, expected, strict=True)) for *_, expected in lines if isinstance(expected, Posting)]
    held = {(n, f"FT1[{k}]"): expected.reason for n, k, expected in lines if isinstance(expected, Held)}
    empty = Books.model_construct()
    return Outcome({charge.control_id: n for n, charge in enumerate(charges)}, bodies, held, empty)
