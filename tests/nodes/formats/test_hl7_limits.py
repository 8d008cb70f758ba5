"""Limits: found where they begin to be exceeded, in time that grows no faster than the message."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.environment import Limits
from flows.paths import parse
from nodes.formats.hl7v2 import STANDARD, LazyRecord, read_message, tree
from nodes.formats.hl7v2.limits import exceeded
from tests.cost import cpu_seconds
from tests.nodes.formats.hl7_messages import ENVELOPE

HEAD = "MSH|^~\\&|A|B|||1||ORU^R01|1|P|2.5"


def place(body: str, limits: Limits | None = None) -> tuple[str, str] | None:
    text = f"{HEAD}\r{body}"
    return exceeded(text, text.count("\r") + 1, STANDARD, limits or Limits())


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ("OBX|1\r" * 4_999 + "OBX|1", "too-many-segments", "segment 5001"),
        ("PID|1||" + "~".join(["x"] * 201), "too-many-repetitions", "PID-3 repetition 201"),
        ("OBX|1\rOBX|2||||" + "~".join(["x"] * 16_000), "too-many-repetitions", "OBX[2]-5 repetition 201"),
        ("OBX" + "|x" * 501, "too-many-fields", "OBX field 501"),
        ("PID|1||||" + "^".join(["x"] * 10_000), "too-many-components", "PID-5 component 101"),
        ("PID|1||||a~x^" + "&".join(["x"] * 101), "too-many-subcomponents", "PID-5 subcomponent 101"),
        ("OBX|1|ED|D||" + "A" * 65_537, "field-too-long", "OBX-5 character 65537"),
        ("OBX|1\rOBX|2|FT|D||" + ("é" * 99 + "~") * 656, "field-too-long", "OBX[2]-5 character 65537"),
        ("é\r" + "né|" + "~" * 300, "too-many-repetitions", "?[2]-1 repetition 201"),
        ("SMITH, secret" + "~" * 300, "too-many-repetitions", "?-0 repetition 201"),
    ],
)
def test_a_limit_is_named_by_code_and_place(body: str, code: str, where: str) -> None:
    assert place(body) == (code, where)


@pytest.mark.parametrize(
    "body",
    [
        "OBX|1\r" * 4_998 + "OBX|1",
        "PID|1||" + "~".join(["x"] * 200) + "|" + "~".join(["x"] * 200),
        "OBX" + "|x" * 500 + "\rOBX" + "|x" * 500,
        "PID|1||||" + "^".join(["x"] * 100) + "~" + "^".join(["x"] * 100),
        "OBX|1|ED|D||" + "A" * 65_536 + "|" + "A" * 65_536,
        "PID|1||||" + "&".join(["x"] * 100) + "^" + "&".join(["x"] * 100),
    ],
)
def test_what_is_just_within_the_limits_is_taken(body: str) -> None:
    assert place(body) is None


def test_the_header_counts_its_separator_as_its_first_field() -> None:
    text = "MSH|^~\\&" + "|x" * 9
    assert exceeded(text, 1, STANDARD, Limits(fields=11)) is None
    assert exceeded(text + "|x", 1, STANDARD, Limits(fields=11)) == ("too-many-fields", "MSH field 12")


def test_the_delimiters_that_the_header_declares_count_for_nothing() -> None:
    narrow = Limits(repetitions=1, components=1)
    assert exceeded("MSH|^~\\&|A|B\rPID|1", 2, STANDARD, narrow) is None
    assert exceeded("MSH|^~\\&|A|B\rPID|1^2", 2, STANDARD, narrow) == ("too-many-components", "PID-1 component 2")
    assert exceeded("MSH|^~\\&|A~B", 1, STANDARD, narrow) == ("too-many-repetitions", "MSH-3 repetition 2")


def _read_all(text: str) -> object:
    record = LazyRecord(read_message(text.encode()), ENVELOPE)
    masked = record.with_masked(parse("OBX"), lambda value: value[:1])
    lines = [line.every(parse("OBX-5.2")) for line in masked.split("OBSERVATION")]
    return record.first(parse("OBX[999]-5")), record.every(parse("PID-3.1")), lines


def _read_tree(text: str) -> object:
    return tree(read_message(text.encode()), ENVELOPE).every(parse("OBX-5.2"))


def _admit(text: str) -> object:
    return exceeded(text, 1, STANDARD, Limits(repetitions=100_000, components=10_000, fields=10_000))


BODIES: dict[str, Callable[[int], str]] = {
    "repetitions": lambda n: "PID|1||" + "~".join(["a^b"] * n),
    "components": lambda n: "PID|1||" + "^".join(["a&b"] * n),
    "fields": lambda n: "PID" + "|a" * n,
    "line breaks": lambda n: "OBX|1|FT|||" + "\\.br\\" * n,
    "escape characters": lambda n: "OBX|1|FT|||" + "\\" * n,
    "half hexadecimal": lambda n: "OBX|1|FT|||" + "\\X" + "4D" * n,
    "blank lines": lambda n: "PID|1" + "\r" * n + "OBX|1",
    "trailers": lambda n: "PID|1" + "\rBTS|1" * n,
    "broken lines": lambda n: "PID|1" + "\rx" * n,
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("work", [_read_all, _read_tree, _admit])
def test_time_is_linear(kind: str, work: Callable[[str], object]) -> None:
    def cost(size: int) -> float:
        text = f"{HEAD}\r{BODIES[kind](size)}"
        return cpu_seconds(lambda: work(text))

    assert cost(64_000) < 24 * cost(8_000) + 0.05


def _split_all(text: str, size: int) -> None:
    record = LazyRecord(read_message(text.encode()), ENVELOPE)
    orders = record.split("ORDER_OBSERVATION")
    lines = [line for order in orders for line in order.split("OBSERVATION")]
    assert [line.first(parse("OBX-1")) for line in lines] == [line.first(parse("OBR-1")) for line in lines]
    assert len({line.envelope.item_path for line in lines}) == size
    assert all(line.every(parse("PID-1")) == ("1",) for line in lines)


def test_many_lines_are_split_and_read_in_linear_time() -> None:
    def cost(size: int) -> float:
        text = f"{HEAD}\rPID|1\r" + "\r".join(f"OBR|{n}\rOBX|{n}|NM|x||a^b\rNTE|{n}" for n in range(size))
        return cpu_seconds(lambda: _split_all(text, size))

    assert cost(4_000) < 24 * cost(500) + 0.05
