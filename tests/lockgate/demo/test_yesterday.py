"""The day before the demo was opened: planned for any hour, played by the real runtime, and a true past afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from lockgate.clock import now_ms, under
from lockgate.demo import past, yesterday
from lockgate.demo.campus import Campus
from lockgate.demo.clock import FILE, Played
from lockgate.demo.house import House, until
from lockgate.demo.ledger import read
from lockgate.demo.live import Live
from lockgate.demo.messages import Frame
from lockgate.demo.ports import reachable
from runtime.questions.traffic import AskTraffic
from runtime.world import SetClock

NOON = 1_775_044_800_000
HOURS = range(0, 24 * past.HOUR, past.HOUR)


def machine_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.parametrize("later", HOURS)
def test_whenever_the_demo_is_opened_a_whole_day_lies_before_it(later: int) -> None:
    now = NOON + later
    plan = past.moments(now)
    times = [moment.at_ms for moment in plan]
    assert times == sorted(times) and len(set(times)) == len(times)
    assert now - past.DAY <= times[0] and times[-1] < now
    assert len({at // past.HOUR for at in times}) > 20
    assert 200 < sum(past.summary(plan).values()) < 600


@pytest.mark.parametrize("later", HOURS)
def test_the_row_that_came_at_noon_was_missed_before_and_never_after(later: int) -> None:
    now = NOON + later
    missed = [
        moment.at_ms
        for moment in past.moments(now)
        for sent in moment.sent
        if isinstance(sent.message, Frame) and sent.message.name.startswith("LATE")
    ]
    assert len(missed) == past.LATE and now - past.DAY <= min(missed) and max(missed) < past.noon(now) < now


def test_no_message_of_the_day_has_the_name_of_another_but_where_it_is_sent_again() -> None:
    frames = [sent.message for moment in past.moments(NOON) for sent in moment.sent if isinstance(sent.message, Frame)]
    named = [frame.control_id for frame in frames if frame.kind in ("charge", "administration", "missing item")]
    assert len(named) == len(set(named))


def test_a_played_clock_goes_on_and_never_back_and_is_the_machines_in_the_end(tmp_path: Path) -> None:
    clock = Played(tmp_path)
    began = machine_ms()
    assert clock.now_ms() >= began and not clock.back
    clock.set(began - past.DAY)
    assert clock.back and clock.now_ms() < began - past.DAY + past.HOUR
    monotonic = clock.monotonic()
    clock.set(began - past.HOUR)
    assert Played(tmp_path).now_ms() >= began - past.HOUR
    assert clock.monotonic() - monotonic > 22 * 3600
    clock.set(began - past.DAY)
    assert clock.now_ms() >= began - past.HOUR
    clock.set(began + past.DAY)
    assert clock.now_ms() <= machine_ms()
    clock.end()
    assert clock.now_ms() >= began and not clock.back


def test_commands_have_another_clock_only_within_the_code_that_hands_it_in() -> None:
    with under(SetClock(5)):
        assert now_ms() == 5
    assert now_ms() >= NOON


class Lived:
    """A demo whose past was played, and whose runtime runs under the machine's clock."""

    def __init__(self, folder: Path) -> None:
        self.opened = machine_ms()
        self.live = Live(folder / "demo")
        day = yesterday.Yesterday(self.live.campus, self.live.crew, self.opened)
        day.sign()
        day.begin()
        for name, member in self.live._stand_ins().items():
            self.live.crew.until(member, name, partial(reachable, self.campus.port(name)))
        day.play()
        for place in (self.campus.folder, self.house.data):
            (place / FILE).write_text(str(-past.DAY))  # what played the day moves no other runtime
        self.restarted = machine_ms()
        self.runtime = self.house.start()
        until("the runtime answers", lambda: bool(self.house.flow_states()), 30, self.runtime.why)

    @property
    def campus(self) -> Campus:
        return self.live.campus

    @property
    def house(self) -> House:
        return self.campus.house

    def end(self) -> None:
        self.runtime.stop()
        self.live.crew.end()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    made = Lived(tmp_path_factory.mktemp("yesterday"))
    yield made
    made.end()


def test_the_past_is_in_the_books_hour_by_hour_and_they_balance(lived: Lived) -> None:
    client = lived.house.client
    until(
        "the whole day was read",
        lambda: (
            min(point.at_ms for flow in client.traffic(AskTraffic(window="day")).flows for point in flow.points)
            < lived.opened - 23 * past.HOUR
        ),
    )
    # What was under way when the runtime was started again is sent by the one that answers now.
    until("the books settle", lambda: (client.ledger().waiting, client.ledger().in_flight) == (0, 0), 120)
    traffic = client.traffic(AskTraffic(window="day"))
    hours = {p.at_ms // past.HOUR for flow in traffic.flows for p in flow.points if p.counts.accepted}
    assert traffic.now_ms >= lived.restarted and len(hours) > 20
    assert all(flow.window.accepted and flow.window.delivered for flow in traffic.flows) and len(traffic.flows) == 5
    books = client.ledger()
    assert (
        books.balanced
        and (books.waiting, books.in_flight) == (0, 0)
        and books.delivered > 300
        and min(books.refused, books.repeated) > 0
    )


def test_what_was_recorded_at_those_times_verifies(lived: Lived) -> None:
    found = lived.house.client.audit_verify()
    assert found.good, found.sentence


def test_what_was_held_in_the_morning_was_replayed_after_noon_and_one_cause_waits_still(lived: Lived) -> None:
    client = lived.house.client
    noon = past.noon(lived.opened)
    resolved = client.cases("resolved", limit=100).cases
    assert len(resolved) == past.LATE and all(each.opened_ms < noon for each in resolved)
    assert client.ledger().replayed == past.LATE
    waiting = client.cases("open", flow="supply-consumption", limit=100).cases
    held = [each for each in waiting if each.cause == "master-miss"]
    assert len(held) == past.HELD
    assert all(lived.opened - past.DAY <= each.opened_ms <= lived.restarted for each in (*resolved, *held))
    # A frame that was refused last of all may become a case once the runtime that answers now has read of it.
    assert all(lived.opened - past.DAY <= each.opened_ms <= machine_ms() for each in waiting)


def test_the_erps_saw_it_when_it_happened(lived: Lived) -> None:
    seen = [entry["at"] for entry in read(lived.campus.folder / "erp-inventory.jsonl") if entry["event"] == "applied"]
    assert len({at // past.HOUR for at in seen}) > 20
    assert seen == sorted(seen) and seen[-1] <= lived.restarted
