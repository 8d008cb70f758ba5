"""The generated master data as rows that stewards can sign, and what had to be left out.

Codes stand as the files spell them, with their blanks, small letters and odd hyphens. What no steward could sign is
left out: an item without material, a date that is none, a code that means two things at one time.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

Key = tuple[str, str]
"""Coding system and code."""
ONE_OF = 5
"""Of the items with which nothing is wrong: their number changes nothing but the time that signing takes."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Unit(NamedTuple):
    """One ``name`` is ``factor`` base units, from the first day and before the end."""

    name: str
    factor: str
    first: str
    end: str


class Entry(NamedTuple):
    """One code of one item. ``end`` is the first day on which it no longer holds; "" where there is none."""

    key: Key
    item: str
    material: str
    base: str
    denotes: str
    """The unit that the code stands for."""
    first: str
    end: str
    retired: bool
    heir: Key | None
    """The code that took its place."""
    units: tuple[Unit, ...]


class Catalogue(NamedTuple):
    """What is signed, and the codes that stand in the files and are not."""

    entries: Mapping[Key, tuple[Entry, ...]]
    left_out: frozenset[Key]
    dirt: Mapping[str, tuple[Key, ...]]
    """What is wrong, as the index of the folder says it -> codes of the items of which it says so."""

    def rows(self) -> list[Mapping[str, object]]:
        return [row(entry) for entries in self.entries.values() for entry in entries]


def read(folder: Path) -> Catalogue:
    """All items with which something is wrong, all that took another's place, and some of the rest."""
    bad, every = dirt(folder), table(folder / "item_master.csv")
    heirs = {item["superseded_by"] for item in every} - {""}
    items = [
        item
        for number, item in enumerate(every)
        if number % ONE_OF == 0 or item["item_id"] in bad or item["erp_material"] in heirs
    ]
    main: dict[str, list[Key]] = defaultdict(list)
    for item in items:
        main[item["erp_material"]].append((item["code_system"], item["code"]))
    units = factors(folder)
    candidates: dict[Key, list[Entry]] = defaultdict(list)
    by_id = {item["item_id"]: item for item in items}
    for item in items:
        key = item["code_system"], item["code"]
        candidates[key].append(entry(item, key, item["base_uom"], main, units))
    for other in table(folder / "item_xref.csv"):
        if other["item_id"] not in by_id:
            continue
        key = other["code_system"], other["code"]
        candidates[key].append(entry(by_id[other["item_id"]], key, other["uom"], main, units))
    entries = {key: kept for key, found in candidates.items() if (kept := signable(found))}
    spoilt: dict[str, list[Key]] = defaultdict(list)
    for item in items:
        for what in bad.get(item["item_id"], ()):
            spoilt[what].append((item["code_system"], item["code"]))
    left_out = frozenset(candidates) - frozenset(entries)
    return Catalogue(entries, left_out, {what: tuple(keys) for what, keys in spoilt.items()})


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def factors(folder: Path) -> Mapping[str, tuple[Unit, ...]]:
    """Conversions by item. Of none is left what a steward could not mean: a factor of zero, or two at a time."""
    found: dict[str, dict[str, list[Unit]]] = defaultdict(lambda: defaultdict(list))
    for line in table(folder / "item_uom.csv"):
        unit = Unit(line["uom"], line["factor"], line["valid_from"], line["valid_to"])
        found[line["item_id"]][unit.name].append(unit)
    return {
        item: tuple(units[0] for units in by_name.values() if len(units) == 1 and units[0].factor != "0")
        for item, by_name in found.items()
    }


def entry(
    item: Mapping[str, str],
    key: Key,
    denotes: str,
    main: Mapping[str, list[Key]],
    units: Mapping[str, tuple[Unit, ...]],
) -> Entry:
    """A code in another unit than the base has no heir: nobody says what the heir's package holds."""
    heirs = main.get(item["superseded_by"], []) if item["superseded_by"] and denotes == item["base_uom"] else []
    good = tuple(unit for unit in units.get(item["item_id"], ()) if _DAY.fullmatch(unit.first))
    return Entry(
        key, item["item_id"], item["erp_material"], item["base_uom"], denotes, item["valid_from"], item["valid_to"],
        item["status"] == "obsolete" and not item["valid_to"], heirs[0] if len(heirs) == 1 else None, good,
    )  # fmt: skip


def signable(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries of one code that can be signed together; none of them where two mean different things at a time."""
    good: list[Entry] = []
    for each in found:
        if not _possible(each):
            continue
        same = [other for other in good if _meet(each, other)]
        if any(_meaning(each) != _meaning(other) for other in same):
            return ()
        if not same:
            good.append(each)
    return tuple(good)


def _possible(each: Entry) -> bool:
    days = [day for day in (each.first, each.end) if day]
    return (
        bool(re.fullmatch(r"[A-Za-z0-9._-]{1,40}", each.material))
        and bool(each.key[1])
        and all(_DAY.fullmatch(day) for day in days)
        and not (each.end and each.first and each.end <= each.first)
    )


def _meet(one: Entry, other: Entry) -> bool:
    return (not one.end or not other.first or other.first < one.end) and (
        not other.end or not one.first or one.first < other.end
    )


def _meaning(each: Entry) -> tuple[str, str, str, bool, Key | None]:
    return each.material, each.base, each.denotes, each.retired, each.heir


def row(each: Entry) -> Mapping[str, object]:
    """The entry as ``lockgate master load`` takes it."""
    made: dict[str, object] = {
        "key": list(each.key),
        "values": {"material": each.material, "base_unit": each.base},
        "base_unit": each.base,
        "unit": each.denotes,
        "units": [
            {
                "unit": unit.name,
                "factor": unit.factor,
                "valid_from": unit.first,
                **({"valid_to": unit.end} if unit.end else {}),
            }
            for unit in each.units
        ],
        "status": "retired" if each.retired else "active",
    }
    if each.first:
        made["valid_from"] = each.first
    if each.end:
        made["valid_to"] = each.end
    if each.heir:
        made["superseded_by"] = list(each.heir)
    return made


def dirt(folder: Path) -> Mapping[str, list[str]]:
    """Item -> what is wrong with it."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in table(folder / "dirt_index.csv"):
        if line["file"] == "item_master.csv":
            found[line["key"]].append(re.sub(r" (?:by|\(of) I\d+\)?", "", line["what"]))
    return found


Place = tuple[str, str, str, str]
"""Unit, room, bed, facility."""


def locations(folder: Path) -> Mapping[Place, str]:
    """Every place of the hospital with its plant."""
    lines = table(folder / "locations.csv")
    return {(line["unit"], line["room"], line["bed"], line["facility"]): line["erp_plant"] for line in lines}
