"""Broken graphs and broken files: always findings with an address, never an exception, and none hides another."""

from __future__ import annotations

import json

import pytest

from flows.analysis import verdict
from flows.edits import apply_edits
from flows.findings import Severity
from flows.graph import load_flow, read_flow
from flows.judge import DEFAULT
from tests.flows.shipped import analysed, changed, check, flow_of, rules, step, unmasked


def _passes_after_first_fixes(flow):
    for _ in range(20):
        found = check(flow)
        if not found:
            return True
        flow = apply_edits(flow, found[0].fixes[0].edits)
    return False


def test_an_unknown_key_is_named_with_place_and_near_spelling():
    def misspell(flow):
        flow["retenton"] = flow.pop("retention")
        step(flow, "lines")["colour"] = "red"

    flow = changed(misspell)
    found = check(flow)
    by_pointer = {each.address.pointer: each for each in found if each.rule == "LG-FILE-002"}
    assert set(by_pointer) == {"/retenton", "/steps/2/colour"}
    assert "did you mean 'retention'?" in by_pointer["/retenton"].sentence
    assert by_pointer["/steps/2/colour"].address.step == "lines"
    assert "LG-FLW-004" in rules(found), "the rest is judged all the same"
    assert _passes_after_first_fixes(flow)


def test_an_unknown_key_in_a_config_hides_no_leak():
    def misspell(flow):
        step(flow, "receive")["config"]["colour"] = "red"
        step(flow, "tokenise")["config"] = {"fields": [], "colour": "red"}

    found = check(changed(misspell))
    assert {"LG-NODE-CONFIG", "LG-FLD-001"} <= set(rules(found))
    assert {each.address.pointer for each in found if each.rule == "LG-NODE-CONFIG"} == {
        "/steps/0/config/colour",
        "/steps/3/config/colour",
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda flow: flow.update(purpose="fun"), "/purpose"),
        (lambda flow: flow["steps"][0].update(id="Not an id"), "/steps/0/id"),
        (lambda flow: flow["steps"][0].pop("kind"), "/steps/0/kind"),
        (lambda flow: flow.update(steps={}), "/steps"),
        (lambda flow: flow["wires"][0].update(to="lines"), "/wires/0/to"),
        (lambda flow: flow.update(retention={"payload_days": -1}), "/retention/payload_days"),
        (lambda flow: flow.update(format="lockgate/flow/9"), "/format"),
    ],
)
def test_a_wrong_value_is_a_finding_at_its_place(change, pointer):
    found = read_flow(changed(change))[1]
    assert pointer in {each.address.pointer for each in found}
    assert all(each.severity is Severity.HARD for each in found)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'"x"',
        b"null",
        b"\xff",
        b'{"id":1,"id":2}',
        b'{"a":1.5}',
        b"[" * 5000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_flow_is_a_finding(data):
    flow, found = load_flow(data)
    assert flow is None
    assert found
    assert all(each.rule.startswith("LG-FILE-") for each in found)


def test_a_cycle_is_drawn_and_its_last_wire_is_the_fix():
    flow = changed(lambda flow: flow["wires"].append({"from": "event.out", "to": "lines.in"}))
    found = check(flow)
    assert rules(found) == ["LG-GRAPH-CYCLE"]
    assert "lines → tokenise → to-material → event → lines" in found[0].sentence
    assert found[0].address.wire == ("event.out", "lines.in")
    assert _passes_after_first_fixes(flow)


def test_a_step_wired_to_itself_is_a_cycle():
    flow = changed(lambda flow: flow["wires"].append({"from": "check.out", "to": "check.in"}))
    assert rules(check(flow)) == ["LG-GRAPH-CYCLE"]


def test_a_leak_is_found_in_a_flow_with_a_cycle():
    flow = unmasked()
    flow["wires"].append({"from": "event.out", "to": "lines.in"})
    assert {"LG-GRAPH-CYCLE", "LG-FLD-001"} <= set(rules(check(flow)))


