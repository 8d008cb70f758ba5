"""The whole analysis of a flow: what is wrong with it, what reaches its sinks, and what the policies say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from flows.atoms import Atom
from flows.declaration import Declaration, Declare
from flows.edits import EditError, apply_edits
from flows.effects import Effects, Emission, Verb
from flows.environment import Surroundings
from flows.findings import Edit, Finding, Json, SetFlow, Severity
from flows.first_leaves import FirstLeaves
from flows.following import passing, silenced, told
from flows.graph import Flow, Step, dump_flow, read_flow
from flows.judge import Judged, judge
from flows.lineage import Lineage, State, lineage
from flows.policyset import PolicySet
from flows.selections import Selections
from flows.sinks import SinkReport, sink_findings, sink_reports
from flows.structure import UNREAD, Shape, shape, structure, type_findings
from flows.trees import EMPTY, Load


class Waived(Protocol):
    """A waiver as policies see it: a soft rule that need not hold at a step (None: anywhere in the flow)."""

    @property
    def rule(self) -> str: ...
    @property
    def step(self) -> str | None: ...


class Analysis(NamedTuple):
    """Everything that was found. ``order`` is the topological order of the steps that can be followed."""

    findings: tuple[Finding, ...]
    lineage: Lineage
    sinks: Mapping[str, SinkReport]
    order: tuple[str, ...]
    shape: Shape
    declarations: Mapping[str, Declaration]
    judged: Judged


def analyse(
    flow: Flow, around: Surroundings, declare: Declare, policies: PolicySet, waivers: Sequence[Waived] = ()
) -> Analysis:
    """Checks a flow in its surroundings. Findings never hide each other: it goes on as far as it can.

    ``waivers`` are those in force: whoever calls knows the time.
    """
    around = around._replace(purpose=flow.purpose)

    def again(edits: Sequence[Edit]) -> tuple[Finding, ...] | None:
        changed = _changed(flow, edits)
        return _once(changed, around, declare, policies, waivers).findings if changed is not None else None

    found = _once(flow, around, declare, policies, waivers)
    leaves = FirstLeaves(found.lineage, found.declarations, found.shape, again)
    return found._replace(findings=leaves.offered(found.findings))


def _changed(flow: Flow, edits: Sequence[Edit]) -> Flow | None:
    try:
        changed, found = read_flow(apply_edits(dump_flow(flow), edits))
    except EditError:
        return None
    return None if found else changed


def _once(
    flow: Flow, around: Surroundings, declare: Declare, policies: PolicySet, waivers: Sequence[Waived]
) -> Analysis:
    declarations, unread = _declared(flow, around, declare)
    found = [finding for d in declarations.values() for finding in _rebased(flow, d.problems)]
    found.extend(structure(flow, declarations))
    whole = shape(flow, declarations)
    line = lineage(whole.order, whole.inputs, declarations)
    silent = silenced(declarations)
    sure = lineage(whole.order, whole.inputs, silent) if silent != declarations else line
    found.extend(type_findings(whole, declarations, sure))
    judgeable = tuple(name for name in whole.order if UNREAD not in sure.before[name].types)
    found.extend(Selections(flow, around, line, declarations).findings(whole.steps, judgeable))
    reports = sink_reports(flow, declarations, line, whole.order)
    found.extend(sink_findings(declarations, line, reports))
    judged = judge(flow, around, declarations, line, whole, policies, waivers)
    certain = judged if sure is line else judge(flow, around, silent, sure, whole, policies, waivers)
    found.extend(each for each in certain.findings if not _unread_at(each, declarations))
    found[:0] = told(unread, whole, declarations)
    once = tuple({finding.model_dump_json(): finding for finding in found}.values())
    return Analysis(once, line, reports, whole.order, whole, declarations, judged)


def verdict(analysis: Analysis) -> Json:
    """What each rule said to each request: deterministic, results only. A runtime computes it again and compares."""
    return analysis.judged.verdict


def lineage_report(analysis: Analysis) -> Json:
    """Sink -> fields with the atoms that reach them: deterministic, part of the manifest."""
    return {name: report.as_json() for name, report in sorted(analysis.sinks.items())}


def hardest(findings: Sequence[Finding]) -> Severity | None:
    """The gravest severity among findings."""
    ranks = (Severity.HARD, Severity.SOFT, Severity.ADVISORY)
    return next((rank for rank in ranks if any(finding.severity is rank for finding in findings)), None)


def arriving(analysis: Analysis, sink: str, field: str) -> tuple[Atom, ...]:
    """The atoms that reach a field of a sink."""
    report = analysis.sinks.get(sink)
    return next((each.atoms for each in report.fields if each.path == field), ()) if report else ()


def let_through(analysis: Analysis) -> Analysis:
    """With the lineage as it would be if steps that cannot be read yet let everything through; for looking, not for
    judging."""
    declarations = passing(analysis.declarations)
    if declarations == analysis.declarations:
        return analysis
    return analysis._replace(lineage=lineage(analysis.order, analysis.shape.inputs, declarations))


def load(analysis: Analysis, state: State | None) -> Load:
    """What a record in this state can hold: how many fields, and how sensitive they are."""
    line = analysis.lineage
    return line.trees.load(state.tree, line.offer.root) if state is not None else EMPTY


def loads(flow: Flow, analysis: Analysis) -> dict[tuple[str, str], Load]:
    """What each wire carries, by its ends; wires that nothing comes through are left out."""
    after = analysis.lineage.after
    found = {wire.ends: load(analysis, after.get(wire.source.step)) for wire in flow.wires}
    return {ends: each for ends, each in found.items() if each != EMPTY}


def _declared(flow: Flow, around: Surroundings, declare: Declare) -> tuple[dict[str, Declaration], list[Finding]]:
    """Every step's declaration. One that cannot be read is read again with its first fixes; else nothing is known."""
    declarations: dict[str, Declaration] = {}
    found: list[Finding] = []
    for step in flow.steps:
        if step.id in declarations:
            continue
        declaration = declare(step, around)
        if not isinstance(declaration, Declaration):
            found.extend(_rebased(flow, declaration))
            declaration = _mended(step, around, declare, declaration) or _assumed(flow, step)
        declarations[step.id] = declaration
    return declarations, found


