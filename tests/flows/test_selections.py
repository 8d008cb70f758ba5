"""Selectors: spelled right, meaning something, in every accepted version, and one value where one is written."""

from __future__ import annotations

import pytest

from flows.edits import apply_edits
from flows.findings import Severity
from tests.flows.shipped import changed, check, rules, step


def _event(name, path):
    def change(flow):
        step(flow, "event")["config"]["fields"][name] = path

    return changed(change)


def test_the_spelling_of_other_engines_is_refused_with_ours_as_fix():
    def dots(flow):
        step(flow, "tokenise")["config"]["fields"][0]["path"] = "PID.3"
        flow["ordering"]["key"] = "PV1.19.1"

    flow = changed(dots)
    found = check(flow)
    assert {each.address.pointer for each in found} == {"/steps/3/config/fields/0/path", "/ordering/key"}
    assert any("write 'PID-3'" in each.sentence for each in found)
    for each in found:
        flow = apply_edits(flow, each.fixes[0].edits)
    assert check(flow) == []


@pytest.mark.parametrize("path", ["PID-99", "XYZ-1", "PID-3.77", "PV1-19.1.4"])
def test_a_mask_that_matches_nothing_is_hard(path):
    def more(flow):
        step(flow, "tokenise")["config"]["fields"].append({"path": path, "method": "redact"})

    found = check(changed(more))
    assert rules(found) == ["LG-PATH-NOTHING"]
    assert found[0].severity is Severity.HARD
    assert found[0].address.pointer == "/steps/3/config/fields/1/path"


def test_a_name_that_nobody_added_is_hard_and_the_near_one_is_the_fix():
    flow = _event("material", "materail")
    found = [each for each in check(flow) if each.rule == "LG-PATH-NOTHING"]
    assert "'materail' matches nothing" in found[0].sentence
    assert check(apply_edits(flow, found[0].fixes[0].edits)) == []


def test_a_place_below_a_single_value_matches_nothing_and_the_value_is_the_fix():
    flow = _event("costCentre", "material.x")
    found = [each for each in check(flow) if each.rule == "LG-PATH-NOTHING"]
    assert "'material' is a single value without parts" in found[0].sentence
    assert "LG-PATH-NOTHING" not in rules(check(apply_edits(flow, found[0].fixes[0].edits)))


def test_a_field_that_was_dropped_before_matches_nothing():
    def drop(flow):
        step(flow, "tokenise")["config"]["fields"].append({"path": "FT1-13", "method": "drop"})

    assert "LG-PATH-NOTHING" in rules(check(changed(drop)))


def test_the_day_by_which_a_row_is_found_is_told_by_what_is_looked_up():
    def birth(flow):
        step(flow, "to-material")["config"]["at"] = "PID-7.1"
        del step(flow, "event")["config"]["fields"]["caseReference"]

    found = [each for each in check(changed(birth)) if each.severity is Severity.HARD]
    assert found and any("PID-7.1" in each.sentence and "'material'" in each.sentence for each in found)


def test_a_selector_that_holds_in_some_versions_names_the_others():
    flow = _event("costCentre", "FT1-30.1")
    found = [each for each in check(flow) if each.rule == "LG-PATH-VERSIONS"]
    assert len(found) == 1
    assert found[0].severity is Severity.SOFT
    assert "DFT_P03@2.3" in found[0].sentence
    assert "DFT_P03@2.8" not in found[0].sentence
    narrower = apply_edits(flow, found[0].fixes[0].edits)
    assert "LG-PATH-VERSIONS" not in rules(check(narrower))


def test_a_repeating_selector_into_one_value_is_refused_with_the_first_as_fix():
    flow = _event("caseReference", "PID-3.1")
    found = check(flow)
    assert rules(found) == ["LG-PATH-REPEATS"]
    assert "'PID-3[1].1'" in found[0].sentence
    assert check(apply_edits(flow, found[0].fixes[0].edits)) == []


def test_lines_that_were_not_split_repeat():
    def whole(flow):
        flow["steps"].remove(step(flow, "lines"))
        flow["wires"] = [
            {"from": wire["from"].replace("lines", "check"), "to": wire["to"]}
            for wire in flow["wires"]
            if wire["to"] != "lines.in"
        ]

    flow = changed(whole)
    split, alone = check(flow)[0].fixes
    assert split.title.startswith("Make one record for each FINANCIAL before")
    assert (split.costs, alone.costs) == ("", "All values but the first are lost.")
    for _ in range(10):
        found = check(flow)
        if not found:
            break
        assert found[0].rule == "LG-PATH-REPEATS"
        flow = apply_edits(flow, found[0].fixes[0].edits)
    assert check(flow) == []


def test_a_segment_in_the_place_of_its_group_is_told_which_group():
    def segment(flow):
        step(flow, "lines")["config"]["each"] = "FT1"

    found = next(each for each in check(changed(segment)) if each.rule == "LG-PATH-NOTHING")
    assert "FT1 is a segment inside the group FINANCIAL: write FINANCIAL" in found.sentence
    assert check(apply_edits(changed(segment), found.fixes[0].edits)) == []


def test_a_group_that_no_accepted_message_has_is_refused():
    def other(flow):
        step(flow, "lines")["config"]["each"] = "NOWHERE"

    assert "LG-PATH-NOTHING" in rules(check(changed(other)))


def test_a_group_that_some_accepted_messages_lack_is_named():
    def other(flow):
        step(flow, "lines")["config"]["each"] = "VISIT"

    found = [each for each in check(changed(other)) if each.rule == "LG-PATH-VERSIONS"]
    assert "'VISIT' splits nothing in DFT_P03@2.3" in found[0].sentence


def test_an_ordering_key_that_means_nothing_is_refused():
    flow = changed(lambda flow: flow["ordering"].update(key="PV1-99"))
    assert [(each.rule, each.address.pointer) for each in check(flow)] == [("LG-PATH-NOTHING", "/ordering/key")]
