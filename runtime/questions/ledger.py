"""The ledger: what came and what became of it, as two equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from runtime.wire import Contract


class AskLedger(Contract):
    ask: Literal["ledger"] = "ledger"
    flow: str | None = None
    """None: all flows together."""


class Ledger(Contract):
    """Both equations as journal rows give them, each from one read-only query."""

    flow: str | None
    received: int
    accepted: int
    refused: int
    repeated: int
    conflicts: int
    """Same identity with other bytes: advisory."""
    filtered: int
    """Messages that ended on purpose without a posting."""
    postings: int
    delivered: int
    parked: int
    in_flight: int
    waiting: int
    """Accepted messages that are not expanded into postings yet."""
    lines: Mapping[str, int]
    """Lines that ended on purpose before a sink, by reason."""
    messages: Mapping[str, int]
    """Accepted messages by state: waiting, in-flight, parked, delivered, filtered."""
    replayed: int
    """Parked postings that a replay sent on their way."""
    open_cases: int
    balanced: bool
    """received = accepted + refused + repeated, and postings = delivered + parked + in_flight."""
