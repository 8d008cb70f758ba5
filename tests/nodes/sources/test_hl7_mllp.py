"""The HL7 source: what it takes, what it refuses and how it says so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.environment import Limits
from flows.paths import PathError, parse
from nodes.source import Accepted, Refused
from nodes.sources.hl7_mllp import HL7MllpConfig, Listener
from tests.nodes.formats.hl7_messages import ENVELOPE, messages
from tests.nodes.sources.made import source

DFT = "MSH|^~\\&|OR|HOSP|ERP|HQ|20260301||DFT^P03|C7|P|2.5\rEVN|P03\rPID|1||4711\rFT1|1"
ADT = DFT.replace("DFT^P03", "ADT^A01")


def listener(limits: Limits | None = None, **config: Any) -> Listener:
    return source(**config).listener(limits or Limits())


def refusal(text: str | bytes, limits: Limits | None = None, **config: Any) -> tuple[str, str, str]:
    frame = text.encode() if isinstance(text, str) else text
    result = listener(limits, **config).admit(frame)
    assert isinstance(result, Refused), result
    return result.code, result.place, result.answer


def accepted(text: str | bytes, **config: Any) -> Accepted:
    result = listener(**config).admit(text.encode() if isinstance(text, str) else text)
    assert isinstance(result, Accepted), result
    return result


def test_a_message_of_an_accepted_type_is_taken_with_its_header() -> None:
    header = accepted(DFT).header
    assert header.identity == ("OR", "HOSP", "C7")
    assert (header.type, header.event, header.version, header.segments) == ("DFT", "P03", "2.5", 4)


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("|C7|", "||", "control-id-missing", "MSH-10"),
        ("|C7|", '|""|', "control-id-missing", "MSH-10"),
        ("|C7|", "|  |", "control-id-missing", "MSH-10"),
        ("|C7|", "|C\x077|", "control-id-invisible", "MSH-10"),
        ("|C7|", "|C\u202e7|", "control-id-invisible", "MSH-10"),
        ("|C7|", f"|{'7' * 200}|", "control-id-too-long", "MSH-10"),
        ("|C7|", f"|{'7' * 20_000}|", "control-id-too-long", "MSH-10"),
        ("^~\\&|", "|", "delimiters", "MSH-2"),
        ("^~\\&|", "^|", "delimiters", "MSH-2"),
        ("^~\\&|", "^~\\\\&|", "delimiters", "MSH-2"),
        ("^~\\&|", "^&&^##|", "delimiters", "MSH-2"),
        ("^~\\&|", '^~\\"|', "delimiters", "MSH-2"),
        ("MSH|^~\\&|OR", "MSH|||||A", "delimiters", "MSH-2"),
        ("|2.5", "|9.9", "version-unknown", "MSH-12"),
        ("|2.5", "|2.5 ", "version-unknown", "MSH-12"),
        ("|2.5", "|", "version-unknown", "MSH-12"),
        ("|2.5", "|2.2", "version-not-accepted", "MSH-12"),
        ("DFT^P03", "ADT^ZZZ", "type-not-accepted", "MSH-9"),
        ("DFT^P03", "DFT", "type-not-accepted", "MSH-9"),
        ("DFT^P03", "", "type-missing", "MSH-9"),
        ("DFT^P03", '""', "type-missing", "MSH-9"),
        ("DFT^P03", "^P03", "type-missing", "MSH-9"),
        ("|4711", "|47\x0011", "nul-character", "segment 3"),
    ],
)
def test_an_unusable_header_is_rejected(old: str, new: str, code: str, place: str) -> None:
    assert refusal(DFT.replace(old, new, 1)) == (code, place, "AR")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (DFT + "\rFT1|x" * 5_000, "too-many-segments", "segment 5001"),
        (DFT + "~" * 200, "too-many-repetitions", "FT1-1 repetition 201"),
        (DFT + "\rPV|1", "segment-name", "segment 5"),
        (DFT + "\nrest of a text", "segment-name", "segment 5"),
        (DFT + "\rPIDX|1", "segment-name", "segment 5"),
        (f"{DFT}\r{DFT}", "several-messages", "segment 5"),
        (DFT.encode() + b"^M\xfcller", "charset", "segment 4"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error(text: str | bytes, code: str, place: str) -> None:
    assert refusal(text) == (code, place, "AE")


def test_a_second_patient_where_there_is_place_for_one_is_never_guessed_away() -> None:
    assert refusal(DFT + "\rPID|1||4712") == ("second-patient", "segment 5", "AE")
    assert refusal(DFT.replace("\rFT1", "\rPID|1||4711\rFT1")) == ("second-patient", "segment 4", "AE")
    assert accepted(DFT + "\rPID|1||4712", accepts=["*@2.5"]).filtered is None


def test_several_patients_are_taken_where_the_structure_has_places_for_them() -> None:
    swap = DFT[: DFT.index("\rFT1")].replace("DFT^P03", "ADT^A17") + "\rPV1|1|I\rPID|2||4712\rPV1|2|I"
    results = "MSH|^~\\&|L|H|||1||ORU^R01|1|P|2.5\rPID|1||1\rOBR|1\rOBX|1\rPID|2||2\rOBR|1\rOBX|1"
    accepted(swap, accepts=["ADT^A17@2.5"])
    accepted(results, accepts=["ORU^R01@2.5"])


def test_a_frame_without_header_has_no_answer() -> None:
    for frame in (b"", b"hello", b"\x1c", b"MS"):
        result = listener().admit(frame)
        assert isinstance(result, Refused)
        assert result.header is None


def test_a_frame_beyond_the_limit_is_refused_unread() -> None:
    assert refusal(DFT + "x" * 2_000, Limits(frame_bytes=1024))[:2] == ("frame-too-long", "byte 1025")


def test_a_header_is_never_more_refused_than_answered() -> None:
    result = listener().admit(DFT.replace("|2.5", "|9.9").encode())
    assert isinstance(result, Refused)
    assert result.header is not None
    assert b"MSA|AR|C7|" in listener().answer(result.header, "AR", result.code, result.place, "L1", 0)


def test_an_acknowledgement_is_never_answered() -> None:
    result = listener().admit(DFT.replace("DFT^P03", "ACK^P03").encode())
    assert isinstance(result, Refused)
    assert result.header.is_answer


def test_other_types_can_be_taken_and_counted_as_filtered() -> None:
    assert accepted(ADT, others="filter").filtered == "type-not-accepted"
    assert accepted(DFT.replace("2.5", "2.2"), others="filter").filtered == "version-not-accepted"
    assert accepted(DFT, others="filter").filtered is None
    assert refusal(ADT.replace("C7", ""), others="filter") == ("control-id-missing", "MSH-10", "AR")


def test_five_characters_in_a_header_that_ends_too_soon_are_refused_like_any_other() -> None:
    assert refusal("MSH|^~\\&#|A|B") == ("control-id-missing", "MSH-10", "AR")


def test_what_names_no_type_is_never_filtered_as_another_type() -> None:
    assert refusal(DFT.replace("DFT^P03", ""), others="filter") == ("type-missing", "MSH-9", "AR")


def test_any_type_takes_what_is_readable_by_its_header_alone() -> None:
    for text in (DFT, ADT, DFT.replace("DFT^P03", ""), DFT + "\rPV|1", DFT.replace("^~\\&", "^~\\&#")):
        assert accepted(text, accepts=["*@2.1-2.8"]).filtered is None
    assert refusal(DFT.replace("2.5", "2.2"), accepts=["*@2.3-2.8"])[0] == "type-not-accepted"


def test_a_record_of_any_type_knows_no_groups() -> None:
    record = source(accepts=["*@2.1-2.8"]).record(DFT.encode(), ENVELOPE)
    assert list(record.split("FINANCIAL")) == []
    assert record.first(parse("message/segments")) == "4"


def test_a_missing_version_can_be_declared() -> None:
    text = DFT.replace("|2.5", "|")
    assert accepted(text, default_version="2.5").header.version == "2.5"
    node = source(default_version="2.5")
    assert [line.envelope.item_path for line in node.record(text.encode(), ENVELOPE).split("FINANCIAL")] == ["FT1[1]"]
    assert len(list(node.tree(text.encode(), ENVELOPE).split("FINANCIAL"))) == 1


def test_a_message_without_control_id_can_be_told_by_its_content() -> None:
    node = source(without_control_id="by-content")
    frames = [DFT.replace("|C7|", said).encode() for said in ("||", '|""|', "||", "|C7|")]
    taken = [accepted(frame.decode(), without_control_id="by-content").header.identity for frame in frames]
    assert taken == [node.identity(frame) for frame in frames]
    assert taken[0] == taken[2] != taken[1]
    assert taken[3] == ("OR", "HOSP", "C7")


def test_only_a_missing_control_id_can_be_made_up_for() -> None:
    told = {"without_control_id": "by-content"}
    assert refusal(DFT.replace("|C7|", "|C\x077|"), **told)[0] == "control-id-invisible"
    assert refusal(DFT.replace("|C7|", f"|{'7' * 200}|"), **told)[0] == "control-id-too-long"


def test_a_fallback_charset_reads_the_letters_that_the_sender_meant() -> None:
    frame = DFT.replace("4711", "Müller").encode("cp1252")
    node = source(fallback_charset="cp1252")
    assert isinstance(node.listener(Limits()).admit(frame), Accepted)
    assert node.record(frame, ENVELOPE).first(parse("PID-3")) == "Müller"
    assert node.identity(frame) == ("OR", "HOSP", "C7")


def test_a_source_can_insist_on_cr() -> None:
    assert refusal(DFT.replace("\r", "\n"), ends="cr") == ("line-feed", "segment 1", "AR")


@pytest.mark.parametrize("accepts", [[], ["DFT^P03"], ["dft^p03@2.5"], ["*^A01@2.5"], ["DFT^P03@9.9"]])
def test_types_that_nobody_can_mean_are_refused_in_the_config(accepts: list[str]) -> None:
    with pytest.raises((ValidationError, PathError)):
        HL7MllpConfig(accepts=tuple(accepts))


def test_unknown_keys_and_versions_are_refused_in_the_config() -> None:
    for bad in ({"port": 1}, {"default_version": "9.9"}, {"others": "drop"}):
        with pytest.raises(ValidationError):
            HL7MllpConfig.model_validate({"accepts": ("DFT^P03@2.5",), **bad})


def test_effects_state_the_types_and_the_number_of_segments() -> None:
    effects = type(source()).effects(source().config, None)  # type: ignore[arg-type]  # the surroundings are not read
    assert effects.emits is not None
    assert effects.emits.types == ("DFT^P03@2.3-2.8",)
    assert [origin.path for origin in effects.emits.added] == ["message/segments"]


@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_raise(noise: bytes, headed: bool) -> None:
    frame = DFT.encode()[:60] + noise if headed else noise
    result = listener(accepts=["DFT^P03@2.3-2.8", "*@2.3"]).admit(frame)
    assert isinstance(result, Accepted | Refused)
    if result.header is not None:
        data = listener().answer(result.header, "AR", "version-unknown", "MSH-12", "L1", 1)
        assert data.startswith(b"MSH")


@given(messages(), st.sampled_from(("DFT^P03@2.1-2.8", "ORU^R01@2.3-2.8", "*@2.1-2.8")))
def test_what_is_accepted_can_be_read_whole(text: str, accepts: str) -> None:
    node = source(accepts=[accepts])
    result = node.listener(Limits()).admit(text.encode())
    if isinstance(result, Accepted):
        record = node.record(text.encode(), ENVELOPE)
        assert record.first(parse("message/segments")) == str(result.header.segments)
        assert node.identity(text.encode()) == result.header.identity
