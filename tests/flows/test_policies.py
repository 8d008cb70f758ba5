"""The policy set: what Cedar does not check is checked when it is loaded, and every answer fails closed."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import pytest

from flows.analysis import analyse
from flows.atoms import Atom
from flows.declaration import Declaration
from flows.effects import Nature
from flows.facts import Ask, Entity, Group, asks, group_of
from flows.findings import Severity
from flows.graph import read_flow
from flows.judge import DEFAULT, PolicyError, PolicySet, builtin
from flows.vocabulary import Concept, DataClass, Protection
from nodes.catalogue import declare
from tests.flows.shipped import analysed, around, check, environment_of, flow_of, rules, step, unmasked

FOLDER = resources.files("flows.policies")
SCHEMA = FOLDER.joinpath("lockgate.cedarschema").read_text("utf-8")
SHIPPED = {each.name: each.read_text("utf-8") for each in FOLDER.iterdir() if each.name.endswith(".cedar")}
RECEIVE = 'principal is Lockgate::Endpoint, action == Lockgate::Action::"receive", resource is Lockgate::FieldGroup'


def policy(body: str, *, effect: str = "forbid", severity: str = "hard", rule: str = "LG-TST-001", **notes: str) -> str:
    told = {"id": rule, "title": "t", "severity": severity, "owner": "o", "why": "w", "fix": "-", **notes}
    text = "".join(f'@{name}("{value}")\n' for name, value in told.items() if value)
    return f"{text}{effect} ({RECEIVE}) {body};"


def loaded(**files: str) -> PolicySet:
    return PolicySet.load({**SHIPPED, **{f"{name}.cedar": text for name, text in files.items()}}, SCHEMA)


def requests(flow=None) -> dict[str, Ask]:
    """The requests of supply consumption's sink, by what they are about."""
    read, _ = read_flow(flow or flow_of())
    declared = {each.id: declare(each, around()) for each in read.steps}
    sink = declared["decrement"]
    assert isinstance(sink, Declaration)
    groups = frozenset(
        {
            Group(
                concept=Concept.PATIENT_ID,
                sensitivity=4,
                classes=frozenset({DataClass.PATIENT}),
                protections=frozenset({Protection.PSEUDONYMISED}),
            ),
            Group(
                concept=Concept.QUANTITY,
                sensitivity=1,
                classes=frozenset({DataClass.OPERATIONAL}),
                protections=frozenset(),
            ),
            Group(
                concept=Concept.PRICE, sensitivity=2, classes=frozenset({DataClass.FINANCIAL}), protections=frozenset()
            ),
        }
    )
    found = asks(read, around(), {}, {"decrement": (sink, groups)})
    return {each.group.concept if each.group else each.action: each for each in found}


NOTHING: frozenset[str] = frozenset()


def test_the_shipped_set_loads_and_names_itself_by_content():
    assert builtin().digest == loaded().digest
    assert builtin().digest != loaded(more=policy("when { true }")).digest
    assert len(builtin().rules) == len(SHIPPED)


@pytest.mark.parametrize("concept", [Concept.PATIENT_ID, Concept.QUANTITY])
def test_what_a_permit_names_is_allowed(concept):
    answer = builtin().judge([requests()[concept]], [NOTHING])[0]
    assert answer.allowed
    assert answer.permits
    assert not answer.forbids


def test_what_no_permit_names_is_not_allowed_and_the_nearest_serve_the_same_purpose():
    answer = builtin().judge([requests()[Concept.PRICE]], [NOTHING])[0]
    assert not answer.allowed
    assert not answer.permits
    assert len(answer.near) == 2
    assert all("supply consumption" in near.rule.needs[0] for near in answer.near)
    assert all(1 not in near.missing for near in answer.near)


def test_a_forbid_that_errors_does_not_fail_open():
    overflow = policy("when { resource.sensitivity * 9223372036854775807 * 9 > 0 }")
    answer = loaded(overflow=overflow).judge([requests()[Concept.PATIENT_ID]], [NOTHING])[0]
    assert answer.permits, "the permits held: only the error stands against it"
    assert answer.failed
    assert not answer.allowed


def test_a_flow_under_an_erring_policy_is_refused_with_a_finding():
    overflow = policy("when { resource.sensitivity * 9223372036854775807 * 9 > 0 }")
    found = analysed(flow_of(), policies=loaded(overflow=overflow)).findings
    assert "LG-POL-001" in rules(found)


def test_a_request_that_does_not_fit_the_schema_is_no_allow():
    ask = requests()[Concept.QUANTITY]
    bare = {name: value for name, value in ask.principal.attributes.items() if name != "highest"}
    strange = ask._replace(principal=Entity(ask.principal.type, "strange", bare))
    answer = builtin().judge([strange], [NOTHING])[0]
    assert not answer.allowed
    assert answer.failed


