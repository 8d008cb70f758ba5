"""How numbers and lists are said to people."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, one: str, many: str) -> str:
    """``1 key is``, ``2 keys are``: the number with the words that go with it."""
    return f"{count} {one if count == 1 else many}"


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


_CAPITALS = frozenset({"csv", "erp", "fhir", "hl7", "it", "sftp", "soap"})


def plain(name: str) -> str:
    """``or-supply-desk`` as ``OR supply desk``: the id of a role or a step, as words."""
    first, *rest = name.replace("-", " ").replace("_", " ").split(" ")
    theatre = first.upper() if first == "or" and rest else _spelt(first)
    return " ".join((theatre[:1].upper() + theatre[1:], *map(_spelt, rest)))


def _spelt(word: str) -> str:
    return word.upper() if word in _CAPITALS else word


def lasting(span_ms: int) -> str:
    """``350 ms``, ``1.2 s``, ``75 s``, ``4 min``, ``3 h``: as exact as somebody who looks needs it."""
    if span_ms < 1_000:
        return f"{span_ms} ms"
    if span_ms < 10_000:
        return f"{span_ms // 100 / 10:.1f} s"
    if span_ms < 120_000:
        return f"{span_ms // 1_000} s"
    return f"{span_ms // 60_000} min" if span_ms < 7_200_000 else f"{span_ms // 3_600_000} h"
