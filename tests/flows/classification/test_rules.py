"""The hand-written rules: well formed, each of use, and right about the fields that matter."""

import pytest

from flows.classification.rules import UNKNOWN, VERSIONS, RuleBook, RuleFile, nature_text, parse_nature, rule_book
from flows.hl7 import field_name, ground, nature
from flows.hl7.tables import tables
from flows.vocabulary import Concept, DataClass


def said(place: str, version: str = "2.5") -> str:
    """The nature of ``PID-3.1`` as it stands in the files."""
    segment, _, rest = place.partition("-")
    return nature_text(nature(version, segment, *(int(part) for part in rest.split("."))))


def book_of(*rules: dict[str, object], datatypes: tuple[dict[str, object], ...] = ()) -> RuleBook:
    """A rule book of a few rules."""
    file = {
        "format": "lockgate/classification/1",
        "about": "test",
        "datatypes": datatypes,
        "segments": {"PID": rules},
        "names": (),
        "events": {},
    }
    return RuleBook(RuleFile.model_validate(file))


def rule(at: str, says: str, **more: str) -> dict[str, object]:
    return {"at": at, "is": says, "ground": "A reason that is long enough.", **more}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("PID-3.1", "patient-id S4 patient"),
        ("PID-5.1", "person-name S4 patient"),
        ("PID-7.1", "birth-date S3 patient"),
        ("PID-11.5", "address S4 patient"),
        ("PID-13.1", "contact S4 patient"),
        ("PID-18.1", "patient-id S4 patient"),
        ("PID-19", "patient-id S4 patient"),
        ("PV1-3.1", "location S1 operational"),
        ("PV1-3.3", "location S2 operational"),
        ("PV1-19.1", "encounter-id S3 patient"),
        ("PV1-7.1", "staff-id S3 workforce"),
        ("PV1-7.2", "person-name S3 workforce"),
        ("FT1-4.1", "event-time S3 patient"),
        ("FT1-7.1", "item-code S1 operational"),
        ("FT1-7.3", "item-code S1 operational"),
        ("FT1-10", "quantity S1 operational"),
        ("FT1-11.1", "price S2 financial"),
        ("FT1-12.1", "price S2 financial"),
        ("FT1-13.1", "cost-centre S1 operational"),
        ("FT1-19.1", "diagnosis S4 patient"),
        ("FT1-20.1", "staff-id S3 workforce"),
        ("FT1-22.1", "price S2 financial"),
        ("DG1-3.1", "diagnosis S4 patient"),
        ("NK1-2.1", "person-name S4 patient"),
        ("MSH-3.1", "message-control S1 operational"),
        ("MSH-7.1", "message-control S1 operational"),
        ("MSH-10", "message-control S1 operational"),
        ("MSH-12.1", "message-control S1 operational"),
        ("NTE-3", "free-text S4 unknown"),
        ("OBX-5", "observation S4 unknown"),
        ("QRD-8.1", "patient-id S4 patient"),
        ("STF-3.1", "person-name S3 workforce"),
        ("STF-36.1", "cost-centre S1 workforce"),
        ("RXD-4", "quantity S1 operational"),
        ("IIM-12", "quantity S1 operational"),
        ("PV2-39.1", "observation S4 part2+patient"),
    ],
)
def test_the_fields_that_matter_are_what_they_are(place: str, expected: str) -> None:
    assert said(place) == expected


def test_amount_and_quantity_stand_the_other_way_round_in_2_1() -> None:
    assert (said("FT1-10", "2.1"), said("FT1-11", "2.1")) == ("price S2 financial", "quantity S1 operational")
    assert (said("FT1-10", "2.3"), said("FT1-11", "2.3")) == ("quantity S1 operational", "price S2 financial")


@pytest.mark.parametrize("version", VERSIONS)
def test_direct_identifiers_of_the_patient_are_never_lowered(version: str) -> None:
    for field in (2, 3, 4, 5, 6, 9, 11, 13, 14, 18, 19, 20):
        one = nature(version, "PID", field)
        assert (one.sensitivity, DataClass.PATIENT in one.classes) == (4, True), f"PID-{field} in {version}"


@pytest.mark.parametrize("version", VERSIONS)
def test_what_can_hold_anything_is_unknown_in_every_version(version: str) -> None:
    open_fields = [
        (segment, number)
        for segment in ("NTE", "OBX", "DSP", "MFA", "QPD", "RDT", "ERR", "TQ1", "SFT", "MSA")
        for number, entry in tables(version).fields(segment).items()
        if entry.datatype in ("TX", "FT", "varies", "")
    ]
    for segment, number in open_fields:
        one = nature(version, segment, number)
        assert (one.sensitivity, one.classes) == (4, {DataClass.UNKNOWN}), f"{segment}-{number}"


def test_what_stands_in_no_table_is_unknown() -> None:
    for place in (("2.5", "ZPM", 3), ("2.5", "PID", 99), ("2.8", "PID", 28), ("2.5", "PID", 3, 40), ("9.9", "PID", 3)):
        assert nature(*place) == UNKNOWN
    assert nature("2.5.1", "OBX", 20) == UNKNOWN._replace(concept=Concept.OBSERVATION)


def test_the_original_text_of_a_code_is_free_text() -> None:
    assert said("FT1-7.9", "2.7") == "free-text S4 unknown"
    assert said("FT1-7", "2.7") == "item-code S4 operational+unknown", "a composite is the join of its parts"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_field_has_an_empty_set_of_classes(version: str) -> None:
    for segment in ("MSH", "PID", "PV1", "FT1", "OBX", "STF", "PRT"):
        for entry in tables(version).fields(segment).values():
            assert entry.usual.classes
            assert all(other.classes for other in entry.others.values())


