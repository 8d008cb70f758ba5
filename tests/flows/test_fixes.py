"""Every built-in rule that offers a way out: the first fix is carried out, and the rule passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.edits import EditError, apply_edits, apply_to_environment
from flows.findings import AddStep, RemoveConfig, RemoveStep, RemoveWire, SetConfig, SetConnection
from flows.judge import DEFAULT, builtin
from tests.flows.shipped import check, environment_of, flow_of, rules, step, unmasked

Broken = tuple[Any, Any]


def _flow(change: Callable[[Any], None]) -> Broken:
    flow = flow_of()
    change(flow)
    return flow, environment_of()


def _connection(name: str, **values: Any) -> Broken:
    environment = environment_of()
    connection = environment["connections"][name]
    for key, value in values.items():
        if value is None:
            connection.pop(key, None)
        else:
            connection[key] = value
    return flow_of(), environment


def test_no_fix_makes_one_group_the_owner_of_everything():
    flow = {**flow_of(), "owners": {}}
    for _ in range(4):
        owners = [each for each in check(flow) if any("owner" in fix.title for fix in each.fixes)]
        if not owners:
            break
        flow = apply_edits(flow, owners[0].fixes[0].edits)
    named = list(flow["owners"].values())
    assert len(named) == len(set(named)) == 3
    alone = environment_of() | {"roles": ["supply-chain"]}
    offered = [fix for each in check({**flow_of(), "owners": {}}, alone) for fix in each.fixes if "owner" in fix.title]
    assert all(len(fix.edits) == 1 for fix in offered)


def _raw_code(flow):
    step(flow, "event")["config"]["fields"]["material"] = "FT1-7.1"


def _name(flow):
    step(flow, "event")["config"]["fields"]["caseReference"] = "PID-5[1].1"


def _ssh(**more: Any) -> Broken:
    return _connection("erp-inventory", transport="ssh", **more)


BROKEN: dict[str, list[Callable[[], Broken]]] = {
    "LG-FLD-001": [
        lambda: (unmasked(), environment_of()),
        lambda: _flow(lambda flow: step(flow, "tokenise")["config"].update(fields=[])),
        lambda: _flow(lambda flow: flow["wires"].append({"from": "lines.out", "to": "to-material.in"})),
    ],
    "LG-FLD-002": [lambda: _flow(_raw_code)],
    DEFAULT: [lambda: (unmasked(), environment_of()), lambda: _flow(_name)],
    "LG-CON-001": [lambda: _connection("erp-inventory", purposes=[]), lambda: _connection("or-system", purposes=[])],
    "LG-CON-002": [
        lambda: _connection("or-system", host="or.example"),
        lambda: _connection("erp-inventory", transport="plain", host="erp.example"),
    ],
    "LG-CON-003": [lambda: _connection("erp-inventory", highest={"operational": 1, "patient": 2})],
    "LG-CON-004": [lambda: _connection("erp-inventory", throttle=None)],
    "LG-FLW-001": [lambda: _flow(lambda flow: flow.update(owners={"cases": "or-supply-desk"}))],
    "LG-FLW-002": [lambda: _flow(lambda flow: flow["owners"].pop("cases"))],
    "LG-FLW-003": [lambda: _flow(lambda flow: flow.update(alerts=["nowhere"]))],
    "LG-FLW-004": [lambda: _flow(lambda flow: flow.pop("retention"))],
    "LG-FLW-005": [lambda: _flow(lambda flow: flow.update(retention={"payload_days": 400}))],
}
NO_EDIT = {
    "LG-CON-005": "a contract is a document of the other side; nobody can invent it",
    "LG-CON-006": "the digest of a host key has to be read off the host",
}
CASES = [(rule, number) for rule, made in BROKEN.items() for number in range(len(made))]


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_the_first_fix_makes_the_rule_pass(rule, number):
    flow, environment = BROKEN[rule][number]()
    found = [each for each in check(flow, environment) if each.rule == rule]
    assert found
    while found:
        edits = found[0].fixes[0].edits
        flow, environment = apply_edits(flow, edits), apply_to_environment(environment, edits)
        left = [each for each in check(flow, environment) if each.rule == rule]
        assert len(left) < len(found), [each.sentence for each in left]
        found = left


def test_every_rule_that_can_be_broken_has_such_a_test():
    forbids = {rule.id for rule in builtin().rules.values() if rule.effect == "forbid"}
    assert forbids | {DEFAULT} == set(BROKEN) | set(NO_EDIT)


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        ("LG-CON-005", lambda: _connection("erp-inventory", contract=None)),
        ("LG-CON-006", lambda: _ssh()),
    ],
)
def test_a_rule_without_edit_is_found_all_the_same(rule, make):
    assert rule in rules(check(*make()))


def test_a_pinned_host_key_and_a_stated_owner_are_enough():
    assert "LG-CON-006" not in rules(check(*_ssh(pins=["ab" * 32])))


def test_the_first_fix_of_a_leak_makes_a_pseudonym_where_the_value_is_still_as_it_came():
    flow = unmasked()
    leak = next(each for each in check(flow) if each.rule == "LG-FLD-001")
    (edit,) = leak.fixes[0].edits
    assert isinstance(edit, AddStep) and edit.wire == ("to-material.out", "event.in")
    assert check(apply_edits(flow, leak.fixes[0].edits)) == []


def test_the_last_fix_leaves_the_field_out():
    flow = unmasked()
    leak = next(each for each in check(flow) if each.rule == "LG-FLD-001")
    assert leak.fixes[-1].edits == (RemoveConfig(step="event", pointer="/fields/caseReference"),)
    assert check(apply_edits(flow, leak.fixes[-1].edits)) == []


def test_a_step_goes_on_its_wire_and_off_again():
    flow = flow_of()
    new = {"id": "extra", "kind": "mask", "version": 1, "title": "Extra", "config": {"fields": []}}
    wire = ("check.out", "lines.in")
    longer = apply_edits(flow, [AddStep(step=new, wire=wire)])
    assert {"from": "extra.out", "to": "lines.in"} in longer["wires"]
    assert [each["id"] for each in longer["steps"]].index("extra") == 2
    shorter = apply_edits(longer, [RemoveStep(step="extra")])
    assert sorted(map(str, shorter["wires"])) == sorted(map(str, flow["wires"]))
    assert flow == flow_of(), "the value given is left as it was"


@pytest.mark.parametrize(
    "edit",
    [
        RemoveWire(wire=("check.out", "nowhere.in")),
        SetConfig(step="nowhere", pointer="/x", value=1),
        SetConfig(step="tokenise", pointer="/fields/7", value=1),
        RemoveConfig(step="tokenise", pointer="/nothing/there"),
        RemoveConfig(step="tokenise", pointer=""),
    ],
)
def test_an_edit_that_does_not_fit_says_so(edit):
    with pytest.raises(EditError):
        apply_edits(flow_of(), [edit])


def test_an_edit_of_an_unknown_connection_says_so():
    with pytest.raises(EditError):
        apply_to_environment(environment_of(), [SetConnection(connection="nowhere", pointer="/x", value=1)])


def _reading(**fields: str) -> Callable[[Any], None]:
    return lambda flow: step(flow, "event")["config"]["fields"].update(fields)


def _key(flow):
    step(flow, "to-material")["config"]["key"] = ["FT1-7.3", "FT1-7"]


def _masked_whole(flow):
    step(flow, "tokenise")["config"]["fields"][0]["path"] = "PID-3"
    _reading(caseReference="PID-3")(flow)


def _not_masked(flow):
    step(flow, "tokenise")["config"]["fields"] = []
    _reading(caseReference="PID-3[1]")(flow)


FIRST_LEAVES = [
    (_key, "Read FT1-7.1 (Identifier) instead of FT1-7"),
    (_reading(costCentre="FT1-13"), "Read FT1-13.1 (Identifier) instead of FT1-13"),
    (_masked_whole, "Read PID-3.1 (ID Number) instead of PID-3"),
    (_not_masked, "Read PID-3[1].1 (ID Number) instead of PID-3[1]; let 'tokenise' make a pseudonym of PID-3.1"),
]


@pytest.mark.parametrize(("change", "title"), FIRST_LEAVES)
def test_where_the_first_leaf_of_a_composite_would_do_reading_it_is_the_first_fix(change, title):
    flow, _ = _flow(change)
    found = [each for each in check(flow) if each.address.path]
    assert title in {each.fixes[0].title for each in found}
    while found:
        flow = apply_edits(flow, found[0].fixes[0].edits)
        left = [each for each in check(flow) if each.address.path]
        assert len(left) < len(found)
        found = left


@pytest.mark.parametrize(
    "change",
    [_raw_code, _reading(material="FT1-7.1"), _reading(caseReference="PID-5[1].1.1")],
)
def test_where_the_leaf_itself_must_not_arrive_reading_it_is_not_offered(change):
    flow, _ = _flow(change)
    found = [each for each in check(flow) if each.address.path]
    assert found
    assert not any(fix.title.startswith("Read ") for each in found for fix in each.fixes)


def test_every_way_out_by_a_leaf_removes_what_it_is_offered_for():
    flow, _ = _flow(_reading(material="FT1-7", caseReference="PID-5[1]", costCentre="PV1-3", usedAt="FT1-7"))
    for each in check(flow):
        for fix in each.fixes:
            if fix.title.startswith("Read "):
                after = check(apply_edits(flow, fix.edits))
                assert each.sentence not in {other.sentence for other in after}
                assert len(after) <= len(check(flow))
