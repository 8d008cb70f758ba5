"""Records that somebody protects twice: substance use, marks for privacy, confidential diagnoses. No ERP gets them."""

from __future__ import annotations

import pytest

from flows.findings import Severity
from tests.flows.shipped import changed, check, step


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("PV2[1]-39[1].1", "part2"),
        ("PV1-16.1", "patient"),
        ("PV2[1]-22.1", "patient"),
        ("DG1[1]-18.1", "diagnosis, S4"),
        ("OBX[1]-5[1].1", "S4"),
    ],
)
def test_no_erp_receives_what_is_marked_as_protected(path, what):
    def told(flow):
        step(flow, "event")["config"]["fields"]["costCentre"] = path

    found = [each for each in check(changed(told)) if each.severity is Severity.HARD and each.address.sink]
    assert found
    assert all(each.address.sink == "decrement" for each in found)
    assert any(what in each.sentence for each in found)


def test_a_mark_for_privacy_is_no_better_with_a_pseudonym():
    def masked(flow):
        step(flow, "tokenise")["config"]["fields"].append({"path": "PV2-39.1", "method": "pseudonym"})
        step(flow, "event")["config"]["fields"]["costCentre"] = "PV2[1]-39[1].1"

    found = [each for each in check(changed(masked)) if each.severity is Severity.HARD]
    assert any("part2" in each.sentence for each in found)
