"""The gate in front of a vendor's system."""

from __future__ import annotations

from flows.environment import Throttle
from runtime.throttle import TRIPS_AFTER, Gate


def test_a_burst_goes_at_once_and_then_the_rate_holds() -> None:
    gate = Gate(Throttle(per_second=10, burst=3, in_flight=100), 0.0)
    for _ in range(3):
        assert gate.wait(0.0) == 0
        gate.start()
    assert gate.wait(0.0) == 0.1
    assert gate.wait(0.1) == 0


def test_no_more_are_under_way_than_allowed() -> None:
    gate = Gate(Throttle(per_second=100, burst=100, in_flight=2), 0.0)
    gate.start()
    gate.start()
    assert gate.wait(0.0) is None
    gate.answered()
    assert gate.wait(0.0) == 0


def test_a_dead_system_gets_one_probe_at_a_time_with_growing_pauses() -> None:
    gate = Gate(None, 0.0)
    for _ in range(TRIPS_AFTER):
        gate.start()
    for _ in range(TRIPS_AFTER):
        gate.failed(0.0)
    first = gate.wait(0.0)
    assert first is not None
    assert first > 0
    gate.start()
    assert gate.wait(100.0) is None
    gate.failed(100.0)
    second = gate.wait(100.0)
    assert second is not None
    assert second > first


def test_one_answer_opens_the_gate_again() -> None:
    gate = Gate(None, 0.0)
    for _ in range(TRIPS_AFTER):
        gate.start()
        gate.failed(0.0)
    gate.start()
    gate.answered()
    assert not gate.tripped


def test_newer_limits_take_effect_at_once() -> None:
    gate = Gate(Throttle(per_second=1000, burst=1000, in_flight=9), 0.0)
    gate.take(Throttle(per_second=1, burst=1, in_flight=9))
    gate.start()
    assert gate.wait(0.0) == 1.0
