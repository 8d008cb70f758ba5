"""Every node kind keeps the contract. New kinds are discovered; nothing is added here for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from flows.effects import Effect, Effects, Verb
from flows.environment import Surroundings
from flows.paths import parse
from flows.vocabulary import Protection
from nodes import catalogue
from nodes.contract import Example, Node, NodeConfig
from nodes.formats import fhir, hl7v2
from nodes.formats.plain import PlainRecord
from nodes.record import Record
from nodes.stop import Stop
from nodes.testing import (
    CANARY,
    ENVELOPE,
    config_of,
    differences,
    dishonest,
    node_of,
    observed_effects,
    record_of,
    results,
)

KINDS = list(catalogue.kinds().values())
EXAMPLES = [pytest.param(kind, each, id=f"{kind.kind}: {each.title}") for kind in KINDS for each in kind.examples]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.kind}@{kind.version}")
every_example = pytest.mark.parametrize(("kind", "example"), EXAMPLES)
Kind = type[Node[Any]]


def configs_in(model: type[BaseModel]) -> Iterable[type[BaseModel]]:
    """A config and every config inside it."""
    yield model
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            yield from configs_in(inner)


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, NodeConfig):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


@every_kind
def test_every_field_of_a_config_is_described(kind: Kind) -> None:
    bare = [
        f"{config.__name__}.{name}"
        for config in configs_in(kind.Config)
        for name, field in config.model_fields.items()
        if not field.description
    ]
    assert bare == []


@every_kind
def test_a_config_refuses_keys_that_nobody_reads(kind: Kind) -> None:
    config = {**kind.examples[0].config, "surprise": "x"}
    with pytest.raises(ValidationError, match="surprise"):
        kind.Config.model_validate(config)


@every_kind
def test_a_config_cannot_be_changed_after_it_was_read(kind: Kind) -> None:
    config = config_of(kind, kind.examples[0])
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config, next(iter(type(config).model_fields)), "x")


@every_kind
def test_a_config_has_a_json_schema_for_forms_and_pages(kind: Kind) -> None:
    assert kind.Config.model_json_schema()["properties"]


@every_kind
def test_a_kind_opens_with_a_sentence_and_has_a_worked_example(kind: Kind) -> None:
    module = __import__(kind.__module__, fromlist=["__doc__"])
    assert module.__doc__ and module.__doc__.rstrip().endswith(".")
    assert kind.title and kind.examples


@every_kind
def test_a_kind_has_a_file_of_tests_of_its_own(kind: Kind) -> None:
    group, name = kind.__module__.split(".")[1:]
    assert (Path(__file__).parent / group / f"test_{name}.py").exists()


@every_example
def test_examples_do_what_they_say(kind: Kind, example: Example) -> None:
    assert differences(kind, example) == []


@every_example
def test_the_surroundings_of_an_example_have_nothing_against_its_config(kind: Kind, example: Example) -> None:
    node = node_of(kind, example)
    assert list(node.check(node.config, node.around)) == []


@every_example
def test_declared_effects_are_honest(kind: Kind, example: Example) -> None:
    node = node_of(kind, example)
    observed = observed_effects(node, example.given)
    assert dishonest(node.effects(node.config, node.around), observed, ends=kind.category == "sink") == []


@every_example
def test_a_node_never_changes_the_record_that_it_was_given(kind: Kind, example: Example) -> None:
    node = node_of(kind, example)
    record = record_of(example.given)
    before = readings(record, example)
    outcome(node, record)
    assert readings(record, example) == before


@every_example
def test_a_node_gives_the_same_for_the_same(kind: Kind, example: Example) -> None:
    first = outcome(node_of(kind, example), record_of(example.given))
    again = node_of(kind, example)
    assert outcome(again, record_of(example.given)) == first == outcome(again, record_of(example.given))


@every_example
def test_the_fast_record_and_the_plain_one_lead_to_the_same(kind: Kind, example: Example) -> None:
    if isinstance(example.given, str):
        payload = example.given.encode()
        fast, plain = record_of(example.given), plain_record(payload)
        assert type(fast) is not type(plain)
        assert outcome(node_of(kind, example), fast) == outcome(node_of(kind, example), plain)


@every_example
def test_a_stopped_record_says_why_without_saying_what_was_in_it(kind: Kind, example: Example) -> None:
    if example.stops is not None:
        with pytest.raises(Stop) as stopped:
            results(node_of(kind, example), record_of(example.given))
        assert stopped.value.sentence.endswith(".")
        values = {value for value in readings(record_of(example.given), example).values() if len(value) > 2}
        assert [value for value in values if value in stopped.value.sentence + stopped.value.place] == []


def plain_record(payload: bytes) -> Record:
    """The record of the reference."""
    if payload.startswith(b"{"):
        return fhir.tree(fhir.read_document(payload), ENVELOPE)
    return hl7v2.tree(hl7v2.read_message(payload), ENVELOPE)


def readings(record: Record, example: Example) -> dict[str, str]:
    """What stands at the places that the example speaks of."""
    paths = {path for gives in example.gives for path in gives}
    if not isinstance(example.given, str):
        paths |= set(example.given)
    return {path: str(record.every(parse(path))) for path in sorted(paths)}


def outcome(node: Node[Any], record: Record) -> list[Any]:
    """What comes out, by value."""
    try:
        return [
            (each.envelope, sorted(each.fields().items())) if isinstance(each, PlainRecord) else each_reading(each)
            for each in results(node, record)
        ]
    except Stop as stop:
        return [stop.how, stop.reason, stop.sentence, stop.place, stop.subject]


def each_reading(record: Record) -> tuple[Any, ...]:
    paths = ("MSH-10", "PID-3.1", "PID-5.1", "PID-7.1", "PV1-3.1", "PV1-19.1", "FT1-7.1", "material", "quantity")
    return (record.envelope, *(record.every(parse(path)) for path in paths))


# The probe itself: it must catch a node that says less than it does.


class LeakConfig(NodeConfig):
    effects: str = "none"
    """Which declaration is given."""


class Leaky(Node[LeakConfig]):
    """Hides the patient's number in a note. Not in the catalogue: it stands in no file of a kind."""

    Config = LeakConfig
    said: Effects = Effects()

    @classmethod
    def effects(cls, config: LeakConfig, around: Surroundings) -> Effects:
        return cls.said

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        return (("out", record.with_value("note", f"ref {record.first(parse('PID-3.1'))}")),)


