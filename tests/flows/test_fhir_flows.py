"""Flows that take FHIR: lineage by selectors, findings with the right spelling, and nobody's name at the ERP."""

from __future__ import annotations

from typing import Any

import pytest

from flows.edits import apply_edits
from flows.findings import AddStep, Finding
from tests.flows.shipped import LIBRARY, analysed, check, environment_of, flow_of, rules, step

NAME = "fhir-consumption"
QUANTITY = "SupplyDelivery.suppliedItem.quantity.value"


def findings(flow: Any) -> list[Finding]:
    return check(flow, environment_of(NAME), NAME)


def field(flow: Any, target: str, selector: str, name: str = "delivery-event") -> Any:
    step(flow, name)["config"]["fields"][target] = selector
    return flow


def unmasked() -> Any:
    flow = flow_of(NAME)
    flow["steps"] = [each for each in flow["steps"] if each["id"] != "tokenise"]
    flow["wires"] = [each for each in flow["wires"] if each["to"] != "tokenise.in"]
    for wire in flow["wires"]:
        wire["from"] = wire["from"].replace("tokenise.", "receive.")
    return flow


def test_what_arrives_is_named_by_its_origin() -> None:
    report = analysed(flow_of(NAME), environment_of(NAME), NAME).sinks["decrement"]
    origins = {each.path: {atom.origin for atom in each.atoms} for each in report.fields}
    assert QUANTITY in origins["quantity"] and "MedicationAdministration.dosage.dose.value" in origins["quantity"]
    assert origins["caseReference"] == {"Patient.identifier.value"}
    assert origins["usedAt"] == {"SupplyDelivery.occurrenceDateTime", "MedicationAdministration.effectiveDateTime"}
    assert "Location.identifier.value" in origins["costCentre"]


@pytest.mark.parametrize(
    "spoil",
    [
        unmasked,
        lambda: _masking([]),
        lambda: _masking([{"path": "Patient.identifier.system", "method": "pseudonym"}]),
        lambda: _masking([{"path": "Patient[0].identifier.value", "method": "pseudonym"}]),
        lambda: _masking([{"path": "Patient.identifier[0].value", "method": "pseudonym"}]),
    ],
)
def test_a_copy_that_leaves_the_patient_unmasked_is_refused_and_its_first_fix_helps(spoil: Any) -> None:
    flow = spoil()
    found = [each for each in findings(flow) if each.address.field == "Patient.identifier.value"]
    assert {each.rule for each in found} >= {"LG-FLD-001"}
    assert all(each.address.path[0].field == "Patient.identifier.value" for each in found)
    fixed = flow
    for _ in range(3):
        left = [each for each in findings(fixed) if each.address.field == "Patient.identifier.value"]
        if not left:
            break
        fixed = apply_edits(fixed, left[0].fixes[0].edits)
    assert not [each for each in findings(fixed) if each.address.field == "Patient.identifier.value"]


def _masking(fields: list[Any]) -> Any:
    flow = flow_of(NAME)
    step(flow, "tokenise")["config"]["fields"] = fields
    return flow


def test_a_mask_of_the_whole_element_protects_its_parts() -> None:
    assert findings(_masking([{"path": "Patient.identifier", "method": "pseudonym"}])) == []
    assert findings(_masking([{"path": "Patient", "method": "pseudonym"}])) == []


@pytest.mark.parametrize(
    ("selector", "origin"),
    [
        ("Patient[0].name[0].family", "Patient.name.family"),
        ("Patient[0].birthDate", "Patient.birthDate"),
        ("Patient[0].extension[0].valueString", "Patient.*"),
        (
            "SupplyDelivery.suppliedItem.itemCodeableConcept.text",
            "SupplyDelivery.suppliedItem.itemCodeableConcept.text",
        ),
        ("SupplyDelivery.patient.display", "SupplyDelivery.patient.display"),
        ("Patient[0].text.div", "Patient.text.div"),
        ("Observation[0].code[0].coding[0].code[0]", "Observation.*"),
        ("Bundle.entry[0].resource.name[0]", "Bundle.entry.resource.*"),
    ],
)
def test_what_is_unknown_or_nobodys_business_stays_behind(selector: str, origin: str) -> None:
    found = findings(field(flow_of(NAME), "costCentre", selector))
    assert {each.address.field for each in found if each.address.sink == "decrement"} == {origin}


def test_an_item_code_goes_through_the_master_and_the_fix_keeps_the_indices() -> None:
    code = "SupplyDelivery.suppliedItem.itemCodeableConcept.coding[0].code"
    flow = field(flow_of(NAME), "material", code)
    found = [each for each in findings(flow) if each.rule == "LG-FLD-002"]
    assert [each.address.field for each in found] == [code.replace("[0]", "")]
    added = [edit for edit in found[0].fixes[0].edits if isinstance(edit, AddStep)]
    keys = [edit.step["config"]["key"] for edit in added]
    assert keys == [[code.replace(".code", ".system"), code]]
    assert findings(apply_edits(flow, found[0].fixes[0].edits)) == []


