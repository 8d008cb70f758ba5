"""What a test case says of what became of its message."""

from __future__ import annotations

from typing import Any

from flows.testcases import Became, FlowCase, differences


def case(any_: tuple[str, ...], given: Any = ("MSH|^~\\&|OR", "PID|1||P-100231^^^GENERAL^MR")) -> FlowCase:
    posting = {"sink": "erp", "item": "FT1[1]", "body": {"quantity": "2"}, "any": any_}
    spelled = {"format": "lockgate/test-case/1", "title": "x", "given": given, "expect": {"postings": [posting]}}
    return FlowCase.model_validate(spelled)


def became(**body: str) -> Became:
    return Became(postings=(("erp", "FT1[1]", {"quantity": "2", **body}),))


def test_a_value_that_nobody_can_foretell_is_there_or_the_case_fails() -> None:
    assert differences(case(("ref",)), became(ref="UB6RLNTEQ3")) == ()
    [missing] = set(differences(case(("ref",)), became()))
    assert missing.endswith("field 'ref' is missing")


def test_a_case_that_waits_for_a_pseudonym_fails_where_the_mask_is_missing() -> None:
    assert differences(case(("ref",)), became(ref="P-100231")) == (
        "posting FT1[1] to 'erp': field 'ref' came as it was given, unmasked",
    )
    document = {"resourceType": "Patient", "identifier": [{"value": "P-100231"}]}
    assert differences(case(("ref",), document), became(ref="P-100231"))


def test_a_part_of_a_longer_word_is_not_taken_for_the_value() -> None:
    assert differences(case(("ref",)), became(ref="1002")) == ()