class LeakyPlain(Leaky):
    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        return (("out", record.fresh({"note": record.first(parse("mrn"))})),)


class Chooser(Leaky):
    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        return (("out", record),) if record.first(parse("PID-8")) == "F" else ()


class HalfMask(Leaky):
    said = Effects(named=(Effect(Verb.MASK, "PID-3.1", protection=Protection.REDACTED),))

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        return (("out", record.with_masked(parse("PID-3.1"), lambda value: f"*{value}")),)


PATIENT = "MSH|^~\\&|OR|HOSP|||20260301||ADT^A08|C7|P|2.5\rPID|1||4711||Rivera||19800101|F\r"


def complaints(kind: type[Leaky], given: str | Mapping[str, Any], said: Effects | None = None) -> list[str]:
    example = Example("probe", {}, given)
    node = node_of(kind, example)
    return dishonest(kind.said if said is None else said, observed_effects(node, given))


def test_a_node_that_hides_a_field_in_another_is_caught() -> None:
    assert complaints(Leaky, PATIENT) == ["'note' carries 'PID-3.1' but does not declare it"]


def test_the_same_node_is_honest_once_it_says_what_it_reads() -> None:
    assert complaints(Leaky, PATIENT, Effects(named=(Effect(Verb.DERIVE, "note", reads=("PID-3",)),))) == []


def test_control_is_no_excuse_for_a_value_that_comes_out() -> None:
    said = Effects(control=("mrn",), rest=Verb.DROP)
    assert complaints(LeakyPlain, {"mrn": "4711"}, said) == ["'note' carries 'mrn' but does not declare it"]


def test_a_node_that_lets_only_some_records_pass_is_caught() -> None:
    assert complaints(Chooser, PATIENT) == [
        "whether the record goes on depends on 'PID-8.1', which is not declared as control"
    ]


def test_a_mask_that_lets_the_value_through_is_caught() -> None:
    assert complaints(HalfMask, PATIENT) == ["'PID-3.1' carries 'PID-3.1' but does not declare it"]


def test_the_probe_proposes_a_declaration() -> None:
    seen = observed_effects(node_of(Leaky, Example("probe", {}, PATIENT)), PATIENT)
    assert seen.suggestion() == ("note <- PID-3.1",)
    assert CANARY not in str(seen.suggestion())
