"""What a source can accept, and which structure that is."""

import pytest

from flows.hl7 import VERSIONS, Accepts, parse_accepts, structure_id, versions_between
from flows.paths import PathError


def test_a_type_an_event_and_a_range_of_versions() -> None:
    assert parse_accepts("DFT^P03@2.3-2.5") == Accepts("DFT", "P03", ("2.3", "2.3.1", "2.4", "2.5"))
    assert parse_accepts("DFT^P03@2.5.1") == Accepts("DFT", "P03", ("2.5.1",))
    assert parse_accepts("ACK@2.5") == Accepts("ACK", "", ("2.5",))


def test_any_type() -> None:
    accepts = parse_accepts("*@2.1-2.8")
    assert accepts.any
    assert accepts.versions == VERSIONS


@pytest.mark.parametrize(
    "text",
    ["", "DFT", "DFT^P03", "DFT_P03@2.5", "dft^p03@2.5", "*^P03@2.5", "DFT^P03@", "DFT^P03@2.5-", "DFT^P03@3.0",
     "DFT^P03@2.8-2.3", "DFT^P03@2..5", "DFT^P03@2.5\n", "x" * 5000],
)  # fmt: skip
def test_a_text_that_is_no_type_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(PathError) as refused:
        parse_accepts(text)
    assert refused.value.sentence.endswith(".")
    assert len(refused.value.sentence) < 400


def test_a_near_miss_comes_with_the_right_spelling() -> None:
    with pytest.raises(PathError) as refused:
        parse_accepts("DFT_P03@2.5")
    assert refused.value.suggestion == "DFT^P03@2.3-2.8"


def test_versions_between_includes_both_ends() -> None:
    assert versions_between("2.3-2.8") == ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8")
    assert versions_between("2.5") == ("2.5",)
    assert versions_between("3.1-3.2") == ()


@pytest.mark.parametrize(
    ("type_", "event", "version", "structure"),
    [
        ("ADT", "A04", "2.5", "ADT_A01"),
        ("ADT", "A04", "2.2", "ADT_A04"),
        ("ADT", "A08", "2.3", "ADT_A01"),
        ("ADT", "A28", "2.5", "ADT_A05"),
        ("ADT", "A28", "2.3.1", "ADT_A01"),
        ("ADT", "A12", "2.4", "ADT_A09"),
        ("ADT", "A12", "2.5", "ADT_A12"),
        ("ADT", "A40", "2.8", "ADT_A39"),
        ("ADT", "A44", "2.6", "ADT_A43"),
        ("ADT", "A44", "2.7", "ADT_A44"),
        ("SIU", "S14", "2.3", "SIU_S12"),
        ("SIU", "S14", "2.5", "SIU_S12"),
        ("DFT", "P03", "2.1", "DFT_P03"),
        ("DFT", "P11", "2.3", None),
        ("SIU", "S12", "2.1", None),
        ("ACK", "P03", "2.5", "ACK"),
        ("ACK", "", "2.5", "ACK"),
        ("DFT", "P03", "9.9", None),
        ("ZZZ", "Z01", "2.5", None),
    ],
)
def test_events_share_structures(type_: str, event: str, version: str, structure: str | None) -> None:
    assert structure_id(type_, event, version) == structure


def test_a_type_without_versions_is_suggested_with_those_that_the_tables_have() -> None:
    for text in ("RAS", "ras^o17", "RAS^O17"):
        with pytest.raises(PathError) as refused:
            parse_accepts(text)
        assert refused.value.suggestion == "RAS^O17@2.4-2.8"
    with pytest.raises(PathError) as refused:
        parse_accepts("ADT")
    assert refused.value.suggestion is None, "of many events none is the likely one"
