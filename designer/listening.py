"""Where live flows listen. One address takes one flow, so a draft of another one is told before it is sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from designer import releases, versions
from designer.drawing import Found
from flows.environment import Connection, Environment
from flows.findings import Address, Finding, Fix, SetFlow, Severity
from flows.graph import Flow, Step, read_flow
from nodes import catalogue

if TYPE_CHECKING:
    from designer.context import Designer

RULE = "LG-SOURCE-TAKEN"
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # only compared


def used(designer: Designer) -> dict[str, tuple[str, ...]]:
    """Connection -> the live flows that listen there, by name."""
    found: dict[str, list[str]] = {}
    for flow in _live(designer):
        for step in _sources(flow):
            found.setdefault(step.connection or "", []).append(flow.name)
    return {name: tuple(sorted(flows)) for name, flows in found.items()}


def checked(designer: Designer, found: Found) -> Found:
    """What is found in a document, and whether another flow listens already where it wants to."""
    added = findings(designer, found)
    return found._replace(findings=(*found.findings, *added)) if added else found


def findings(designer: Designer, found: Found) -> tuple[Finding, ...]:
    """Against the sources of a document that want to listen where a live flow does."""
    return tuple(_taken(designer, found))


def _taken(designer: Designer, found: Found) -> Iterator[Finding]:
    flow, environment = found.flow, found.around.environment
    wanted = _sources(flow) if flow is not None else ()
    if flow is None or not wanted:
        return
    others = {name: other for name, other in _holders(designer, environment).items() if other.id != flow.id}
    for step in wanted:
        holder = others.get(step.connection or "")
        if holder is not None:
            yield _finding(flow, step, holder, tuple(_free(environment, step.connection or "", others)))


def _holders(designer: Designer, environment: Environment) -> dict[str, Flow]:
    """Connection -> the live flow that has its address, be it by a connection of another name."""
    found: dict[str, Flow] = {}
    known = environment.connections
    for flow in _live(designer):
        for step in _sources(flow):
            there = known.get(step.connection or "")
            for name, each in known.items() if there is not None else ():
                if there is not None and _same_place(each, there):
                    found.setdefault(name, flow)
    return found


def _live(designer: Designer) -> Iterator[Flow]:
    for each in versions.live(designer).values():
        known = versions.manifest(designer, each.release)
        flow, _ = read_flow(dict(known.flow)) if known is not None else (None, ())
        if (
            known is not None
            and flow is not None
            and releases.standing(designer, each.release, known).revoked_by is None
        ):
            yield flow


def _sources(flow: Flow) -> tuple[Step, ...]:
    kinds = catalogue.kinds()
    return tuple(
        step
        for step in flow.steps
        if step.connection and (node := kinds.get((step.kind, step.version))) and node.category == "source"
    )


def _same_place(one: Connection, other: Connection) -> bool:
    """Whether both are one address of this machine. Port 0 is whichever is free."""
    anywhere = one.host in _ANYWHERE or other.host in _ANYWHERE
    return one.port == other.port != 0 and (one.host == other.host or anywhere)


def _free(environment: Environment, wanted: str, taken: Mapping[str, Flow]) -> Iterator[str]:
    """Connections like the wanted one where no flow listens."""
    known = environment.connections.get(wanted)
    for name, each in sorted(environment.connections.items()):
        alike = known is not None and _like(each) == _like(known)
        if alike and name not in taken and each.contract is None:
            yield name


def _like(connection: Connection) -> tuple[str, str, str]:
    return connection.transport, connection.domain, connection.spoken


def _finding(flow: Flow, step: Step, holder: Flow, free: tuple[str, ...]) -> Finding:
    place = f"{flow.pointer(step.id)}/connection"
    return Finding(
        rule=RULE,
        severity=Severity.HARD,
        sentence=(
            f"'{step.connection}' is where the live flow '{holder.name}' listens already; only one flow can listen "
            "there."
        ),
        address=Address(pointer=place, step=step.id),
        why="A second flow could be signed and activated, and would then take nothing in: its port is taken.",
        fixes=tuple(
            Fix(title=f"Listen at '{name}' instead", edits=(SetFlow(pointer=place, value=name),)) for name in free[:3]
        ),
    )
