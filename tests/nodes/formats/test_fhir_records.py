"""One contract for both FHIR records: the fast one of the compiled plan and the plain one of the reference."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from flows.paths import parse
from flows.values import ABSENT
from nodes.formats.fhir.document import TooEntangled
from nodes.record import Record
from tests.nodes.formats.fhir_messages import MAKERS, Scenario, after, both, messages, scenarios, selectors

BUNDLE = """{"resourceType": "Bundle", "type": "transaction", "identifier": {"value": "B-1"}, "entry": [
 {"fullUrl": "http://h/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1", "active": true,
   "identifier": [{"value": "4711", "system": "urn:mrn"}, {"value": "4712"}],
   "name": [{"family": "Rivera", "given": ["Ana", null, "Maria"]}], "_birthDate": {"id": "x"}}},
 {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "identifier": [{"value": "9999"}]}},
 {"fullUrl": "http://h/fhir/SupplyDelivery/a", "resource": {"resourceType": "SupplyDelivery", "id": "a",
   "patient": {"reference": "Patient/1"}, "destination": {"reference": "#l"},
   "contained": [{"resourceType": "Location", "id": "l", "identifier": [{"value": "OR-1"}]}],
   "suppliedItem": {"quantity": {"value": 2.50}}}},
 {"resource": {"resourceType": "SupplyDelivery", "patient": {"reference": "urn:uuid:2"},
   "suppliedItem": {"quantity": {"value": 1e3}}}},
 {"fullUrl": "urn:uuid:e", "resource": {"resourceType": "Encounter", "subject": {"reference": "urn:uuid:2"},
   "location": [{"location": {"reference": "urn:uuid:l"}}], "partOf": {"reference": "urn:uuid:f"}}},
 {"fullUrl": "urn:uuid:f", "resource": {"resourceType": "Encounter", "diagnosis": [{"condition": {"reference":
   "urn:uuid:p"}}]}},
 {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Procedure", "encounter": {"reference": "urn:uuid:e"},
   "subject": {"reference": "Patient/1"}}},
 {"fullUrl": "urn:uuid:l", "resource": {"resourceType": "Location", "identifier": [{"value": "WARD-7"}]}},
 {"resource": {"resourceType": "MedicationAdministration", "context": {"reference": "urn:uuid:e"}}}]}"""


@pytest.fixture(params=MAKERS)
def record(request: pytest.FixtureRequest) -> Record:
    """A Bundle, as either record."""
    return MAKERS[request.param](BUNDLE.encode())


def reading(record: Record, *texts: str) -> list[object]:
    return [record.first(parse(text)) for text in texts]


def items(record: Record, kind: str) -> list[Record]:
    return list(record.split(kind))


@given(scenarios)
def test_both_records_read_the_same_whatever_was_done_to_them(scenario: Scenario) -> None:
    fast, plain = (after(record, scenario.steps) for record in both(scenario.payload))
    assert [one.envelope for one in fast] == [one.envelope for one in plain]
    for left, right in zip(fast, plain, strict=True):
        for selector in map(parse, scenario.reads):
            assert left.every(selector) == right.every(selector), selector.text
            assert left.first(selector) == right.first(selector), selector.text


@given(scenarios)
def test_the_first_value_is_the_head_of_every_value(scenario: Scenario) -> None:
    for record in both(scenario.payload):
        for one in after(record, scenario.steps):
            for selector in map(parse, scenario.reads):
                every = one.every(selector)
                assert one.first(selector) == (every[0] if every else ABSENT)
                assert ABSENT not in every


@given(scenarios)
def test_nothing_done_to_a_record_changes_the_record_it_came_from(scenario: Scenario) -> None:
    for record in both(scenario.payload):
        before = [record.every(parse(text)) for text in scenario.reads]
        after(record, scenario.steps)
        assert [record.every(parse(text)) for text in scenario.reads] == before


@given(messages(), selectors())
def test_what_is_dropped_reads_as_absent(payload: bytes, where: str) -> None:
    for record in both(payload):
        if not where.startswith("message/"):
            assert record.without(parse(where)).every(parse(where)) == ()


@given(messages(), selectors(), selectors())
def test_a_mask_leaves_only_what_it_gives_at_its_place(payload: bytes, where: str, part: str) -> None:
    for record in both(payload):
        masked = record.with_masked(parse(where), lambda _: "***")
        if parse(where).form == "fhir":
            assert set(masked.every(parse(where))) <= {"***"}
            assert len(masked.every(parse(part))) == len(record.every(parse(part)))


def test_a_number_keeps_its_digits_and_a_boolean_is_one(record: Record) -> None:
    assert record.every(parse("SupplyDelivery.suppliedItem.quantity.value")) == ("2.50", "1e3")
    assert record.every(parse("Patient.active")) == (True,)


def test_an_element_with_parts_has_no_value_of_its_own(record: Record) -> None:
    whole = ["Patient.identifier", "Patient.name", "SupplyDelivery.suppliedItem", "Patient", "Bundle.entry"]
    assert reading(record, *whole) == [ABSENT] * 5
    assert record.every(parse("Patient.name")) == ()


def test_every_resource_and_every_element_is_meant_unless_numbered(record: Record) -> None:
    assert record.every(parse("Patient.identifier.value")) == ("4711", "4712", "9999")
    assert record.every(parse("Patient[0].identifier[1].value")) == ("4712",)
    assert record.every(parse("Patient[*].identifier[0].value")) == ("4711", "9999")
    assert record.every(parse("Patient[2].identifier.value")) == ()
    assert record.every(parse("Patient.name.given")) == ("Ana", "Maria")
    assert reading(record, "Patient.name.given[2]", "Patient.name.given[1]") == ["Maria", ABSENT]
    assert record.every(parse("Location.identifier.value")) == ("WARD-7", "OR-1")


def test_the_source_adds_type_and_number_of_entries(record: Record) -> None:
    (item, *_) = items(record, "SupplyDelivery")
    for one in (record, item):
        assert reading(one, "message/resourceType", "message/entries", "Bundle.type") == ["Bundle", "9", "transaction"]


def test_split_gives_a_record_for_each_resource_with_what_it_refers_to(record: Record) -> None:
    first, second = items(record, "SupplyDelivery")
    assert [one.envelope.item_path for one in (first, second)] == ["SupplyDelivery[0]", "SupplyDelivery[1]"]
    assert [one.every(parse("Patient.identifier.value")) for one in (first, second)] == [("4711", "4712"), ("9999",)]
    assert [one.every(parse("SupplyDelivery.suppliedItem.quantity.value")) for one in (first, second)] == [
        ("2.50",),
        ("1e3",),
    ]
    assert [one.every(parse("Location.identifier.value")) for one in (first, second)] == [("OR-1",), ()]
    assert first.every(parse("Encounter.id")) == first.every(parse("MedicationAdministration.id")) == ()


def test_references_in_a_circle_end_and_the_nearest_of_a_type_is_meant(record: Record) -> None:
    (dose,) = items(record, "MedicationAdministration")
    assert dose.every(parse("Encounter.location.location.reference")) == ("urn:uuid:l",)
    assert dose.every(parse("Location.identifier.value")) == ("WARD-7",)
    assert dose.every(parse("Patient.identifier.value")) == ("9999",), "the procedure's patient is farther away"
    assert dose.every(parse("Procedure.subject.reference")) == (), "behind another encounter, which is not its own"


def test_a_mask_before_a_split_holds_after_it(record: Record) -> None:
    masked = record.with_masked(parse("Patient.identifier.value"), lambda value: f"*{value[-1]}")
    found = [one.every(parse("Patient.identifier.value")) for one in items(masked, "SupplyDelivery")]
    assert found == [("*1", "*2"), ("*9",)]
    assert masked.first(parse("Patient.identifier.system")) == "urn:mrn"


CHAIN = b"""{"resourceType": "Bundle", "type": "batch", "entry": [
 {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "SupplyDelivery", "status": "mine",
   "patient": {"reference": "urn:uuid:2"}}},
 {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Encounter", "subject": {"reference": "urn:uuid:3"}}},
 {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "MedicationAdministration",
   "context": {"reference": "urn:uuid:4"}}},
 {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "SupplyDelivery", "status": "of somebody else"}}]}"""


@pytest.mark.parametrize("make", MAKERS.values())
def test_a_split_in_a_split_gives_nothing_back_that_a_mask_could_not_see(
    make: Callable[..., Record],
) -> None:
    whole = make(CHAIN)
    (direct,) = items(whole, "Encounter")
    assert direct.every(parse("SupplyDelivery.status")) == ("of somebody else",)
    masked = items(whole, "SupplyDelivery")[0].with_masked(parse("SupplyDelivery.status"), lambda _: "***")
    (within,) = items(masked, "Encounter")
    assert within.every(parse("SupplyDelivery.status")) == ()
    assert within.every(parse("MedicationAdministration.context.reference")) == ("urn:uuid:4",)


def test_a_masked_reference_still_leads_where_it_led(record: Record) -> None:
    masked = record.with_masked(parse("SupplyDelivery.patient.reference"), lambda _: "***")
    (first, _) = items(masked, "SupplyDelivery")
    assert reading(first, "SupplyDelivery.patient.reference", "Patient[0].identifier[0].value") == ["***", "4711"]


def test_a_mask_on_an_element_with_parts_replaces_each_leaf(record: Record) -> None:
    masked = record.with_masked(parse("Patient.name"), lambda _: "***")
    assert reading(masked, "Patient.name.family", "Patient.name.given[2]") == ["***", "***"]
    assert reading(masked, "Patient.name.given[1]", "Patient.identifier.value") == [ABSENT, "4711"]


def test_a_dropped_element_drops_its_parts_and_its_neighbours_keep_their_numbers(record: Record) -> None:
    dropped = record.without(parse("Patient.name")).without(parse("Patient[0].identifier[0]"))
    assert reading(dropped, "Patient.name.family", "Patient[0].identifier[0].value") == [ABSENT, ABSENT]
    assert dropped.first(parse("Patient[0].identifier[1].value")) == "4712"


def test_a_dropped_resource_is_empty_and_the_others_keep_their_numbers(record: Record) -> None:
    dropped = record.without(parse("Patient[0]"))
    assert dropped.every(parse("Patient.identifier.value")) == ("9999",)
    assert dropped.first(parse("Patient[1].identifier.value")) == "9999"


def test_a_type_that_is_not_there_splits_into_nothing(record: Record) -> None:
    assert items(record, "ChargeItem") == items(record, "Bundle") == items(record, "FINANCIAL") == []


def test_what_a_resource_contains_is_no_item(record: Record) -> None:
    assert [one.envelope.item_path for one in items(record, "Location")] == ["Location[0]"]


def test_a_single_resource_is_its_own_only_item() -> None:
    contained: Any = [{"resourceType": "Patient", "id": "p", "identifier": [{"value": "7"}]}]
    single = {"resourceType": "SupplyDelivery", "contained": contained, "patient": {"reference": "#p"}}
    for record in both(json.dumps(single).encode()):
        (item,) = record.split("SupplyDelivery")
        assert item.envelope.item_path == "SupplyDelivery[0]"
        assert reading(item, "Patient.identifier.value", "message/entries") == ["7", "1"]


def test_an_ambiguous_reference_leads_nowhere() -> None:
    patient = {"resource": {"resourceType": "Patient", "id": "1", "identifier": [{"value": "7"}]}}
    delivery = {"resource": {"resourceType": "SupplyDelivery", "patient": {"reference": "Patient/1"}}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [patient, patient, delivery]}
    for record in both(json.dumps(bundle).encode()):
        (item,) = record.split("SupplyDelivery")
        assert item.every(parse("Patient.identifier.value")) == ()


def test_a_reference_outside_of_the_known_elements_is_not_followed() -> None:
    patient = {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "1", "active": True}}
    extension = [{"url": "x", "valueReference": {"reference": "urn:uuid:1"}}]
    delivery = {"resource": {"resourceType": "SupplyDelivery", "extension": extension}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [patient, delivery]}
    for record in both(json.dumps(bundle).encode()):
        (item,) = record.split("SupplyDelivery")
        assert item.every(parse("Patient.active")) == ()


def test_a_versioned_reference_means_the_entry_whatever_its_version() -> None:
    patient = {"fullUrl": "http://h/Patient/1", "resource": {"resourceType": "Patient", "id": "1", "active": True}}
    reference = {"reference": "http://h/Patient/1/_history/3"}
    delivery = {"resource": {"resourceType": "SupplyDelivery", "patient": reference}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [patient, delivery]}
    for record in both(json.dumps(bundle).encode()):
        (item,) = record.split("SupplyDelivery")
        assert item.every(parse("Patient.active")) == (True,)


def test_values_are_added_under_names_and_split_with_the_message(record: Record) -> None:
    added = record.with_value("material", "78388821")
    assert added.first(parse("material")) == "78388821"
    assert record.first(parse("material")) is ABSENT
    assert [one.first(parse("material")) for one in items(added, "SupplyDelivery")] == ["78388821"] * 2


def test_a_fresh_record_has_its_fields_and_the_envelope_and_nothing_else(record: Record) -> None:
    (first, _) = items(record, "SupplyDelivery")
    fresh = first.fresh({"quantity": "2"})
    assert dict(fresh.fields()) == {"quantity": "2"}
    assert fresh.envelope.item_path == "SupplyDelivery[0]"
    assert reading(fresh, "quantity", "Patient.identifier.value", "message/entries") == ["2", ABSENT, ABSENT]


def test_a_fhir_record_has_no_fields_by_name(record: Record) -> None:
    with pytest.raises(TypeError, match="put map_fields before"):
        record.fields()


def test_a_message_too_entangled_to_take_apart_is_given_up_in_time() -> None:
    hub = [{"location": {"reference": f"urn:uuid:{n}"}} for n in range(2000)]
    entries: list[Any] = [{"fullUrl": f"urn:uuid:{n}", "resource": {"resourceType": "Location"}} for n in range(2000)]
    entries.append({"fullUrl": "urn:uuid:hub", "resource": {"resourceType": "Encounter", "location": hub}})
    dose = {"resourceType": "MedicationAdministration", "context": {"reference": "urn:uuid:hub"}}
    entries += [{"resource": dose}] * 2000
    payload = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}).encode()
    for record in both(payload):
        began = time.process_time()
        with pytest.raises(TooEntangled):
            for item in record.split("MedicationAdministration"):
                item.every(parse("Location.id"))
        assert time.process_time() - began < 2.0
