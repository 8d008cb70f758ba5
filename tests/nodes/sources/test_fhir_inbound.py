"""FHIR inbound: what is taken, what is refused with place and reason, and what is answered."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.environment import Limits
from flows.paths import parse
from nodes.source import Accepted, Refused
from nodes.sources.fhir_inbound import FhirInbound, FhirInboundConfig, Listener
from nodes.testing import ENVELOPE, MemoryServices, surroundings

SECRET = "Rivera-4711"


def source(**config: Any) -> FhirInbound:
    given = FhirInboundConfig.model_validate({"accepts": ["Bundle@R4", "SupplyDelivery@R4"], **config})
    return FhirInbound(given, MemoryServices(), surroundings(FhirInbound.examples[0]))


def listener(limits: Limits | None = None, **config: Any) -> Listener:
    return source(**config).listener(limits or Limits())


def admitted(document: Any, limits: Limits | None = None, **config: Any) -> Accepted | Refused:
    frame = document if isinstance(document, bytes) else json.dumps(document).encode()
    return listener(limits, **config).admit(frame)


def refusal(document: Any, limits: Limits | None = None, **config: Any) -> tuple[str, str, str]:
    result = admitted(document, limits, **config)
    assert isinstance(result, Refused), result
    answer = listener(**config).answer(result.header, result.answer, result.code, result.place, "LG1", 0)
    outcome = json.loads(answer)
    assert outcome["resourceType"] == "OperationOutcome" and outcome["issue"][0]["severity"] == "error"
    assert result.code in outcome["issue"][0]["diagnostics"]
    assert SECRET not in answer.decode() and SECRET not in str(result)
    return result.code, result.place, result.answer


def bundle(*entries: Any, **members: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries), **members}


def entry(kind: str, url: str = "", **members: Any) -> dict[str, Any]:
    held = {"resource": {"resourceType": kind, **members}}
    return {"fullUrl": url, **held} if url else held


def identity(document: Any) -> tuple[str, ...]:
    result = admitted(document, accepts=["*@R4"])
    assert isinstance(result, Accepted), result
    payload = json.dumps(document).encode()
    assert source().identity(payload) == result.header.identity
    found: tuple[str, ...] = result.header.identity
    return found


# -- what is taken


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection"])
def test_a_bundle_is_taken(kind: str) -> None:
    result = admitted(bundle(entry("Patient"), entry("SupplyDelivery"), type=kind))
    assert isinstance(result, Accepted) and result.filtered is None
    assert (result.header.type, result.header.entries) == ("Bundle", 2)


def test_a_single_resource_is_taken_by_its_type() -> None:
    assert isinstance(admitted({"resourceType": "SupplyDelivery"}), Accepted)
    assert refusal({"resourceType": "Patient"}) == ("type-not-accepted", "resourceType", "422")


def test_another_type_is_taken_and_filtered_where_the_flow_says_so() -> None:
    result = admitted({"resourceType": "Observation"}, others="filter")
    assert isinstance(result, Accepted) and result.filtered == "type-not-accepted"


def test_any_type_takes_every_type_of_r4_and_every_kind_of_bundle() -> None:
    for document in ({"resourceType": "Observation"}, bundle(entry("Task"), type="searchset"), bundle(type="history")):
        assert isinstance(admitted(document, accepts=["*@R4"]), Accepted)
    assert refusal({"resourceType": "DeviceUsage"}, accepts=["*@R4"])[0] == "resource-type"


@pytest.mark.parametrize("accepts", [[], ["DFT^P03@2.5"], ["Bundle"], ["Bundle@R5"], ["Nonsense@R4"]])
def test_a_config_that_accepts_nothing_readable_is_refused(accepts: list[str]) -> None:
    with pytest.raises(ValidationError):
        source(accepts=accepts)


# -- identity


def test_the_identity_is_the_bundles_identifier_or_type_id_and_version_or_the_digest() -> None:
    named = bundle(identifier={"system": "urn:s", "value": "B-1"}, id="x")
    assert identity(named) == ("Bundle", "identifier", "urn:s", "B-1")
    assert identity({"resourceType": "Patient", "id": "7"}) == ("Patient", "id", "7", "")
    assert identity({"resourceType": "Patient", "id": "7", "meta": {"versionId": "3"}}) == ("Patient", "id", "7", "3")
    first, second = identity({"resourceType": "Patient"}), identity({"resourceType": "Patient", "active": True})
    assert first[:2] == second[:2] == ("Patient", "digest") and first != second


def test_the_identity_of_bytes_that_nobody_took_is_empty() -> None:
    assert source().identity(b"hello") == ()


# -- reliability: row 29


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        (b'{"resourceType": "Bundle", "id": "a", "id": "Rivera-4711"}', "duplicate-name", "400"),
        (b'{"resourceType": "Bundle", "total": NaN}', "not-a-number", "400"),
        (b'{"resourceType": "Bundle", "a": ' + b"[" * 100_000, "too-deep", "400"),
        (b'{"resourceType": "Bundle", "a": ' + b"[" * 65 + b"]" * 65 + b"}", "too-deep", "400"),
        (b'{"resourceType": ["Rivera-4711"]}', "resource-type", "400"),
        (b'{"resourceType": {"Rivera-4711": 1}}', "resource-type", "400"),
        (b'{"resourceType": "Rivera-4711"}', "resource-type", "400"),
        (b'{"Rivera-4711": "Bundle"}', "resource-type", "400"),
        (b'["Rivera-4711"]', "no-resource", "400"),
        (b'"Rivera-4711"', "no-resource", "400"),
        (b"null", "no-resource", "400"),
        (b"", "not-json", "400"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "not-json", "400"),
        (b'{"resourceType": "Bundle", "id": "\\u0000Rivera-4711"}', "invisible-character", "400"),
        (b'{"resourceType": "Bundle", "id": "\\ud800Rivera-4711"}', "invisible-character", "400"),
        (b'{"resourceType": "Bundle", "\\u0000Rivera-4711": 1}', "invisible-character", "400"),
        (b'{"resourceType": "Bundle", "id": "' + b"Rivera-4711" * 1_000_000 + b'"}', "too-long", "413"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_one_way_only_is_refused(data: bytes, code: str, status: str) -> None:
    began = time.process_time()
    assert refusal(data)[::2] == (code, status)
    assert refusal(data, accepts=["*@R4"])[::2] == (code, status)
    assert time.process_time() - began < 1.0


MODIFIER = {"modifierExtension": [{"url": f"urn:{SECRET}", "valueBoolean": True}]}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"resourceType": "SupplyDelivery", **MODIFIER}, "SupplyDelivery.modifierExtension"),
        (bundle(entry("Patient", **MODIFIER)), "Bundle.entry[0].resource.modifierExtension"),
        (bundle(entry("Patient", contact=[{}, MODIFIER])), "Bundle.entry[0].resource.contact[1].modifierExtension"),
        (bundle(entry("Observation", **{SECRET: [MODIFIER]})), "Bundle.entry[0].resource.?[0].modifierExtension"),
        ({"resourceType": "SupplyDelivery", "modifierExtension": {"url": "x"}}, "SupplyDelivery.modifierExtension"),
        ({"resourceType": "SupplyDelivery", "modifierExtension": [SECRET]}, "SupplyDelivery.modifierExtension"),
        ({"resourceType": "SupplyDelivery", "contained": [{"resourceType": "Patient", **MODIFIER}]},
         "SupplyDelivery.contained[0].modifierExtension"),
    ],
)  # fmt: skip
def test_a_modifier_that_nobody_knows_is_refused_wherever_it_stands(document: Any, place: str) -> None:
    assert refusal(document) == refusal(document, accepts=["*@R4"]) == ("modifier-extension", place, "422")


def test_a_modifier_that_the_flow_knows_is_taken() -> None:
    document = {"resourceType": "SupplyDelivery", **MODIFIER}
    assert isinstance(admitted(document, modifiers=[f"urn:{SECRET}"]), Accepted)
    assert isinstance(admitted({"resourceType": "SupplyDelivery", "modifierExtension": []}), Accepted)


def test_rules_that_nobody_knows_are_refused() -> None:
    document = {"resourceType": "SupplyDelivery", "implicitRules": f"urn:{SECRET}"}
    assert refusal(document) == ("implicit-rules", "SupplyDelivery.implicitRules", "422")
    assert isinstance(admitted(document, modifiers=[f"urn:{SECRET}"]), Accepted)


# -- reliability: row 30


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        (bundle(entry("Patient", "urn:uuid:1"), entry("Patient", "urn:uuid:1")), "full-url-twice",
         "Bundle.entry[1].fullUrl"),
        (bundle(entry("Encounter", "urn:uuid:1", partOf={"reference": "urn:uuid:1"})), "refers-to-itself", "Encounter"),
        (bundle(entry("Encounter", "urn:uuid:1", partOf={"reference": "urn:uuid:2"}),
                entry("Encounter", "urn:uuid:2", partOf={"reference": "urn:uuid:1"})), "part-of-itself",
         "Encounter.partOf"),
        (bundle(*(entry("Location", f"urn:uuid:{n}", partOf={"reference": f"urn:uuid:{(n + 1) % 500}"})
                  for n in range(500))), "part-of-itself", "Location.partOf"),
        (bundle({**entry("Patient"), "request": {"method": "POST", "url": "Patient",
                 "ifNoneExist": f"http://other.example/Patient?identifier={SECRET}"}}), "foreign-address",
         "Bundle.entry[0].request.ifNoneExist"),
        (bundle({**entry("Patient"), "request": {"method": "POST", "url": f"//other.example/{SECRET}"}}),
         "foreign-address", "Bundle.entry[0].request.url"),
        ({"resourceType": "SupplyDelivery", "contained": [{"resourceType": "Location", "id": "l",
          "partOf": {"reference": "#l"}}]}, "refers-to-itself", "SupplyDelivery.contained"),
        ({"resourceType": "SupplyDelivery", "contained": [{"resourceType": "Patient", "id": "p", "contained": []}]},
         "contained-in-contained", "SupplyDelivery.contained.contained"),
        ({"resourceType": "SupplyDelivery", "contained": [{"resourceType": "Patient", "id": "p"}] * 2},
         "contained-twice", "SupplyDelivery.contained"),
        ({"resourceType": "SupplyDelivery", "contained": [{"resourceType": SECRET, "id": "p"}]}, "resource-type",
         "SupplyDelivery.contained"),
        (bundle({"resource": {"resourceType": SECRET}}), "resource-type", "Bundle.entry[0].resource"),
        (bundle({"resource": [SECRET]}), "resource-type", "Bundle.entry[0].resource"),
        (bundle(SECRET), "structure", "Bundle.entry[0]"),
        ({"resourceType": "Bundle", "type": "batch", "entry": {"a": SECRET}}, "structure", "Bundle.entry"),
        (bundle(type="history"), "bundle-type", "Bundle.type"),
        (bundle(type=[SECRET]), "bundle-type", "Bundle.type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_document_that_contradicts_itself_is_refused(document: Any, code: str, place: str) -> None:
    assert refusal(document) == (code, place, "422")


def test_a_condition_may_name_a_system_by_its_address() -> None:
    request = {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=http://acme.example/mrn|123"}
    assert isinstance(admitted(bundle({**entry("Patient"), "request": request})), Accepted)


def test_references_in_a_circle_are_no_contradiction() -> None:
    one = entry("Condition", "urn:uuid:1", encounter={"reference": "urn:uuid:2"})
    two = entry("Encounter", "urn:uuid:2", diagnosis=[{"condition": {"reference": "urn:uuid:1"}}])
    assert isinstance(admitted(bundle(one, two)), Accepted)


def test_one_resource_in_two_versions_may_stand_under_one_address() -> None:
    entries = [entry("Patient", "http://h/Patient/1", id="1", meta={"versionId": str(n)}) for n in range(2)]
    assert isinstance(admitted(bundle(*entries), accepts=["*@R4"]), Accepted)


def test_more_entries_than_the_limit_are_refused() -> None:
    document = bundle(*[entry("Patient")] * 11)
    assert refusal(document, Limits(segments=10)) == ("too-many-entries", "Bundle.entry[10]", "422")


# -- shape


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({"resourceType": "SupplyDelivery", "status": ["completed"]}, "SupplyDelivery.status"),
        ({"resourceType": "SupplyDelivery", "suppliedItem": [{}]}, "SupplyDelivery.suppliedItem"),
        ({"resourceType": "SupplyDelivery", "suppliedItem": SECRET}, "SupplyDelivery.suppliedItem"),
        ({"resourceType": "SupplyDelivery", "suppliedItem": {"quantity": {"value": {"x": SECRET}}}},
         "SupplyDelivery.suppliedItem.quantity.value"),
        ({"resourceType": "Patient", "identifier": {"value": SECRET}}, "Patient.identifier"),
        ({"resourceType": "Patient", "identifier": [SECRET]}, "Patient.identifier"),
        ({"resourceType": "Patient", "name": [{"given": SECRET}]}, "Patient.name.given"),
        ({"resourceType": "Patient", "contact": [{"name": [{"family": SECRET}]}]}, "Patient.contact.name"),
    ],
)  # fmt: skip
def test_what_has_not_the_shape_of_the_tables_is_refused_where_it_would_be_read(resource: Any, place: str) -> None:
    assert refusal(bundle({"resource": resource})) == ("structure", place, "422")
    assert isinstance(admitted(bundle({"resource": resource}), accepts=["*@R4"]), Accepted)


def test_elements_that_no_table_has_are_let_be() -> None:
    held = entry("SupplyDelivery", futureElement={"x": [1]}, extension=[{"url": "x", "valueString": SECRET}])
    assert isinstance(admitted(bundle(held, entry("Observation", code=[1]))), Accepted)


# -- reliability: row 31


def test_narrative_and_attachments_are_neither_fetched_nor_offered() -> None:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{SECRET}<script>alert(1)</script></div>'
    photo = [{"url": "http://169.254.169.254/latest/meta-data"}]
    document = bundle(entry("Patient", text={"status": "generated", "div": div}, photo=photo))
    assert isinstance(admitted(document), Accepted)
    record = source().record(json.dumps(document).encode(), ENVELOPE)
    assert record.first(parse("Patient.photo.url")) == photo[0]["url"], "read as a text; classified S4, never followed"


# -- reliability: row 32


@pytest.mark.parametrize(
    "document",
    [
        {"files": {"f": {"filepath": "/etc/passwd", "originalFilename": SECRET, "mimetype": "x"}}},
        {"data": {"a": SECRET}, "files": {}},
        {"resourceType": "Parameters;filename=x", "files": {}},
    ],
)
def test_a_body_that_plays_at_an_upload_is_no_resource(document: Any) -> None:
    assert refusal(document)[0] == "resource-type"
    assert refusal(document, accepts=["*@R4"])[2] == "400"


# -- answers and totality


def test_what_is_taken_is_answered_with_the_number_it_is_stored_under() -> None:
    for code, said in (("201", "stored as LG7"), ("200", "already stored as LG7")):
        outcome = json.loads(listener().answer(None, code, "", "", "LG7", 0))
        assert outcome["issue"] == [{"severity": "information", "code": "informational", "diagnostics": said}]


def test_a_resource_may_be_posted_to_the_base_or_to_its_own_type() -> None:
    result = admitted({"resourceType": "SupplyDelivery"})
    door = listener()
    assert door.misplaced("", result.header) is None is door.misplaced("SupplyDelivery", result.header)
    wrong = door.misplaced("Patient", result.header)
    assert wrong is not None and wrong.answer == "400"
    assert [door.serves(path) for path in ("", "Patient", "nonsense", "Patient/1", "metadata")] == [
        True, True, False, False, False,
    ]  # fmt: skip


@given(st.binary(max_size=100))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    listener().admit(data)
    listener().admit(b'{"resourceType": "Bundle", "type": "batch", "entry": [' + data + b"]}")


_members = st.sampled_from(
    ["resourceType", "entry", "resource", "fullUrl", "contained", "reference", "partOf", "meta", "identifier", "id",
     "request", "ifNoneExist", "url", "modifierExtension", "suppliedItem", "quantity"]
)  # fmt: skip
_leaves = st.sampled_from(["Bundle", "Patient", "SupplyDelivery", "transaction", "#a", "urn:uuid:1", 1, None, True])
_trees = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_members, inner, max_size=5), max_leaves=25
)


@given(_trees)
def test_no_document_makes_it_raise_and_what_is_taken_can_be_read(document: object) -> None:
    rooted = {
        "resourceType": "Bundle",
        "type": "batch",
        **(document if isinstance(document, dict) else {"entry": document}),
    }
    payload = json.dumps(rooted).encode()
    for door in (listener(), listener(accepts=["*@R4"]), listener(others="filter")):
        if isinstance(door.admit(payload), Accepted):
            for record in (source().record(payload, ENVELOPE), source().tree(payload, ENVELOPE)):
                for item in (record, *record.split("SupplyDelivery"), *record.split("Patient")):
                    item.every(parse("Patient.identifier.value"))
