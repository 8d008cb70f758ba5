"""Audit lines for hot paths: the canonical bytes of a record as a format that only lacks its numbers."""

from __future__ import annotations

from flows import audit

_HOLE = 9_007_199_254_740_000
"""Numbers that stand for numbers: large, and inside what canonical JSON takes."""


def line_format(action: str, writer: str, *numbers: str, **members: str) -> bytes:
    """A bytes format for records of this ``action``. Fill it with ``at``, ``seq`` and ``numbers`` in the order of
    their names; the result is what flows.audit.encode gives."""
    names = sorted({"at", "seq", *numbers})
    holes = {name: _HOLE + place for place, name in enumerate(names)}
    line = audit.encode({"action": action, "writer": writer, **members, **holes}).replace(b"%", b"%%")
    for hole in holes.values():
        line = line.replace(b"%d" % hole, b"%d")
    return line
