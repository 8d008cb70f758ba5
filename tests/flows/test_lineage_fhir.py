"""Random flows of real nodes over random Bundles: what arrives raw was foretold by lineage."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.analysis import analyse, arriving
from flows.contracts import openapi_operations
from flows.environment import RecordSchema, Surroundings
from flows.graph import read_flow
from flows.judge import builtin
from flows.testcases import FlowCase
from nodes.catalogue import declare
from runtime.rehearsal import rehearsal, rehearse
from tests.flows.shipped import around, environment_of, flow_of, step

NAME = "fhir-consumption"
FIELDS = ("alpha", "beta", "gamma")
TYPES = ("SupplyDelivery", "MedicationAdministration", "Encounter", "Patient")
PATHS = (
    "Patient.identifier",
    "Patient.identifier.value",
    "Patient[0].identifier.value",
    "Patient[1].identifier[0].value",
    "Patient.identifier[1]",
    "Patient.name.family",
    "Patient",
    "Encounter.identifier.value",
    "Encounter.subject.reference",
    "Encounter[0].identifier[0].value",
    "SupplyDelivery.status",
    "SupplyDelivery[0].status",
    "SupplyDelivery.patient",
    "SupplyDelivery.patient.display",
    "SupplyDelivery.extension.valueString",
    "MedicationAdministration.status",
    "Observation.valueString",
    "Observation.subject.display",
    "Bundle.identifier.value",
    "Bundle.entry.resource.status",
    "Bundle.entry.resource.identifier.value",
    "Bundle.entry.fullUrl",
)


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
    return around(environment_of(NAME), NAME)._replace(
        operations={("erp-inventory", name): each for name, each in openapi_operations(document).items()},
        schemas={"probe@1": RecordSchema.model_validate(schema)},
    )


AROUND = _surroundings()


def _flow(chance: random.Random) -> Any:
    """A source, masks in a row or side by side, sometimes a split, a mapping and a sink."""
    flow = flow_of(NAME)
    source, event, sink = step(flow, "receive"), step(flow, "delivery-event"), step(flow, "decrement")
    flow.update(ordering={"key": None, "on_park": "pass"}, business_keys=[], steps=[source], wires=[], layout={})
    ends = ["receive.out"]
    for number in range(chance.randint(0, 4)):
        name = f"step-{number}"
        if chance.random() < 0.3:
            config: Any = {"each": chance.choice(TYPES)}
            new = {"id": name, "kind": "split", "version": 1, "title": "s", "config": config}
        else:
            config = {"fields": [_mask(chance) for _ in range(chance.randint(0, 3))]}
            new = {"id": name, "kind": "mask", "version": 1, "title": "m", "config": config}
        flow["steps"].append(new)
        flow["wires"] += [{"from": end, "to": f"{name}.in"} for end in ends]
        ends = [f"{name}.out", *(ends if chance.random() < 0.2 else ())][:2]
    event["config"] = {"schema": "probe@1", "fields": {name: _value(chance) for name in FIELDS}}
    flow["steps"] += [event, sink]
    flow["wires"] += [{"from": end, "to": "delivery-event.in"} for end in ends]
    flow["wires"].append({"from": "delivery-event.out", "to": "decrement.in"})
    return flow


def _mask(chance: random.Random) -> Any:
    return {"path": chance.choice(PATHS), "method": chance.choice(("drop", "redact", "pseudonym"))}


def _value(chance: random.Random) -> Any:
    first, second = chance.choice(PATHS), chance.choice(PATHS)
    if chance.random() < 0.6:
        return first
    return {"fn": "concat", "args": [{"field": first}, {"text": "/"}, {"field": second}]}


class _Writer:
    """Writes a Bundle in which every value is a word of its own, and remembers the two ways to each."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.places: dict[str, tuple[str, str]] = {}

    def word(self, kind: str, path: str) -> str:
        word = f"W{len(self.places):03d}W"
        self.places[word] = f"{kind}.{path}", f"Bundle.entry.resource.{path}"
        return word

    def resource(self, kind: str, number: int) -> dict[str, Any]:
        chance, made = self.chance, {"resourceType": kind}  # type: random.Random, dict[str, Any]
        if kind in ("Patient", "Encounter"):
            each = range(chance.randint(1, 2))
            made["identifier"] = [{"value": self.word(kind, "identifier.value")} for _ in each]
        if kind == "Patient":
            made["name"] = [{"family": self.word(kind, "name.family")}]
        if kind == "Observation":
            made["valueString"] = self.word(kind, "valueString")
        if kind in ("SupplyDelivery", "MedicationAdministration"):
            made["status"] = self.word(kind, "status")
        if kind == "SupplyDelivery":
            made["extension"] = [{"url": "x", "valueString": self.word(kind, "extension.valueString")}]
        other = {"reference": f"urn:uuid:{chance.choice([n for n in range(6) if n != number])}"}
        tie = {"SupplyDelivery": "patient", "Encounter": "subject", "Observation": "subject"}.get(kind)
        if tie:
            made[tie] = {**other, "display": self.word(kind, f"{tie}.display")}
        if kind == "MedicationAdministration":
            made["context"] = other
        return made

    def bundle(self) -> dict[str, Any]:
        kinds = [self.chance.choice((*TYPES, "Observation")) for _ in range(6)]
        entries = [{"fullUrl": f"urn:uuid:{n}", "resource": self.resource(kind, n)} for n, kind in enumerate(kinds)]
        return {"resourceType": "Bundle", "type": "batch", "entry": entries}


def _foretold(origin: str, ways: tuple[str, str]) -> bool:
    return any(origin == way or (origin.endswith(".*") and way.startswith(origin[:-1])) for way in ways)


SEEN: Counter[str] = Counter()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**48))
def test_no_value_arrives_raw_that_lineage_did_not_foretell(seed: int) -> None:
    chance = random.Random(seed)
    flow, _ = read_flow(_flow(chance))
    assert flow is not None
    analysis = analyse(flow, AROUND, declare, builtin())
    drawn = rehearsal(flow, AROUND, analysis)
    for _ in range(3):
        writer = _Writer(chance)
        case = {"format": "lockgate/test-case/1", "title": "x", "given": writer.bundle(), "expect": {}}
        became = rehearse(drawn, FlowCase.model_validate(case))
        assert became.refused is None
        for _, _, body in became.postings:
            for field, text in body.items():
                atoms = arriving(analysis, "decrement", field)
                for word in [word for word in writer.places if word in str(text)]:
                    SEEN[writer.places[word][0]] += 1
                    raw = [atom for atom in atoms if not atom.protections]
                    assert any(_foretold(atom.origin, writer.places[word]) for atom in raw), (field, word)


def test_the_test_above_saw_values_arrive() -> None:
    test_no_value_arrives_raw_that_lineage_did_not_foretell()
    assert {"Patient.identifier.value", "Observation.valueString", "SupplyDelivery.status"} <= SEEN.keys()
