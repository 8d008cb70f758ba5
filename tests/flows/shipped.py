"""The shipped flows as values to take apart: what the tests of the kernel start from."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import flows
from flows.analysis import Analysis, analyse
from flows.edits import apply_edits
from flows.environment import Surroundings
from flows.findings import Finding, RemoveStep, Severity
from flows.graph import read_flow
from flows.judge import PolicySet, builtin
from flows.surroundings import load_surroundings
from nodes.catalogue import declare

Json = Any
LIBRARY = Path(flows.__file__).parent / "library"
SUPPLY = "supply-consumption"


def flow_of(name: str = SUPPLY) -> Json:
    return json.loads((LIBRARY / name / "flow.json").read_text("utf-8"))


def environment_of(name: str = SUPPLY) -> Json:
    return json.loads((LIBRARY / name / "environment.json").read_text("utf-8"))


def around(environment: Json | None = None, name: str = SUPPLY) -> Surroundings:
    data = json.dumps(environment if environment is not None else environment_of(name)).encode()
    return load_surroundings(data, lambda path: (LIBRARY / name / path).read_bytes())


def analysed(
    flow: Json,
    environment: Json | None = None,
    name: str = SUPPLY,
    policies: PolicySet | None = None,
    waivers: tuple[Any, ...] = (),
) -> Analysis:
    """The analysis of a flow's JSON value, which must be readable."""
    read, _ = read_flow(flow)
    assert read is not None
    return analyse(read, around(environment, name), declare, policies or builtin(), waivers)


def check(flow: Json, environment: Json | None = None, name: str = SUPPLY) -> list[Finding]:
    """All findings but the advisory ones."""
    read, found = read_flow(flow)
    rest = analysed(flow, environment, name).findings if read is not None else ()
    return [each for each in (*found, *rest) if each.severity is not Severity.ADVISORY]


def rules(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    return [each.rule for each in findings]


def step(flow: Json, name: str) -> Json:
    return next(each for each in flow["steps"] if each["id"] == name)


def unmasked() -> Json:
    """Supply consumption without its mask step."""
    return apply_edits(flow_of(), [RemoveStep(step="tokenise")])


def changed(change: Any) -> Json:
    """Supply consumption after ``change(flow)``."""
    flow = copy.deepcopy(flow_of())
    change(flow)
    return flow
