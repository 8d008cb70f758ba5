"""Carriers: the protocols by which postings go out, one file each, named by the sinks that use them.

A *link* holds what all postings to one vendor share: connections, a worker process. It makes a *sender* for each
sink step of a release. A sender is handed one posting, or a batch, and says exactly once what came of it: an answer,
which the sink's node judges; a trouble, after which nobody may know; or that nothing was sent.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from flows.environment import Connection, OperationContract
from nodes.sink import Answer
from runtime.delivery.http1 import Trouble
from runtime.secrets import FileSecrets
from runtime.world import World


class Outgoing(NamedTuple):
    """One posting as it is handed to a sender: its key in hex, and the body that the guard let pass."""

    key: bytes
    body: bytes


class Unsent(NamedTuple):
    """Nothing was sent, and nothing will be by trying again. The sentence holds no value."""

    reason: str
    sentence: str


Told = Callable[[Answer | Trouble | Unsent], None]


class Placed(NamedTuple):
    """A sink step of a release, as a link prepares it."""

    node: Any
    config: Mapping[str, Any]
    operation: OperationContract
    name: str
    connection: Connection


class Sender(Protocol):
    """The way of one sink step, prepared once."""

    def send(self, postings: Sequence[Outgoing], again: bool, told: Told) -> None:
        """Sends them together; ``again``: an attempt at exactly these ended without an answer. ``told`` is called
        exactly once, never from within this call."""


class Link(Protocol):
    """What all senders to one vendor share."""

    def sender(self, placed: Placed) -> Sender:
        """Unreachable or SecretsUnusable where the step cannot be served as it is described."""

    def close(self) -> None:
        """Drops every connection and ends every worker."""


def names() -> frozenset[str]:
    """The carriers that there are."""
    return frozenset(each.name for each in pkgutil.iter_modules(__path__))


def open_link(carrier: str, name: str, connection: Connection, secrets: FileSecrets, world: World) -> Link:
    """The link to a connection; Unreachable or SecretsUnusable where it cannot be reached as it is described."""
    if carrier not in names():
        raise LookupError(f"there is no carrier '{carrier}'")
    made: Link = importlib.import_module(f"{__name__}.{carrier}").open_link(name, connection, secrets, world)
    return made
