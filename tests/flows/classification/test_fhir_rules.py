"""The rules of FHIR: well formed, each of use, right about the elements that matter, and joined without drift."""

import shutil
from pathlib import Path

import pytest

from flows.classification.fhir_rules import Leaf, RuleBook, RuleFile, addresses, fhir_rule_book
from flows.classification.rules import UNKNOWN, nature_text
from flows.fhir import ground, nature, tables
from flows.fhir.tables import Path as ElementPath
from flows.vocabulary import Concept, DataClass
from lockgate.tools import fhir_classification
from lockgate.tools.fhir_structures import elements, is_datatype


def leaves(resource: str) -> list[Leaf]:
    """Every primitive of a resource, as the published structures have it."""
    return [leaf for leaf in _below(resource, resource, ()) if leaf.types]


def _below(resource: str, owner: str, above: ElementPath) -> list[Leaf]:
    found = []
    for element in elements(owner):
        path = (*above, element.name)
        if element.backbone:
            found += _below(resource, element.datatype, path)
        else:
            found += _inside(resource, path, (), (element.datatype,))
    return found


def _inside(resource: str, path: ElementPath, parts: ElementPath, types: ElementPath) -> list[Leaf]:
    name = types[-1]
    if not is_datatype(name) or name in ("Extension", "Resource") or name in types[:-1]:
        return [Leaf(resource, path, parts, types)]
    inside = elements(name)
    return [x for e in inside for x in _inside(resource, path, (*parts, e.name), (*types, e.datatype))]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("SupplyDelivery.suppliedItem.quantity.value", "quantity S1 operational"),
        ("SupplyDelivery.suppliedItem.quantity.unit", "unit S1 operational"),
        ("SupplyDelivery.suppliedItem.itemCodeableConcept.coding.code", "item-code S1 operational"),
        ("SupplyDelivery.suppliedItem.itemCodeableConcept.coding.system", "item-code S1 operational"),
        ("SupplyDelivery.suppliedItem.itemCodeableConcept.text", "free-text S4 unknown"),
        ("SupplyDelivery.suppliedItem.itemReference.reference", "other S3 patient"),
        ("SupplyDelivery.occurrenceDateTime", "event-time S3 patient"),
        ("SupplyDelivery.occurrencePeriod.start", "event-time S3 patient"),
        ("SupplyDelivery.patient.reference", "patient-id S4 patient"),
        ("SupplyDelivery.patient.display", "free-text S4 unknown"),
        ("SupplyDelivery.patient.identifier.value", "patient-id S4 patient"),
        ("SupplyDelivery.destination.reference", "location S1 operational"),
        ("SupplyDelivery.meta.versionId", "message-control S1 operational"),
        ("SupplyDelivery.meta.security.code", "message-control S2 operational"),
        ("MedicationAdministration.medicationCodeableConcept.coding.code", "item-code S1 operational"),
        ("MedicationAdministration.dosage.dose.value", "quantity S1 operational"),
        ("MedicationAdministration.dosage.route.coding.code", "procedure S4 patient"),
        ("MedicationAdministration.effectiveDateTime", "event-time S3 patient"),
        ("MedicationAdministration.reasonCode.coding.code", "diagnosis S4 patient"),
        ("MedicationAdministration.performer.actor.reference", "staff-id S4 patient+workforce"),
        ("Procedure.code.coding.code", "procedure S4 patient"),
        ("Procedure.usedCode.coding.code", "item-code S1 operational"),
        ("Procedure.note.text", "free-text S4 unknown"),
        ("DeviceUseStatement.subject.reference", "patient-id S4 patient"),
        ("DeviceUseStatement.device.reference", "other S3 patient"),
        ("ChargeItem.code.coding.code", "item-code S1 operational"),
        ("ChargeItem.quantity.value", "quantity S1 operational"),
        ("ChargeItem.priceOverride.value", "price S2 financial"),
        ("ChargeItem.costCenter.identifier.value", "cost-centre S1 operational"),
        ("Encounter.identifier.value", "encounter-id S3 patient"),
        ("Encounter.diagnosis.condition.reference", "diagnosis S4 patient"),
        ("Encounter.location.location.reference", "location S1 operational"),
        ("Encounter.hospitalization.dischargeDisposition.coding.code", "observation S4 patient"),
        ("Patient.identifier.value", "patient-id S4 patient"),
        ("Patient.id", "patient-id S4 patient"),
        ("Patient.name.family", "person-name S4 patient"),
        ("Patient.name.text", "person-name S4 unknown"),
        ("Patient.birthDate", "birth-date S3 patient"),
        ("Patient.telecom.value", "contact S4 patient"),
        ("Patient.address.postalCode", "address S4 patient"),
        ("Patient.contact.name.given", "person-name S4 patient"),
        ("Patient.photo.data", "free-text S4 unknown"),
        ("Patient.text.div", "free-text S4 unknown"),
        ("Location.identifier.value", "location S1 operational"),
        ("Location.name", "location S2 operational"),
        ("Location.description", "free-text S4 unknown"),
        ("Practitioner.name.family", "person-name S3 workforce"),
        ("Practitioner.identifier.value", "staff-id S3 workforce"),
        ("Practitioner.telecom.value", "contact S4 workforce"),
        ("Device.serialNumber", "other S3 patient"),
        ("Device.udiCarrier.carrierHRF", "other S3 patient"),
        ("Device.udiCarrier.deviceIdentifier", "item-code S1 operational"),
        ("Medication.code.coding.code", "item-code S1 operational"),
        ("Bundle.identifier.value", "message-control S1 operational"),
        ("Bundle.entry.fullUrl", "message-control S4 unknown"),
        ("Bundle.entry.request.ifNoneExist", "message-control S4 unknown"),
    ],
)
def test_the_elements_that_matter_are_what_they_are(path: str, expected: str) -> None:
    assert nature_text(nature(path)) == expected


