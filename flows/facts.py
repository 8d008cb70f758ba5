"""What policies are asked about: lineage, graph and environment as entities of the Cedar schema, checked before use."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from flows.atoms import Atom
from flows.declaration import Declaration
from flows.effects import Nature
from flows.environment import Connection, Surroundings
from flows.findings import Model
from flows.graph import Flow
from flows.vocabulary import Concept, DataClass, DataLabel, Domain, Protection, Purpose, Transport

Action = Literal["seal", "connect", "receive"]
Level = Annotated[int, Field(ge=-1, le=4)]
_SAFE = (Transport.MTLS, Transport.TLS, Transport.SSH)
_CLASSES: tuple[DataClass, ...] = tuple(DataClass)


class Group(Model):
    """All fields that are alike to every policy."""

    concept: Concept
    sensitivity: Annotated[int, Field(ge=0, le=4)]
    classes: Annotated[frozenset[DataClass], Field(min_length=1)]
    """Never empty: a set test on an empty set is true."""
    protections: frozenset[Protection]

    @property
    def key(self) -> str:
        """Readable and canonical: ``S3|event-time|patient|``."""
        parts = (
            f"S{self.sensitivity}",
            self.concept,
            "+".join(sorted(self.classes)),
            "+".join(sorted(self.protections)),
        )
        return "|".join(parts)


class Endpoint(Model):
    """A connection as one step uses it."""

    side: Literal["source", "sink"]
    purpose: Purpose
    purposes: frozenset[Purpose]
    domain: Domain
    label: DataLabel
    transport: Transport
    protected: bool
    pinned: bool
    throttled: bool
    contract: bool
    carries: Level
    highest: Mapping[DataClass, Level]


class FlowFacts(Model):
    """A flow as whole-flow rules see it."""

    purpose: Purpose
    owners: frozenset[Literal["business", "technical", "cases"]]
    alert_routes: Annotated[int, Field(ge=0)]
    retention_days: int | None


class Entity(NamedTuple):
    """One Cedar entity: its id, and its attributes as Cedar's JSON."""

    type: str
    id: str
    attributes: Mapping[str, Any]

    @property
    def uid(self) -> dict[str, str]:
        return {"type": self.type, "id": self.id}


class Ask(NamedTuple):
    """One authorization request. ``step`` is the source or sink that it is about, "" for the whole flow."""

    action: Action
    step: str
    principal: Entity
    resource: Entity
    group: Group | None = None


def group_of(atom: Atom) -> Group:
    """The group that an atom belongs to."""
    return _group_of(atom.nature, atom.protections)


@lru_cache(maxsize=4096)
def _group_of(nature: Nature, protections: frozenset[Protection]) -> Group:
    return Group(
        concept=nature.concept,
        sensitivity=nature.sensitivity,
        classes=nature.classes or frozenset({DataClass.UNKNOWN}),
        protections=protections,
    )


def asks(
    flow: Flow,
    around: Surroundings,
    sources: Mapping[str, tuple[Declaration, int]],
    sinks: Mapping[str, tuple[Declaration, frozenset[Group]]],
) -> Iterator[Ask]:
    """Every request of a flow: the whole, each connection, each group at each sink.

    ``sources`` come with the highest sensitivity that they emit, ``sinks`` with what arrives there.
    """
    whole = _flow(flow, around)
    environment = _entity("Environment", around.environment.name, {"label": _enum("Label", around.environment.label)})
    yield Ask("seal", "", whole, environment)
    for name, (declaration, carries) in sources.items():
        endpoint = endpoint_of(flow, around, declaration, "source", carries)
        if endpoint is not None:
            yield Ask("connect", name, whole, _endpoint(name, endpoint))
    for name, (declaration, groups) in sinks.items():
        carries = max((group.sensitivity for group in groups), default=-1)
        endpoint = endpoint_of(flow, around, declaration, "sink", carries)
        if endpoint is None:
            continue
        principal = _endpoint(name, endpoint)
        yield Ask("connect", name, whole, principal)
        for group in sorted(groups, key=lambda each: each.key):
            yield Ask("receive", name, principal, _group(group), group)


def endpoint_of(
    flow: Flow, around: Surroundings, declaration: Declaration, side: Literal["source", "sink"], carries: int
) -> Endpoint | None:
    """The facts of a step's connection; None where the environment has none of that name."""
    connection = around.environment.connections.get(declaration.connection or "")
    if connection is None:
        return None
    return Endpoint(
        side=side,
        purpose=flow.purpose,
        purposes=frozenset(connection.purposes),
        domain=connection.domain,
        label=around.environment.label,
        transport=connection.transport,
        protected=protected(connection),
        pinned=bool(connection.pins),
        throttled=connection.throttle is not None,
        contract=connection.contract is not None and declaration.operation is not None,
        carries=carries,
        highest={each: connection.highest.get(each, -1) for each in _CLASSES},
    )


def protected(connection: Connection) -> bool:
    """Whether nobody between can read along. ``loopback`` protects only where the address is one."""
    if connection.transport is Transport.LOOPBACK:
        return _is_loopback(connection.host)
    return connection.transport in _SAFE


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _flow(flow: Flow, around: Surroundings) -> Entity:
    environment = around.environment
    named = {kind: role for kind, role in flow.owners if role in environment.roles}
    facts = FlowFacts.model_validate(
        {
            "purpose": flow.purpose,
            "owners": frozenset(named),
            "alert_routes": len(set(flow.alerts) & set(environment.alert_routes)),
            "retention_days": flow.retention.payload_days if flow.retention else None,
        }
    )
    attributes: dict[str, Any] = {
        "purpose": _enum("Purpose", facts.purpose),
        "owners": [_enum("Owner", each) for each in sorted(facts.owners)],
        "alertRoutes": facts.alert_routes,
    }
    if facts.retention_days is not None:
        attributes["retentionDays"] = facts.retention_days
    return _entity("Flow", flow.id, attributes)


def _endpoint(step: str, facts: Endpoint) -> Entity:
    attributes = {
        "side": _enum("Side", facts.side),
        "purpose": _enum("Purpose", facts.purpose),
        "purposes": [_enum("Purpose", each) for each in sorted(facts.purposes)],
        "domain": _enum("Domain", facts.domain),
        "label": _enum("Label", facts.label),
        "transport": _enum("Transport", facts.transport),
        "protected": facts.protected,
        "pinned": facts.pinned,
        "throttled": facts.throttled,
        "contract": facts.contract,
        "carries": facts.carries,
        "highest": {each.value: facts.highest[each] for each in _CLASSES},
    }
    return _entity("Endpoint", step, attributes)


def _group(group: Group) -> Entity:
    attributes = {
        "concept": _enum("Concept", group.concept),
        "sensitivity": group.sensitivity,
        "classes": [_enum("DataClass", each) for each in sorted(group.classes)],
        "protections": [_enum("Protection", each) for each in sorted(group.protections)],
    }
    return _entity("FieldGroup", group.key, attributes)


def _entity(kind: str, name: str, attributes: Mapping[str, Any]) -> Entity:
    return Entity(f"Lockgate::{kind}", name, attributes)


def _enum(kind: str, value: str) -> dict[str, Any]:
    return {"__entity": {"type": f"Lockgate::{kind}", "id": str(value)}}
