"""The monitor: flows as they run, with live counters; and what the store says where no runtime answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from designer import signatures, versions
from designer.http.models import operations as shapes
from designer.people import people
from designer.words import counted as said
from designer.words import lasting, listed
from flows.trust import Reason, Revocation
from runtime.api import RuntimeTrouble
from runtime.questions.status import FlowStatus, Status
from runtime.questions.traffic import AskTraffic, Counts, FlowTraffic, Traffic

if TYPE_CHECKING:
    from designer.context import Designer

LATE_MS = 60_000
"""A message that is not finished so long after the usual time holds its flow up."""
MOST_USUAL_MS = 300_000
"""The usual time after an outage tells of the outage: more than this is not usual."""
MANY = 3
MANY_PERCENT = 5
"""So many attempts of the last minute, and such a part of them, put off: the flow is slow."""
WORST_FIRST = ("failing", "stopped", "slow", "well", "off")
Health = Literal["well", "slow", "failing", "stopped", "off"]
_IN_TROUBLE = ("failing", "stopped")


def page(designer: Designer, query: shapes.MonitorQuery) -> shapes.Monitor:
    """What runs, and how it goes."""
    try:
        status = designer.runtime.status()
        traffic = designer.runtime.traffic(AskTraffic(window=query.window))
    except RuntimeTrouble as trouble:
        return _silent(designer, str(trouble))
    counted = {each.flow: each for each in traffic.flows}
    states = {each.flow: each for each in status.flows}
    found = [
        _flow(designer, flow, states.get(flow), counted.get(flow), traffic) for flow in sorted({*counted, *states})
    ]
    flows = tuple(sorted(found, key=lambda each: WORST_FIRST.index(each.health)))
    return shapes.Monitor(
        answers=True,
        sentence=_sentence(status, flows),
        environment=status.environment,
        label=status.label,
        demo=status.demo_root,
        version=status.version,
        started=status.started_ms,
        now=traffic.now_ms,
        width=traffic.width_ms,
        since=traffic.since_ms,
        flows=flows,
        masters=dict(status.masters),
        problems=status.problems,
    )


def _silent(designer: Designer, why: str) -> shapes.Monitor:
    environment = designer.drawing.around().environment
    flows = tuple(
        _flow(
            designer, flow, FlowStatus(flow=flow, state="stopped", release=each.release, sequence=each.sequence), None
        )
        for flow, each in sorted(versions.live(designer).items())
    )
    return shapes.Monitor(
        answers=False,
        sentence=f"No runtime answers, so nobody knows what runs. {why}",
        environment=environment.name,
        label=str(environment.label),
        demo=designer.demo,
        version="",
        started=None,
        now=designer.clock.now_ms(),
        width=60_000,
        since=designer.clock.now_ms(),
        flows=tuple(each.model_copy(update={"state": "unknown"}) for each in flows),
        masters={},
        problems=(),
    )


def _flow(
    designer: Designer,
    flow: str,
    state: FlowStatus | None,
    counted: FlowTraffic | None,
    traffic: Traffic | None = None,
) -> shapes.FlowNow:
    state = state or FlowStatus(flow=flow, state="stopped")
    counted = counted or _nothing(flow)
    health, why = health_of(state, counted, traffic.now_ms if traffic else 0)
    if health == "off":
        why = _on_purpose(designer, flow, state.release) or why
    return shapes.FlowNow(
        flow=flow,
        name=_name(designer, flow, state.release),
        state=state.state,
        sentence=state.sentence,
        release=state.release,
        sequence=state.sequence,
        listening=state.listening,
        health=health,
        health_sentence=why,
        received=counted.received,
        accepted=counted.accepted,
        refused=counted.refused,
        repeated=counted.repeated,
        waiting=counted.waiting,
        in_flight=counted.in_flight,
        parked=counted.parked,
        open_cases=counted.open_cases,
        high_cases=counted.high_cases,
        oldest=counted.oldest_waiting_ms,
        last_received=counted.last_received_ms,
        p50=counted.p50_ms,
        p95=counted.p95_ms,
        minute=counted.minute,
        window=counted.window,
        points=counted.points,
        steps=dict(counted.steps),
    )


def _name(designer: Designer, flow: str, release: str) -> str:
    """What people call it, also when it was stopped: then its newest activation says so."""
    newest = versions.live(designer).get(flow) if not release else None
    known = versions.manifest(designer, release or (newest.release if newest else ""))
    return str(known.flow["name"]) if known else flow


def _on_purpose(designer: Designer, flow: str, release: str) -> str:
    """Who stopped it and why, as they signed it: whoever looks for the flow meets the reason."""
    newest = versions.live(designer).get(flow)
    stopped = release or (newest.release if newest else "")
    told = [each for each in signatures.of_release(designer, stopped) if each.action == signatures.CODES[Revocation]]
    if not told:
        return ""
    person = people(designer).get(told[0].person, told[0].person)
    return f"Stopped on purpose by {person}: {told[0].why}"


def health_of(state: FlowStatus, counted: FlowTraffic, now_ms: int) -> tuple[Health, str]:
    """How a flow is now, and why. Cases that wait for a person are a number beside it: what passes, passes."""
    if state.state in ("stopped", "refused") and state.reason == Reason.REVOKED:
        return "off", f"Stopped on purpose. {state.sentence}".strip()
    if state.state in ("stopped", "refused"):
        return "stopped", state.sentence or "No version of it is active."
    waits_ms = now_ms - counted.oldest_waiting_ms if counted.oldest_waiting_ms is not None else 0
    under_way = said(counted.waiting + counted.in_flight, "is", "are")
    again = _again(counted.minute.deferred)
    if waits_ms > LATE_MS + min(counted.p50_ms or 0, MOST_USUAL_MS):
        waiting = f"{under_way} on the way, the oldest for {lasting(waits_ms)}"
        if not counted.minute.delivered:
            return "failing", f"{waiting}: the other side takes nothing."
        return "slow", f"{waiting}; {counted.minute.delivered} were posted in the last minute.{again}"
    held = f" {said(counted.parked, 'line is', 'lines are')} held." if counted.parked else ""
    if _many(counted.minute):
        return "slow", f"{again.strip()}{held}"
    if counted.waiting + counted.in_flight:
        return "well", f"{under_way} on the way.{again}{held}"
    return "well", f"{again}{held}".strip() or "Everything that came in is posted."


def _many(minute: Counts) -> bool:
    """Attempts are put off so often that the other side is slow; a single one that is repeated alarms nobody."""
    attempts = minute.deferred + minute.delivered
    return minute.deferred >= MANY and minute.deferred * 100 >= attempts * MANY_PERCENT


def _again(deferred: int) -> str:
    """Attempts that were not taken for now."""
    if not deferred:
        return ""
    itself = "is repeated by itself" if deferred == 1 else "are repeated by themselves"
    return f" {said(deferred, 'attempt was', 'attempts were')} put off in the last minute and {itself}."


def _nothing(flow: str) -> FlowTraffic:
    return FlowTraffic(
        flow=flow,
        received=0,
        accepted=0,
        refused=0,
        repeated=0,
        waiting=0,
        in_flight=0,
        parked=0,
        open_cases=0,
        high_cases=0,
        oldest_waiting_ms=None,
        last_received_ms=None,
        p50_ms=None,
        p95_ms=None,
        minute=Counts(),
        window=Counts(),
        points=(),
        steps={},
    )


def _sentence(status: Status, flows: tuple[shapes.FlowNow, ...]) -> str:
    if not flows:
        return "No flow is activated here."
    running = sum(each.state == "running" for each in flows)
    bad = [each.name for each in flows if each.health in _IN_TROUBLE]
    off = [each.name for each in flows if each.health == "off"]
    still = f" {listed(off)} {'was' if len(off) == 1 else 'were'} stopped on purpose." if off else ""
    troubled = f"{still} Look at {listed(bad)}." if bad else still
    return f"{running} of {said(len(flows), 'flow runs', 'flows run')} in {status.environment}.{troubled}"
