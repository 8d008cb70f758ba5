"""Explains one field at one sink: why it may or may not arrive, by which way, and the smallest way to change that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flows.analysis import Analysis
from flows.atoms import Atom
from flows.findings import Finding, Fix, Hop
from flows.lineage import Lineage, record_path, selector
from flows.paths import PathError
from flows.trees import Tree
from flows.witness import witness


class Arrival(NamedTuple):
    """One atom at one field of the sink, and the way that it took."""

    field: str
    atom: Atom
    path: tuple[Hop, ...]


class Explanation(NamedTuple):
    """``allowed``: everything about this field that arrives may arrive. ``fixes`` are the smallest ways out if not."""

    sentences: tuple[str, ...]
    arrivals: tuple[Arrival, ...]
    findings: tuple[Finding, ...]
    fixes: tuple[Fix, ...]

    @property
    def allowed(self) -> bool:
        return not self.findings


class ExplainError(ValueError):
    """A question about a sink or a field that the flow does not have."""


def explain(analysis: Analysis, field: str, sink: str) -> Explanation:
    """Everything about ``field`` (of the message, or of the sink) at ``sink``."""
    if sink not in analysis.sinks:
        sinks = ", ".join(analysis.sinks) or "none"
        raise ExplainError(f"this flow has no sink '{sink}'; it has: {sinks}.")
    asked = _origins(analysis.lineage, field)
    arrivals = tuple(_arrivals(analysis, field, sink, asked))
    findings = tuple(
        each
        for each in analysis.findings
        if each.address.sink == sink and any(_about(each, arrival) for arrival in arrivals)
    )
    fixes = tuple(dict.fromkeys(each.fixes[0].model_dump_json() for each in findings if each.fixes))
    return Explanation(
        tuple(_sentences(analysis, field, sink, asked, arrivals, findings)),
        arrivals,
        findings,
        tuple(Fix.model_validate_json(each) for each in fixes),
    )


def _origins(line: Lineage, field: str) -> frozenset[str]:
    """The origins that a field of the message stands for: itself and its parts."""
    if ":" in field or field == "*":
        return frozenset({field})
    try:
        wanted = selector(field)
    except PathError as error:
        raise ExplainError(error.sentence) from None
    if wanted.form == "record":
        return frozenset({field})
    found = {line.offer.text(match.path) for match in line.offer.matches(wanted)}
    if not found:
        raise ExplainError(f"'{field}' stands in no accepted message.")
    return frozenset(found)


def _arrivals(analysis: Analysis, field: str, sink: str, asked: frozenset[str]) -> Iterator[Arrival]:
    line, state = analysis.lineage, analysis.lineage.before.get(sink)
    for each in analysis.sinks[sink].fields if state else ():
        path = () if each.path == "*" else record_path(each.path)
        value = line.trees.everything(line.trees.get(state.tree, path)) if state else 0
        for bit, atom in line.atoms.singles(value):
            if each.path == field or any(_part_of(atom.origin, origin) for origin in asked):
                yield Arrival(each.path, atom, witness(line, sink, path, bit))


def _part_of(origin: str, whole: str) -> bool:
    """Whether an origin is (or may be, as ``PID.*`` is) a part of what was asked for."""
    if origin.endswith(".*") and whole.startswith(origin[:-2]):
        return True
    return origin == whole or origin.startswith((f"{whole}.", f"{whole}-"))


def _about(finding: Finding, arrival: Arrival) -> bool:
    return finding.address.field == arrival.atom.origin and finding.address.path == arrival.path


def _sentences(
    analysis: Analysis,
    field: str,
    sink: str,
    asked: frozenset[str],
    arrivals: tuple[Arrival, ...],
    findings: tuple[Finding, ...],
) -> Iterator[str]:
    if not arrivals:
        yield f"{field} does not reach sink '{sink}'{_where_it_ends(analysis, asked)}."
        return
    refused = {(each.address.field, each.address.path) for each in findings}
    for arrival in arrivals:
        way = " → ".join(f"{hop.step} ({hop.field})" for hop in arrival.path)
        held = ", ".join(sorted(arrival.atom.protections)) or "unprotected"
        nature = arrival.atom.nature
        kind = f"{nature.concept}, S{nature.sensitivity}, {'+'.join(sorted(nature.classes))}, {held}"
        may = "may not arrive" if (arrival.atom.origin, arrival.path) in refused else "may arrive"
        yield f"{arrival.atom.origin} ({kind}) {may} in '{arrival.field}' of '{sink}': {way}."
    for finding in findings:
        yield f"{finding.rule}: {finding.why or finding.sentence}"
    for finding in findings[:1]:
        yield from (f"Smallest fix: {fix.title}." for fix in finding.fixes[:1])


def _where_it_ends(analysis: Analysis, asked: frozenset[str]) -> str:
    """The steps after which nothing of the field is left."""
    line, ends = analysis.lineage, []
    for name in analysis.order:
        before, after = line.before.get(name), line.after.get(name)
        if before is None or after is None or analysis.declarations[name].category == "sink":
            continue
        if _holds(line, asked, before.tree) and not _holds(line, asked, after.tree):
            ends.append(name)
    if not ends:
        return ""
    return f": {', '.join(ends)} {'lets' if len(ends) == 1 else 'let'} nothing of it through"


def _holds(line: Lineage, asked: frozenset[str], tree: Tree) -> bool:
    here = line.trees.everything(tree)
    return any(_part_of(atom.origin, origin) for atom in line.atoms.members(here) for origin in asked)
