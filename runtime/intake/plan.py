"""From a verified release to what intake needs of it: where and how to listen, and the source that reads."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Protocol

from flows.declaration import Declaration
from flows.environment import Connection, Surroundings
from flows.graph import Flow, Step
from flows.vocabulary import Transport
from nodes import catalogue
from nodes.source import Source
from runtime.intake.carriers import carriers
from runtime.intake.shown import CannotListen, Secrets, server_context, token_of
from runtime.intake.source import Plan
from runtime.lent import Lent

__all__ = ["CannotListen", "Release", "plan"]


class Release(Protocol):
    """The part of a VerifiedRelease that intake looks at."""

    @property
    def digest(self) -> str: ...

    @property
    def flow(self) -> Flow: ...

    @property
    def around(self) -> Surroundings: ...

    @property
    def declarations(self) -> Mapping[str, Declaration]: ...


def plan(release: Release, number: int, secrets: Secrets) -> Plan:
    """What to listen with; ``number`` is the journal's number of the release."""
    step = _source_step(release)
    name = step.connection or ""
    connection = release.around.environment.connections[name]
    _check_transport(name, connection)
    node = catalogue.build(step, Lent({}, b""), release.around)
    carrier = carriers().get(node.listens) if isinstance(node, Source) else None
    if not isinstance(node, Source) or carrier is None:
        raise CannotListen("source-unknown", f"Step '{step.id}': this runtime has no listener for '{step.kind}'.")
    return Plan(
        flow=release.flow.id,
        release=release.digest,
        number=number,
        connection=name,
        label=release.around.environment.label,
        host=connection.host,
        port=connection.port,
        limits=connection.limits,
        source=node.listener(connection.limits),
        carrier=carrier,
        conflicts=node.conflicts,
        repeat_days=connection.repeat_days,
        tls=server_context(name, connection, secrets),
        pins=connection.pins,
        token=token_of(name, connection, secrets),
        base_path=connection.base_path,
    )


def _source_step(release: Release) -> Step:
    sources = [step for step in release.flow.steps if release.declarations[step.id].category == "source"]
    if len(sources) != 1:
        raise CannotListen(
            "source-unknown", f"Flow '{release.flow.id}' has {len(sources)} sources; a listener needs one."
        )
    return sources[0]


def _check_transport(name: str, connection: Connection) -> None:
    if connection.transport is Transport.LOOPBACK and not _is_loopback(connection.host):
        raise CannotListen("transport", f"Connection '{name}' says loopback, but its host is no loopback address.")
    if connection.transport is Transport.SSH:
        raise CannotListen("transport", f"Connection '{name}': this runtime does not listen by {connection.transport}.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
