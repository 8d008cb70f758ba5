"""Asks the worker of a carrier whether it can use a contract, before anybody signs it. For drafts; nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from flows.declaration import Declaration
from flows.findings import Address, Finding, Severity
from runtime.delivery.carriers.soap import WORKER_S, worker_for
from runtime.worker_line import WorkerLost


def contract_findings(declarations: Mapping[str, Declaration]) -> tuple[Finding, ...]:
    """What the library that writes the XML has against the contracts of a flow's SOAP sinks."""
    asked = [name for name, each in declarations.items() if each.operation and each.operation.kind == "wsdl"]
    return tuple(asyncio.run(_asked(declarations, asked))) if asked else ()


async def _asked(declarations: Mapping[str, Declaration], steps: list[str]) -> list[Finding]:
    return [each for step in steps for each in await _one(step, declarations[step])]


async def _one(step: str, declared: Declaration) -> list[Finding]:
    if declared.operation is None:
        return []
    worker = worker_for(declared.operation)
    try:
        await worker.ask({"do": "hello"})
        problem = worker.opened.get("problem")
    except WorkerLost:
        problem = f"it was not read within {WORKER_S:.0f} s"
    finally:
        worker.close()
    return list(_finding(step, str(problem))) if problem else []


def _finding(step: str, problem: str) -> Iterator[Finding]:
    yield Finding(
        rule="LG-SINK-WSDL",
        severity=Severity.HARD,
        sentence=f"Sink '{step}': the contract cannot be used: {problem.rstrip('.')}.",
        address=Address(step=step, sink=step),
        why="Every posting would be held: the XML is written by a library from these very files.",
    )
