"""When an attempt is repeated, and when a person is asked."""

from __future__ import annotations

from runtime.delivery.attempts import Again, Failure, Park, Tried, again, pause_s


def test_pauses_double_up_to_a_minute_with_jitter_between_half_and_all() -> None:
    assert [pause_s(n, None, 1.0) for n in (1, 2, 3, 4)] == [0.1, 0.2, 0.4, 0.8]
    assert pause_s(3, None, 0.0) == 0.2
    assert pause_s(500, None, 1.0) == 60.0


def test_retry_after_counts_when_longer_and_an_hour_at_most() -> None:
    assert pause_s(1, 7.0, 1.0) == 7.0
    assert pause_s(1, 0.0, 1.0) == 0.1
    assert pause_s(1, -5.0, 1.0) == 0.1
    assert pause_s(1, 1e9, 1.0) == 3600


def test_the_last_attempt_falls_on_the_end_of_the_time() -> None:
    decision = again(Tried(9, 59.0, False), Failure("answer-503", 503), 59_000, 60, 1.0)
    assert decision == Again(60_000, "answer-503", 503)


def test_after_that_it_is_parked() -> None:
    decision = again(Tried(10, 60.0, False), Failure("answer-503", 503), 60_000, 60, 1.0)
    assert isinstance(decision, Park)
    assert (decision.cause, decision.status) == ("gave-up", 503)


def test_what_may_have_been_applied_is_parked_as_uncertain() -> None:
    decision = again(Tried(10, 60.0, True), Failure("timeout"), 60_000, 60, 1.0)
    assert isinstance(decision, Park)
    assert decision.cause == "uncertain"
