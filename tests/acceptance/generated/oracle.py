"""What must become of a charge line: computed from the catalogue alone, by code of its own."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import NamedTuple

from tests.acceptance.generated.catalogue import Catalogue, Entry, Key

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_HOPS = 8


class Posting(NamedTuple):
    """What the ERP must get, but for the reference of the case."""

    material: str
    quantity: str
    cost_centre: str
    used_at: str


class Held(NamedTuple):
    """Why a person must look at the line, or at the whole message."""

    reason: str


def outcome(catalogue: Catalogue, key: Key, quantity: str, cost_centre: str, used_at: str) -> Posting | Held:
    """A line that is about a known encounter in a known place."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    day = day_of(used_at) if used_at else today
    if day is None:
        return Held("unreadable-time")
    found = meant(catalogue, key, day)
    if found is None:
        return Held("master-miss")
    if not quantity:
        return Held("no-quantity")
    if not is_decimal(quantity):
        return Held("not-a-decimal")
    factor = in_base_units(found, day)
    if factor is None:
        return Held("unit-unknown")
    if not cost_centre or not used_at:
        return Held("missing-value")
    return Posting(found.material, times(quantity, factor), cost_centre, used_at)


def day_of(stamp: str) -> str | None:
    """The day of ``20260316081500``."""
    if not re.fullmatch(r"\d{8}(?:\d{6})?", stamp):
        return None
    try:
        return datetime.date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])).isoformat()
    except ValueError:
        return None


def meant(catalogue: Catalogue, key: Key, day: str) -> Entry | None:
    """The entry of a code on a day. A code whose time is over leads to its heir, and on; in a circle to nothing."""
    for _ in range(_HOPS + 1):
        begun = [each for each in catalogue.entries.get(key, ()) if not each.first or each.first <= day]
        valid = [each for each in begun if not each.retired and not (each.end and each.end <= day)]
        if valid:
            return valid[0]
        newest = max(begun, key=lambda each: each.first, default=None)
        if newest is None or newest.heir is None:
            return None
        key = newest.heir
    return None


def in_base_units(found: Entry, day: str) -> str | None:
    if found.denotes == found.base:
        return "1"
    for unit in found.units:
        if unit.name == found.denotes and unit.first <= day and not (unit.end and unit.end <= day):
            return unit.factor
    return None


def is_decimal(text: str) -> bool:
    """Plain digits with one sign and one point at most, of a size that somebody can have used."""
    whole, _, fraction = text.lstrip("+-").partition(".")
    return bool(_DECIMAL.fullmatch(text)) and len(whole.lstrip("0")) <= 18 and len(fraction) <= 12


def times(quantity: str, factor: str) -> str:
    """The product to the last digit, as people write it."""
    sign, digits, exponent = (Decimal(quantity) * Decimal(factor)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)) + "0" * max(0, exponent)
    if exponent < 0:
        text = text.rjust(1 - exponent, "0")
        text = f"{text[:exponent]}.{text[exponent:]}"
    return f"-{text}" if sign and text.strip("0.") else text
