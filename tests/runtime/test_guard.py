"""The guard lets through exactly the signed fields."""

from __future__ import annotations

import orjson
import pytest

from runtime.guard import Guard, GuardRefusal, signed_headers

SIGNED = Guard.of(("material", "quantity", "lines.material", "lines.unit.code", "tags"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"material": "M", "quantity": "2"},
        {"lines": [{"material": "M", "unit": {"code": "EA"}}, {"material": "N"}]},
        {"tags": ["a", "b"]},
        {"material": None},
    ],
)
def test_signed_fields_pass(body: object) -> None:
    SIGNED.check(orjson.dumps(body))


@pytest.mark.parametrize(
    "body",
    [
        {"patient": "4711"},
        {"material": "M", "Material": "M"},
        {"material": {"patient": "4711"}},
        {"material": [{"patient": "4711"}]},
        {"material": [[["x"], {"patient": "4711"}]]},
        {"lines": [{"material": "M", "patient": "4711"}]},
        {"lines": {"unit": {"code": "EA", "patient": "4711"}}},
        {"lines": {"unit": {"code": {"patient": "4711"}}}},
        ["4711"],
        "4711",
    ],
)
def test_anything_else_is_refused_without_a_value(body: object) -> None:
    with pytest.raises(GuardRefusal) as refusal:
        SIGNED.check(orjson.dumps(body))
    assert "4711" not in str(refusal.value)
    assert "patient" not in str(refusal.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"material": "' + b"x" * (1 << 20) + b'"}'])
def test_bytes_that_are_no_small_json_are_refused(body: bytes) -> None:
    with pytest.raises(GuardRefusal):
        SIGNED.check(body)


def test_a_field_that_is_both_plain_and_a_parent_takes_its_parts_only() -> None:
    guard = Guard.of(("lines", "lines.material"))
    guard.check(b'{"lines":[{"material":"M"}]}')
    with pytest.raises(GuardRefusal):
        guard.check(b'{"lines":[{"patient":"M"}]}')


def test_only_over_http_does_a_sink_set_headers() -> None:
    config = {"headers": {"X-Plant": "10"}}
    assert ("X-Plant", "10") in signed_headers("http", config)
    assert signed_headers("soap", config) == signed_headers("sftp", config) == ()
