"""How a runtime stands: its flows, its processes, and what its operator must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from runtime.wire import Contract


class AskStatus(Contract):
    ask: Literal["status"] = "status"


class FlowStatus(Contract):
    """One flow as it stands. ``stopped`` has no activation; ``refused`` has one that was not let in."""

    flow: str
    state: Literal["running", "starting", "stopped", "refused"]
    release: str = ""
    sequence: int = 0
    listening: tuple[str, ...] = ()
    """``host:port`` of each open listener."""
    reason: str = ""
    sentence: str = ""
    """Why it is refused, and what to do."""


class Status(Contract):
    version: str
    environment: str
    label: str
    demo_root: bool
    started_ms: int
    processes: Mapping[str, int]
    """Process ids by role: supervisor, intake, delivery."""
    flows: tuple[FlowStatus, ...]
    masters: Mapping[str, int]
    """Newest accepted snapshot of each master."""
    problems: tuple[str, ...] = ()
    """Sentences for the operator: refused snapshots, an unreadable store."""
