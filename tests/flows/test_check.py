"""What ``lockgate check`` rests on: supply consumption holds, and each way of letting the patient through is named."""

from __future__ import annotations

import pytest

from flows.analysis import lineage_report, verdict
from flows.canonical import dumps
from flows.edits import apply_edits
from flows.facts import group_of
from flows.findings import Severity
from tests.flows.shipped import analysed, changed, check, environment_of, flow_of, rules, step, unmasked

NO_IDENTIFIER = "LG-FLD-001"


def _leak(findings):
    return next(each for each in findings if each.rule == NO_IDENTIFIER)


@pytest.mark.parametrize("name", ["supply-consumption", "bench-replenishment", "any-type"])
def test_a_shipped_flow_passes(name):
    assert check(flow_of(name), name=name) == []
    assert verdict(analysed(flow_of(name), name=name))["allowed"]


def _emptied(flow):
    step(flow, "tokenise")["config"]["fields"] = []


def _beside(flow):
    flow["wires"].append({"from": "lines.out", "to": "to-material.in"})


def _first_only(flow):
    step(flow, "tokenise")["config"]["fields"][0]["path"] = "PID-3[1].1"


def _too_late(flow):
    tokenise = step(flow, "tokenise")
    flow["steps"].remove(tokenise)
    flow["steps"].append(tokenise)
    flow["wires"] = [
        {"from": begin, "to": end}
        for begin, end in (
            ("receive.out", "check.in"),
            ("check.out", "lines.in"),
            ("lines.out", "to-material.in"),
            ("to-material.out", "event.in"),
            ("event.out", "decrement.in"),
            ("lines.out", "tokenise.in"),
        )
    ]


MUTANTS = {
    "without its mask": (unmasked, ("receive", "check", "lines", "to-material", "event", "decrement")),
    "with a mask of no fields": (
        lambda: changed(_emptied),
        ("receive", "check", "lines", "tokenise", "to-material", "event", "decrement"),
    ),
    "with the mask on a parallel branch": (
        lambda: changed(_beside),
        ("receive", "check", "lines", "to-material", "event", "decrement"),
    ),
    "with a mask of the first repetition only": (
        lambda: changed(_first_only),
        ("receive", "check", "lines", "tokenise", "to-material", "event", "decrement"),
    ),
    "with a mask that leads nowhere": (
        lambda: changed(_too_late),
        ("receive", "check", "lines", "to-material", "event", "decrement"),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_copy_is_refused_naming_field_path_and_rule(mutant):
    make, path = MUTANTS[mutant]
    leak = _leak(check(make()))
    assert leak.severity is Severity.HARD
    assert leak.address.field == "PID-3.1"
    assert tuple(hop.step for hop in leak.address.path) == path
    assert leak.address.path[0].field == "PID-3.1"
    assert leak.address.path[-1].field == "caseReference"
    assert "PID-3.1" in leak.sentence
    assert " → ".join(path) in leak.sentence
    assert "No patient identifier to an ERP" in leak.sentence


def test_a_copy_without_mask_whose_event_leaves_the_reference_out_passes():
    flow = unmasked()
    del step(flow, "event")["config"]["fields"]["caseReference"]
    assert check(flow) == []


def test_a_value_hidden_in_an_expression_is_found():
    def hide(flow):
        step(flow, "event")["config"]["fields"]["costCentre"] = {
            "fn": "concat",
            "args": [{"field": "FT1-13.1"}, {"fn": "substring", "args": [{"field": "PID-5[1].1.1"}, {"number": "1"}]}],
        }

    found = check(changed(hide))
    assert "PID-5.1.1" in {each.address.field for each in found if each.rule == NO_IDENTIFIER}


def test_a_value_chosen_by_a_condition_on_the_patient_is_found():
    def choose(flow):
        step(flow, "event")["config"]["fields"]["costCentre"] = {
            "if": {"starts-with": [{"field": "PID-5[1].1.1"}, "A"]},
            "then": {"text": "100"},
            "else": {"text": "200"},
        }

    assert "PID-5.1.1" in {each.address.field for each in check(changed(choose)) if each.rule == NO_IDENTIFIER}


def test_free_text_and_a_sites_own_segment_are_refused_as_unknown():
    for path in ("NTE[1]-3[1]", "ZPM-3"):

        def take(flow, path=path):
            step(flow, "event")["config"]["fields"]["costCentre"] = path

        found = [each for each in check(changed(take)) if each.rule == "LG-MIN-000"]
        assert found, path
        assert all("S4" in each.sentence for each in found)


def test_an_item_code_that_no_master_mapped_is_refused():
    def raw(flow):
        step(flow, "event")["config"]["fields"]["material"] = "FT1-7.1"

    assert "LG-FLD-002" in rules(check(changed(raw)))


def test_verdict_and_report_are_the_same_bytes_each_time():
    once, again = (analysed(flow_of(), environment_of()) for _ in range(2))
    assert dumps(verdict(once)) == dumps(verdict(again))
    assert dumps(lineage_report(once)) == dumps(lineage_report(again))


def test_the_report_names_every_field_of_the_sink_with_its_atoms():
    report = lineage_report(analysed(flow_of()))["decrement"]
    assert set(report["fields"]) == {"material", "quantity", "costCentre", "caseReference", "usedAt"}
    assert report["fields"]["caseReference"] == [
        {
            "origin": "PID-3.1",
            "concept": "patient-id",
            "sensitivity": 4,
            "classes": ["patient"],
            "protections": ["pseudonymised"],
        }
    ]


def test_what_decides_is_told_but_not_refused():
    advice = [each for each in analysed(flow_of()).findings if each.severity is Severity.ADVISORY]
    assert rules(advice) == ["LG-CTL-001"]
    assert advice[0].sentence.endswith(" hangs on PV1-19.1 in 'check', FT1-4.1 in 'to-material'.")
    assert advice[0].why.endswith(" What is read there: FT1-4.1.1, FT1-4.1.2, PV1-19.1, VISIT/PV1-19.1.")


def _whole_name(flow):
    step(flow, "event")["config"]["fields"]["caseReference"] = "PID-5[1]"


def test_a_composite_that_leaks_is_one_finding_a_rule_with_one_fix_for_all_of_it():
    flow = changed(_whole_name)
    found = [each for each in check(flow) if each.address.sink == "decrement" and each.rule == "LG-FLD-001"]
    assert [each.address.field for each in found] == ["PID-5"]
    assert found[0].sentence.startswith("PID-5 (person-name, S4, patient, unprotected), 42 parts, reaches field")
    assert [hop.step for hop in found[0].address.path][-1] == "decrement"
    assert len([each for each in check(flow) if each.address.sink == "decrement"]) <= 3
    protected = check(apply_edits(flow, found[0].fixes[0].edits))
    assert "LG-FLD-001" not in rules(protected)


def test_findings_that_stand_for_many_parts_change_nothing_that_is_sealed():
    flow = changed(_whole_name)
    found = analysed(flow)
    refused = {each["about"] for each in verdict(found)["results"] if not each["allowed"]}
    charged = {group_of(atom).key for each in found.sinks["decrement"].fields for atom in each.atoms}
    assert refused and refused <= charged
