"""Answers: what a sender is told, in every version and mode, and what it is never told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.environment import Limits
from flows.paths import parse
from nodes.formats.hl7v2 import AnswerCode, Header, LazyRecord, answer, read_header, read_message
from nodes.source import Refused
from tests.nodes.formats.hl7_messages import ENVELOPE

AT = 1_774_000_000_000


def header(text: str) -> Header:
    read = read_header(text.encode(), Limits())
    found = read.header if isinstance(read, Refused) else read[0]
    assert found is not None
    return found


def msh(version: str = "2.5", kind: str = "DFT^P03^DFT_P03", rest: str = "") -> str:
    return f"MSH|^~\\&|OR|HOSP|ERP|HQ|20260301||{kind}|C7|P|{version}{rest}"


def told(text: str, code: AnswerCode = "AA", **why: str) -> list[str]:
    data = answer(header(text), code, control_id="L1", at_ms=AT, **why)
    return data.decode("utf-8").split("\r")


def test_sender_and_receiver_change_places_and_the_control_id_is_echoed() -> None:
    assert told(msh()) == [
        "MSH|^~\\&|ERP|HQ|OR|HOSP|20260320094640+0000||ACK^P03^ACK|L1|P|2.5",
        "MSA|AA|C7",
        "",
    ]


@pytest.mark.parametrize("code", ["AA", "AE", "AR", "CA", "CE", "CR"])
def test_every_code_of_both_modes_can_be_said(code: AnswerCode) -> None:
    assert told(msh(), code)[1] == f"MSA|{code}|C7"


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("2.1", "ADT^A01", "ACK"),
        ("2.2", "ADT^A01", "ACK"),
        ("2.3", "ADT^A01", "ACK^A01"),
        ("2.3.1", "ADT^A01", "ACK^A01"),
        ("2.4", "ADT^A01", "ACK^A01^ACK"),
        ("2.8", "ADT^A01^ADT_A01", "ACK^A01^ACK"),
        ("2.8", "ADT", "ACK"),
        ("", "ADT^<b>", "ACK"),
    ],
)
def test_the_type_is_as_the_version_has_it(version: str, kind: str, expected: str) -> None:
    assert told(msh(version, kind))[0].split("|")[8] == expected


def test_a_refusal_says_code_and_place_in_the_form_of_the_version() -> None:
    why = {"reason": "too-many-repetitions", "place": "PID-3 repetition 201"}
    new, old = told(msh("2.5"), "AE", **why), told(msh("2.3"), "AE", **why)
    assert new[1] == old[1] == "MSA|AE|C7|too-many-repetitions at PID-3 repetition 201"
    assert new[2].startswith("ERR||PID^1^3^201|207^Application internal error^HL70357|E|too-many-repetitions|||")
    assert old[2] == "ERR|PID^1^3^207&Application internal error&HL70357"


def test_a_place_that_is_no_field_stands_in_words_alone() -> None:
    assert told(msh(), "AE", reason="too-many-segments", place="segment 5001")[2] == (
        "ERR|||207^Application internal error^HL70357|E|too-many-segments|||too-many-segments at segment 5001"
    )


def test_an_unknown_version_has_its_own_number() -> None:
    assert "203^Unsupported version id^HL70357" in told(msh("9.9"), "AR", reason="version-unknown", place="MSH-12")[2]


def test_the_delimiters_of_the_message_are_those_of_the_answer() -> None:
    assert told("MSH!$r?@!A!B!C!D!1!!ADT$A01!7!P!2.5")[:2] == [
        "MSH!$r?@!C!D!A!B!20260320094640+0000!!ACK$A01$ACK!L1!P!2.5",
        "MSA!AA!7",
    ]


def test_the_charset_of_the_message_is_that_of_the_answer() -> None:
    text = "MSH|^~\\&|Zürich|B|||1||ADT^A01|7|P|2.5||||||8859/1"
    read = read_header(text.encode("latin-1"), Limits())
    assert not isinstance(read, Refused)
    assert b"Z\xfcrich" in answer(read[0], "AA", control_id="1", at_ms=AT)


def test_control_characters_and_endless_names_are_not_echoed() -> None:
    text = (
        msh()
        .replace("|OR|", "|O\x0bR\x1c\x1b|")
        .replace("|HOSP|", f"|{'H' * 20_000}|")
        .replace("|C7|", f"|{'7' * 20_000}|")
    )
    first, second, _ = told(text)
    assert first.split("|")[4:6] == ["OR", "H" * 227]
    assert second == f"MSA|AA|{'7' * 199}"


@given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(("2.1", "2.5", "", "x")))
def test_an_answer_is_two_or_three_segments_of_no_value_but_routing(noise: str, name: str, version: str) -> None:
    text = f"MSH|^~\\&|{name}|B|||1||ADT^A01|7|P|{version}\rPID|1||secret{noise}"
    read = read_header(text.encode("utf-8", "replace"), Limits())
    found = read.header if isinstance(read, Refused) else read[0]
    if found is not None:
        data = answer(found, "AE", control_id="1", at_ms=AT, reason="charset", place="segment 2")
        assert b"secret" not in data
        assert data.count(b"\r") == 3
        assert not set(data) & {0, 0x0B, 0x1C, 0x0A}


def test_an_answer_is_itself_a_message_that_can_be_read() -> None:
    record = LazyRecord(read_message(answer(header(msh()), "AR", control_id="1", at_ms=AT)), ENVELOPE)
    assert [record.first(parse(p)) for p in ("MSA-1", "MSA-2", "MSH-9.1")] == ["AR", "C7", "ACK"]
    assert header("\r".join(told(msh()))).is_answer


@pytest.mark.parametrize(
    ("rest", "enhanced"),
    [("", False), ("|||", False), ("|||AL", True), ("|||NE|NE", True), ("||||AL", True), ('|||""|""', False)],
)
def test_either_acknowledgement_field_asks_for_enhanced_mode(rest: str, enhanced: bool) -> None:
    assert header(msh(rest=rest)).enhanced is enhanced
