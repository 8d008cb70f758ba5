"""Random flows over random messages: what lineage excludes never arrives, and what it says arrives has a way there."""

from __future__ import annotations

import itertools
import random
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.declaration import Declaration
from flows.effects import Effect, Effects, Emission, Nature, Origin, Verb
from flows.lineage import Lineage, lineage, record_path
from flows.sinks import received
from flows.vocabulary import Concept, DataClass, Protection
from flows.witness import witness
from tests.flows import concrete
from tests.flows.concrete import Leaf, Message, Pick

ACCEPTS = ("DFT^P03@2.5",)
NAMES = ["alpha", "beta", "gamma", "delta"]
PROTECTIONS = [Protection.PSEUDONYMISED, Protection.REDACTED, Protection.GENERALISED]
PICKS = [
    Pick("PID", (3,)),
    Pick("PID", (3, 1)),
    Pick("PID", (3, 1), rep=1),
    Pick("PID", (3, 4, 1)),
    Pick("PID", (5, 1)),
    Pick("PID", (8,)),
    Pick("PID", (8, 1)),
    Pick("PV1", (19, 1)),
    Pick("FT1", (7,)),
    Pick("FT1", (7, 1)),
    Pick("FT1", (7, 1), group="FINANCIAL"),
    Pick("FT1", (7, 1), nth=2),
    Pick("FT1", (10,)),
    Pick("ZPM", (2,)),
]
LEAVES = [
    Leaf((), "PID", 1, 1, (3, 1, 1)),
    Leaf((), "PID", 1, 1, (3, 1, 2)),
    Leaf((), "PID", 1, 1, (3, 4, 1)),
    Leaf((), "PID", 1, 2, (3, 1, 1)),
    Leaf((), "PID", 1, 1, (3, 15, 1)),
    Leaf((), "PID", 1, 1, (5, 1, 1)),
    Leaf((), "PID", 1, 1, (8, 1, 1)),
    Leaf((), "PID", 1, 1, (8, 2, 1)),
    Leaf((), "PID", 1, 1, (90, 1, 1)),
    Leaf((), "PV1", 2, 1, (19, 1, 1)),
    Leaf(("FINANCIAL",), "FT1", 3, 1, (7, 1, 1)),
    Leaf(("FINANCIAL",), "FT1", 3, 1, (7, 2, 1)),
    Leaf(("FINANCIAL",), "FT1", 3, 1, (10, 1, 1)),
    Leaf(("FINANCIAL",), "FT1", 4, 1, (7, 1, 1)),
    Leaf(("FINANCIAL",), "FT1", 4, 1, (10, 1, 1)),
    Leaf(("FINANCIAL",), "PID", 5, 1, (3, 1, 1)),
    Leaf((), "FT1", 6, 1, (7, 1, 1)),
    Leaf((), "ZPM", 7, 1, (2, 1, 1)),
    Leaf(("FINANCIAL",), "ZPM", 8, 1, (2, 1, 1)),
]
_CONSTANT = Nature(Concept.OTHER, frozenset({DataClass.OPERATIONAL}), 0)


class Step(NamedTuple):
    kind: str
    inputs: tuple[str, ...]
    args: tuple


def _program(chance: random.Random) -> dict[str, Step]:
    """Steps in topological order, some with two inputs, and a sink at the end."""
    steps = {"s0": Step("source", (), ())}
    for number in range(1, chance.randint(2, 9)):
        names = list(steps)
        inputs = tuple(dict.fromkeys(chance.choice(names[-3:]) for _ in range(chance.choice((1, 1, 2)))))
        steps[f"s{number}"] = _step(chance, inputs)
    last = list(steps)[-1]
    fields = tuple((name, tuple(_reads(chance))) for name in chance.sample(NAMES, 2))
    ends = (last, *(chance.sample(list(steps), 1) if chance.random() < 0.3 else ()))
    steps["record"] = Step("record", tuple(dict.fromkeys(ends)), fields)
    return steps


def _step(chance: random.Random, inputs: tuple[str, ...]) -> Step:
    kind = chance.choice(["mask", "mask", "mask", "drop", "derive", "derive", "split", "unknown", "pass"])
    if kind == "mask":
        return Step(kind, inputs, (chance.choice(PICKS), chance.choice(PROTECTIONS)))
    if kind == "drop":
        return Step(kind, inputs, (chance.choice(PICKS),))
    if kind == "derive":
        protection = chance.choice([None, Protection.MAPPED])
        return Step(kind, inputs, (chance.choice(NAMES), tuple(_reads(chance)), protection))
    return Step(kind, inputs, ())


def _reads(chance: random.Random) -> list[Pick | str]:
    return chance.sample([*PICKS, *NAMES], chance.randint(1, 3))


def _text(pick: Pick | str) -> str:
    return pick if isinstance(pick, str) else pick.text


def _effects(name: str, step: Step) -> Effects:
    match step.kind:
        case "source":
            return Effects(emits=Emission("hl7v2", ACCEPTS))
        case "mask":
            return Effects(named=(Effect(Verb.MASK, step.args[0].text, protection=step.args[1]),))
        case "drop":
            return Effects(named=(Effect(Verb.DROP, step.args[0].text),))
        case "derive":
            field, reads, protection = step.args
            origins = (Origin(f"constant:{name}", _CONSTANT),)
            effect = Effect(Verb.DERIVE, field, tuple(map(_text, reads)), protection, origins)
            return Effects(named=(effect,))
        case "split":
            return Effects(each="FINANCIAL")
        case "unknown":
            return Effects(rest=Verb.UNKNOWN)
        case "record":
            named = tuple(Effect(Verb.DERIVE, field, tuple(map(_text, reads))) for field, reads in step.args)
            return Effects(named=named, rest=Verb.DROP, produces="record/x@1")
        case _:
            return Effects()


