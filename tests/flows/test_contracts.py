"""Contracts and environments: read strictly, refused with a sentence, and real ones are understood."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from flows.contracts import ContractError, openapi_operations
from flows.environment import ContractField
from flows.surroundings import SurroundingsError, files_of, load_environment, load_surroundings, record_schemas
from tests.flows.shipped import LIBRARY, SUPPLY, around, environment_of

ROOT = Path(__file__).parents[2]
CORPORA = (ROOT / os.environ.get("LOCKGATE_CORPORA", "../shared/data")).resolve()
CONTRACT = json.loads((LIBRARY / SUPPLY / "contracts" / "erp-inventory.openapi.json").read_text("utf-8"))


def operations(**changes):
    return openapi_operations(json.dumps({**CONTRACT, **changes}).encode())


def schema_of(schema, schemas=None):
    paths = {
        "/x": {
            "post": {
                "operationId": "x",
                "requestBody": {"content": {"application/json": {"schema": schema}}},
                "responses": {"200": {"description": "ok"}},
            }
        }
    }
    return operations(paths=paths, components={"schemas": schemas or {}})["x"]


def test_an_operation_says_what_it_takes_and_what_counts_as_success():
    found = operations()["postGoodsIssue"]
    assert (found.method, found.path, found.success) == ("POST", "/goods-issues", (201,))
    assert found.fields[0] == ContractField("material", "string", True)
    assert next(each for each in found.fields if each.path == "caseReference").required is False
    assert found.answer["required"] == ["document"]
    assert len(found.document) == 64


def test_nested_fields_stand_under_their_parents_name():
    lines = {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}
    line = {"type": "object", "required": ["material"], "properties": {"material": {"type": "string"}}}
    found = schema_of({"type": "object", "required": ["lines"], "properties": {"lines": lines}}, {"Line": line})
    assert found.fields == (ContractField("lines", "array", True), ContractField("lines.material", "string", True))


def test_parts_that_belong_together_are_folded():
    base = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    whole = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"b": {"type": ["integer", "null"]}}}]}
    found = schema_of(whole, {"Base": base})
    assert [(each.path, each.type, each.required) for each in found.fields] == [
        ("a", "string", True),
        ("b", "integer", False),
    ]


def test_a_schema_that_names_itself_ends():
    node = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Node"}}}
    assert len(schema_of({"$ref": "#/components/schemas/Node"}, {"Node": node}).fields) < 50


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no JSON"),
        (b"[]", "no OpenAPI"),
        (b"\xff", "not UTF-8"),
        (b'{"swagger":"2.0"}', "no OpenAPI"),
        (b'{"openapi":"3.0.0","openapi":"3.0.0"}', "stands twice"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_contract_is_refused_with_a_sentence(data, says):
    with pytest.raises(ContractError, match=says):
        openapi_operations(data)


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("other.json#/x", "leads out of the document"),
        ("https://example.org/x", "leads out"),
        ("#/components/schemas/Nowhere", "leads nowhere"),
        ("#/components/schemas/Ring", "leads in a circle"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_refused(reference, says):
    with pytest.raises(ContractError, match=says):
        schema_of({"$ref": reference}, {"Ring": {"$ref": "#/components/schemas/Ring"}})


def test_the_contracts_of_real_systems_are_read():
    assert CORPORA.is_dir(), f"the corpora are missing: set LOCKGATE_CORPORA (looked in {CORPORA})"
    read = 0
    for path in sorted(CORPORA.glob("openapi/**/*.json")):
        try:
            found = openapi_operations(path.read_bytes())
        except ContractError as error:
            assert str(error)
            continue
        read += len(found)
        assert all(each.fields or each.request is not None for each in found.values())
    assert read > 0


def test_every_file_of_an_environment_is_named_once():
    environment = load_environment(json.dumps(environment_of()).encode())
    assert files_of(environment) == (
        "contracts/erp-inventory.openapi.json",
        "masters/items.json",
        "masters/locations.json",
    )
    assert ("erp-inventory", "postGoodsIssue") in around().operations
    assert set(around().masters) == {"items", "locations"}
    assert "utilisation-event@1" in record_schemas()


def _environment(change):
    environment = environment_of()
    change(environment)
    return json.dumps(environment).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda env: env.update(label="secret"), "/label"),
        (lambda env: env.update(colour="red"), "the key 'colour' is not known here"),
        (lambda env: env["connections"]["erp-inventory"].update(port=0), "/connections/erp-inventory/port"),
        (lambda env: env["connections"]["erp-inventory"].update(password="x"), "'password' is not known"),
        (lambda env: env["connections"]["erp-inventory"].update(contract="/etc/passwd"), "beside or below"),
        (lambda env: env["connections"]["erp-inventory"].update(contract="../../x.json"), "beside or below"),
        (lambda env: env["connections"]["erp-inventory"].update(contract="missing.json"), "cannot be read"),
        (lambda env: env["connections"]["erp-inventory"].update(contract="masters/items.json"), "no OpenAPI"),
        (lambda env: env["masters"].update(items="masters/locations.json"), "contract of master 'locations'"),
        (lambda env: env["masters"].update(items="contracts/erp-inventory.openapi.json"), "'format' is missing"),
    ],
)
def test_an_environment_with_a_mistake_is_refused_with_file_and_place(change, says):
    with pytest.raises(SurroundingsError) as refused:
        load_surroundings(_environment(change), lambda path: (LIBRARY / SUPPLY / path).read_bytes())
    assert says in str(refused.value)
    assert refused.value.file


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b'{"format":"lockgate/environment/1"}'])
def test_what_is_no_environment_is_refused(data):
    with pytest.raises(SurroundingsError):
        load_surroundings(data, lambda path: b"")
