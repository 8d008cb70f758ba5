"""The analysis of a draft as the browser gets it: findings, what wires carry, meters of sinks, badges of steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from designer import effecting
from designer.drawing import Found
from designer.http.models import drafts as shapes
from flows.analysis import Analysis, load, loads
from flows.atoms import Atom
from flows.effects import Verb
from flows.findings import Severity
from flows.graph import Flow
from flows.sinks import SinkReport
from flows.structure import UNREAD
from flows.trees import EMPTY
from flows.vocabulary import S3


def body(found: Found, revision: int) -> shapes.AnalysisBody:
    """All of it. A document that cannot be read has findings and nothing else."""
    with found.lock:
        return _body(found, revision)


def _body(found: Found, revision: int) -> shapes.AnalysisBody:
    blocks = Counter(each.address.step or each.address.sink for each in found.findings if _blocks(each.severity))
    warns = Counter(each.address.step or each.address.sink for each in found.findings if each.severity is Severity.SOFT)
    flow, analysis = found.flow, found.analysis
    return shapes.AnalysisBody(
        revision=revision,
        findings=found.findings,
        wires=tuple(_wires(flow, analysis)) if flow and analysis else (),
        sinks=tuple(_sinks(analysis)) if analysis else (),
        steps=tuple(_steps(flow, analysis, blocks, warns)) if flow and analysis else (),
        blocks=blocks.total(),
        warns=warns.total(),
        ms=found.ms,
    )


@lru_cache(maxsize=65536)
def atom_body(atom: Atom) -> shapes.AtomBody:
    nature = atom.nature
    return shapes.AtomBody(
        origin=atom.origin,
        concept=nature.concept,
        sensitivity=nature.sensitivity,
        classes=tuple(sorted(nature.classes)),
        protections=tuple(sorted(atom.protections)),
    )


def _blocks(severity: Severity) -> bool:
    return severity is Severity.HARD


def _wires(flow: Flow, analysis: Analysis) -> Iterator[shapes.WireBody]:
    carried = loads(flow, analysis)
    for wire in flow.wires:
        held = carried.get(wire.ends, EMPTY)
        state = analysis.lineage.after.get(wire.source.step)
        types = sorted(each for each in state.types if each != UNREAD) if state else []
        yield shapes.WireBody(  # type: ignore[call-arg]  # mypy knows aliases alone
            from_=wire.from_,
            to=wire.to,
            sensitivity=held.sensitivity,
            bare=held.bare,
            fields=held.fields,
            type=" or ".join(types) or None,
        )


def _sinks(analysis: Analysis) -> Iterator[shapes.SinkBody]:
    for name, report in analysis.sinks.items():
        yield shapes.SinkBody(
            step=name,
            connection=report.connection,
            operation=report.operation,
            reads=len(report.fields),
            offered=max(_offered(analysis, name), len(report.fields)),
            excess_s3=sum(_bare(field.atoms) >= S3 for field in report.fields),
            fields=tuple(_fields(report)),
        )


def _fields(report: SinkReport) -> Iterator[shapes.SinkField]:
    for field in report.fields:
        highest = max((atom.nature.sensitivity for atom in field.atoms), default=-1)
        yield shapes.SinkField(path=field.path, sensitivity=highest, atoms=tuple(map(atom_body, field.atoms)))


def _bare(atoms: tuple[Atom, ...]) -> int:
    return max((atom.nature.sensitivity for atom in atoms if not atom.protections), default=-1)


def _offered(analysis: Analysis, sink: str) -> int:
    """How many fields the record had before the step that chose from them: the last one that drops the rest."""
    line, seen, edge = analysis.lineage, {sink}, [sink]
    offered = 0
    while edge:
        name = edge.pop()
        effects = line.effects.get(name)
        offered = max(offered, load(analysis, line.before.get(name)).fields)
        if effects is not None and effects.rest is Verb.DROP and name != sink:
            continue
        for each in line.inputs.get(name, ()):
            if each not in seen and _passes(analysis, each):
                seen.add(each)
                edge.append(each)
    return offered


def _passes(analysis: Analysis, name: str) -> bool:
    effects = analysis.lineage.effects.get(name)
    return effects is not None and effects.rest is Verb.DROP and effects.emits is None


def _steps(
    flow: Flow, analysis: Analysis, blocks: Counter[str | None], warns: Counter[str | None]
) -> Iterator[shapes.StepBody]:
    for step in {each.id: each for each in flow.steps}.values():
        declared = analysis.declarations.get(step.id)
        known = declared is not None and declared.kind != UNREAD
        yield shapes.StepBody(
            step=step.id,
            sentence=effecting.of(declared) if declared and known else "Cannot be read yet",
            category=declared.category if declared and known else "unknown",
            inputs=declared.inputs if declared and declared.category != "source" else (),
            outputs=declared.outputs if declared and declared.category != "sink" else (),
            blocks=blocks[step.id],
            warns=warns[step.id],
        )