@pytest.mark.parametrize(
    "path",
    [
        "Patient.extension.valueString",
        "Patient.foo",
        "Observation.valueQuantity.value",
        "Patient.contained.name.family",
        "Patient.identifier.assigner.identifier.value",
        "Bundle.entry.resource.name",
        "NoSuchType.id",
    ],
)
def test_what_stands_in_no_table_is_unknown(path: str) -> None:
    assert nature(path) == UNKNOWN
    assert "may hold anything" in ground(path)


def test_the_committed_data_is_up_to_date() -> None:
    assert fhir_classification.main(["--check"]) == 0


def test_a_change_by_hand_is_found_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "flows" / "classification" / "fhir"
    shutil.copytree(fhir_classification.HOME, home)
    changed = home / "R4.json"
    changed.write_text(changed.read_text("utf-8").replace("patient-id S4", "patient-id S1"), "utf-8")
    monkeypatch.setattr(fhir_classification, "HOME", home)
    assert fhir_classification.main(["--check"]) == 1
    assert "fhir/R4.json is out of date" in capsys.readouterr().out
    assert fhir_classification.main([]) == 0
    assert fhir_classification.main(["--check"]) == 0


@pytest.mark.parametrize("resource", fhir_rule_book().resources)
def test_every_leaf_is_committed_as_the_rules_say(resource: str) -> None:
    book = fhir_rule_book()
    for leaf in leaves(resource):
        row = tables().rows(resource)[leaf.element]
        assert row.leaf(leaf.parts) == book.nature(leaf), ".".join((resource, *leaf.element, *leaf.parts))
        assert book.nature(leaf).classes


def test_every_rule_speaks_of_something_that_is_there() -> None:
    spoken = {place for name in fhir_rule_book().resources for leaf in leaves(name) for place in addresses(leaf)}
    spoken |= {f"{name}.id" for name in fhir_rule_book().resources}
    assert fhir_rule_book().places - spoken == set()


@pytest.mark.parametrize("resource", ["Patient"])
def test_no_name_number_or_address_of_the_patient_is_lowered(resource: str) -> None:
    for element in ("identifier", "name", "telecom", "address", "photo", "contact"):
        for leaf in leaves(resource):
            if leaf.element[0] == element and leaf.element != ("contact", "organization"):
                assert fhir_rule_book().nature(leaf).sensitivity == 4, leaf


@pytest.mark.parametrize("resource", fhir_rule_book().resources)
def test_what_can_hold_anything_is_unknown_whatever_a_rule_says(resource: str) -> None:
    for leaf in leaves(resource):
        if {"Narrative", "Attachment", "Annotation", "markdown", "base64Binary", "Extension"} & set(leaf.types):
            one = fhir_rule_book().nature(leaf)
            assert (one.sensitivity, one.classes) == (4, {DataClass.UNKNOWN}), leaf


def book_of(says: str) -> RuleBook:
    rules = [{"at": "Patient.text", "is": says, "ground": "A reason that is long enough."}]
    file = {
        "format": "lockgate/classification-fhir/1",
        "about": "test",
        "types": "Patient",
        "datatypes": [],
        "resources": {"Patient": rules},
    }
    return RuleBook(RuleFile.model_validate(file))


def test_a_rule_lowers_no_narrative() -> None:
    leaf = Leaf("Patient", ("text",), ("div",), ("Narrative", "xhtml"))
    lowered = book_of("message-control S0 operational").nature(leaf)
    assert lowered == UNKNOWN._replace(concept=Concept.FREE_TEXT)


def test_the_resource_types_are_those_of_r4() -> None:
    assert len(tables().types) == 146
    assert {"SupplyDelivery", "DeviceUseStatement", "MedicinalProduct"} <= tables().types
    assert not {"DeviceUsage", "SubscriptionStatus", "DomainResource", "Resource"} & tables().types


def test_the_data_stays_small_enough_to_read_in_a_diff() -> None:
    assert (fhir_classification.HOME / "R4.json").stat().st_size < 200_000
