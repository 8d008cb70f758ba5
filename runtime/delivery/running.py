"""A release as delivery runs it: its plan over the masters of the moment, and where each of its sinks posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from flows.environment import Connection
from nodes import catalogue
from nodes.contract import Node
from nodes.services import MasterView
from runtime.cases import Desk
from runtime.compiler import Plan
from runtime.connections import Unreachable
from runtime.delivery.carriers import Placed
from runtime.delivery.route import Destination, Route
from runtime.expansion import Keys, Release
from runtime.guard import Guard
from runtime.journal.lines import line_format
from runtime.lent import Conform, Lent
from runtime.operational import Operational
from runtime.secrets import FileSecrets

WRITER = "delivery"


class Identified(Release, Protocol):
    """A release and its digest, as the verifier gives it."""

    @property
    def digest(self) -> str: ...


class Running(NamedTuple):
    """One release, ready to expand messages and to send what they become."""

    number: int
    release: Identified
    plan: Plan
    lent: Lent
    desk: Desk
    destinations: Mapping[str, Destination]
    """By sink step."""
    snapshots: str
    """The masters' snapshots that the plan looks into: ``items=4 locations=1``."""
    hold_key: bool
    expanded_line: bytes
    """Format of the audit line: at, count, message, posting, seq."""
    operational: Operational
    """Whether what stands at some selectors of a step may be kept for stewards."""


class Barred(NamedTuple):
    """A release of which nothing more is expanded or sent."""

    number: int
    reason: str
    sentence: str
    desk: Desk


class Lending(NamedTuple):
    """What plans are made of besides the release."""

    keys: Keys
    pseudonym_key: bytes
    secrets: FileSecrets
    conform: Conform | None
    route: Callable[[str, Connection, str], Route]
    """The one route to a connection's vendor by a carrier."""


def running(number: int, release: Identified, masters: Mapping[str, MasterView], lending: Lending) -> Running:
    """``release``, prepared. Unreachable where a connection of it cannot be used."""
    lent = Lent(masters, lending.pseudonym_key, lending.conform)
    nodes: dict[str, Node[Any]] = {step.id: catalogue.build(step, lent, release.around) for step in release.flow.steps}
    return Running(
        number,
        release,
        Plan(release, nodes, lending.keys),
        lent,
        Desk.of(release.flow),
        {
            step: _destination(number, release, step, node, lending)
            for step, node in nodes.items()
            if _ends(release, step)
        },
        " ".join(f"{name}={view.sequence}" for name, view in sorted(masters.items())),
        release.flow.ordering.on_park == "hold-key",
        line_format(
            "message.expanded", WRITER, "count", "message", "posting", flow=release.flow.id, release=release.digest
        ),
        Operational(release),
    )


def _ends(release: Identified, step: str) -> bool:
    return release.declarations[step].category == "sink"


def _destination(number: int, release: Identified, step: str, node: Any, lending: Lending) -> Destination:
    declared, placed = release.declarations[step], release.flow.step(step)
    if declared.operation is None or declared.connection is None or placed is None:
        raise Unreachable(f"Sink '{step}' has no operation of a connection.")
    name, operation = declared.connection, declared.operation
    connection = release.around.environment.connections[name]
    route = lending.route(name, connection, node.carrier)
    return Destination(
        desk=Desk.of(release.flow),
        release=number,
        digest=release.digest,
        step=step,
        connection=name,
        operation=operation.operation,
        guard=Guard.of(release.fields[step]),
        route=route,
        sender=route.link.sender(Placed(node, placed.config, operation, name, connection)),
        classify=node.classify,
        give_up_s=connection.give_up_s,
        hold_key=release.flow.ordering.on_park == "hold-key",
        delivered_line=line_format(
            "posting.delivered",
            WRITER,
            "attempts",
            "message",
            "posting",
            "status",
            flow=release.flow.id,
            release=release.digest,
            step=step,
        ),
        honours_key=node.honours_key,
        batch=node.batch,
    )
