"""What a source of FHIR offers: selectors resolve, choices stand apart, what no table has is unknown."""

import pytest

from flows import fhir
from flows.paths import PathError, parse

TREE = fhir.schema(("Bundle@R4",))


def found(text: str) -> list[tuple[str, ...]]:
    return [path for path, _ in fhir.matches(TREE, parse(text))]


@pytest.mark.parametrize(
    "text",
    [
        "SupplyDelivery.suppliedItem.quantity.value",
        "Patient.identifier.value",
        "Patient.identifier[0].type.coding[*].code",
        "SupplyDelivery.occurrenceDateTime",
        "SupplyDelivery.occurrencePeriod.start",
        "Encounter.location.location.reference",
        "Bundle.entry.link.url",
        "Observation.code.coding.code",
        "Patient.extension.valueString",
        "SupplyDelivery.suppliedItem.modifierExtension.url",
    ],
)
def test_a_selector_resolves(text: str) -> None:
    assert found(text) == [tuple(part.name for part in parse(text).parts)]


@pytest.mark.parametrize(
    "text", ["Patient.foo", "SupplyDelivery.occurrence", "Patient.birthDate.year", "Nonsense.id", "PID-3.1", "lines.x"]
)
def test_what_no_table_has_matches_nothing(text: str) -> None:
    assert found(text) == []


def test_a_choice_is_written_with_its_type() -> None:
    with pytest.raises(PathError, match="occurrenceDateTime") as refused:
        parse("SupplyDelivery.occurrence[x]")
    assert refused.value.suggestion == "SupplyDelivery.occurrenceDateTime"


def test_below_a_type_that_is_not_ruled_everything_exists_and_is_unknown() -> None:
    (_, node), *_ = fhir.matches(TREE, parse("Observation.valueQuantity.value"))
    assert node.open and {each.sensitivity for each in node.natures} == {4}


def test_a_datatype_inside_itself_is_not_gone_into_again() -> None:
    (_, node), *_ = fhir.matches(TREE, parse("Patient.identifier.assigner.identifier.assigner.reference"))
    assert node.open and not node.children


def test_any_type_offers_nothing_of_the_message() -> None:
    assert fhir.matches(fhir.schema(("*@R4",)), parse("Patient.identifier.value")) == []


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("SupplyDelivery", "SupplyDelivery@R4"),
        ("supplydelivery@R4", "SupplyDelivery@R4"),
        ("SupplyDelivry@R4", "SupplyDelivery@R4"),
        ("SupplyDelivery@R5", "SupplyDelivery@R4"),
        ("DFT^P03@2.5", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_what_a_source_cannot_accept_is_refused_with_the_right_spelling_where_one_is_near(text: str, near: str) -> None:
    with pytest.raises(PathError) as refused:
        fhir.parse_accepts(text)
    assert refused.value.suggestion == near


def test_everything_that_ties_resources_together_stands_in_the_tables() -> None:
    for text in fhir.tying():
        assert found(text), text
        assert not fhir.matches(TREE, parse(text))[0][1].children