def test_every_rule_speaks_of_something_that_exists() -> None:
    found: dict[str, bool] = {}
    for at, version in rule_book().places:
        found[at] = found.get(at, False) or _exists(at, version)
    assert [at for at, exists in found.items() if not exists] == []


def test_every_rule_stands_under_its_own_segment() -> None:
    for segment, rules in rule_book().file.segments.items():
        for one in rules:
            places = (one.at,) if isinstance(one.at, str) else one.at
            assert all(place.partition("-")[0] == segment for place in places), places


def test_names_that_the_tables_get_wrong_are_put_right() -> None:
    assert field_name("2.8", "PR1", 11) == "Surgeon"
    assert field_name("2.7", "DG1", 9) == "DRG Approval Indicator"
    assert field_name("2.7", "PID", 28) == "Nationality"
    assert field_name("2.5", "PID", 3) == "Patient Identifier List"
    assert field_name("2.5", "PID", 6) == "Mother's Maiden Name"
    assert field_name("2.5", "ZPM", 3) == "ZPM-3"


def test_parts_have_names_too() -> None:
    assert field_name("2.5", "PID", 3, 1) == "Patient Identifier List: ID Number"
    assert field_name("2.5", "PID", 5, 1, 1) == "Patient Name: Family Name: Surname"
    assert field_name("2.5", "ZPM", 3, 1) == "ZPM-3.1"


def test_a_field_tells_its_ground() -> None:
    assert ground("2.5", "PID", 3, 1) == "Medical record and other patient numbers: Safe Harbor's identifier 8."
    assert ground("2.5", "PV1", 3, 3).startswith("A room or a bed")
    assert ground("2.5", "ORC", 7, 8) == "Its datatype holds any text or any value, and no rule lowers that."
    assert ground("2.5", "NTE", 3) == "Notes hold whatever somebody typed."
    assert ground("2.5", "OM1", 3) == "No rule names this field; it may hold anything."
    assert ground("2.5", "ZPM", 3) == "No published table names this field; it may hold anything."


def test_the_most_specific_rule_wins_and_leaves_the_rest_to_the_next() -> None:
    book = book_of(
        rule("PID", "other S2 operational"),
        rule("PID-3", "patient-id S4 patient"),
        rule("PID-3.4", "organisation - -"),
        datatypes=(rule("CX.5", "- S3 -"), rule("XPN", "person-name S4 unknown")),
    )
    assert nature_text(book.nature("2.5", "PID", 3, (1,), ("CX", "ST"))) == "patient-id S4 patient"
    assert nature_text(book.nature("2.5", "PID", 3, (4, 1), ("CX", "HD", "IS"))) == "organisation S4 patient"
    assert nature_text(book.nature("2.5", "PID", 3, (5,), ("CX", "ID"))) == "patient-id S3 patient"
    assert nature_text(book.nature("2.5", "PID", 5, (2,), ("XPN", "ST"))) == "other S2 operational"
    assert nature_text(book.nature("2.5", "NK1", 2, (2,), ("XPN", "ST"))) == "person-name S4 unknown"
    assert book.nature("2.5", "NK1", 3, (), ("ST",)) == UNKNOWN


def test_no_rule_lowers_a_field_that_can_hold_anything() -> None:
    book = book_of(rule("PID-3", "quantity S0 operational"))
    assert nature_text(book.nature("2.5", "PID", 3, (), ("TX",))) == "free-text S4 unknown"
    assert nature_text(book.nature("2.5", "PID", 3, (), ("varies",))) == "quantity S4 unknown"


def test_a_rule_for_named_versions_goes_before_one_for_all() -> None:
    book = book_of(rule("PID-3", "patient-id S4 patient"), rule("PID-3", "order-id S3 patient", versions="2.1-2.2"))
    assert nature_text(book.nature("2.2", "PID", 3, (), ("ST",))) == "order-id S3 patient"
    assert nature_text(book.nature("2.3", "PID", 3, (), ("ST",))) == "patient-id S4 patient"


@pytest.mark.parametrize(
    "bad",
    [
        rule("PID.3", "other S1 operational"),
        rule("PID-", "other S1 operational"),
        rule("PID-3", "other S5 operational"),
        rule("PID-3", "other S1 everybody"),
        rule("PID-3", "S1 operational"),
        rule("PID-3", "other S1 operational", versions="3.0"),
        {"at": "PID-3", "is": "other S1 operational", "ground": "short"},
        {**rule("PID-3", "other S1 operational"), "note": "unknown key"},
    ],
)
def test_a_malformed_rule_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        book_of(bad)


def test_two_rules_for_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match=r"PID-4 in 2\.1"):
        book_of(rule("PID-3..5", "other S1 operational"), rule("PID-4", "other S2 operational"))


def test_a_nature_reads_as_it_is_written() -> None:
    assert nature_text(parse_nature("price S3 patient+financial")) == "price S3 financial+patient"
    with pytest.raises(ValueError, match="leaves an attribute out"):
        parse_nature("price - financial")


def _exists(at: str, version: str) -> bool:
    known = tables(version)
    if at.startswith("~"):
        datatype, _, part = at[1:].partition(".")
        return not part or int(part) in known.components(datatype)
    segment, _, rest = at.partition("-")
    if not rest:
        return bool(known.fields(segment))
    field, *parts = (int(part) for part in rest.split("."))
    entry = known.fields(segment).get(field)
    return entry is not None and bool(known.leaves(entry.datatype, tuple(parts)))