def test_dangling_wires_and_unknown_ports_are_each_named():
    def dangle(flow):
        flow["wires"] += [
            {"from": "event.out", "to": "nowhere.in"},
            {"from": "ghost.out", "to": "event.in"},
            {"from": "event.rest", "to": "decrement.in"},
            {"from": "event.out", "to": "decrement.side"},
            {"from": "decrement.out", "to": "check.in"},
        ]

    flow = changed(dangle)
    found = check(flow)
    assert sorted(rules(found)) == ["LG-GRAPH-PORT"] * 3 + ["LG-GRAPH-WIRE"] * 2
    assert all(each.address.pointer.startswith("/wires/") for each in found)
    assert _passes_after_first_fixes(flow)


def test_a_wire_drawn_twice_is_named_once():
    flow = changed(lambda flow: flow["wires"].append(flow["wires"][2]))
    assert rules(check(flow)) == ["LG-GRAPH-WIRE-TWICE"]
    assert _passes_after_first_fixes(flow)


def test_an_id_given_twice_is_named_at_the_later_step():
    flow = flow_of()
    flow["steps"].append({**step(flow, "tokenise")})
    found = [each for each in check(flow) if each.rule == "LG-GRAPH-ID"]
    assert [each.address.pointer for each in found] == ["/steps/7/id"]
    again = check(apply_edits(flow, found[0].fixes[0].edits))
    assert "LG-GRAPH-ID" not in rules(again)


def test_no_source_and_two_sources_are_named():
    def no_source(flow):
        flow["steps"].pop(0)
        flow["wires"].pop(0)

    def two(flow):
        flow["steps"].append({**flow["steps"][0], "id": "again"})
        flow["wires"].append({"from": "again.out", "to": "check.in"})

    assert "LG-GRAPH-SOURCE" in rules(check(changed(no_source)))
    found = [each for each in check(changed(two)) if each.rule == "LG-GRAPH-SOURCE"]
    assert [each.address.step for each in found] == ["again"]


def test_what_is_never_reached_or_leads_nowhere_is_named():
    def loose(flow):
        mask = step(flow, "tokenise")
        flow["steps"] += [{**mask, "id": "never"}, {**mask, "id": "dead"}]
        flow["wires"] += [{"from": "never.out", "to": "event.in"}, {"from": "lines.out", "to": "dead.in"}]

    found = {each.address.step: each for each in check(changed(loose)) if each.rule.startswith("LG-GRAPH")}
    assert found["never"].rule == "LG-GRAPH-UNREACHED"
    assert found["dead"].rule == "LG-GRAPH-DEAD-END"
    assert found["dead"].severity is Severity.SOFT


def test_a_cut_wire_is_drawn_again_first_and_no_step_goes_first():
    for wire in flow_of()["wires"]:
        flow = {**flow_of(), "wires": [each for each in flow_of()["wires"] if each != wire]}
        loose = [each for each in check(flow) if each.rule in ("LG-GRAPH-UNREACHED", "LG-GRAPH-DEAD-END")]
        assert loose, wire
        assert not [each for each in check(flow) if each.rule == "LG-SINK-CONTRACT"], "nothing comes to the sink"
        for each in loose:
            again, removed = each.fixes
            assert check(apply_edits(flow, again.edits)) == check(flow_of()), wire
            assert (again.costs, removed.costs) == ("", "The step goes, with all its settings.")


def test_an_operation_reached_twice_for_one_item_is_named():
    def twice(flow):
        flow["steps"].append({**step(flow, "decrement"), "id": "again"})
        flow["wires"].append({"from": "event.out", "to": "again.in"})

    flow = changed(twice)
    found = check(flow)
    assert rules(found) == ["LG-GRAPH-POSTED-TWICE"]
    assert found[0].address.step == "event"


def test_a_message_that_reaches_a_sink_unmapped_is_named():
    flow = changed(lambda flow: flow["wires"].append({"from": "to-material.out", "to": "decrement.in"}))
    assert "LG-GRAPH-TYPE" in rules(check(flow))


def test_a_contract_field_that_no_step_writes_is_named():
    def less(flow):
        del step(flow, "event")["config"]["fields"]["costCentre"]

    found = [each for each in check(changed(less)) if each.rule == "LG-SINK-CONTRACT"]
    assert [each.address.field for each in found] == ["costCentre"]


def test_an_unknown_kind_is_named_and_the_rest_is_judged():
    def unknown(flow):
        step(flow, "to-material")["kind"] = "magic"

    found = check(changed(unknown))
    assert rules(found) == ["LG-NODE-KIND"]
    assert not verdict(analysed(changed(unknown)))["allowed"], "a step of which nothing is known may do anything"


