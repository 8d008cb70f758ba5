"""What a source of FHIR accepts: ``SupplyDelivery@R4``, ``Bundle@R4``, or ``*@R4`` for any type."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

from flows.fhir.tables import tables
from flows.paths import PathError

RELEASES: tuple[str, ...] = ("R4",)
"""The releases of FHIR that are known here."""

_ACCEPTS = re.compile(r"(?P<type>\*|[A-Z][A-Za-z]{2,60})@(?P<release>[A-Z0-9.]{1,10})")


class Accepts(NamedTuple):
    """A resource type and the release. ``type`` ``*`` is any type."""

    type: str
    release: str

    @property
    def any(self) -> bool:
        """Whether every type is accepted: then only ``message/...`` can be selected."""
        return self.type == "*"


def parse_accepts(text: str) -> Accepts:
    """``SupplyDelivery@R4`` or ``*@R4``; PathError with a sentence otherwise."""
    match = _ACCEPTS.fullmatch(text)
    if match is None or match["release"] not in RELEASES:
        raise PathError(
            f"'{text[:100]}' is not what a source of FHIR can accept: write a resource type and the release, as in "
            f"'SupplyDelivery@R4', or '*@R4' for any type. Releases known here: {', '.join(RELEASES)}.",
            _near(text.partition("@")[0]),
        )
    known = tables(match["release"]).types
    if match["type"] != "*" and match["type"] not in known:
        raise PathError(f"'{match['type']}' is no resource type of FHIR {match['release']}.", _near(match["type"]))
    return Accepts(match["type"], match["release"])


def known_accepts() -> tuple[str, ...]:
    """Every resource type of the newest release."""
    return (*(f"{each}@{RELEASES[-1]}" for each in sorted(tables(RELEASES[-1]).types)), f"*@{RELEASES[-1]}")


def _near(name: str) -> str | None:
    known = {each.lower(): each for each in tables(RELEASES[0]).types}
    near = difflib.get_close_matches(name[:100].lower(), sorted(known), 1)
    return f"{known[near[0]]}@{RELEASES[0]}" if near else None
