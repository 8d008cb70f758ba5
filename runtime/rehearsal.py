"""Rehearsals: the interpreter of the real thing on a draft, with sinks that only record.

A Rehearsal holds no connection, no secret and no network: what it makes are bodies in memory. It is a type of its own,
and nothing that can reach a sink takes one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flows.analysis import Analysis
from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.graph import Flow, Step
from flows.master_table import Table
from flows.masters import Row, Snapshot, contract_digest, write_snapshot
from flows.testcases import Became, FlowCase
from nodes import catalogue
from nodes.contract import Node
from nodes.source import Accepted as Taken
from nodes.source import Refused, Source
from runtime.expansion import Accepted, Expansion, Keys
from runtime.interpreter import Visit, interpret
from runtime.lent import Lent

_KEYS = Keys(b"rehearsal-idempotency", b"rehearsal-lane", b"rehearsal-cause")
_PSEUDONYMS = b"rehearsal-pseudonyms"
_RECEIVED_MS = 1_772_360_100_000
_LABEL = "synthetic"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A flow as it is drawn, ready to be tried."""

    flow: Flow
    around: Surroundings
    declarations: Mapping[str, Declaration]
    fields: Mapping[str, tuple[str, ...]]


def rehearsal(flow: Flow, around: Surroundings, analysis: Analysis) -> Rehearsal:
    """The rehearsal of a flow that was analysed. Findings do not stop it: trying is how they are understood."""
    declared = analysis.declarations
    sends = {name: tuple(sorted(d.effects.sends or ())) for name, d in declared.items() if d.category == "sink"}
    return Rehearsal(flow, around, declared, sends)


@dataclass(frozen=True, slots=True)
class Stage:
    """A rehearsal with its nodes, over some rows of the masters."""

    flow: Rehearsal
    nodes: Mapping[str, Node[Any]]
    lent: Lent
    start: Step

    @property
    def source(self) -> Source[Any]:
        return cast("Source[Any]", self.nodes[self.start.id])

    def admit(self, payload: bytes) -> Taken | Refused:
        """Whether the source takes the message."""
        limits = self.flow.around.environment.connections[self.start.connection or ""].limits
        return self.source.listener(limits).admit(payload)

    def play(self, payload: bytes, watch: Callable[[Visit], None] = lambda visit: None) -> Expansion:
        """What becomes of a message that the source takes."""
        self.lent.payload = payload
        accepted = Accepted(1, self.start.connection or "", _RECEIVED_MS, bytes(32), _LABEL, payload)
        return interpret(self.flow, self.nodes, _KEYS, accepted, self.source.tree, watch)


def staged(flow: Rehearsal, tables: Mapping[str, Table]) -> Stage:
    """A rehearsal over these tables; a master without one has no rows."""
    every = {n: tables[n] if n in tables else Table(contract) for n, contract in flow.around.masters.items()}
    lent = Lent(every, _PSEUDONYMS, conform=None)
    nodes = {step.id: catalogue.build(step, lent, flow.around) for step in flow.flow.steps}
    start = next(step for step in flow.flow.steps if flow.declarations[step.id].category == "source")
    return Stage(flow, nodes, lent, start)


def rehearse(flow: Rehearsal, case: FlowCase) -> Became:
    """What becomes of a test case's message under its master rows."""
    stage = staged(flow, tables_of(flow.around, case))
    payload = payload_of(case, stage.source)
    admitted = stage.admit(payload)
    if isinstance(admitted, Refused):
        return Became(refused=admitted.code)
    if admitted.filtered:
        return Became(filtered=((stage.start.id, "", admitted.filtered),))
    return became(stage.play(payload))


def tables_of(around: Surroundings, case: FlowCase) -> dict[str, Table]:
    """The masters as a test case has them."""
    return {name: _table(around, name, case.masters.get(name, ())) for name in around.masters}


def payload_of(case: FlowCase, source: Source[Any]) -> bytes:
    """What the case gives, as it comes over the wire."""
    given = case.given
    return source.payload(given) if isinstance(given, tuple) else json.dumps(given, ensure_ascii=False).encode()


def became(expansion: Expansion) -> Became:
    """What a test case is compared with."""
    sent = [each for each in expansion.postings if each.parked is None]
    held = [each for each in expansion.postings if each.parked is not None]
    return Became(
        postings=tuple((each.step, each.item, json.loads(each.body or b"null")) for each in sent),
        parked=tuple((each.step, each.item, each.parked.cause) for each in held if each.parked),
        filtered=tuple((each.step, each.item, each.reason) for each in expansion.lines),
    )


def _table(around: Surroundings, name: str, rows: Sequence[Row]) -> Table:
    contract = around.masters[name]
    if not rows:
        return Table(contract)
    snapshot = Snapshot(
        format="lockgate/snapshot/1",
        master=name,
        contract=contract_digest(contract),
        sequence=1,
        previous=None,
        add=tuple(rows),
    )
    return Table(contract).apply(write_snapshot(snapshot))
