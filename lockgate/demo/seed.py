"""Seed data: the rows of the demo's masters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.demo import hospital
from lockgate.demo.hospital import Item

Rows = Sequence[Mapping[str, object]]
BASE_UNIT = "EA"
CODES_CHANGED = "2026-02-01"


def item_row(item: Item) -> Mapping[str, object]:
    """The row of an item. A code that denotes a box says how many base units that is."""
    row: dict[str, object] = {
        "key": [hospital.SYSTEM, item.code],
        "values": {"material": item.material, "base_unit": BASE_UNIT},
        "base_unit": BASE_UNIT,
    }
    if item.unit != BASE_UNIT:
        row |= {"unit": item.unit, "units": [{"unit": item.unit, "factor": item.factor}]}
    if item.successor:
        row |= {"valid_to": CODES_CHANGED, "superseded_by": [hospital.SYSTEM, item.successor]}
    return row


def item_rows() -> Rows:
    return [item_row(item) for item in (*hospital.ITEMS, *hospital.MEDICINES)]


def location_rows() -> Rows:
    return [
        {"key": [place.point_of_care, place.room, place.bed, hospital.FACILITY], "values": {"plant": "LK01"}}
        for places in hospital.PLACES.values()
        for place in places
    ]


def cost_centre_rows() -> Rows:
    return [{"key": [place.point_of_care], "values": {"cost_centre": place.cost_centre}} for place in hospital.WARDS]