def _declared(steps: dict[str, Step]) -> dict[str, Declaration]:
    declared = {
        name: Declaration(
            "fake", 1, name, "source" if step.kind == "source" else "transform", effects=_effects(name, step)
        )
        for name, step in steps.items()
    }
    sends = tuple(NAMES)
    declared["sink"] = Declaration("fake", 1, "sink", "sink", effects=Effects(sends=sends))
    return declared


def _run(steps: dict[str, Step], message: Message, chance: random.Random) -> list[Message]:
    """Every record that reaches the sink."""
    out: dict[str, list[Message]] = {}
    for name, step in steps.items():
        given = [message] if step.kind == "source" else [each for before in step.inputs for each in out[before]]
        out[name] = [made for each in given for made in _ran(name, step, each, chance)][:40]
    return out["record"]


def _ran(name: str, step: Step, message: Message, chance: random.Random) -> list[Message]:
    match step.kind:
        case "mask":
            return [concrete.masked(message, step.args[0], step.args[1])]
        case "drop":
            return [concrete.dropped(message, step.args[0])]
        case "derive":
            field, reads, protection = step.args
            return [concrete.derived(message, field, list(reads), protection or "", f"constant:{name}")]
        case "split":
            return concrete.split(message, "FINANCIAL")
        case "unknown":
            return [concrete.scrambled(message, chance, NAMES)]
        case "record":
            return [concrete.record(message, {field: list(reads) for field, reads in step.args})]
        case _:
            return [message]


def _analysed(steps: dict[str, Step]) -> tuple[Lineage, dict[str, set[tuple[str, frozenset[str]]]]]:
    declared = _declared(steps)
    inputs = {**{name: step.inputs for name, step in steps.items()}, "sink": ("record",)}
    line = lineage(tuple(declared), inputs, declared)
    found = {
        field: {(atom.origin, frozenset(map(str, atom.protections))) for atom in line.atoms.members(value)}
        for field, _, value in received(declared["sink"], line, line.before["sink"])
    }
    return line, found


def _covered(where: tuple[str, ...], held: frozenset[str], atoms: set[tuple[str, frozenset[str]]]) -> bool:
    """Whether an atom stands for a mark: its own leaf (``.1`` of a primitive is the primitive), or all below."""
    if where[0].startswith("constant:"):
        return (where[0], held) in atoms
    names = [name for name in where if not name.isdigit()]
    numbers = [name for name in where if name.isdigit()]
    spelled = {f"{names[-1]}-" + ".".join(numbers[:end]) for end in (1, 2, 3) if set(numbers[end:]) <= {"1"}}
    wider = {
        "*",
        *(f"{name}.*" for name in names),
        *(f"{names[-1]}-" + ".".join(numbers[:end]) + ".*" for end in (1, 2, 3)),
    }
    return any((origin, held) in atoms for origin in spelled | wider)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**48))
def test_what_lineage_excludes_never_arrives(seed):
    chance = random.Random(seed)
    steps = _program(chance)
    _, atoms = _analysed(steps)
    for _ in range(3):
        message = concrete.fresh(chance.sample(LEAVES, chance.randint(4, len(LEAVES))))
        for arrived in _run(steps, message, chance):
            for field, marks in arrived.added.items():
                for where, held in marks:
                    assert _covered(where, frozenset(map(str, held)), atoms.get(field, set())), (field, where, held)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**48))
def test_whatever_arrives_has_a_witness_from_its_origin_with_just_these_protections(seed):
    steps = _program(random.Random(seed))
    line, _ = _analysed(steps)
    state = line.before["sink"]
    for name in NAMES:
        value = line.trees.everything(line.trees.get(state.tree, record_path(name)))
        for bit, atom in line.atoms.singles(value)[:12]:
            path = witness(line, "sink", record_path(name), bit)
            assert path, (name, atom)
            begins = steps[path[0].step]
            assert begins.kind == "source" or atom.origin == f"constant:{path[0].step}"
            assert path[-1] == type(path[-1])(step="sink", field=name)
            for earlier, later in itertools.pairwise(path):
                inputs = steps[later.step].inputs if later.step in steps else ("record",)
                assert earlier.step in inputs
            if begins.kind == "source" and not any(steps[hop.step].kind == "unknown" for hop in path[:-1]):
                assert _met(steps, path) >= atom.protections


def _met(steps: dict[str, Step], path) -> frozenset[Protection]:
    """The protections that stand on a way."""
    found = set()
    for hop in path[:-1]:
        step = steps[hop.step]
        if step.kind == "mask":
            found.add(step.args[1])
        elif step.kind == "derive" and step.args[2]:
            found.add(step.args[2])
    return frozenset(found)


def test_the_oracle_sees_a_leak_that_a_dishonest_declaration_hides():
    """A control: the same comparison fails when a step's effects leave a read out."""
    steps = {
        "s0": Step("source", (), ()),
        "record": Step("record", ("s0",), (("alpha", (Pick("PID", (3, 1)),)),)),
    }
    _, atoms = _analysed({**steps, "record": Step("record", ("s0",), (("alpha", (Pick("FT1", (10,)),)),))})
    arrived = _run(steps, concrete.fresh(LEAVES), random.Random(1))[0]
    where, held = next(iter(arrived.added["alpha"]))
    assert not _covered(where, held, atoms["alpha"])
