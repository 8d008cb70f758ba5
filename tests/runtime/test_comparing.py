"""A test case beside what it comes to now: each posting and each field on both sides, masked as a run is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.testcases import FlowCase
from runtime.comparing import Compared, ComparedPosting, compare, expected_value
from runtime.tryout import MASK, Wanted
from tests.runtime.test_tryout import CASES, LIBRARY, drawn

TWO_LINES = LIBRARY / "supply-consumption" / "cases" / "two-lines.json"


def compared(path: Path, **expect: Any) -> Compared:
    """A shipped test case, with other expectations where some are given."""
    here, case = drawn(path.parents[1]), spelt(path, **expect)
    return compare(here.flow, here.analysis, case)


def spelt(path: Path, **expect: Any) -> FlowCase:
    document = json.loads(path.read_text())
    return FlowCase.model_validate({**document, "expect": {**document["expect"], **expect}})


def postings(**changes: Any) -> list[dict[str, Any]]:
    """The expected postings, with other values in the first."""
    found: list[dict[str, Any]] = json.loads(TWO_LINES.read_text())["expect"]["postings"]
    found[0]["body"] = {name: v for name, v in {**found[0]["body"], **changes}.items() if v is not None}
    return found


def first(found: Compared) -> ComparedPosting:
    (differs,) = [each for each in found.postings if each.how != "same"]
    return differs


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_a_case_that_passes_has_both_sides_alike(path: Path) -> None:
    found = compared(path)
    assert found.passed and not found.sentences and found.refused_expected == found.refused_came
    assert all(each.how == "same" and all(field.same for field in each.fields) for each in found.postings)
    assert all(end.expected and end.came for end in found.ends)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_no_value_of_s3_or_s4_is_shown_on_either_side(path: Path) -> None:
    for field in (field for each in compared(path).postings for field in each.fields):
        if field.sensitivity > 2 and not set(field.protections) & {"pseudonymised", "redacted"}:
            assert {field.expected, field.came} <= {MASK, None}, field.path


def test_a_field_with_another_value_stands_first_with_both() -> None:
    found = first(compared(TWO_LINES, postings=postings(material="99999999")))
    field = found.fields[0]
    assert found.how == "differs" and [each.path for each in found.fields if not each.same] == ["material"]
    assert (field.path, field.expected, field.same) == ("material", "99999999", False)
    assert field.came == "10000412"


def test_a_field_that_is_there_on_one_side_alone_says_so() -> None:
    missing = first(compared(TWO_LINES, postings=postings(colour="blue")))
    assert (missing.fields[0].path, missing.fields[0].came) == ("colour", None)
    extra = first(compared(TWO_LINES, postings=postings(material=None)))
    assert (extra.fields[0].path, extra.fields[0].expected) == ("material", None)


def test_a_value_of_the_patient_that_was_expected_is_masked_where_the_field_is_harmless_now() -> None:
    found = first(compared(TWO_LINES, postings=postings(material="P-100231")))
    assert (found.fields[0].expected, found.fields[0].came) == (MASK, "10000412")
    case = spelt(TWO_LINES, postings=postings(material="P-100231"))
    wanted = Wanted(step=found.step, record=0, side="expected", path="material")
    assert expected_value(case, wanted) == "P-100231"
    assert expected_value(case, wanted.model_copy(update={"record": 9})) is None


def test_a_posting_that_was_expected_and_is_parked_says_which_step_held_it_and_why() -> None:
    unknown = TWO_LINES.with_name("unknown-item.json")
    found = compared(unknown, postings=postings(), parked=[])
    assert "missing" in {each.how for each in found.postings}
    (end,) = [each for each in found.ends if each.came and not each.expected]
    assert (end.step, end.how, end.reason) == ("to-material", "parked", "master-miss") and end.sentence


def test_a_posting_that_nobody_expected_is_shown_with_its_fields() -> None:
    found = compared(TWO_LINES, postings=postings()[:1])
    (more,) = [each for each in found.postings if each.how == "unexpected"]
    assert more.came == 1 and more.expected is None and more.fields
    assert all(field.expected is None and not field.same for field in more.fields)


def test_a_message_that_is_refused_instead_shows_no_value_that_nothing_tells_to_be_harmless() -> None:
    version = TWO_LINES.with_name("version-unknown.json")
    found = compared(version, refused=None, postings=postings())
    assert found.refused_came and found.refused_expected is None
    assert {field.expected for each in found.postings for field in each.fields} <= {MASK, None}
