"""How grave what reaches the sinks of a flow is: as it is, and under a protection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from designer.drawing import Found


class Outgoing(NamedTuple):
    """Sensitivities from 0 to 4; -1 where nothing leaves so."""

    bare: int = -1
    """The highest of what nothing protects."""
    held: int = -1
    """The highest of what leaves only under a protection."""


def of_draft(found: Found) -> Outgoing:
    """By the analysis of a draft."""
    if found.analysis is None:
        return Outgoing()
    reports = found.analysis.sinks.values()
    atoms = (atom for report in reports for field in report.fields for atom in field.atoms)
    return _weighed((atom.nature.sensitivity, atom.protections) for atom in atoms)


def of_release(lineage: Mapping[str, Any]) -> Outgoing:
    """By the sealed lineage of a release."""
    atoms = (atom for sink in lineage.values() for atoms in sink["fields"].values() for atom in atoms)
    return _weighed((atom["sensitivity"], atom["protections"]) for atom in atoms)


def _weighed(atoms: Iterable[tuple[int, Collection[str]]]) -> Outgoing:
    bare = held = -1
    for sensitivity, protections in atoms:
        if protections:
            held = max(held, sensitivity)
        else:
            bare = max(bare, sensitivity)
    return Outgoing(bare, held)
