"""What intake needs of a release: where to listen and by which protocol, and the source that reads and answers."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from flows.environment import Limits
from nodes.source import Accepted, Door, Header, Refused
from runtime.journal.lines import line_format


class Answerable(Protocol):
    """What a carrier needs of a frame to answer it, once its outcome is durable."""

    @property
    def plan(self) -> Plan: ...

    @property
    def admission(self) -> Accepted | Refused: ...

    @property
    def refused(self) -> Refused | None: ...

    @property
    def code(self) -> str: ...

    @property
    def control_id(self) -> str: ...

    @property
    def when_ms(self) -> int: ...

    @property
    def fatal(self) -> bool: ...


class Sender(Protocol):
    """The connection that a frame came by."""

    def answered(self, frames: int, data: bytes, close: bool) -> None:
        """``frames`` of its frames are dealt with; ``data`` goes out (it may be empty), then the end if ``close``."""


class Connection(Sender, Protocol):
    """One sender's connection, as its listener knows it."""

    def hold(self, held: bool) -> None: ...

    def renew(self, plan: Plan) -> None: ...

    def retire(self) -> None: ...

    @property
    def peer(self) -> str:
        """Address of the sender, without its port."""

    def idle_since(self) -> tuple[bool, float] | None:
        """(whether it ever sent anything whole, since when it is silent by the loop's clock); None while it is not."""


class Carrier(Protocol):
    """A protocol by which messages come in: its file under ``carriers`` has one as ``CARRIER``."""

    def protocol(self, desk: object) -> asyncio.Protocol:
        """The protocol of a new connection, for the listener ``desk``."""

    def refusal(self, code: Own, header: Header | None) -> Refused:
        """How a refusal for a reason of the runtime's own is said."""

    def code(self, header: Header | None, refused: Refused | None, repeated: bool) -> str:
        """What the journal keeps of the answer: its code, or NONE where none goes out."""

    def reply(self, arrival: Answerable) -> bytes:
        """The answer as it goes over the wire."""


Own = Literal["disk-full", "identity-conflict", "unreadable"]
"""Reasons of the runtime's own to refuse a frame."""
NONE = "none"
"""Stands in the journal where no answer went out."""


@dataclass(frozen=True, eq=False)
class Plan:
    """One active release, as far as intake is concerned. Two plans are never equal, so that one is cheap to look up."""

    flow: str
    release: str
    number: int
    """The journal's number of the release."""
    connection: str
    """Connection id of the source step: the source id of everything that comes in."""
    label: str
    host: str
    port: int
    limits: Limits
    source: Door
    carrier: Carrier
    conflicts: Literal["accept", "refuse"] = "accept"
    """What happens to the identity of an earlier message with other bytes."""
    repeat_days: int = 7
    tls: ssl.SSLContext | None = None
    pins: tuple[str, ...] = ()
    """SHA-256 (hex) of the certificates of which a sender must show one."""
    token: bytes | None = None
    """SHA-256 of the bearer token that a sender must show."""
    base_path: str = ""

    @cached_property
    def accepted_line(self) -> bytes:
        """Audit format: at, message, seq."""
        return self._line("message.accepted")

    @cached_property
    def repeated_line(self) -> bytes:
        """Audit format: at, message, seq."""
        return self._line("message.repeated")

    def filtered_line(self, reason: str) -> bytes:
        """Audit format: at, message, seq."""
        return self._line("message.filtered", reason=reason)

    def _line(self, action: str, **members: str) -> bytes:
        return line_format(
            action, "intake", "message", flow=self.flow, source=self.connection, release=self.release, **members
        )


__all__ = [
    "NONE",
    "Accepted",
    "Answerable",
    "Carrier",
    "Connection",
    "Door",
    "Header",
    "Own",
    "Plan",
    "Refused",
    "Sender",
]
