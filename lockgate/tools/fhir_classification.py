"""Joins the hand-written rules with the published FHIR structures into the committed data of flows/classification.

``python -m lockgate.tools.fhir_classification`` writes it; ``--check`` changes nothing and ends with 1 if it differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.classification.fhir_rules import Leaf, RuleBook, fhir_rule_book
from flows.classification.rules import nature_text
from lockgate.tools.fhir_structures import Element, elements, is_datatype, names

HOME = Path(__file__).resolve().parents[2] / "flows" / "classification" / "fhir"
RELEASE = "R4"
OPEN = frozenset({"Extension", "Resource"})
"""Types below which no table says anything."""

Parts = tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the data, or say that it is out of date."""
    parser = argparse.ArgumentParser(prog="python -m lockgate.tools.fhir_classification", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 where the file differs")
    check = parser.parse_args(arguments).check
    path, text = HOME / f"{RELEASE}.json", document(fhir_rule_book())
    if path.exists() and path.read_text("utf-8") == text:
        return 0
    if not check:
        path.write_text(text, "utf-8")
        return 0
    print(f"{path.relative_to(HOME.parents[2])} is out of date: run python -m lockgate.tools.fhir_classification")
    return 1


def document(rules: RuleBook) -> str:
    """The committed file: stable order, one datatype or one element a line."""
    rows = {name: list(_rows(name, name, (), rules)) for name in rules.resources}
    datatypes = {name: _datatype(name) for name in _used(rows)}
    head = f'{{"format":"lockgate/fhir/1","release":"{RELEASE}","generated":"by lockgate.tools.fhir_classification"'
    types = _compact(" ".join(rules.types))
    shown = _compact(" ".join(names()))
    inside = ",\n".join(f"{_compact(name)}:{_compact(rows)}" for name, rows in sorted(datatypes.items()))
    each = ",\n".join(f"{_compact(name)}:[\n{_lines(rows[name])}\n]" for name in rows)
    return f'{head},\n"types":{types},\n"names":{shown},\n"datatypes":{{\n{inside}\n}},\n"resources":{{\n{each}\n}}}}\n'


def _lines(rows: list[list[Any]]) -> str:
    return ",\n".join(_compact(row) for row in rows)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _rows(resource: str, owner: str, above: Parts, rules: RuleBook) -> Iterator[list[Any]]:
    """Path, datatype, whether it repeats, the usual nature, and what differs from it; backbones have no nature."""
    if not above:
        yield ["id", "id", "", nature_text(rules.nature(Leaf(resource, ("id",), (), ("id",))))]
    for element in elements(owner):
        path = (*above, element.name)
        repeats = "*" if element.repeats else ""
        if element.backbone:
            yield [".".join(path), "", repeats]
            yield from _rows(resource, element.datatype, path, rules)
        else:
            yield _row(resource, path, element, repeats, rules)


def _row(resource: str, path: Parts, element: Element, repeats: str, rules: RuleBook) -> list[Any]:
    leaves = {
        parts: rules.nature(Leaf(resource, path, parts, types)) for parts, types in _leaves((element.datatype,), ())
    }
    usual = Counter(leaves.values()).most_common(1)[0][0]
    row = [".".join(path), element.datatype, repeats, nature_text(usual)]
    others = _exceptions(leaves, usual)
    return [*row, others] if others else row


def _leaves(types: Parts, parts: Parts) -> Iterator[tuple[Parts, Parts]]:
    """Every primitive below, with the datatypes on the way to it. A type inside itself is not gone into again."""
    name = types[-1]
    if not is_datatype(name) or name in OPEN or name in types[:-1]:
        yield parts, types
        return
    for element in elements(name):
        yield from _leaves((*types, element.datatype), (*parts, element.name))


def _exceptions(leaves: Mapping[Parts, Any], usual: Any) -> dict[str, str]:
    """What differs from the usual, by the shortest paths that say so."""
    others: dict[str, str] = {}
    for parts, nature in leaves.items():
        known = next((others[at] for at in _above(parts) if at in others), nature_text(usual))
        if nature_text(nature) == known:
            continue
        above = next((at for at in reversed(list(_above(parts))) if _agree(leaves, at, nature)), ".".join(parts))
        others[above] = nature_text(nature)
    return others


def _above(parts: Parts) -> Iterator[str]:
    """A path and what stands above it, the longest first."""
    return (".".join(parts[:end]) for end in range(len(parts), 0, -1))


def _agree(leaves: Mapping[Parts, Any], at: str, nature: Any) -> bool:
    whole = tuple(at.split("."))
    return all(each == nature for parts, each in leaves.items() if parts[: len(whole)] == whole)


def _datatype(name: str) -> list[list[str]]:
    return [[each.name, each.datatype, "*" if each.repeats else ""] for each in elements(name)]


def _used(rows: Mapping[str, list[list[Any]]]) -> set[str]:
    """The datatypes of all elements, and those inside of them."""
    waiting = [row[1] for each in rows.values() for row in each]
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name and name not in used and is_datatype(name) and name not in OPEN:
            used.add(name)
            waiting += [each.datatype for each in elements(name)]
    return used


if __name__ == "__main__":
    sys.exit(main())
