"""FHIR through the compiled plan and through the interpreter, which walks the tree record: the same to the byte."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from flows.testcases import FlowCase
from nodes import catalogue
from nodes.source import Accepted as Admitted
from runtime.compiler import Plan
from runtime.expansion import Accepted, Expansion
from runtime.interpreter import interpret
from runtime.lent import Lent
from runtime.rehearsal import payload_of
from tests.nodes.formats.fhir_messages import messages
from tests.runtime.workshop import KEYS, LIBRARY, released, table

CASES = [
    pytest.param(path, id=f"{path.parent.parent.name}: {path.stem}")
    for path in sorted(Path(LIBRARY).glob("fhir-*/cases/*.json"))
]


def accepted(payload: bytes) -> Accepted:
    return Accepted(1, "ward-system", 1_775_000_000_000, hashlib.sha256(payload).digest(), "synthetic", payload)


class Both:
    """A library flow with master rows, compiled and to be interpreted."""

    def __init__(self, library: str, rows: Any) -> None:
        self.release = released(library)
        masters = {name: table(each, rows.get(name, ())) for name, each in self.release.around.masters.items()}
        lent = Lent(masters, b"p" * 32)
        self.nodes = {step.id: catalogue.build(step, lent, self.release.around) for step in self.release.flow.steps}
        self.source: Any = self.nodes["receive"]

    def expand(self, payload: bytes) -> Expansion:
        """Both ways, equal."""
        one = Plan(self.release, self.nodes, KEYS).expand(accepted(payload))
        assert one == interpret(self.release, self.nodes, KEYS, accepted(payload), self.source.tree)
        return one

    def takes(self, payload: bytes) -> bool:
        limits = next(iter(self.release.around.environment.connections.values())).limits
        return isinstance(self.source.listener(limits).admit(payload), Admitted)


@pytest.mark.parametrize("path", CASES)
def test_a_case_becomes_the_same_both_ways(path: Path) -> None:
    case = FlowCase.model_validate_json(path.read_text())
    rows = {name: [row.model_dump(mode="json") for row in each] for name, each in case.masters.items()}
    both = Both(path.parent.parent.name, rows)
    expansion = both.expand(payload_of(case, both.source))
    for posting in expansion.postings:
        assert b"P-100231" not in (posting.body or b"") and b"Marsh" not in (posting.body or b"")


GENERATED = Both("fhir-consumption", {})


@settings(max_examples=60)
@given(messages())
def test_any_message_becomes_the_same_both_ways(payload: bytes) -> None:
    GENERATED.expand(payload)


def test_bytes_that_no_source_took_are_parked_not_raised() -> None:
    for payload in (b"\x00nonsense", b"[]", b'{"resourceType": "Bundle", "entry": 5}'):
        causes = {p.parked.cause for p in GENERATED.expand(payload).postings if p.parked}
        assert causes <= {"node-failed"}


def test_two_deliveries_of_one_bundle_have_keys_of_their_own() -> None:
    case = json.loads((Path(LIBRARY) / "fhir-consumption" / "cases" / "both.json").read_text())
    both = Both("fhir-consumption", case["masters"])
    postings = both.expand(json.dumps(case["given"]).encode()).postings
    assert [p.item for p in postings] == ["SupplyDelivery[0]", "SupplyDelivery[1]", "MedicationAdministration[0]"]
    assert len({p.idempotency for p in postings}) == 3
    references = {json.loads(p.body or b"{}")["caseReference"] for p in postings}
    assert len(references) == 1, "one patient, one pseudonym"
