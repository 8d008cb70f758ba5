"""Joins the hand-written rules with the published HL7 tables into the committed data of flows/classification.

``python -m lockgate.tools.classification`` writes it; ``--check`` changes nothing and ends with 1 where it differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.classification.rules import VERSIONS, RuleBook, nature_text, rule_book
from flows.effects import Nature
from lockgate.tools.hl7_tables import TableField, Tables

HOME = Path(__file__).resolve().parents[2] / "flows" / "classification" / "hl7v2"

Leaves = Mapping[tuple[int, ...], Nature]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the data, or say which of it is out of date."""
    parser = argparse.ArgumentParser(prog="python -m lockgate.tools.classification", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 where files differ")
    check = parser.parse_args(arguments).check
    rules = rule_book()
    stale = [
        HOME / f"{version}.json"
        for version in VERSIONS
        if not _settle(HOME / f"{version}.json", document(version, rules), check=check)
    ]
    for path in stale:
        print(f"{path.relative_to(HOME.parents[2])} is out of date: run python -m lockgate.tools.classification")
    return 1 if stale else 0


def _settle(path: Path, text: str, *, check: bool) -> bool:
    if path.exists() and path.read_text("utf-8") == text:
        return True
    if not check:
        path.write_text(text, "utf-8")
    return not check


def document(version: str, rules: RuleBook) -> str:
    """One version's committed file: stable order, one datatype, segment or structure a line."""
    tables = Tables(version)
    datatypes = tables.datatypes()
    parts: dict[str, dict[str, Any]] = {
        "datatypes": {name: _components(components) for name, components in datatypes.items()},
        "segments": {
            name: [_field(version, name, field, datatypes, rules) for field in fields]
            for name, fields in tables.segments()
        },
        "structures": dict(tables.structures()),
    }
    head = f'{{"format":"lockgate/hl7v2/1","version":"{version}","generated":"by lockgate.tools.classification"'
    return head + "".join(f',\n"{name}":{{\n{_lines(part)}\n}}' for name, part in parts.items()) + "}\n"


def _lines(part: Mapping[str, Any]) -> str:
    return ",\n".join(f"{_compact(key)}:{_compact(value)}" for key, value in part.items())


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _components(components: list[TableField]) -> list[list[str] | None]:
    """Name and datatype by position; None where the tables leave a position out."""
    by_number = {component.number: [component.name, component.datatype] for component in components}
    return [by_number.get(number) for number in range(1, max(by_number, default=0) + 1)]


def _field(
    version: str, segment: str, field: TableField, datatypes: Mapping[str, list[TableField]], rules: RuleBook
) -> list[Any]:
    leaves = {
        parts: rules.nature(version, segment, field.number, parts, types)
        for parts, types in _leaves(field.datatype, datatypes)
    }
    usual = _usual(leaves)
    row: list[Any] = [
        field.number,
        rules.name(version, segment, field.number, field.name),
        field.datatype,
        "*" if field.repeats else "",
        nature_text(usual),
    ]
    others = _exceptions(leaves, usual)
    return [*row, others] if others else row


def _leaves(datatype: str, datatypes: Mapping[str, list[TableField]]) -> list[tuple[tuple[int, ...], list[str]]]:
    """Every leaf below a field: its component and subcomponent, and the datatypes on the way to it."""
    found: list[tuple[tuple[int, ...], list[str]]] = []
    for component in datatypes.get(datatype, []):
        inner = [
            ((component.number, sub.number), [datatype, component.datatype, sub.datatype])
            for sub in datatypes.get(component.datatype, [])
        ]
        found += inner or [((component.number,), [datatype, component.datatype])]
    return found or [((), [datatype])]


def _usual(leaves: Leaves) -> Nature:
    return Counter(leaves.values()).most_common(1)[0][0]


def _exceptions(leaves: Leaves, usual: Nature) -> dict[str, str]:
    """What differs from the usual: by component where all of it agrees, else by subcomponent."""
    others: dict[str, str] = {}
    for component in sorted({parts[0] for parts in leaves if parts}):
        inner = {parts: nature for parts, nature in leaves.items() if parts[0] == component}
        most = _usual(inner)
        if most != usual:
            others[str(component)] = nature_text(most)
        for parts, nature in inner.items():
            if nature != most:
                others[".".join(map(str, parts))] = nature_text(nature)
    return others


if __name__ == "__main__":
    sys.exit(main())
