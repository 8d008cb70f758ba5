"""``lockgate check | explain | test | diff | draw``: what an analyst asks of a flow before anybody signs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from flows.analysis import Analysis, analyse, loads
from flows.diff import Change, Difference, View, diff, view
from flows.environment import Surroundings
from flows.explain import explain as explain_field
from flows.findings import Finding, blocking
from flows.graph import NOT_READABLE, Flow, load_flow
from flows.policyset import builtin
from flows.release import Source, read_source
from flows.render import WireLoad, svg
from flows.surroundings import SurroundingsError, load_surroundings
from flows.testcases import FlowCase, differences
from lockgate.cli.context import JsonOption
from lockgate.cli.sentences import say_findings, tally
from lockgate.cli.unusable import Unusable, read, read_model, write
from nodes import catalogue
from runtime.contract_check import contract_findings
from runtime.kernel import kernel
from runtime.rehearsal import rehearsal, rehearse

MAX_FLOW = 1 << 20
FlowArgument = Annotated[Path, typer.Argument(metavar="FLOW", help="A flow file.")]
EnvironmentOption = Annotated[
    Path | None, typer.Option("--env", help="Environment file; default: environment.json beside or above the flow.")
]


class Where(NamedTuple):
    """An environment file and what it names."""

    path: Path
    data: bytes
    files: Callable[[str], bytes]


class Checked(NamedTuple):
    """A flow file with everything that was found."""

    flow: Flow | None
    around: Surroundings
    findings: tuple[Finding, ...]
    analysis: Analysis | None


def check(flow: FlowArgument, env: EnvironmentOption = None, as_json: JsonOption = False) -> None:
    """Check a flow: structure, lineage and policies. Findings are sentences with a path and ways out."""
    checked = checked_flow(flow, env)
    findings = checked.findings
    if checked.analysis is not None:
        findings += contract_findings(checked.analysis.declarations)
    bad = bool(blocking(findings))
    if as_json:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in findings], ensure_ascii=False))
    else:
        say_findings(findings)
        name = checked.flow.name if checked.flow else flow.name
        typer.echo(f"{'Does not hold' if bad else 'Holds'}: {name} ({tally(findings)}).")
    if bad:
        raise typer.Exit(1)


def explain(
    flow: FlowArgument,
    field: Annotated[str, typer.Option("--field", help="The field, such as PID-3.1.")],
    sink: Annotated[str, typer.Option("--sink", help="The id of the sink's step.")],
    env: EnvironmentOption = None,
) -> None:
    """Why a field may, or may not, arrive at a sink; and the smallest fix."""
    checked = checked_flow(flow, env)
    if checked.flow is None or checked.analysis is None:
        say_findings(checked.findings)
        raise typer.Exit(1)
    if sink not in checked.analysis.sinks:
        known = ", ".join(checked.analysis.sinks) or "none"
        raise Unusable(f"{flow}: there is no sink '{sink}'; sinks are: {known}")
    explained = explain_field(checked.analysis, field, sink)
    for sentence in explained.sentences:
        typer.echo(sentence)
    for fix in explained.fixes[:1]:
        typer.echo(f"fix: {fix.title}")


def test(
    flow: Annotated[Path, typer.Argument(metavar="FLOW_OR_DIR", help="A flow file, or a folder of flows.")],
    env: EnvironmentOption = None,
) -> None:
    """Run the test cases beside a flow (cases/*.json), or beside every flow below a folder."""
    flows = sorted(flow.rglob("flow.json")) if flow.is_dir() else [flow]
    if not flows:
        raise Unusable(f"{flow}: there is no flow.json in this folder.")
    results = [_passes(each, case, env) for each in flows for case in sorted(each.parent.glob("cases/*.json"))]
    typer.echo(f"{results.count(True)} passed, {results.count(False)} failed")
    if not results:
        raise Unusable(f"{flow}: there are no test cases (cases/*.json beside the flow).")
    if False in results:
        raise typer.Exit(1)


def diff_flows(
    before: Annotated[Path, typer.Argument(metavar="A", help="The flow file as it was.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The flow file as it is.")],
    env: EnvironmentOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed between two flows, by consequence: exposure first."""
    found = diff(_view(before, env), _view(after, env))
    if as_json:
        typer.echo(json.dumps({part: [c.model_dump(mode="json") for c in changes] for part, changes in _parts(found)}))
        return
    for part, changes in _parts(found):
        typer.echo(f"{part}: {'no change' if not changes else ''}".rstrip())
        for change in changes:
            typer.echo(f"  [{change.direction}] {change.sentence}")


def draw(
    flow: FlowArgument,
    out: Annotated[Path, typer.Option("--out", help="Where the SVG goes.")],
    env: EnvironmentOption = None,
) -> None:
    """Draw a flow as SVG: steps, wires, and how sensitive what each wire carries is."""
    checked = checked_flow(flow, env)
    if checked.flow is None:
        say_findings(checked.findings)
        raise typer.Exit(1)
    write(out, svg(checked.flow, loads_of(checked)).encode(), "a picture")
    typer.echo(f"{out}: {len(checked.flow.steps)} steps, {len(checked.flow.wires)} wires.")


def checked_flow(path: Path, env: Path | None) -> Checked:
    """A flow file, read, analysed and judged in its environment."""
    flow, found = load_flow(read(path, "a flow file", limit=MAX_FLOW))
    if flow is None and found[0].rule == NOT_READABLE:
        raise Unusable(f"{path}: {found[0].sentence}")
    where = environment_of(path, env)
    try:
        around = load_surroundings(where.data, where.files)
    except SurroundingsError as error:
        raise Unusable(f"{where.path.parent / error.file}: {error.sentence}") from None
    if flow is None:
        return Checked(None, around, found, None)
    analysis = analyse(flow, around, catalogue.declare, builtin())
    return Checked(flow, around, (*found, *analysis.findings), analysis)


def environment_of(flow: Path, env: Path | None) -> Where:
    """The environment that goes with a flow: the one that was named, or the nearest ``environment.json`` above it."""
    path = env
    if path is None:
        folders = [flow.resolve().parent, *flow.resolve().parents]
        path = next(
            (folder / "environment.json" for folder in folders if (folder / "environment.json").is_file()), None
        )
    if path is None:
        raise Unusable(f"{flow}: there is no environment.json beside or above it; name one with --env.")
    return Where(path, read(path, "an environment file", limit=MAX_FLOW), _beside(path.parent))


def loads_of(checked: Checked) -> dict[tuple[str, str], WireLoad]:
    """What each wire carries, where the lineage knows."""
    if checked.flow is None or checked.analysis is None:
        return {}
    carried = loads(checked.flow, checked.analysis)
    return {ends: WireLoad(each.sensitivity, each.fields) for ends, each in carried.items()}


def _view(path: Path, env: Path | None) -> View:
    where = environment_of(path, env)
    source = read_source(read(path, "a flow file", limit=MAX_FLOW), where.data, where.files)
    if not isinstance(source, Source):
        raise Unusable(f"{path}: {source[0].sentence}")
    return view(source.content, kernel())


def _beside(folder: Path) -> Callable[[str], bytes]:
    def files(name: str) -> bytes:
        return (folder / name).read_bytes()

    return files


def _passes(path: Path, case_path: Path, env: Path | None) -> bool:
    case = read_model(case_path, FlowCase, "a test case")
    checked = checked_flow(path, env)
    if checked.flow is None or checked.analysis is None:
        typer.echo(f"FAILED {case_path}: the flow cannot be read; 'lockgate check' says why.")
        return False
    wrong = differences(case, rehearse(rehearsal(checked.flow, checked.around, checked.analysis), case))
    typer.echo(f"{'FAILED' if wrong else 'passed'} {path.parent.name}: {case.title}")
    for sentence in wrong:
        typer.echo(f"    {sentence}")
    return not wrong


def _parts(found: Difference) -> Sequence[tuple[str, tuple[Change, ...]]]:
    return (("exposure", found.exposure), ("behaviour", found.behaviour), ("configuration", found.configuration))