def _mended(step: Step, around: Surroundings, declare: Declare, found: tuple[Finding, ...]) -> Declaration | None:
    """The declaration after the first fix of each finding: so the rest of the flow is judged as it was meant."""
    document: dict[str, Any] = {"steps": [step.model_dump(mode="json")], "wires": []}
    for finding in found:
        if not finding.fixes:
            return None
        try:
            document = apply_edits(document, finding.fixes[0].edits)
        except (EditError, KeyError, TypeError):
            return None
    again = declare(Step.model_validate(document["steps"][0]), around)
    return again if isinstance(again, Declaration) else None


def _assumed(flow: Flow, step: Step) -> Declaration:
    """What is assumed of a step that cannot be read: it may do anything."""
    into, out = any(flow.into(step.id)), any(flow.out_of(step.id))
    connected = step.connection is not None
    effects = Effects(rest=Verb.UNKNOWN)
    if connected and not into:
        effects = effects._replace(emits=Emission(UNREAD, ()))
        return Declaration(UNREAD, 1, step.title, "source", effects=effects, connection=step.connection)
    category: Literal["sink", "transform"] = "sink" if connected and not out else "transform"
    takes = ("hl7v2", "fhir", "record", UNREAD)
    return Declaration(UNREAD, 1, step.title, category, takes=takes, effects=effects, connection=step.connection)


def _unread_at(finding: Finding, declarations: Mapping[str, Declaration]) -> bool:
    at = declarations.get(finding.address.step or finding.address.sink or "")
    return at is not None and at.kind == UNREAD


def _rebased(flow: Flow, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """With pointers into the flow file: a declaration knows only its own step."""
    return tuple(_in_flow(flow, finding) for finding in findings)


def _in_flow(flow: Flow, finding: Finding) -> Finding:
    step, place = finding.address.step, finding.address.pointer
    if step is None or place is None or place.startswith("/steps/"):
        return finding
    address = finding.address.model_copy(update={"pointer": flow.pointer(step) + place})
    fixes = tuple(fix.model_copy(update={"edits": _edits_in_flow(flow, step, fix.edits)}) for fix in finding.fixes)
    return finding.model_copy(update={"address": address, "fixes": fixes})


def _edits_in_flow(flow: Flow, step: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    return tuple(
        edit.model_copy(update={"pointer": flow.pointer(step) + edit.pointer}) if isinstance(edit, SetFlow) else edit
        for edit in edits
    )
