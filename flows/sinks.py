"""What reaches each sink: the report that a manifest holds, and whether it fits the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from flows.atoms import Atom
from flows.declaration import Declaration
from flows.effects import Verb
from flows.findings import Address, Finding, Json, Severity
from flows.graph import Flow
from flows.lineage import Lineage, State, record_path
from flows.trees import Path
from flows.vocabulary import Purpose


class FieldAtoms(NamedTuple):
    """A field of a sink and all that can stand in it."""

    path: str
    atoms: tuple[Atom, ...]


class SinkReport(NamedTuple):
    """What a sink receives. ``control`` are the values that decide whether, where or how often it does."""

    connection: str | None
    operation: str | None
    purpose: Purpose
    fields: tuple[FieldAtoms, ...]
    control: tuple[Atom, ...]

    def as_json(self) -> Json:
        return {
            "connection": self.connection,
            "operation": self.operation,
            "purpose": str(self.purpose),
            "fields": {each.path: [atom_json(atom) for atom in each.atoms] for each in self.fields},
            "control": [atom_json(atom) for atom in self.control],
        }


def atom_json(atom: Atom) -> Json:
    """An atom as a manifest holds it."""
    return {
        "origin": atom.origin,
        "concept": str(atom.nature.concept),
        "sensitivity": atom.nature.sensitivity,
        "classes": sorted(str(each) for each in atom.nature.classes),
        "protections": sorted(str(each) for each in atom.protections),
    }


def sink_reports(
    flow: Flow, declarations: Mapping[str, Declaration], line: Lineage, order: tuple[str, ...]
) -> dict[str, SinkReport]:
    """One report a sink."""
    reports = {}
    for name in order:
        declaration = declarations[name]
        if declaration.category != "sink":
            continue
        state = line.before.get(name)
        reports[name] = SinkReport(
            connection=declaration.connection,
            operation=declaration.operation.operation if declaration.operation else None,
            purpose=flow.purpose,
            fields=tuple(
                FieldAtoms(text, line.atoms.members(value)) for text, _, value in received(declaration, line, state)
            ),
            control=line.atoms.members(state.control) if state else (),
        )
    return reports


def received(declaration: Declaration, line: Lineage, state: State | None) -> Iterator[tuple[str, Path, int]]:
    """(name, place, value) of each field that a sink sends. Where its fields are not known, that is everything."""
    if state is None:
        return
    sends = declaration.effects.sends
    if sends is None:
        everything = line.trees.everything(state.tree)
        if everything:
            yield "*", (), everything
        return
    for text in sorted(sends):
        if any(other.startswith(f"{text}.") for other in sends):
            continue
        path = record_path(text)
        here = line.trees.get(state.tree, path)
        if line.trees.exists(here):
            yield text, path, line.trees.everything(here)


def sink_findings(
    declarations: Mapping[str, Declaration], line: Lineage, reports: Mapping[str, SinkReport]
) -> Iterator[Finding]:
    """Fields that the contract does not take, or requires and never gets: every posting would be parked."""
    for name in reports:
        declaration, state = declarations[name], line.before.get(name)
        operation, sends = declaration.operation, declaration.effects.sends
        if operation is None or sends is None or state is None or state.tree.wild or not state.types:
            continue
        tops = {text.split(".")[0] for text in sends}
        there = [each for each, kid in line.trees.kids(state.tree).items() if line.trees.exists(kid)]
        plain = all(each.startswith("record") for each in state.types)
        for extra in sorted(set(there) - tops) if plain else ():
            what = f"is not in the contract of operation '{operation.operation}'; every posting would be parked"
            yield _misfit(name, extra, what)
        before = _before(line, name)
        if not any(declarations[each].effects.emits is not None for each in before):
            continue  # nothing comes here at all: that is said of the step which nothing reaches
        for field in operation.fields:
            if field.required and "." not in field.path and field.path not in there:
                writer = next((each for each in before if _writes(declarations[each], field.path)), None)
                why = f"and step '{writer}' has nothing to write it from" if writer else "and no step writes it"
                yield _misfit(name, field.path, f"is required by operation '{operation.operation}', {why}")


def _before(line: Lineage, name: str) -> tuple[str, ...]:
    """The steps from which records come to a step, the nearest first."""
    found: dict[str, None] = {}
    edge = [name]
    while edge:
        for each in line.inputs.get(edge.pop(0), ()):
            if each not in found:
                found[each] = None
                edge.append(each)
    return tuple(found)


def _writes(declaration: Declaration, field: str) -> bool:
    return any(each.verb is Verb.DERIVE and each.field == field for each in declaration.effects.named)


def _misfit(sink: str, field: str, what: str) -> Finding:
    return Finding(
        rule="LG-SINK-CONTRACT",
        severity=Severity.HARD,
        sentence=f"Sink '{sink}': field '{field}' {what}.",
        address=Address(step=sink, sink=sink, field=field),
        why="A sink sends exactly the fields of its signed contract.",
    )
