"""Asking the runtime: what it refuses and that it does not answer, in the designer's own terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from designer.errors import DesignerError, NotAllowed, NotReady, NotThere, Unfit
from runtime.api import RuntimeAbsent, RuntimeRefused

T = TypeVar("T")
_MEANS: dict[str, type[DesignerError]] = {
    "no-such-case": NotThere,
    "no-such-message": NotThere,
    "not-shown": Unfit,
    "not-allowed": NotAllowed,
}


def answer(ask: Callable[[], T]) -> T:
    """What the runtime answers."""
    try:
        return ask()
    except RuntimeAbsent:
        raise NotReady(
            "no-runtime", "No runtime answers. What it has accepted is safe; start it, then try again."
        ) from None
    except RuntimeRefused as refused:
        raise _MEANS.get(refused.code, NotReady)(refused.code, str(refused)) from None
