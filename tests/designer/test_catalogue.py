"""The catalogue: every node kind with a form that its own example fits, connections without secrets, fields by name."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from designer.purposes import purposes, serves
from flows.policyset import builtin
from nodes.catalogue import kinds
from tests.cost import cpu_seconds
from tests.designer.office import Office


def test_every_node_kind_is_there_with_a_form_and_an_example_that_it_takes(office: Office) -> None:
    ana = office.signed_in("ana")
    found = ana.given(ana.get("/catalogue"))["kinds"]
    assert {(each["kind"], each["version"]) for each in found} == set(kinds())
    for each in found:
        node = kinds()[each["kind"], each["version"]]
        node.Config.model_validate(each["example_config"])
        assert each["schema"]["additionalProperties"] is False
        assert each["doc"].endswith(".")
        assert each["effects_sentence"], each["kind"]
        described = [name for name, field in each["schema"]["properties"].items() if "description" in field]
        assert described, each["kind"]


def test_the_catalogue_names_no_secret(office: Office) -> None:
    path = office.environment / "environment.json"
    facts = json.loads(path.read_text())
    facts["connections"]["erp-inventory"]["secret"] = "erp-credential"
    path.write_text(json.dumps(facts))
    ana = office.signed_in("ana")
    answer = ana.get("/catalogue")
    assert answer.status_code == 200
    assert b"erp-credential" not in answer.data


def test_a_connection_says_what_it_takes_and_which_kinds_can_use_it(office: Office) -> None:
    ana = office.signed_in("ana")
    found = {each["name"]: each for each in ana.given(ana.get("/catalogue"))["connections"]}
    erp = found["erp-inventory"]
    assert [each["id"] for each in erp["operations"]] == ["postGoodsIssue"]
    assert "material" in {field["path"] for field in erp["operations"][0]["fields"]}
    assert "rest" in erp["kinds"]
    assert "hl7_mllp" not in erp["kinds"]
    assert "hl7_mllp" in found["or-system"]["kinds"]
    assert "rest" not in found["or-system"]["kinds"]
    assert "fhir_inbound" not in found["or-system"]["kinds"]
    assert (erp["protocol"], found["or-system"]["protocol"]) == ("REST", "MLLP")


def test_a_purpose_says_which_kinds_of_data_may_leave_for_it_or_that_none_may(office: Office) -> None:
    ana = office.signed_in("ana")
    found = {each["id"]: each for each in ana.given(ana.get("/catalogue"))["purposes"]}
    assert found["interface-monitoring"]["sentence"] == (
        "May leave: message control (operational: about no person, S1 at most)."
    )
    assert "a patient identifier (pseudonymised)" in found["supply-consumption"]["sentence"]
    assert found["charge-capture"]["permitted"] is False
    assert found["charge-capture"]["sentence"].startswith("Nothing may leave for it")


def test_every_permit_is_told_at_the_purpose_that_its_policy_names() -> None:
    permits = [rule for rule in builtin().rules.values() if rule.effect == "permit" and "receive" in rule.actions]
    for rule in permits:
        text = (resources.files("flows.policies") / rule.file).read_text()
        assert f'Purpose::"{serves(rule).replace(" ", "-")}"' in text, rule.file
    told = [each for each in purposes() if each.permitted]
    assert sum(each.sentence.count(";") + 1 for each in told) == len(permits)


def test_a_source_at_a_connection_of_another_protocol_is_a_finding_with_the_way_out(office: Office) -> None:
    path = office.environment / "environment.json"
    facts = json.loads(path.read_text())
    facts["connections"]["ward-system"] = facts["connections"]["or-system"] | {"base_path": "/fhir", "port": 2581}
    path.write_text(json.dumps(facts))
    ana = office.signed_in("ana")
    made = ana.given(ana.post("/drafts", {"name": "Ward", "from": {"pattern": "supply-consumption"}}), 201)
    document = made["document"]
    document["steps"][0]["connection"] = "ward-system"
    ana.given(ana.put(f"/drafts/{made['id']}", {"revision": 1, "document": document}))
    said = ana.given(ana.get(f"/drafts/{made['id']}/analysis"))["findings"]
    (found,) = [each for each in said if each["rule"] == "LG-SOURCE-PROTOCOL"]
    assert found["address"]["pointer"] == "/steps/0/connection"
    after = ana.given(ana.post(f"/drafts/{made['id']}/preview", {"edits": found["fixes"][0]["edits"]}))
    assert after["document"]["steps"][0]["connection"] == "or-system"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("PID-3", "PID-3"),
        ("pid-5.1", "PID-5.1"),
        ("patient identifier list", "PID-3"),
        ("transaction quantity", "FT1-10"),
        ("PV1-19", "PV1-19"),
    ],
)
def test_fields_are_found_by_path_and_by_name(office: Office, wanted: str, path: str) -> None:
    ana = office.signed_in("ana")
    found = ana.given(ana.get("/fields", query_string={"accepts": "DFT^P03@2.3-2.8", "q": wanted}))
    first = found["fields"][0]
    assert first["path"] == path
    assert first["name"]
    assert first["ground"].endswith(".")
    assert 0 <= first["sensitivity"] <= 4


def test_fields_of_fhir_are_found_too(office: Office) -> None:
    ana = office.signed_in("ana")
    found = ana.given(ana.get("/fields", query_string={"accepts": "SupplyDelivery@R4", "q": "quantity"}))
    paths = [each["path"] for each in found["fields"]]
    assert "SupplyDelivery.suppliedItem.quantity" in paths


def test_a_search_for_fields_is_answered_within_300_ms_once_the_tables_are_read(office: Office) -> None:
    ana = office.signed_in("ana")
    ana.get("/fields", query_string={"accepts": "DFT^P03@2.3-2.8", "q": "patient"})
    wanted = {"accepts": "DFT^P03@2.3-2.8", "q": "name", "limit": "200"}
    assert cpu_seconds(lambda: ana.given(ana.get("/fields", query_string=wanted))) < 0.3


def test_more_than_was_asked_for_is_said(office: Office) -> None:
    ana = office.signed_in("ana")
    found = ana.given(ana.get("/fields", query_string={"accepts": "DFT^P03@2.3-2.8", "limit": "5"}))
    assert (len(found["fields"]), found["more"]) == (5, True)


def test_patterns_say_what_they_lack_and_usable_ones_come_first(office: Office) -> None:
    ana = office.signed_in("ana")
    patterns = ana.given(ana.get("/library"))["patterns"]
    assert patterns[0]["id"] == "supply-consumption"
    assert patterns[0]["usable"]
    unusable = [each for each in patterns if not each["usable"]]
    assert all(each["lacks"] for each in unusable)
    assert all(each["sentence"] for each in patterns)