def test_an_empty_class_set_is_never_asked_and_never_permitted():
    bare = Nature(Concept.QUANTITY, frozenset(), 1)
    assert group_of(Atom("x", bare, frozenset())).classes == {DataClass.UNKNOWN}
    with pytest.raises(ValueError, match="at least 1 item"):
        Group(concept=Concept.QUANTITY, sensitivity=1, classes=frozenset(), protections=frozenset())
    ask = requests()[Concept.QUANTITY]
    empty = ask._replace(resource=Entity(ask.resource.type, "empty", {**ask.resource.attributes, "classes": []}))
    assert not builtin().judge([empty], [NOTHING])[0].allowed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (policy('when { principal.domain == Lockgate::Domain::"epr" }'), "epr"),
        (policy('when { principal.transport == Lockgate::Transport::"stfp" }'), "stfp"),
        (policy("when { principal.sensitivty > 1 }"), "sensitivty"),
        (policy("when { resource.classes == 1 }"), ""),
        (policy("when { true }", why=""), "lacks @why"),
        (policy("when { true }", fix=""), "lacks @fix"),
        (policy("when { true }", rule="LG-FLD-001"), "is taken"),
        (policy("when { true }", rule="no-such-form"), "is not of the form"),
        (policy("when { true }", severity="fatal"), "severity"),
        (policy("when { true }", effect="permit", severity="soft", needs_1="n"), "a permit is hard"),
        (policy("when { true }", effect="permit"), "@needs_n"),
        (policy("when { true }", effect="permit", needs_1="n", needs_2="n"), "@needs_n"),
        (policy("unless { true }", effect="permit", needs_1="n"), "'when' blocks only"),
        (policy("when { true }") + policy("when { true }", rule="LG-TST-002"), "one policy"),
        (policy("when { true }").replace('action == Lockgate::Action::"receive"', "action"), ""),
        ("permit (principal", "parse error"),
        ("", "one policy"),
    ],
)
def test_a_policy_file_with_a_mistake_is_refused_by_name(text, says):
    with pytest.raises(PolicyError) as refused:
        loaded(wrong=text)
    assert refused.value.file == "wrong.cedar"
    assert says in str(refused.value)


def test_a_vocabulary_that_is_not_the_kernels_is_refused():
    with pytest.raises(PolicyError, match="vocabulary"):
        PolicySet.load(SHIPPED, SCHEMA.replace('"cost-centre", ', ""))
    with pytest.raises(PolicyError, match="schema"):
        PolicySet.load(SHIPPED, "namespace")


class Waiver(NamedTuple):
    rule: str
    step: str | None = None


LONG = {**flow_of(), "retention": {"payload_days": 400}}


def _allowed(waivers: tuple[Waiver, ...]) -> bool:
    return analysed(LONG, waivers=waivers).judged.verdict["allowed"]


def test_a_soft_rule_binds_until_it_is_waived():
    found = analysed(LONG).findings
    assert [each.severity for each in found if each.rule == "LG-FLW-005"] == [Severity.SOFT]
    assert not _allowed(())
    assert _allowed((Waiver("LG-FLW-005"),))


@pytest.mark.parametrize("waiver", [Waiver("LG-FLW-004"), Waiver("LG-FLW-005", "decrement"), Waiver("LG-XXX-001")])
def test_a_waiver_of_another_rule_or_step_changes_nothing(waiver):
    assert not _allowed((waiver,))


def test_a_hard_rule_cannot_be_waived():
    waivers = tuple(Waiver(rule) for rule in [*builtin().rules, DEFAULT])
    found = analysed(unmasked(), waivers=waivers)
    assert not found.judged.verdict["allowed"]
    assert "LG-FLD-001" in rules(found.findings)


def test_the_verdict_names_what_was_waived():
    results = analysed(LONG, waivers=(Waiver("LG-FLW-005"),)).judged.verdict["results"]
    seal = next(each for each in results if each["action"] == "seal")
    assert seal["waived"] == ["LG-FLW-005"]
    assert seal["forbids"] == ["LG-FLW-005"]
    assert seal["allowed"]


def test_an_advisory_rule_never_binds():
    advice = policy("when { true }", severity="advisory")
    found = analysed(flow_of(), policies=loaded(advice=advice))
    assert found.judged.verdict["allowed"]
    assert "LG-TST-001" in rules(found.findings)


def test_answers_are_remembered_by_facts_and_not_by_name():
    policies = loaded()
    strict = environment_of()
    strict["connections"]["erp-inventory"]["domain"] = "operations"
    flow = unmasked()
    assert "LG-FLD-001" in rules(check(flow))
    read, _ = read_flow(flow)
    first = analyse(read, around(), declare, policies).findings
    second = analyse(read, around(strict), declare, policies).findings
    third = analyse(read, around(), declare, policies).findings
    assert "LG-FLD-001" in rules(first)
    assert "LG-FLD-001" not in rules(second)
    assert rules(third) == rules(first)


def test_loopback_protects_only_where_the_address_is_one():
    for host, holds in (
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("127.example", False),
    ):
        environment = environment_of()
        environment["connections"]["or-system"]["host"] = host
        assert ("LG-CON-002" not in rules(check(flow_of(), environment))) is holds, host


def test_another_purpose_permits_nothing_of_this_one():
    flow = {**flow_of(), "purpose": "charge-capture"}
    found = [each for each in check(flow) if each.rule == DEFAULT]
    assert {each.address.field for each in found} >= {"FT1-13.1", "PID-3.1"}


def test_replenishment_never_receives_a_patient_reference():
    flow = flow_of("bench-replenishment")
    step(flow, "request")["config"]["fields"]["messageId"] = "PID-3[1].1"
    lines = next(number for number, each in enumerate(flow["steps"]) if each["id"] == "lines")
    mask = {"fields": [{"path": "PID-3.1", "method": "pseudonym"}]}
    flow["steps"].insert(lines, {"id": "mask", "kind": "mask", "version": 1, "title": "m", "config": mask})
    flow["wires"][0] = {"from": "receive.out", "to": "mask.in"}
    flow["wires"].append({"from": "mask.out", "to": "lines.in"})
    found = check(flow, name="bench-replenishment")
    assert DEFAULT in rules(found)
