"""SOAP: the WSDL decides what is sent, and only an answer that keeps its contract is success."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flows.environment import ContractField
from nodes.contract import Example, Problem
from nodes.sink import Answer, Outcome, Settled
from nodes.sinks.soap import Soap, SoapConfig
from nodes.stop import Stop
from nodes.testing import node_of, record_of, surroundings

KEY = "5f" * 32
NOW = 1_772_360_100_000
NESTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "document": {
            "type": "object",
            "xml": "Document",
            "properties": {
                "reference": {"type": "string", "maxLength": 40, "xml": "Reference"},
                "movement": {"type": "string", "xml": "Movement"},
                "items": {
                    "type": "array",
                    "xml": "Items",
                    "items": {
                        "type": "object",
                        "properties": {
                            "material": {"type": "string", "xml": "Material"},
                            "quantity": {"type": "string", "format": "decimal", "xml": "Quantity"},
                            "batch": {"type": "string", "xml": "Batch"},
                        },
                        "required": ["material", "quantity"],
                    },
                },
            },
            "required": ["movement", "items"],
        }
    },
    "required": ["document"],
}
PLACES = {"document.items.material": "material", "document.items.quantity": "quantity"}
FILLED = {"fields": PLACES, "fixed": {"document.movement": "201"}, "key_field": "document.reference"}
ANSWER = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "xml": "Number"},
        "state": {"type": "string", "xml": "State"},
        "final": {"type": "boolean", "xml": "Final"},
    },
    "required": ["number", "state"],
}


def fields_of(schema: dict[str, Any], above: str = "", required: bool = True) -> list[ContractField]:
    found = []
    for name, each in schema.get("properties", {}).items():
        needed = required and name in schema.get("required", ())
        found.append(ContractField(f"{above}{name}", each["type"], needed))
        inner = each.get("items", {}) if each["type"] == "array" else each
        found += fields_of(inner, f"{above}{name}.", needed)
    return found


def example(config: dict[str, Any], **differs: Any) -> Example:
    whole = {"kind": "wsdl", "request": NESTED, "fields": tuple(fields_of(NESTED)), "answer": ANSWER, "success": (200,)}
    whole |= {"faults": ("Busy", "DuplicateKey", "UnknownMaterial"), **differs}
    return Example("", {"operation": "Post", **config}, {}, operations={"Post": whole})


def sink(config: dict[str, Any] | None = None, **differs: Any) -> Soap:
    node = node_of(Soap, example(FILLED if config is None else config, **differs))
    assert isinstance(node, Soap)
    return node


def problems(config: dict[str, Any], **differs: Any) -> list[Problem]:
    asked = example(config, **differs)
    read = SoapConfig.model_validate(asked.config)
    return [each for each in Soap.check(read, surroundings(asked)) if each.severity == "hard"]


def answer(read: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, json.dumps(read).encode())


def meaning(read: dict[str, Any], status: int = 200, config: dict[str, Any] | None = None) -> Outcome:
    return sink({**FILLED, **(config or {})}).classify(answer(read, status), KEY, NOW)


def test_named_fields_fixed_ones_and_the_key_stand_where_the_operation_has_them() -> None:
    node = sink()
    body = node.request(record_of({"material": "M-1", "quantity": "2.50"})).body
    assert json.loads(body) == {"material": "M-1", "quantity": "2.50"}
    assert node.tree(body, KEY) == {
        "Document": {
            "Items": [{"Material": "M-1", "Quantity": "2.50"}],
            "Movement": "201",
            "Reference": KEY[:40],
        }
    }
    assert node.sent_key(KEY) == KEY[:40]


def test_without_named_fields_a_record_of_the_same_shape_is_taken() -> None:
    node = sink({"fixed": {"document.movement": "201"}})
    body = node.request(record_of({"document": {"items": ({"material": "M-1", "quantity": "2"},)}})).body
    assert node.tree(body, KEY) == {"Document": {"Items": [{"Material": "M-1", "Quantity": "2"}], "Movement": "201"}}


def test_the_record_is_asked_for_what_nobody_else_fills() -> None:
    around = surroundings(example(FILLED))
    seen = Soap.contract(SoapConfig.model_validate(example(FILLED).config), around)
    assert seen is not None
    assert [(field.path, field.required) for field in seen.fields] == [("material", True), ("quantity", True)]
    same = Soap.contract(SoapConfig(operation="Post", key_field="document.reference"), around)
    assert same is not None and "document.reference" not in [field.path for field in same.fields]


def test_a_value_that_breaks_its_type_is_held_with_its_field_and_without_its_value() -> None:
    with pytest.raises(Stop) as stopped:
        sink().request(record_of({"material": "M-1", "quantity": "two"}))
    assert stopped.value.reason == "contract" and stopped.value.place == "quantity"
    assert "two" not in stopped.value.sentence


def test_dates_are_those_of_the_schema() -> None:
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": "xsd-date-time"}}, "required": ["at"]}
    node = sink({}, request=schema, fields=tuple(fields_of(schema)))
    assert node.request(record_of({"at": "2026-03-01T10:15:00.5+01:00"}))
    with pytest.raises(Stop):
        node.request(record_of({"at": "20260301101500"}))


@pytest.mark.parametrize(
    ("config", "pointer", "said"),
    [
        ({"fields": {"document.items.materiel": "material"}}, "/fields/document.items.materiel", "did you mean"),
        ({**FILLED, "fixed": {}}, "/fields", "requires 'document.movement'"),
        ({**FILLED, "fixed": {"document.movement": "1", "document.reference": "x"}}, "/fields", "more than once"),
        ({**FILLED, "retry": ("Bussy",)}, "/retry", "declares no fault 'Bussy'"),
        ({**FILLED, "expect": {"status": ("OK",)}}, "/expect/status", "no plain field 'status'"),
        ({**FILLED, "fields": {**PLACES, "document.items": "material"}}, "/fields/document.items", "no plain field"),
    ],
)
def test_a_config_that_the_contract_does_not_bear_is_refused(config: Any, pointer: str, said: str) -> None:
    found = problems(config)
    assert (pointer, True) in [(each.pointer, said in each.sentence) for each in found], found


def test_a_key_field_that_is_too_short_for_a_key_is_refused() -> None:
    short = json.loads(json.dumps(NESTED))
    short["properties"]["document"]["properties"]["reference"]["maxLength"] = 16
    assert [each.pointer for each in problems(FILLED, request=short)] == ["/key_field"]


def test_an_operation_that_nothing_can_be_posted_to_says_why() -> None:
    [found] = problems({}, problem="its messages are encoded")
    assert found.sentence == "Nothing can be posted to 'Post': its messages are encoded."
    assert problems({"operation": "Put"})[0].sentence.endswith("no operation 'Put'; it has: Post.")


def test_the_operation_of_another_kind_of_contract_is_none_of_this_sink() -> None:
    assert problems({}, kind="openapi")[0].rule == "LG-NODE-OPERATION"


def test_a_service_that_tells_no_repetition_is_pointed_out_and_known() -> None:
    assert not sink({"fields": PLACES, "fixed": {"document.movement": "201"}}).honours_key
    assert sink().honours_key and sink({"honours_header": True}).honours_key
    config = SoapConfig(operation="Post", fields=PLACES, fixed={"document.movement": "201"})
    [found] = Soap.check(config, surroundings(example({})))
    assert (found.rule, found.severity) == ("LG-NODE-REPETITION", "advisory")


def test_an_answer_that_keeps_its_contract_is_success() -> None:
    assert meaning({"answer": {"number": "49", "state": "OK"}}) == Outcome(Settled.DELIVERED)


@pytest.mark.parametrize(
    "read",
    [
        {"answer": {"number": "49"}},
        {"answer": {"number": "49", "state": "OK", "final": "perhaps"}},
        {"wrong": "other-element"},
        {"wrong": "document-type"},
        {"wrong": "something new"},
        {},
    ],
)
def test_any_other_answer_with_200_is_wrong(read: dict[str, Any]) -> None:
    outcome = meaning(read)
    assert (outcome.how, outcome.reason) == (Settled.PARK, "wrong-answer")
    assert "perhaps" not in outcome.sentence


@pytest.mark.parametrize(("state", "how"), [("OK", Settled.DELIVERED), ("REJECTED", Settled.PARK)])
def test_an_answer_may_have_to_say_so(state: str, how: Settled) -> None:
    outcome = meaning({"answer": {"number": "1", "state": state}}, config={"expect": {"state": ("OK", "DONE")}})
    assert outcome.how is how and "REJECTED" not in outcome.sentence


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    ("read", "how", "reason"),
    [
        ({"fault": "Server", "name": "", "key": False}, Settled.RETRY, "fault-server"),
        ({"fault": "Receiver", "name": "", "key": False}, Settled.RETRY, "fault-server"),
        ({"fault": "Client", "name": "", "key": False}, Settled.PARK, "fault-client"),
        ({"fault": "MustUnderstand", "name": "", "key": False}, Settled.PARK, "fault-client"),
        ({"fault": "Server", "name": "UnknownMaterial", "key": False}, Settled.PARK, "fault-unknownmaterial"),
        ({"fault": "Client", "name": "Busy", "key": False}, Settled.RETRY, "fault-busy"),
        ({"fault": "Server", "name": "DuplicateKey", "key": True}, Settled.DELIVERED, "already-applied"),
        ({"fault": "Server", "name": "DuplicateKey", "key": False}, Settled.PARK, "fault-duplicatekey"),
    ],
)
def test_a_fault_is_a_fault_whatever_the_status_and_its_name_decides_before_its_code(
    status: int, read: dict[str, Any], how: Settled, reason: str
) -> None:
    outcome = meaning(read, status, {"retry": ("Busy",), "applied": ("DuplicateKey",)})
    assert (outcome.how, outcome.reason) == (how, reason)


@pytest.mark.parametrize(
    ("status", "how"),
    [(408, Settled.RETRY), (429, Settled.RETRY), (500, Settled.RETRY), (503, Settled.RETRY), (302, Settled.PARK),
     (400, Settled.PARK), (401, Settled.PARK)],
)  # fmt: skip
def test_without_a_fault_the_status_decides(status: int, how: Settled) -> None:
    assert meaning({"wrong": "no-xml"}, status).how is how


def test_a_service_asks_for_a_wait_in_a_fault_too() -> None:
    asked = answer({"fault": "Server", "name": "", "key": False}, 500, {"retry-after": "7"})
    assert sink().classify(asked, KEY, NOW).after_s == 7


def test_a_conflict_about_our_own_key_is_success_where_the_header_counts() -> None:
    echo = answer({}, 409, {"idempotency-key": KEY})
    assert sink({"honours_header": True}).classify(echo, KEY, NOW).how is Settled.DELIVERED
    assert sink().classify(echo, KEY, NOW).how is Settled.PARK


def test_an_operation_that_answers_nothing_is_delivered_by_its_status() -> None:
    assert sink(answer=None, success=(202,)).classify(Answer(202, {}, b""), KEY, NOW) == Outcome(Settled.DELIVERED)
