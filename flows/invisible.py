"""Characters that nobody sees but that change what is seen: none may stand in what people read before they sign.

A name with a terminal's control codes rewrites the lines above it; one with bidirectional controls (Unicode TR 36)
reads otherwise than it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

from flows.canonical import escape_pointer
from flows.findings import Json

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_OTHER = "\u2028\u2029\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_ANYWHERE = re.compile(f"[\x00-\x1f\x7f-\x9f{_BIDI}{_OTHER}]")
_IN_PROSE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}{_OTHER}]")


def first(text: str, prose: bool = False) -> str | None:
    """The first such character as ``U+001B``; None without one. ``prose`` may have tabs and ends of lines."""
    found = (_IN_PROSE if prose else _ANYWHERE).search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def without(text: str, prose: bool = False) -> str:
    """The text that is seen."""
    return (_IN_PROSE if prose else _ANYWHERE).sub("", text)


def escaped(text: str) -> str:
    """The text with such characters spelled out as ``<U+001B>``; tabs and ends of lines stay."""
    return _IN_PROSE.sub(lambda found: f"<U+{ord(found.group()):04X}>", text)


def texts(document: Json, at: str = "") -> Iterator[tuple[str, str]]:
    """(JSON pointer, text) of every text in a document. Names of keys are the models' to judge."""
    if isinstance(document, str):
        yield at, document
    elif isinstance(document, list):
        for number, each in enumerate(document):
            yield from texts(each, f"{at}/{number}")
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from texts(value, f"{at}/{escape_pointer(str(name))}")


def _seen(text: str) -> str:
    if (found := first(text)) is not None:
        raise ValueError(f"it holds a character that nobody sees ({found})")
    return text


Seen = Annotated[str, AfterValidator(_seen)]
"""A text without such characters."""
