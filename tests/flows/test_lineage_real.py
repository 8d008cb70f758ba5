"""Random flows of real nodes, by the real reader and interpreter: what arrives raw was foretold by lineage."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.analysis import Analysis, analyse, arriving
from flows.contracts import openapi_operations
from flows.environment import RecordSchema, Surroundings
from flows.graph import read_flow
from flows.judge import builtin
from flows.testcases import FlowCase
from nodes.catalogue import declare
from runtime.rehearsal import rehearsal, rehearse
from tests.flows.shipped import around, flow_of, step
from tests.flows.test_lineage_random import _covered

FIELDS = ("alpha", "beta", "gamma")
PATHS = (
    "PID-3",
    "PID-3.1",
    "PID-3[1].1",
    "PID-3[2].1",
    "PID-3.4.2",
    "PID-3.4",
    "PID-5",
    "PID-5.1",
    "PID-5.1.1",
    "PID-8",
    "PID-8.1",
    "PV1-19.1",
    "FT1-7",
    "FT1-7.1",
    "FT1-7[1].1",
    "FINANCIAL/FT1-7.1",
    "FT1[2]-7.1",
    "FT1-10",
    "ZPM-2",
    "ZPM-2.1",
)
Places = dict[str, tuple[str, ...]]


def _surroundings() -> Surroundings:
    properties = {name: {"type": "string"} for name in FIELDS}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}
    post = {"operationId": "postGoodsIssue", "requestBody": body, "responses": {"200": {"description": "ok"}}}
    document = json.dumps({"openapi": "3.0.3", "paths": {"/x": {"post": post}}}).encode()
    field = {"type": "string", "concept": "other", "required": False, "title": "x"}
    schema = {
        "format": "lockgate/schema/1",
        "name": "probe",
        "version": 1,
        "title": "probe",
        "fields": dict.fromkeys(FIELDS, field),
    }
    return around()._replace(
        operations={("erp-inventory", name): each for name, each in openapi_operations(document).items()},
        schemas={"probe@1": RecordSchema.model_validate(schema)},
    )


AROUND = _surroundings()


def _flow(chance: random.Random) -> Any:
    """A source, masks in a row or side by side, sometimes a split, a mapping and a sink."""
    flow = flow_of()
    source, event, sink = step(flow, "receive"), step(flow, "event"), step(flow, "decrement")
    source["config"]["accepts"] = ["DFT^P03@2.5"]
    flow.update(ordering={"key": None, "on_park": "pass"}, business_keys=[], steps=[source], wires=[])
    ends = ["receive.out"]
    for number in range(chance.randint(0, 4)):
        name = f"step-{number}"
        if chance.random() < 0.2:
            new = {"id": name, "kind": "split", "version": 1, "title": "s", "config": {"each": "FINANCIAL"}}
        else:
            entries = [_mask(chance) for _ in range(chance.randint(0, 3))]
            new = {"id": name, "kind": "mask", "version": 1, "title": "m", "config": {"fields": entries}}
        flow["steps"].append(new)
        flow["wires"] += [{"from": end, "to": f"{name}.in"} for end in ends]
        ends = [f"{name}.out", *(ends if chance.random() < 0.2 else ())][:2]
    fields = {name: _value(chance) for name in FIELDS}
    event["config"] = {"schema": "probe@1", "fields": fields}
    flow["steps"] += [event, sink]
    flow["wires"] += [{"from": end, "to": "event.in"} for end in ends]
    flow["wires"].append({"from": "event.out", "to": "decrement.in"})
    return flow


def _mask(chance: random.Random) -> Any:
    return {"path": chance.choice(PATHS), "method": chance.choice(("drop", "redact", "pseudonym"))}


def _value(chance: random.Random) -> Any:
    first, second = chance.choice(PATHS), chance.choice(PATHS)
    if chance.random() < 0.6:
        return first
    if chance.random() < 0.5:
        return {"fn": "first", "args": [{"field": first}, {"field": second}]}
    return {"fn": "concat", "args": [{"field": first}, {"text": "/"}, {"field": second}]}


class _Writer:
    """Writes a message in which every value is a word of its own, and remembers where each stands."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.places = chance, {}  # type: random.Random, Places

    def word(self, *where: str) -> str:
        if self.chance.random() < 0.15:
            return ""
        word = f"W{len(self.places):03d}W"
        self.places[word] = where
        return word

    def composite(self, segment: tuple[str, ...], field: int, parts: int) -> str:
        whole = []
        for component in range(1, parts + 1):
            subs = 2 if self.chance.random() < 0.3 else 1
            place = (*segment, str(field), str(component))
            whole.append("&".join(self.word(*place, str(sub)) for sub in range(1, subs + 1)))
        return "^".join(whole)

    def visit(self, *groups: str) -> str:
        return "PV1|1|I" + "|" * 17 + self.composite((*groups, "PV1"), 19, 2)

    def pid(self) -> str:
        at = ("PID",)
        fields = {3: "~".join(self.composite(at, 3, 6) for _ in range(self.chance.randint(1, 3)))}
        fields |= {5: self.composite(at, 5, 3), 8: self.composite(at, 8, self.chance.randint(1, 2))}
        return "PID|" + "|".join(fields.get(number, "") for number in range(1, 9))

    def ft1(self) -> str:
        at = ("FINANCIAL", "FT1")
        fields = {4: "20260316", 7: self.composite(at, 7, 3), 10: self.composite(at, 10, 1)}
        return "FT1|" + "|".join(fields.get(number, "") for number in range(1, 11))

    def lines(self) -> list[str]:
        head = "MSH|^~\\&|OR|GENERAL|LOCKGATE|HUB|20260316081500||DFT^P03^DFT_P03|C1|P|2.5"
        lines = [head, "EVN|P03|20260316081500", self.pid(), self.visit()]
        for _ in range(self.chance.randint(1, 3)):
            lines.append(self.ft1())
            if self.chance.random() < 0.3:
                lines.append(self.visit("FINANCIAL"))
            if self.chance.random() < 0.3:
                lines.append("ZPM|1|" + self.composite(("FINANCIAL", "ZPM"), 2, 2))
        return lines


