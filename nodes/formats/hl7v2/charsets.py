"""Character sets: what MSH-18 names (table 0211, and the spellings that senders use) as decoders."""

from __future__ import annotations

from functools import lru_cache

DEFAULT = "utf-8"
"""Reads ASCII and what most senders mean when they name nothing."""

_NAMES = {
    "": DEFAULT,
    "ASCII": DEFAULT,
    "USASCII": DEFAULT,
    "ISOIR6": DEFAULT,
    "UNICODE": DEFAULT,
    "UNICODEUTF8": DEFAULT,
    "UTF8": DEFAULT,
    "GB180302000": "gb18030",
    "GB18030": "gb18030",
    "KSX1001": "euc_kr",
    "BIG5": "big5",
    "ISOIR14": "iso2022_jp_2",
    "ISOIR87": "iso2022_jp_2",
    "ISOIR159": "iso2022_jp_2",
    "WINDOWS1252": "cp1252",
    "CP1252": "cp1252",
}
_NAMES |= {f"{prefix}8859{n}": f"iso8859-{n}" for n in range(1, 16) if n != 12 for prefix in ("", "ISO")}

OVERLAPPING = frozenset({"iso2022_jp_2", "gb18030", "big5"})
"""Decoders in which a byte of a delimiter can be half of another character: nothing is split before decoding."""


@lru_cache(maxsize=256)
def codec(declared: str, repetition: str) -> str | None:
    """The decoder for MSH-18 as sent, or None where nobody knows it.

    The first repetition is the charset of the message; Japanese senders name ISO IR87 as an alternative to switch to.
    """
    names = ["".join(c for c in name.upper() if c.isalnum()) for name in declared.split(repetition)]
    found = [_NAMES.get(name) for name in names]
    return "iso2022_jp_2" if "iso2022_jp_2" in found else found[0]
