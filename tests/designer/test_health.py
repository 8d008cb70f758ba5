"""How a flow is, in one word and one sentence: what needs nobody alarms nobody."""

from __future__ import annotations

from designer.monitor import LATE_MS, MOST_USUAL_MS, health_of
from runtime.questions.status import FlowStatus
from runtime.questions.traffic import Counts, FlowTraffic

NOW_MS = 10_000_000
RUNNING = FlowStatus(flow="uses", state="running")
QUIET = FlowTraffic(
    flow="uses", received=9, accepted=9, refused=0, repeated=0, waiting=0, in_flight=0, parked=0, open_cases=0,
    high_cases=0, oldest_waiting_ms=None, last_received_ms=NOW_MS, p50_ms=12, p95_ms=40, minute=Counts(),
    window=Counts(), points=(), steps={},
)  # fmt: skip


def said(**changes: object) -> tuple[str, str]:
    return health_of(RUNNING, QUIET.model_copy(update=changes), NOW_MS)


def test_a_flow_whose_postings_are_sent_again_by_themselves_is_slow() -> None:
    health, why = said(minute=Counts(deferred=3, delivered=50))
    assert health == "slow"
    assert why == "3 attempts were put off in the last minute and are repeated by themselves."


def test_a_few_attempts_that_are_repeated_are_told_and_make_no_flow_slow() -> None:
    once = "1 attempt was put off in the last minute and is repeated by itself."
    assert said(minute=Counts(deferred=1)) == ("well", once)
    assert said(minute=Counts(deferred=1), in_flight=2) == ("well", f"2 are on the way. {once}")
    assert said(minute=Counts(deferred=3, delivered=58))[0] == "well"
    assert said(minute=Counts(deferred=2))[0] == "well"


def test_a_flow_that_was_revoked_is_off_and_one_that_could_not_start_is_stopped() -> None:
    said = "This release was revoked by Omar; it runs no more."
    for state in ("stopped", "refused"):
        revoked = FlowStatus(flow="uses", state=state, reason="revoked", sentence=said)
        assert health_of(revoked, QUIET, NOW_MS) == ("off", f"Stopped on purpose. {said}")
    taken = FlowStatus(flow="uses", state="refused", reason="listen", sentence="Its port is taken.")
    assert health_of(taken, QUIET, NOW_MS) == ("stopped", "Its port is taken.")


def test_open_cases_do_not_change_how_a_flow_goes_now() -> None:
    assert said(open_cases=1, parked=2) == ("well", "2 lines are held.")
    assert said(open_cases=2, parked=1, minute=Counts(deferred=3))[0] == "slow"


def test_what_is_on_its_way_is_not_said_to_be_posted() -> None:
    assert said(in_flight=3) == ("well", "3 are on the way.")


def test_a_flow_that_delivers_while_something_waits_long_is_slow_and_does_not_fail() -> None:
    health, why = said(in_flight=4, oldest_waiting_ms=NOW_MS - LATE_MS - 1_000, minute=Counts(delivered=145))
    assert (health, why) == ("slow", "4 are on the way, the oldest for 61 s; 145 were posted in the last minute.")


def test_a_flow_fails_when_something_takes_a_minute_longer_than_usual() -> None:
    late = NOW_MS - LATE_MS - 1_000
    assert said(in_flight=1, oldest_waiting_ms=late) == (
        "failing",
        "1 is on the way, the oldest for 61 s: the other side takes nothing.",
    )
    assert said(in_flight=1, oldest_waiting_ms=late, p50_ms=75_000)[0] == "well"


def test_the_usual_time_after_an_outage_hides_no_outage() -> None:
    assert said(in_flight=1, oldest_waiting_ms=NOW_MS - LATE_MS - MOST_USUAL_MS - 1, p50_ms=7_200_000)[0] == "failing"
