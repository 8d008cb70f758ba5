"""A flow file with anything anywhere: findings, never an exception, and every offered fix can be carried out."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.analysis import analyse
from flows.edits import EditError, apply_edits, apply_to_environment
from flows.graph import read_flow
from flows.judge import builtin
from nodes.catalogue import declare
from tests.flows.shipped import around, environment_of, flow_of

AROUND = around()
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    10**12,
    "",
    "x",
    "PID.3",
    "PID-3",
    "PID-3[0].1",
    "ZZZ-1",
    "FINANCIAL",
    "lines",
    "lines.out",
    "receive",
    "mask",
    "rest",
    "erp-inventory",
    "or-system",
    "*@2.1-2.8",
    "DFT^P03@2.5",
    "XXX^Y99@9.9",
    "a" * 300,
    "é",
    "'; drop",
    [],
    {},
    ["PID-3.1"],
    [[]],
    {"path": "PID-5", "method": "redact"},
    {"field": "PID-3.1"},
    {"fn": "concat", "args": []},
    {"from": "event.out", "to": "check.in"},
]


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    if isinstance(value, dict):
        for name, each in value.items():
            found += _places(each, (*at, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            found += _places(each, (*at, number))
    return found


def _broken(chance: random.Random) -> Any:
    flow = flow_of()
    for _ in range(chance.randint(1, 4)):
        place = chance.choice(_places(flow))
        holder = flow
        for part in place[:-1]:
            holder = holder[part]
        kind = chance.random()
        if kind < 0.3:
            del holder[place[-1]]
        elif kind < 0.4 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[place[-1]]))
        elif kind < 0.5 and isinstance(holder, dict):
            holder["strange"] = chance.choice(VALUES)
        else:
            holder[place[-1]] = copy.deepcopy(chance.choice(VALUES))
        if not flow:
            break
    return flow


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**48))
def test_anything_anywhere_gives_findings_and_no_exception(seed):
    flow = _broken(random.Random(seed))
    read, found = read_flow(flow)
    findings = [*found, *(analyse(read, AROUND, declare, builtin()).findings if read is not None else ())]
    assert read is not None or findings
    for finding in findings[:5]:
        assert finding.sentence.strip()
        for fix in finding.fixes:
            try:
                apply_to_environment(environment_of(), fix.edits)
                apply_edits(flow, fix.edits)
            except (EditError, KeyError, TypeError, AttributeError):
                # A fix is made for the flow as it could be read; where the file itself is broken, that comes first.
                assert found, (finding.rule, fix.title)
