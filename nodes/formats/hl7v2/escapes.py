"""Escape sequences: undone after splitting, written so that reading gives the same text back."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from nodes.formats.hl7v2.delimiters import NONE, Delimiters

_CONTROL = {chr(code): f"X{code:02X}" for code in (*range(0x20), 0x7F)}


@lru_cache(maxsize=256)
def unescaper(d: Delimiters, codec: str) -> Callable[[str], str]:
    r"""The function that undoes a message's escapes.

    Known are F S R T E (and P with a truncation character), hexadecimal ``X..`` in the charset of the message, ``.br``
    (a line feed), H and N (highlighting, dropped). Everything else stays as it stands, ``\X..\`` that is no text too.
    """
    known = {"F": d.field, "S": d.component, "R": d.repetition, "T": d.sub, "E": d.escape, "P": d.truncation}
    known = {key: value for key, value in known.items() if value != NONE}
    known |= {".br": "\n", ".BR": "\n", "H": "", "N": ""}
    mark = re.escape(d.escape)
    keys = "|".join(re.escape(key) for key in known)
    pattern = re.compile(f"{mark}(?:({keys})|X((?:[0-9A-Fa-f]{{2}})+)){mark}")

    def undone(match: re.Match[str]) -> str:
        key, digits = match.groups()
        if key is not None:
            return known[key]
        try:
            return bytes.fromhex(digits).decode(codec)
        except UnicodeDecodeError:
            return match[0]

    return lambda text: pattern.sub(undone, text)


@lru_cache(maxsize=256)
def escaper(d: Delimiters) -> Callable[[str], str]:
    """The function that writes a value so that it stands inside one leaf of a message."""
    marks = {d.field: "F", d.component: "S", d.repetition: "R", d.sub: "T", d.escape: "E", d.truncation: "P"}
    table = {ord(c): f"{d.escape}{key}{d.escape}" for c, key in (marks | _CONTROL).items() if c != NONE}
    if d.escape == NONE:
        table = dict.fromkeys(table, " ")
    null = f'{d.escape}X22{d.escape}"' if d.escape != NONE else "''"

    def escaped(text: str) -> str:
        return null if text == '""' else text.translate(table)

    return escaped