@pytest.mark.parametrize(
    ("selector", "spelt"),
    [
        ("Patient[0].identifier", "Patient[0].identifier.value"),
        ("SupplyDelivery.suppliedItem.quantity", QUANTITY),
        ("SupplyDelivery.type", "SupplyDelivery.type.coding"),
    ],
)
def test_a_selector_must_reach_a_single_value(selector: str, spelt: str) -> None:
    found = [each for each in findings(field(flow_of(NAME), "costCentre", selector)) if each.rule == "LG-PATH-WHOLE"]
    assert len(found) == 1 and selector in found[0].sentence
    assert found[0].fixes[0].title == f"Write '{spelt}'"


@pytest.mark.parametrize(
    ("selector", "spelt"),
    [
        ("Patient.identifier.value", "Patient[0].identifier[0].value"),
        ("Patient[0].identifier.value", "Patient[0].identifier[0].value"),
        ("Patient.identifier[1].value", "Patient[0].identifier[1].value"),
        ("SupplyDelivery.type.coding.code", "SupplyDelivery.type.coding[0].code"),
    ],
)
def test_a_selector_that_can_give_several_values_is_refused_with_the_first_as_way_out(
    selector: str, spelt: str
) -> None:
    found = [each for each in findings(field(flow_of(NAME), "costCentre", selector)) if each.rule == "LG-PATH-REPEATS"]
    assert [each.fixes[0].title for each in found] == [f"Take the first alone: '{spelt}'"]


def test_one_item_of_a_type_is_one_and_a_list_of_items_is_not() -> None:
    flow = flow_of(NAME)
    flow["ordering"]["key"] = QUANTITY
    step(flow, "deliveries")["config"]["each"] = "MedicationAdministration"
    found = findings(flow)
    assert f"'{QUANTITY}' can give several values" in " ".join(each.sentence for each in found)


@pytest.mark.parametrize(
    ("selector", "rule", "spelt"),
    [
        ("SupplyDelivery.occurrence[x]", "LG-NODE-PATH", "SupplyDelivery.occurrenceDateTime"),
        ("SupplyDelivery.occurrence", "LG-PATH-NOTHING", None),
        ("SupplyDelivery.nonsense", "LG-PATH-NOTHING", None),
        ("PID-3.1", "LG-PATH-NOTHING", None),
    ],
)
def test_a_choice_is_written_with_its_type_and_what_no_table_has_is_refused(
    selector: str, rule: str, spelt: str | None
) -> None:
    found = [each for each in findings(field(flow_of(NAME), "usedAt", selector)) if each.rule == rule]
    assert found and selector in found[0].sentence
    if spelt:
        assert found[0].fixes[0].title == f"Write '{spelt}'"


def test_a_split_into_what_never_comes_is_refused() -> None:
    for each in ("FINANCIAL", "Bundle"):
        flow = flow_of(NAME)
        step(flow, "deliveries")["config"]["each"] = each
        assert "LG-PATH-NOTHING" in rules(findings(flow))
    flow = flow_of(NAME)
    step(flow, "receive")["config"]["accepts"] = ["SupplyDelivery@R4", "Bundle@R4"]
    assert rules(findings(flow)) == ["LG-PATH-VERSIONS"], "a single delivery holds no dose"


def test_any_type_offers_nothing_of_the_message() -> None:
    flow = flow_of("fhir-any-type")
    step(flow, "event")["config"]["fields"]["resourceType"] = "Patient[0].id"
    found = rules(check(flow, environment_of("fhir-any-type"), "fhir-any-type"))
    assert "LG-PATH-NOTHING" in found


def test_ways_part_at_splits_into_different_types_and_meet_again_elsewhere() -> None:
    assert findings(flow_of(NAME)) == []
    flow = flow_of(NAME)
    step(flow, "administrations")["config"]["each"] = "SupplyDelivery"
    assert "LG-GRAPH-POSTED-TWICE" in rules(findings(flow))
    flow = flow_of(NAME)
    flow["wires"].append({"from": "deliveries.out", "to": "delivery-material.in"})
    found = [each for each in findings(flow) if each.rule == "LG-GRAPH-POSTED-TWICE"]
    assert [each.address.step for each in found] == ["deliveries"]


def test_the_shipped_flows_of_fhir_hold() -> None:
    assert {path.parent.name for path in LIBRARY.glob("fhir-*/flow.json")} == {NAME, "fhir-any-type"}
    for name in (NAME, "fhir-any-type"):
        assert check(flow_of(name), environment_of(name), name) == []