def _foretold(analysis: Analysis, field: str) -> set[tuple[str, frozenset[str]]]:
    return {(atom.origin, frozenset(map(str, atom.protections))) for atom in arriving(analysis, "decrement", field)}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**48))
def test_no_value_arrives_raw_that_lineage_did_not_foretell(seed):
    chance = random.Random(seed)
    flow, _ = read_flow(_flow(chance))
    analysis = analyse(flow, AROUND, declare, builtin())
    drawn = rehearsal(flow, AROUND, analysis)
    for _ in range(2):
        writer = _Writer(chance)
        case = {"format": "lockgate/test-case/1", "title": "x", "given": writer.lines(), "expect": {}}
        became = rehearse(drawn, FlowCase.model_validate(case))
        assert became.refused is None
        for _, _, body in became.postings:
            for field, text in body.items():
                for word, where in writer.places.items():
                    if word in str(text):
                        assert _covered(where, frozenset(), _foretold(analysis, field)), (field, where)


def test_such_flows_do_post_something():
    chance = random.Random(7)
    posted = 0
    for _ in range(30):
        flow, _ = read_flow(_flow(chance))
        drawn = rehearsal(flow, AROUND, analyse(flow, AROUND, declare, builtin()))
        writer = _Writer(chance)
        case = {"format": "lockgate/test-case/1", "title": "x", "given": writer.lines(), "expect": {}}
        bodies = rehearse(drawn, FlowCase.model_validate(case)).postings
        posted += sum(word in str(body) for _, _, body in bodies for word in writer.places)
    assert posted > 30, "most random flows let something through, or the test would say nothing"
