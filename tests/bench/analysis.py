"""CPU of one analysis by number of steps: ``python -m tests.bench.analysis``. Goals: 20 in 15 ms, 200 in 100 ms."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from flows.analysis import analyse
from flows.graph import Flow, read_flow
from flows.judge import builtin
from nodes.catalogue import declare
from tests.flows.shipped import around, flow_of

GOALS_MS = {20: 15, 200: 100}
_PATHS = ("PID-5.1", "PID-7", "PID-11.1", "NK1-2.1", "PV1-7.1", "FT1-22", "PID-13.1", "PID-19", "IN1-36", "GT1-3.1")


def lengthened(steps: int, *, unknown: bool = False) -> Flow:
    """Supply consumption with masks and branches that meet again, up to a number of steps."""
    flow: Any = flow_of()
    flow["wires"] = [wire for wire in flow["wires"] if wire["to"] != "to-material.in"]
    last = ["tokenise"]
    while len(flow["steps"]) < steps:
        number = len(flow["steps"])
        width = 2 if number % 10 == 5 and len(flow["steps"]) + 2 <= steps else 1
        new = [f"mask-{number}-{branch}" for branch in range(width)]
        for branch, name in enumerate(new):
            entries = [{"path": _PATHS[(number + branch + k) % len(_PATHS)], "method": "redact"} for k in range(5)]
            step = {"id": name, "kind": "mask", "version": 1, "title": name, "config": {"fields": entries}}
            flow["steps"].append(step)
            flow["wires"] += [{"from": f"{each}.out", "to": f"{name}.in"} for each in last]
        last = new
    if unknown:
        flow["steps"][-1]["kind"] = "magic"
    flow["wires"] += [{"from": f"{each}.out", "to": "to-material.in"} for each in last]
    read, found = read_flow(flow)
    if read is None:
        raise SystemExit(f"the bench flow cannot be read: {found[0].sentence}")
    return read


def measured(flow: Flow, rounds: int = 9) -> tuple[float, float]:
    """(first, median of the rest) in milliseconds of CPU."""
    surroundings, policies = around(), builtin()
    took = []
    for _ in range(rounds):
        begin = time.process_time()
        analyse(flow, surroundings, declare, policies)
        took.append(1000 * (time.process_time() - begin))
    return took[0], statistics.median(took[1:])


def main() -> None:
    measured(lengthened(8))
    result = {}
    for steps in (8, 20, 200):
        for unknown in (False, True):
            first, median = measured(lengthened(steps, unknown=unknown))
            name = f"{steps} steps" + (", one unknown" if unknown else "")
            result[name] = {"first_ms": round(first, 1), "median_ms": round(median, 1)}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
