"""REST: the contract decides what is sent and what counts as an answer."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.values import NULL
from nodes.answers import retry_after_s
from nodes.contract import Example, Problem
from nodes.sink import Answer, Outcome, Settled
from nodes.sinks.rest import Rest, RestConfig, classify
from nodes.stop import Stop, Stopped
from nodes.testing import MemoryServices, node_of, operation, record_of, surroundings

KEY = "5f" * 32
NOW = 1_772_360_100_000  # 2026-03-01 10:15 UTC
POSTED = operation("post")
SILENT = operation("post", answer=None, success=(202, 204))
JSON = {"content-type": "application/json"}


def sink(**differs: Any) -> Rest:
    example = Example("", {"operation": "post"}, {}, operations={"post": differs})
    node = node_of(Rest, example)
    assert isinstance(node, Rest)
    return node


def body(fields: dict[str, Any], **differs: Any) -> bytes:
    return sink(**differs).request(record_of(fields)).body


def unfit(fields: dict[str, Any], **differs: Any) -> Stop:
    with pytest.raises(Stop) as stopped:
        body(fields, **differs)
    return stopped.value


def schema(**properties: Any) -> dict[str, Any]:
    return {"request": {"type": "object", "properties": properties, "required": []}}


def test_the_body_is_canonical_json_of_the_contracts_fields() -> None:
    assert (
        body({"quantity": "+02.50", "material": 'M-"1"\u2028é'})
        == '{"material":"M-\\"1\\"\u2028é","quantity":"2.50"}'.encode()
    )


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=6))
def test_a_body_of_texts_is_what_rfc_8785_makes_of_it(fields: dict[str, str]) -> None:
    try:
        canonical = rfc8785.dumps(fields)
    except rfc8785.CanonicalizationError:
        return
    assert body(fields, **schema(**{name: {"type": "string"} for name in fields})) == canonical


@given(st.integers(0, 1000), st.dictionaries(st.sampled_from(["retry-after", "content-type"]), st.text()), st.binary())
def test_every_answer_means_something(status: int, headers: dict[str, str], content: bytes) -> None:
    outcome = classify(Answer(status, headers, content), POSTED, KEY, NOW)
    assert outcome.how is not Settled.DELIVERED or status == 201
    assert outcome.after_s is None or 0 <= outcome.after_s <= 3600


def test_a_request_goes_to_the_contracts_own_path_with_fixed_headers_alone() -> None:
    config = RestConfig.model_validate({"operation": "post", "headers": {"X-Site": "7"}})
    example = Example("", {"operation": "post"}, {}, operations={"post": {}})
    request = Rest(config, MemoryServices(), surroundings(example)).request(
        record_of({"material": "M", "quantity": "1"})
    )
    assert (request.method, request.target) == ("POST", "/uses")
    assert request.headers == (("Content-Type", "application/json"), ("Accept", "application/json"), ("X-Site", "7"))


def test_a_field_beyond_the_contract_is_held_and_named_but_not_its_value() -> None:
    stop = unfit({"material": "M-1", "quantity": "1", "mrn": "P-4711"})
    assert (stop.how, stop.reason, stop.place) == (Stopped.PARK, "not-in-contract", "mrn")
    assert "P-4711" not in stop.sentence


@pytest.mark.parametrize("fields", [{"material": "M-1"}, {"material": "M-1", "quantity": NULL}])
def test_a_required_field_without_value_is_held(fields: dict[str, Any]) -> None:
    assert (unfit(fields).reason, unfit(fields).place) == ("contract", "quantity")


def test_an_optional_field_without_value_is_left_out() -> None:
    assert body({"a": NULL}, **schema(a={"type": "string"}, b={"type": "string"})) == b"{}"


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ({"type": "integer"}, "007", b"7"),
        ({"type": "integer"}, "-3", b"-3"),
        ({"type": "integer"}, "3.0", b"3"),
        ({"type": "integer"}, "123456789012345678", b"123456789012345678"),
        ({"type": "number"}, "72.50", b"72.50"),
        ({"type": "number"}, ".5", b"0.5"),
        ({"type": "boolean"}, True, b"true"),
        ({"type": "boolean"}, False, b"false"),
        ({"type": "string"}, "absent", b'"absent"'),
        ({"type": "string", "nullable": True}, NULL, b"null"),
        ({"type": "array", "items": {"type": "integer"}}, ("1", "2"), b"[1,2]"),
        ({"type": "object", "properties": {"y": {"type": "string"}}}, {"y": "1"}, b'{"y":"1"}'),
        ({}, "text", b'"text"'),
    ],
)
def test_values_are_written_as_the_contract_types_them(kind: dict[str, Any], value: Any, written: bytes) -> None:
    assert body({"v": value}, **schema(v=kind)) == b'{"v":' + written + b"}"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ({"type": "integer"}, "1.5"),
        ({"type": "integer"}, "1e309"),
        ({"type": "number"}, "NaN"),
        ({"type": "number"}, "1,000.50"),
        ({"type": "number"}, "9" * 400),
        ({"type": "number", "minimum": 0}, "-1"),
        ({"type": "number", "maximum": 100}, "100.01"),
        ({"type": "number"}, True),
        ({"type": "boolean"}, "true"),
        ({"type": "string", "maxLength": 3}, "long"),
        ({"type": "string", "minLength": 2}, "x"),
        ({"type": "string", "enum": ["EA", "BX"]}, "PAL"),
        ({"type": "string", "format": "decimal"}, "1e309"),
        ({"type": "string"}, "\ud800"),
        ({"type": "string"}, {"deep": "x"}),
        ({"type": "array", "items": {"type": "string"}}, "text"),
        ({"type": "object", "properties": {"y": {"type": "string"}}}, {"z": "1"}),
        ({"type": "object"}, {"free": "1"}),
    ],
)
def test_what_the_contract_does_not_take_is_held_without_naming_it(kind: dict[str, Any], value: Any) -> None:
    stop = unfit({"v": value}, **schema(v=kind))
    assert stop.how is Stopped.PARK and stop.place.startswith("v")
    assert not isinstance(value, str) or len(value) < 4 or value not in stop.sentence


@pytest.mark.parametrize(
    ("status", "headers", "content", "contract", "how", "why"),
    [
        (201, JSON, b'{"document":"4900000001"}', POSTED, Settled.DELIVERED, ""),
        (201, JSON, b'{"document":"49","more":[1.5,null]}', POSTED, Settled.DELIVERED, ""),
        (201, {}, b'{"document":"49"}', POSTED, Settled.DELIVERED, ""),
        (201, JSON, b'{"document":7}', POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b"{}", POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b"[]", POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b"", POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b'{"document":"4', POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b'{"document":NaN}', POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b"\xff\xfe", POSTED, Settled.PARK, "wrong-answer"),
        (201, JSON, b"[" * 100_000, POSTED, Settled.PARK, "wrong-answer"),
        (200, JSON, b'{"document":"49"}', POSTED, Settled.PARK, "wrong-answer"),
        (200, {"content-type": "text/html"}, b"<html>Log in</html>", POSTED, Settled.PARK, "wrong-answer"),
        (201, {"content-type": "text/html"}, b"<html>Log in</html>", POSTED, Settled.PARK, "wrong-answer"),
        (204, {}, b"", POSTED, Settled.PARK, "wrong-answer"),
        (204, {}, b"", SILENT, Settled.DELIVERED, ""),
        (
            202,
            {"content-type": "Text/HTML; charset=utf-8"},
            b"<html>Log in</html>",
            SILENT,
            Settled.PARK,
            "wrong-answer",
        ),
        (202, {"content-type": "text/html"}, b"", SILENT, Settled.DELIVERED, ""),
        (202, {}, b"whatever", SILENT, Settled.DELIVERED, ""),
        (206, {}, b"", SILENT, Settled.PARK, "wrong-answer"),
        (301, {"location": "https://elsewhere.example/"}, b"", POSTED, Settled.PARK, "answer-301"),
        (307, {"location": "/there"}, b"", POSTED, Settled.PARK, "answer-307"),
        (400, JSON, b"{}", POSTED, Settled.PARK, "answer-400"),
        (401, {}, b"", POSTED, Settled.PARK, "answer-401"),
        (404, {}, b"", POSTED, Settled.PARK, "answer-404"),
        (422, JSON, b'{"error":"material"}', POSTED, Settled.PARK, "answer-422"),
        (408, {}, b"", POSTED, Settled.RETRY, "answer-408"),
        (429, {}, b"", POSTED, Settled.RETRY, "answer-429"),
        (500, {}, b"", POSTED, Settled.RETRY, "answer-500"),
        (503, {}, b"<html>", POSTED, Settled.RETRY, "answer-503"),
        (599, {}, b"", POSTED, Settled.RETRY, "answer-599"),
        (409, {"idempotency-key": KEY}, b"", POSTED, Settled.DELIVERED, "already-applied"),
        (409, {"idempotency-key": f'"{KEY}"'}, b"", POSTED, Settled.DELIVERED, "already-applied"),
        (409, JSON, b'{"error":{"key":"%s"}}' % KEY.encode(), POSTED, Settled.DELIVERED, "already-applied"),
        (409, {"idempotency-key": "ab" * 32}, b"", POSTED, Settled.PARK, "answer-409"),
        (409, JSON, b'{"error":"conflict"}', POSTED, Settled.PARK, "answer-409"),
        (409, JSON, b"conflict", POSTED, Settled.PARK, "answer-409"),
        (100, {}, b"", POSTED, Settled.PARK, "answer-100"),
        (0, {}, b"", POSTED, Settled.PARK, "answer-0"),
        (999, {}, b"", POSTED, Settled.PARK, "answer-999"),
    ],
)
def test_an_answer_means_what_the_contract_says(
    status: int, headers: dict[str, str], content: bytes, contract: Any, how: Settled, why: str
) -> None:
    outcome = classify(Answer(status, headers, content), contract, KEY, NOW)
    assert (outcome.how, outcome.reason) == (how, why)
    assert how is Settled.DELIVERED or outcome.sentence.endswith(".")


def test_the_node_judges_by_its_own_contract() -> None:
    assert sink().classify(Answer(201, {}, b'{"document":"1"}'), KEY, NOW) == Outcome(Settled.DELIVERED)


def test_a_wrong_answer_is_described_without_what_it_said() -> None:
    outcome = classify(Answer(201, JSON, b'{"document":["Rivera"]}'), POSTED, KEY, NOW)
    assert "document is no string" in outcome.sentence and "Rivera" not in outcome.sentence


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        (" 30 ", 30),
        ("3600", 3600),
        ("3601", 3600),
        ("1000000000", 3600),
        ("9" * 5000, 3600),
        ("-5", 0),
        ("-" + "9" * 5000, 0),
        ("Sun, 01 Mar 2026 10:15:30 GMT", 30),
        ("Sun, 01 Mar 2026 10:14:00 GMT", 0),
        ("Sun, 01 Mar 2126 10:15:00 GMT", 3600),
        ("Sunday, 01-Mar-26 10:15:30 GMT", 30),
        ("Sun Mar  1 10:15:30 2026", 30),
        ("", None),
        ("soon", None),
        ("1.5", None),
        ("٣", None),
        ("--5", None),
        ("Sun, 99 Mar 2026 10:15:30 GMT", None),
        ("Sun, 01 Mar 99999999 10:15:30 GMT", None),
    ],
)
def test_the_wish_for_a_wait_is_read_and_clamped_to_an_hour(text: str, seconds: int | None) -> None:
    assert retry_after_s({"retry-after": text}, NOW) == seconds
    assert classify(Answer(503, {"retry-after": text}, b""), POSTED, KEY, NOW).after_s == seconds


def test_no_wish_is_none() -> None:
    assert retry_after_s({}, NOW) is None


def test_a_sink_declares_the_fields_of_its_contract() -> None:
    node = sink()
    assert node.effects(node.config, node.around).sends == ("material", "quantity")


def problems(**differs: Any) -> list[Problem]:
    example = Example("", {}, {}, operations={"post": differs})
    config = RestConfig.model_validate({"operation": differs.pop("asked", "post")})
    return list(Rest.check(config, surroundings(example)))


def test_an_operation_that_the_contract_lacks_is_a_problem_and_its_fields_are_unknown() -> None:
    around = surroundings(Example("", {}, {}, operations={"post": {}}))
    config = RestConfig.model_validate({"operation": "put"})
    [problem] = Rest.check(config, around)
    assert problem.pointer == "/operation" and "post" in problem.sentence
    assert Rest.effects(config, around).sends is None


def test_an_operation_that_sends_no_body_is_a_problem() -> None:
    assert [problem.rule for problem in problems(method="GET")] == ["LG-NODE-OPERATION"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": "x"},
        {"host": "elsewhere"},
        {"Authorization": "Basic x"},
        {"Content-Length": "1"},
        {"Transfer-Encoding": "chunked"},
        {"Proxy-Authorization": "x"},
        {"X-A": "1\r\nX-B: 2"},
        {"X A": "1"},
        {"": "1"},
    ],
)
def test_a_header_that_the_runtime_owns_or_that_breaks_out_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RestConfig.model_validate({"operation": "post", "headers": headers})
