"""The names of segments: what stands at the start of each line of a message."""

from __future__ import annotations

import re
from functools import lru_cache

from nodes.formats.hl7v2.delimiters import Delimiters


def misnamed(text: str, d: Delimiters) -> tuple[str, str] | None:
    """Code and place of the first line that is no segment: three capitals or digits, then the field separator.

    Such a line is a broken segment, or the rest of a value with a line end in it: what it belongs to was cut short.
    """
    found = _pattern(d.field).search(text)
    if found is None:
        return None
    return "segment-name", f"segment {text.count(chr(13), 0, found.start()) + 2}"


@lru_cache(maxsize=64)
def _pattern(separator: str) -> re.Pattern[str]:
    return re.compile(rf"\r(?![A-Z][A-Z0-9]{{2}}(?:{re.escape(separator)}|\r|\Z))")
