"""What every request and answer on the control socket is: frozen, strict, and without unknown keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Group = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
"""A cause group, or its beginning."""
Actor = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._-]{0,63}$")]
LAST = 2**63 - 1
"""The greatest number that the journal can have."""
FlowId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Why = Annotated[str, Field(min_length=10, max_length=200)]
Severity = Literal["high", "medium", "low"]
MOST_ROWS = 500
"""So many one page has at most."""


class Contract(BaseModel):
    """Base of everything that crosses the control socket."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Refused(Contract):
    """What the runtime says instead of an answer."""

    refused: str
    """Code: unknown-request, no-such-case, no-such-message, not-shown, not-allowed, busy, failed."""
    sentence: str
