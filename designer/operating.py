"""What the runtime says of flows, for lists: their state and their counters. Silence is an answer too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from designer.http.models.catalogue import Counters, LiveCard
from runtime.api import RuntimeTrouble
from runtime.questions.traffic import AskTraffic, FlowTraffic

if TYPE_CHECKING:
    from designer.context import Designer


def states(designer: Designer) -> dict[str, LiveCard] | None:
    """The flows that the runtime knows; None where none answers."""
    try:
        status = designer.runtime.status()
    except RuntimeTrouble:
        return None
    return {
        each.flow: LiveCard(release=each.release, sequence=each.sequence, state=each.state, sentence=each.sentence)
        for each in status.flows
    }


def stands_still(states: Mapping[str, LiveCard] | None, flow: str, release: str) -> bool:
    """Whether the runtime says that it does not run a release that is activated."""
    found = (states or {}).get(flow)
    if found is None:
        return False
    return found.state in ("stopped", "refused") or (found.state == "running" and found.release != release)


def counters(designer: Designer) -> dict[str, Counters]:
    """The counters of every flow; none where no runtime answers. The ledger would be exact over all time, and a scan
    of everything that ever came: nothing to ask once a second."""
    try:
        found = designer.runtime.traffic(AskTraffic(window="day")).flows
    except RuntimeTrouble:
        return {}
    return {each.flow: _counters(each) for each in found}


def _counters(found: FlowTraffic) -> Counters:
    window = found.window
    return Counters(
        received=window.accepted + window.refused + window.repeated,
        delivered=window.delivered,
        filtered=window.filtered,
        parked=found.parked,
        in_flight=found.in_flight,
        open_cases=found.open_cases,
    )
