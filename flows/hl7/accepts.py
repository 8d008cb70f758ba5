"""What a source accepts: ``DFT^P03@2.3-2.8``, and which published structure that is in each version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from flows.classification.rules import VERSIONS, rule_book, versions_between
from flows.hl7.tables import tables
from flows.paths import PathError

__all__ = ["VERSIONS", "Accepts", "parse_accepts", "structure_id", "versions_between"]

_ACCEPTS = re.compile(
    r"(?P<type>\*|[A-Z][A-Z0-9]{2})(?:\^(?P<event>[A-Z][A-Z0-9]{2}))?@(?P<versions>[\d.]+(?:-[\d.]+)?)"
)
_VERSIONS = re.compile(r"\d+\.\d+(?:\.\d+)?(?:-\d+\.\d+(?:\.\d+)?)?")


class Accepts(NamedTuple):
    """A message type, an event and the versions. ``type`` ``*`` is any message."""

    type: str
    event: str
    versions: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether every type is accepted: then only MSH and ``message/...`` can be selected."""
        return self.type == "*"


def parse_accepts(text: str) -> Accepts:
    """``DFT^P03@2.3-2.8`` or ``*@2.1-2.8``; PathError with a sentence otherwise."""
    match = _ACCEPTS.fullmatch(text) if len(text) <= 100 else None
    if match is None or (match["type"] == "*" and match["event"]):
        raise PathError(
            f"'{text[:100]}' is not what a source can accept: write a message type, its event and the versions, "
            "as in 'DFT^P03@2.3-2.8', or '*@2.1-2.8' for any type.",
            _near(text),
        )
    if not _VERSIONS.fullmatch(match["versions"]) or not versions_between(match["versions"]):
        raise PathError(
            f"'{text}' names no version of HL7 v2 that is known here ({VERSIONS[0]} to {VERSIONS[-1]}).",
            f"{text.partition('@')[0]}@{VERSIONS[0]}-{VERSIONS[-1]}",
        )
    return Accepts(match["type"], match["event"] or "", versions_between(match["versions"]))


@cache
def known_accepts() -> tuple[str, ...]:
    """Every message type and event of the tables with the versions up to the newest in which it has a structure; from
    2.3 on, where it has one there: what is older is accepted by whoever asks for it."""
    named = {name for version in VERSIONS for name in _types(version)}
    return (*sorted(filter(None, map(_accepted, named))), f"*@{VERSIONS[0]}-{VERSIONS[-1]}")


def _types(version: str) -> Iterator[str]:
    """``DFT^P03`` and ``ACK``: of the structures' names, and of the events that share a structure."""
    yield from (name.replace("_", "^") for name in tables(version).structures)
    yield from _shared_structures(version)


def _accepted(name: str) -> str | None:
    kind, _, event = name.partition("^")
    there = [bool(structure_id(kind, event, version)) for version in VERSIONS]
    end = len(there) - there[::-1].index(True) if any(there) else 0
    begin, oldest = end, VERSIONS.index("2.3") if end > VERSIONS.index("2.3") else 0
    while begin > oldest and there[begin - 1]:
        begin -= 1
    span = list(dict.fromkeys((VERSIONS[begin], VERSIONS[end - 1]))) if end else []
    text = f"{name}@{'-'.join(span)}"
    return text if span and _ACCEPTS.fullmatch(text) else None


def _near(text: str) -> str | None:
    """What was meant: the type and event with the versions that the tables have; of a type alone, where it has one."""
    loose = re.fullmatch(r"\s*([A-Za-z]\w{2})(?:[\^_](\w{3}))?\s*(?:@.*)?", text[:100])
    if loose is None:
        return None
    kind, event = loose[1].upper(), (loose[2] or "").upper()
    begun = f"{kind}^{event}"
    newest = [each for each in known_accepts() if each.startswith(begun) and each.endswith(VERSIONS[-1])]
    if len(newest) == 1:
        return newest[0]
    return f"{begun}@{VERSIONS[2]}-{VERSIONS[-1]}" if event else None


@lru_cache(maxsize=4096)
def structure_id(type_: str, event: str, version: str) -> str | None:
    """The structure of a message: ADT^A04 is an ADT_A01 in 2.5. None where the version's tables have none.

    Messages ask with whatever stands in their header, so only so many answers are remembered.
    """
    if version not in VERSIONS:
        return None
    known = tables(version).structures
    shared = _shared_structures(version).get(f"{type_}^{event}")
    for name in (shared, f"{type_}_{event}", type_):
        if name in known:
            return name
    return None


@cache
def _shared_structures(version: str) -> dict[str, str]:
    """Table 0354 by event, for one version."""
    return {
        event: structure
        for structure, by_versions in rule_book().file.events.items()
        for span, events in by_versions.items()
        if version in versions_between(span)
        for event in events.split(" ")
    }
