"""The demo begins again whatever people did in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flows.trust import Reason
from lockgate.demo.campus import LIVE
from lockgate.demo.house import House
from lockgate.demo.live import Live


def demo(**told: tuple[str, str]) -> Any:
    """A demo whose runtime says this of its flows; the others run."""
    flows = [
        SimpleNamespace(flow=flow, state=state, reason=reason)
        for flow in LIVE
        for state, reason in (told.get(flow.replace("-", "_"), ("running", "")),)
    ]
    client = SimpleNamespace(status=lambda: SimpleNamespace(flows=flows))
    house: Any = object.__new__(type("Told", (House,), {"client": client}))
    return SimpleNamespace(campus=SimpleNamespace(house=house))


def test_it_waits_until_all_its_flows_run() -> None:
    assert Live._running(demo())
    assert not Live._running(demo(medication_use=("starting", "")))


def test_it_does_not_wait_for_a_flow_that_somebody_stopped_and_waits_for_one_that_is_refused_otherwise() -> None:
    assert Live._running(demo(medication_use=("refused", Reason.REVOKED)))
    assert not Live._running(demo(medication_use=("refused", Reason.EXPIRED)))
