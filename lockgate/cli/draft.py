"""``lockgate check | explain | test | diff | draw``: what an analyst asks of a flow before anybody signs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from flows.analysis import Analysis, analyse, loads
from flows.diff import View, diff, view
from flows.environment import Surroundings
from flows.explain import ExplainError
from flows.explain import explain as explain_field
from flows.findings import Finding, blocking
from flows.graph import NOT_READABLE, Flow, load_flow
from flows.policyset import builtin
from flows.release import Source, read_source
from flows.render import WireLoad, svg
from flows.surroundings import SurroundingsError, load_environment, load_surroundings
from flows.testcases import FlowCase, differences
from lockgate.cli.context import JsonOption, OutOption, named
from lockgate.cli.sentences import counted, parts, say_difference, say_findings, tally
from lockgate.cli.unusable import Unusable, read, read_model, write
from nodes import catalogue
from runtime.contract_check import contract_findings
from runtime.kernel import kernel
from runtime.rehearsal import rehearsal, rehearse

MAX_FLOW = 1 << 20
FlowArgument = Annotated[Path, typer.Argument(metavar="FLOW", parser=named, help="A flow file.", show_default=False)]
EnvironmentOption = Annotated[
    Path | None,
    typer.Option(
        "--env",
        parser=named,
        metavar="PATH",
        help="Environment file; default: environment.json beside or above the flow.",
    ),
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
    """Why a field may, or may not, arrive at a sink; and the smallest fix. Ends with 1 where it may not."""
    checked = checked_flow(flow, env)
    if checked.flow is None or checked.analysis is None:
        say_findings(checked.findings)
        raise typer.Exit(1)
    if sink not in checked.analysis.sinks:
        known = ", ".join(checked.analysis.sinks) or "none"
        raise Unusable(f"{flow}: there is no sink '{sink}'; sinks are: {known}")
    try:
        explained = explain_field(checked.analysis, field, sink)
    except ExplainError as error:
        raise Unusable(f"--field {field}: {error}") from None
    for sentence in explained.sentences:
        typer.echo(sentence)
    if not explained.allowed:
        raise typer.Exit(1)


def test(
    flow: Annotated[
        Path,
        typer.Argument(
            metavar="FLOW_OR_DIR", parser=named, help="A flow file, or a folder of flows.", show_default=False
        ),
    ],
    env: EnvironmentOption = None,
) -> None:
    """Run the test cases beside a flow (cases/*.json), or beside every flow below a folder."""
    results = [_passes(each, case, env) for each in _flows(flow) for case in sorted(each.parent.glob("cases/*.json"))]
    if not results:
        raise Unusable(f"{flow}: there are no test cases (cases/*.json beside the flow).")
    typer.echo(f"{results.count(True)} passed, {results.count(False)} failed")
    if False in results:
        raise typer.Exit(1)


def diff_flows(
    before: Annotated[
        Path, typer.Argument(metavar="A", parser=named, help="The flow file as it was.", show_default=False)
    ],
    after: Annotated[
        Path, typer.Argument(metavar="B", parser=named, help="The flow file as it is.", show_default=False)
    ],
    env: EnvironmentOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed between two flows, by consequence: exposure first."""
    found = diff(_view(before, env), _view(after, env))
    if as_json:
        typer.echo(json.dumps({part: [c.model_dump(mode="json") for c in changes] for part, changes in parts(found)}))
        return
    say_difference(found)


def draw(
    flow: FlowArgument,
    out: OutOption,
    env: EnvironmentOption = None,
) -> None:
    """Draw a flow as SVG: steps, wires, and how sensitive what each wire carries is."""
    checked = checked_flow(flow, env)
    if checked.flow is None:
        say_findings(checked.findings)
        raise typer.Exit(1)
    write(out, svg(checked.flow, loads_of(checked)).encode(), "a picture")
    steps, wires = counted(len(checked.flow.steps), "step"), counted(len(checked.flow.wires), "wire")
    typer.echo(f"{out}: {steps}, {wires}.")


def checked_flow(path: Path, env: Path | None) -> Checked:
    """A flow file, read, analysed and judged in its environment."""
    flow, found = readable_flow(path)
    around = surroundings_of(environment_of(path, env))
    if flow is None:
        return Checked(None, around, found, None)
    analysis = analyse(flow, around, catalogue.declare, builtin())
    return Checked(flow, around, (*found, *analysis.findings), analysis)


def readable_flow(path: Path) -> tuple[Flow | None, tuple[Finding, ...]]:
    """The flow in a file and what is wrong with it; a file that is not even JSON is unusable."""
    flow, found = load_flow(read(path, "a flow file", limit=MAX_FLOW))
    if flow is None and found[0].rule == NOT_READABLE:
        raise Unusable(f"{path}: {found[0].sentence}")
    return flow, found


def surroundings_of(where: Where) -> Surroundings:
    """What an environment file describes; Unusable names the file that cannot be used, itself or one that it names."""
    try:
        load_environment(where.data, where.path.name)
        return load_surroundings(where.data, where.files)
    except SurroundingsError as error:
        raise Unusable(f"{where.path.parent / error.file}: {error.sentence}") from None


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
    return named_environment(path)


def named_environment(path: Path) -> Where:
    """The environment file at ``path``."""
    return Where(path, read(path, "an environment file", limit=MAX_FLOW), _beside(path.parent))


def loads_of(checked: Checked) -> dict[tuple[str, str], WireLoad]:
    """What each wire carries, where the lineage knows."""
    if checked.flow is None or checked.analysis is None:
        return {}
    carried = loads(checked.flow, checked.analysis)
    return {ends: WireLoad(each.sensitivity, each.fields) for ends, each in carried.items()}


def _view(path: Path, env: Path | None) -> View:
    flow, found = readable_flow(path)
    where = environment_of(path, env)
    surroundings_of(where)
    source = read_source(read(path, "a flow file", limit=MAX_FLOW), where.data, where.files)
    if flow is None or not isinstance(source, Source):
        raise Unusable(f"{path}: {found[0].sentence if found else 'this flow cannot be compared.'}")
    return view(source.content, kernel())


def _beside(folder: Path) -> Callable[[str], bytes]:
    def files(name: str) -> bytes:
        path = folder / name
        if path.exists() and not path.is_file():
            raise Unusable(f"{path}: this is no file; the environment names it.")
        return path.read_bytes()

    return files


def _flows(path: Path) -> list[Path]:
    if not path.exists():
        raise Unusable(f"{path}: there is no such file or folder.")
    flows = sorted(path.rglob("flow.json")) if path.is_dir() else [path]
    if not flows:
        raise Unusable(f"{path}: there is no flow.json in this folder.")
    return flows


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
