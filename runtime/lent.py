"""What the runtime lends its nodes: snapshots of masters, pseudonyms, and a conformance check in a worker process."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence

from nodes.record import Envelope
from nodes.services import MasterView, NonConformity

Conform = Callable[[bytes], Sequence[NonConformity] | None]
"""Checks the payload of a message; None: no answer in time."""


class Lent:
    """Services for one plan. Masters are the snapshots of the moment: a newer one makes a new plan."""

    def __init__(self, masters: Mapping[str, MasterView], pseudonym_key: bytes, conform: Conform | None = None) -> None:
        self._masters, self._key, self._conform = dict(masters), pseudonym_key, conform
        self.payload = b""
        """Of the message that is being expanded."""

    def master(self, name: str) -> MasterView:
        return self._masters[name]

    def pseudonym(self, value: str) -> str:
        """Also where the value is empty or odd: equal in, equal out."""
        digest = hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256")
        return base64.b32encode(digest[:16])[:26].decode("ascii")

    def conformance(self, envelope: Envelope) -> Sequence[NonConformity] | None:
        return self._conform(self.payload) if self._conform is not None else None