@pytest.mark.parametrize("name", ["lines", "tokenise", "event", "to-material"])
def test_what_only_follows_from_a_step_that_cannot_be_read_is_one_line_at_that_step(name):
    def unfinished(flow):
        step(flow, name)["config"] = {}

    found = analysed(changed(unfinished)).findings
    [finding] = [each for each in found if each.severity is Severity.HARD]
    assert (finding.address.step, finding.rule) == (name, "LG-NODE-UNFINISHED")
    assert finding.why == "Until it can be read, nothing that comes behind it can be judged."
    assert not any(name in {hop.step for hop in each.address.path} for each in found)


def test_of_a_sink_that_is_not_finished_only_that_is_told():
    def unfinished(flow):
        step(flow, "decrement")["config"] = {}

    assert rules(check(changed(unfinished))) == ["LG-NODE-UNFINISHED"]


def test_what_is_wrong_beside_a_step_that_cannot_be_read_is_still_told():
    def unfinished(flow):
        step(flow, "to-material")["config"] = {}
        flow["wires"].append({"from": "lines.out", "to": "event.in"})
        step(flow, "event")["config"]["fields"]["caseReference"] = "PID-3.1"

    found = check(changed(unfinished))
    assert {each.rule for each in found if each.address.path} == {"LG-FLD-001", DEFAULT}
    assert "to-material" not in {hop.step for each in found for hop in each.address.path}


def test_a_message_that_passes_by_a_step_that_cannot_be_read_is_named_at_the_sink():
    def unfinished(flow):
        step(flow, "event")["config"] = {}
        flow["wires"].append({"from": "lines.out", "to": "decrement.in"})

    assert "LG-GRAPH-TYPE" in rules(check(changed(unfinished)))


def test_a_word_that_is_nearly_right_is_read_as_it_was_meant_and_nothing_follows_from_it():
    def misspell(flow):
        step(flow, "tokenise")["config"]["fields"][0]["method"] = "psuedonym"

    flow = changed(misspell)
    [found] = [each for each in check(flow) if each.severity is Severity.HARD]
    assert (found.rule, found.fixes[0].title) == ("LG-NODE-CONFIG", "Write 'pseudonym'")
    assert check(apply_edits(flow, found.fixes[0].edits)) == []


def test_what_was_left_out_as_wrong_is_not_missing_too():
    found = check(changed(lambda flow: flow.update(purpose="fun")))
    assert [each.address.pointer for each in found if each.rule == "LG-FILE-003"] == ["/purpose"]


def test_every_prefix_of_a_flow_file_is_a_finding_and_no_exception():
    data = json.dumps(flow_of()).encode()
    for end in range(0, len(data), 97):
        flow, found = load_flow(data[:end])
        assert flow is None
        assert found


def test_a_flow_without_steps_is_judged():
    flow = flow_of()
    flow.update(steps=[], wires=[])
    assert "LG-GRAPH-SOURCE" in {each.rule for each in analysed(flow).findings}


def test_a_hundred_thousand_steps_are_refused_unread():
    flow = flow_of()
    more = [{"id": f"s{n}", "kind": "filter", "version": 1, "title": "More", "config": {}} for n in range(100_000)]
    read, found = load_flow(json.dumps(flow | {"steps": flow["steps"] + more}).encode())
    assert read is None
    assert "bytes" in found[0].sentence


@pytest.mark.parametrize("number", ["-0", "9007199254740993", "1e3", "NaN"])
def test_a_number_that_two_programs_could_read_differently_is_no_number(number):
    text = json.dumps(flow_of() | {"layout": {"receive": [42, 0]}}).replace("42", number)
    read, found = load_flow(text.encode())
    assert read is None
    assert [each.rule for each in found] == ["LG-FILE-001"]


def test_names_of_other_languages_objects_are_unknown_keys():
    found = check(flow_of() | {"__proto__": {"owners": {}}, "constructor": {}})
    assert {each.address.pointer for each in found} == {"/__proto__", "/constructor"}


def test_an_id_that_only_looks_like_another_is_none():
    def look_alike(flow):
        flow["steps"].append(step(flow, "lines") | {"id": "lin\u0435s"})

    assert any(each.address.pointer == "/steps/7/id" for each in check(changed(look_alike)))
