"""The characters that a message says, in MSH-1 and MSH-2, it is written with."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

NONE = "\udfff"
"""Stands where a message declares no such character: strict decoding never yields a lone surrogate."""


class Delimiters(NamedTuple):
    """``text`` is MSH-2 as sent. ``truncation`` is the fifth character that version 2.7 brought."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"
    truncation: str = NONE
    text: str = "^~\\&"
    plain: bool = True
    """No delimiter is a letter or a digit: a text of these alone holds none."""


STANDARD = Delimiters()


@lru_cache(maxsize=256)
def delimiters(field: str, encoding: str) -> Delimiters | None:
    """The delimiters that MSH-1 and MSH-2 declare, or None where they are unusable.

    Two to five different visible ASCII characters; letters are seen in the wild, but never as the field separator.
    The double quote is refused since it spells null.
    """
    every = field + encoding
    if not 2 <= len(encoding) <= 5 or len(field) != 1 or field.isalnum():
        return None
    if len(set(every)) != len(every) or any(not "!" <= c <= "~" or c == '"' for c in every):
        return None
    component, repetition, escape, sub, truncation = (*encoding, *(NONE,) * (5 - len(encoding)))
    return Delimiters(
        field, component, repetition, escape, sub, truncation, encoding, not any(c.isalnum() for c in encoding)
    )
