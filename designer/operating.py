"""What the runtime says of flows, for lists: their state and their counters. Silence is an answer too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.http.models.catalogue import Counters, LiveCard
from runtime.api import RuntimeTrouble

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


def live_state(designer: Designer, flow: str) -> LiveCard | None:
    """The state of one flow; None where it is not live or nobody knows."""
    return (states(designer) or {}).get(flow)


def counters(designer: Designer, flow: str) -> Counters | None:
    """The ledger of one flow; None where no runtime answers."""
    try:
        found = designer.runtime.ledger(flow)
    except RuntimeTrouble:
        return None
    return Counters(
        received=found.received,
        delivered=found.delivered,
        filtered=found.filtered,
        parked=found.parked,
        in_flight=found.in_flight,
        open_cases=found.open_cases,
    )
