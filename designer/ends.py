"""The ends of a flow: where it listens, and which systems it sends to. No secret and no name of one stands here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from designer.http.models.catalogue import EndCard
from flows.environment import Connection
from nodes import catalogue
from nodes.sink import Sink
from nodes.source import Source

_CALLED = {"http": "REST"}


def ends(document: Mapping[str, Any], connections: Mapping[str, Any]) -> tuple[EndCard, ...]:
    """The source and the sinks of a flow file, by the connections of its environment."""
    return tuple(_ends(document, connections))


def _ends(document: Mapping[str, Any], connections: Mapping[str, Any]) -> Iterator[EndCard]:
    kinds = catalogue.kinds()
    for step in document.get("steps", ()):
        node = kinds.get((str(step.get("kind")), step.get("version", 1)))
        known = connections.get(step.get("connection") or "")
        if node is None or known is None or not issubclass(node, Source | Sink):
            continue
        there = known if isinstance(known, Connection) else Connection.model_validate(known)
        listens = issubclass(node, Source)
        yield EndCard(
            step=str(step["id"]),
            title=str(step.get("title") or step["id"]),
            listens=listens,
            connection=str(step["connection"]),
            system=there.system,
            address=f"{there.host}:{there.port}{there.base_path}",
            protocol=node.listens.upper()
            if issubclass(node, Source)
            else _CALLED.get(node.carrier, node.carrier.upper()),
            transport=there.transport,
        )
