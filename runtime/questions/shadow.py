"""Shadow: what a candidate would have made of messages that came."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runtime.wire import Contract, Digest


class AskShadow(Contract):
    """What a sealed candidate would have made of messages that came: compared with the version that runs."""

    ask: Literal["shadow"] = "shadow"
    release: Digest
    hours: int = Field(default=24, ge=1, le=24 * 31)
    limit: int = Field(default=500, ge=1, le=2000)
    """Messages, the newest first."""


class ShadowGroup(Contract):
    """Messages that differ in one way. A message may stand in more than one group."""

    kind: Literal[
        "changed",
        "now-held",
        "now-posted",
        "no-longer-posted",
        "held-otherwise",
        "no-longer-taken",
        "newly-taken",
        "taken-otherwise",
    ]
    detail: tuple[str, ...]
    """Names of fields, or codes of causes with their steps; never a value."""
    count: int
    examples: tuple[int, ...]
    """Numbers of messages."""


class Shadow(Contract):
    messages: int
    identical: int
    groups: tuple[ShadowGroup, ...]
