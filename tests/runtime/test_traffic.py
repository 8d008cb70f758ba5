"""Live counters: the same whether the chains are read at once, a piece at a time, or as they grow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime import traffic
from runtime.delivery import queries as delivering
from runtime.journal import queries
from runtime.journal.store import Journal
from runtime.questions.traffic import AskTraffic
from runtime.traffic import DAY_MS, MINUTE_MS, TrafficBook
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World

NOON = 1_772_366_400_000


class Chains:
    """Both writers on one clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock(NOON - 2 * DAY_MS)
        world = World(self.clock, SeededRandomness(1), SystemNetwork())
        self.intake = Journal.in_memory(str(folder), "intake", world)
        self.delivery = Journal.in_memory(str(folder), "delivery", world)

    def happen(self, at_ms: int, flow: str = "supply", step: str = "decrement") -> None:
        """A message is accepted and delivered."""
        self.clock.at_ms = at_ms
        with self.intake.write() as transaction:
            transaction.audit("message.accepted", flow=flow, message=1)
            transaction.run(
                "INSERT INTO tally (flow, source, received) VALUES (?, 'or', 1)"
                " ON CONFLICT DO UPDATE SET received = received + 1",
                (flow,),
            )
        with self.delivery.write() as transaction:
            transaction.audit("message.expanded", flow=flow, message=1, count=1)
            transaction.audit("posting.delivered", flow=flow, message=1, step=step)

    def ask(self, book: TrafficBook, window: str = "day", at_ms: int = NOON) -> traffic.Traffic:
        return book.answer(self.delivery.reader(), AskTraffic(window=window), at_ms)  # type: ignore[arg-type]


@pytest.fixture
def chains(tmp_path: Path) -> Chains:
    return Chains(tmp_path)


def spread(chains: Chains, ages_ms: Sequence[int]) -> None:
    for age in sorted(ages_ms, reverse=True):
        chains.happen(NOON - age)


def test_the_window_holds_what_happened_in_it_and_nothing_else(chains: Chains) -> None:
    spread(chains, [30 * 3_600_000, 20 * 3_600_000, 2 * 3_600_000, 30 * MINUTE_MS, 30_000])
    day, hour = chains.ask(TrafficBook()), chains.ask(TrafficBook(), "hour")
    assert (day.flows[0].window.accepted, day.flows[0].window.delivered) == (4, 4)
    assert (hour.flows[0].window.accepted, hour.flows[0].minute.accepted) == (2, 1)
    assert day.flows[0].received == 5
    assert day.flows[0].steps["decrement"].delivered == 4
    assert day.since_ms <= NOON - DAY_MS + day.width_ms


def test_reading_piece_by_piece_comes_to_the_same(chains: Chains, monkeypatch: pytest.MonkeyPatch) -> None:
    spread(chains, [minute * 17 * MINUTE_MS for minute in range(60)])
    at_once = chains.ask(TrafficBook())
    monkeypatch.setattr(traffic, "PIECE", 3)
    monkeypatch.setattr(traffic, "PIECE_BYTES", 200)
    book, since = TrafficBook(), list[int]()
    for _ in range(200):
        found = chains.ask(book)
        since.append(found.since_ms)
        if found.since_ms == at_once.since_ms:
            break
    assert since == sorted(since, reverse=True) and len(since) > 5
    assert found == at_once


def test_what_happens_between_two_questions_is_counted_once(chains: Chains) -> None:
    book = TrafficBook()
    assert chains.ask(book).flows == ()
    chains.happen(NOON - 5_000)
    assert chains.ask(book).flows[0].window.accepted == 1
    chains.happen(NOON - 4_000)
    chains.happen(NOON - 3_000, flow="other")
    found = {each.flow: each.window.accepted for each in chains.ask(book).flows}
    assert found == {"supply": 2, "other": 1}
    assert {each.flow: each.window.accepted for each in chains.ask(book).flows} == found


def test_what_is_a_day_old_is_forgotten(chains: Chains) -> None:
    book = TrafficBook()
    chains.happen(NOON - DAY_MS + 20 * MINUTE_MS)
    assert chains.ask(book).flows[0].window.accepted == 1
    assert chains.ask(book, at_ms=NOON + 40 * MINUTE_MS).flows[0].window.accepted == 0


def test_a_damaged_record_is_passed_over(chains: Chains) -> None:
    chains.happen(NOON - 5_000)
    with chains.delivery.write() as transaction:
        transaction.run("UPDATE audit SET records = x'ff00' WHERE writer = 'delivery'")
    found = chains.ask(TrafficBook()).flows[0]
    assert (found.window.accepted, found.window.delivered) == (1, 0)


def test_a_line_that_is_replayed_waits_from_its_first_attempt_on_and_not_since_its_message_came(chains: Chains) -> None:
    held, asked = NOON - 40 * MINUTE_MS, NOON - MINUTE_MS

    def waiting_since(incident: int | None, first_ms: int | None) -> int | None:
        with chains.delivery.write() as transaction:
            transaction.run("DELETE FROM posting")
            row = (1, 1, 1, "", "erp", "post", "decrement", b"l", b"k", "in-flight", "", incident, 1, None, None)
            transaction.run(delivering.POSTING_ADD, row)
            transaction.run("UPDATE posting SET first_ms = ?", (first_ms,))
        return chains.ask(TrafficBook()).flows[0].oldest_waiting_ms

    chains.happen(held)
    with chains.intake.write() as transaction:
        row = (1, "supply", "or", 1, held, b"t", b"d", "synthetic", "AA", None, 1, 1, b"p")
        transaction.run(queries.MESSAGE_ADD, row)
    assert waiting_since(None, None) == held
    assert waiting_since(7, None) is None
    assert waiting_since(7, asked) == asked
