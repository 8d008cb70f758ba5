"""What intake needs from a release: who listens where, and the source that reads headers and makes answers."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from flows.environment import Limits
from nodes.formats.hl7v2 import AnswerCode, Header, Refused
from nodes.sources.hl7_mllp import Accepted
from runtime.journal.lines import line_format


class Source(Protocol):
    """A configured source step, as intake sees it. Total: no frame makes it raise."""

    def admit(self, frame: bytes) -> Accepted | Refused: ...

    def answer(self, header: Header, code: AnswerCode, reason: str, place: str, control_id: str, at_ms: int) -> bytes:
        """The acknowledgement without its frame. ``code`` is MSA-1, ``reason`` and ``place`` are "" on success."""


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
    source: Source
    conflicts: Literal["accept", "refuse"] = "accept"
    """What happens to the identity of an earlier message with other bytes."""
    repeat_days: int = 7
    tls: ssl.SSLContext | None = None

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


__all__ = ["Accepted", "AnswerCode", "Header", "Plan", "Refused", "Source"]
