"""The judge: asks the policies about everything that a flow does, and says what they answer as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from flows.atoms import Atom
from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.facts import Ask, Group, asks, group_of
from flows.findings import Address, Finding, Hop, Json, Severity
from flows.fixes import Fixes, whole_field
from flows.graph import Flow
from flows.lineage import Lineage
from flows.policyset import Judgement, Near, PolicyError, PolicySet, Rule, builtin
from flows.sinks import received
from flows.structure import UNREAD, Shape
from flows.trees import Path
from flows.vocabulary import S3, Protection
from flows.witness import witness

__all__ = ["DEFAULT", "Judged", "PolicyError", "PolicySet", "builtin", "judge"]

DEFAULT = "LG-MIN-000"
"""The rule of minimum necessary: what nothing permits is not sent."""
_NAMED = 6
_SHOWN = 10
"""So many fields are shown for one rule at one sink; the rest is counted."""


class Waived(Protocol):
    @property
    def rule(self) -> str: ...
    @property
    def step(self) -> str | None: ...


class Judged(NamedTuple):
    """What the policies say: as findings for people, and as the bare results that are signed."""

    findings: tuple[Finding, ...]
    verdict: Json


class Arrival(NamedTuple):
    """One atom at one field of a sink."""

    sink: str
    field: str
    path: Path
    bit: int
    atom: Atom
    bits: int = 0
    """Of all parts that it stands for."""
    whole: str = ""
    """The field whose parts it stands for; "" where it stands for itself."""
    parts: int = 1

    @property
    def origin(self) -> str:
        return self.whole or self.atom.origin


def judge(
    flow: Flow,
    around: Surroundings,
    declarations: Mapping[str, Declaration],
    line: Lineage,
    whole: Shape,
    policies: PolicySet,
    waivers: Sequence[Waived] = (),
) -> Judged:
    """Every request of the flow, put to the policies."""
    arrivals = _arrivals(declarations, line, whole)
    requests = tuple(_requests(flow, around, declarations, line, whole, arrivals))
    waived = [_waived(policies, ask, waivers) for ask in requests]
    answers = policies.judge(requests, waived)
    court = _Court(flow, around, declarations, line, whole, arrivals)
    found = [f for ask, answer in zip(requests, answers, strict=True) for f in court.whole(ask, answer)]
    found.extend(court.fields(zip(requests, answers, strict=True)))
    found.extend(_control(line, declarations, whole))
    return Judged(tuple(found), _verdict(policies, requests, waived, answers))


def _verdict(
    policies: PolicySet, requests: Sequence[Ask], waived: Sequence[frozenset[str]], answers: Sequence[Judgement]
) -> Json:
    results = [
        {
            "action": ask.action,
            "step": ask.step,
            "about": ask.group.key if ask.group else "",
            "allowed": answer.allowed,
            "permits": list(answer.permits),
            "forbids": [rule.id for rule in answer.forbids],
            "waived": sorted(off),
        }
        for ask, off, answer in zip(requests, waived, answers, strict=True)
    ]
    allowed = all(answer.allowed for answer in answers)
    return {"policies": policies.digest, "allowed": allowed, "results": results}


def _arrivals(declarations: Mapping[str, Declaration], line: Lineage, whole: Shape) -> dict[str, list[Arrival]]:
    """Everything that reaches each sink. A flow whose source cannot be read has nothing to say yet."""
    if any(declarations[name].kind == UNREAD and declarations[name].effects.emits for name in whole.order):
        return {}
    return {
        name: [
            Arrival(name, field, path, bit, atom)
            for field, path, value in received(declarations[name], line, line.before.get(name))
            for bit, atom in line.atoms.singles(value)
        ]
        for name in whole.order
        if declarations[name].category == "sink"
    }


def _requests(
    flow: Flow,
    around: Surroundings,
    declarations: Mapping[str, Declaration],
    line: Lineage,
    whole: Shape,
    arrivals: Mapping[str, list[Arrival]],
) -> Iterator[Ask]:
    sources = {
        name: (declarations[name], line.emits_up_to())
        for name in whole.order
        if declarations[name].category == "source"
    }
    sinks = {
        name: (declarations[name], frozenset(group_of(each.atom) for each in arrivals.get(name, ())))
        for name in whole.order
        if declarations[name].category == "sink"
    }
    return asks(flow, around, sources, sinks)


def _waived(policies: PolicySet, ask: Ask, waivers: Sequence[Waived]) -> frozenset[str]:
    """The soft rules that are waived for a request. A hard rule cannot be, whatever a waiver says."""
    return frozenset(
        each.rule
        for each in waivers
        if each.step in (None, ask.step)
        and each.rule in policies.rules
        and policies.rules[each.rule].severity is Severity.SOFT
    )


def _control(line: Lineage, declarations: Mapping[str, Declaration], whole: Shape) -> Iterator[Finding]:
    """Values from S3 up that decide whether a sink receives anything: no request, but worth knowing."""
    for name in whole.order:
        state = line.before.get(name)
        if declarations[name].category != "sink" or state is None:
            continue
        deciding = {a.origin for a in line.atoms.members(state.control) if a.nature.sensitivity >= S3}
        if deciding:
            written = list(_written(line, name, deciding))
            more = f" and {len(written) - _NAMED} more" if len(written) > _NAMED else ""
            yield Finding(
                rule="LG-CTL-001",
                severity=Severity.ADVISORY,
                sentence=f"Whether sink '{name}' receives a record hangs on {', '.join(written[:_NAMED])}{more}.",
                address=Address(sink=name),
                why=f"Who sees only that a record came learns something of it. {_parts(deciding)}",
            )


def _written(line: Lineage, sink: str, deciding: set[str]) -> Iterator[str]:
    """What steps before a sink read to decide, as their settings write it; what is made of that is not said again."""
    before, edge = {sink}, [sink]
    while edge:
        for each in line.inputs.get(edge.pop(), ()):
            if each not in before:
                before.add(each)
                edge.append(each)
    left = set(deciding)
    for name, state in line.before.items():
        for text in line.effects[name].control if name in before else ():
            read = {atom.origin for atom in line.atoms.members(line.read(state.tree, text))}
            if read & left:
                left -= read
                yield f"{text} in '{name}'"


def _parts(deciding: set[str]) -> str:
    """Of what is read, the parts that are confidential."""
    shown = sorted(deciding)
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return f"What is read there: {', '.join(shown[:_NAMED])}{more}."


def _by_field(charged: Sequence[tuple[Arrival, Judgement]]) -> list[list[tuple[Arrival, Judgement]]]:
    """The parts of one field of the message that come to one field of a sink, alike protected, together."""
    together: dict[tuple[str, str, frozenset[Protection]], list[tuple[Arrival, Judgement]]] = {}
    for charge in charged:
        each = charge[0]
        key = (each.field, whole_field(each.atom.origin), each.atom.protections)
        together.setdefault(key, []).append(charge)
    return list(together.values())


def _as_one(parts: Sequence[tuple[Arrival, Judgement]]) -> tuple[Arrival, Judgement]:
    """The gravest part, standing for all of them."""
    each, answer = parts[0]
    origins = {part.atom.origin for part, _ in parts}
    if len(origins) == 1:
        return each, answer
    bits = 0
    for part, _ in parts:
        bits |= part.bit
    return each._replace(bits=bits, whole=whole_field(each.atom.origin), parts=len(origins)), answer


class _Court:
    """Turns answers into findings."""

    def __init__(
        self,
        flow: Flow,
        around: Surroundings,
        declarations: Mapping[str, Declaration],
        line: Lineage,
        whole: Shape,
        arrivals: Mapping[str, list[Arrival]],
    ) -> None:
        self.line, self.declarations = line, declarations
        self.fixes = Fixes(flow, around, declarations, line, whole)
        self.arrivals: dict[tuple[str, Group], list[Arrival]] = {}
        for each in (arrival for found in arrivals.values() for arrival in found):
            self.arrivals.setdefault((each.sink, group_of(each.atom)), []).append(each)

    def whole(self, ask: Ask, answer: Judgement) -> Iterator[Finding]:
        """What is said of the flow or of a connection."""
        if answer.failed:
            yield _broken(ask)
        if ask.group is None:
            yield from (self._whole(ask, rule) for rule in answer.forbids)
            if not answer.permits and not answer.failed:
                yield _unpermitted(ask)

    def fields(self, answered: Iterable[tuple[Ask, Judgement]]) -> Iterator[Finding]:
        """What is said of fields: for each sink and rule the gravest, each with its way; the rest is counted."""
        charges: dict[tuple[str, Rule | None], list[tuple[Arrival, Judgement]]] = {}
        for ask, answer in answered:
            broken = [*answer.forbids, *([] if answer.permits else [None])] if ask.group else []
            for rule in broken:
                there = self.arrivals.get((ask.step, ask.group), []) if ask.group else []
                charges.setdefault((ask.step, rule), []).extend((each, answer) for each in there)
        for (sink, rule), charged in charges.items():
            charged.sort(key=lambda each: (-each[0].atom.nature.sensitivity, each[0].field))
            fields = _by_field(charged)
            yield from (self._arrival(each, rule, answer) for each, answer in map(_as_one, fields[:_SHOWN]))
            if len(fields) > _SHOWN:
                yield _more(sink, rule, len(fields) - _SHOWN)

    def _whole(self, ask: Ask, rule: Rule) -> Finding:
        where = f"Step '{ask.step}'" if ask.step else "The flow"
        declaration = self.declarations.get(ask.step)
        connection = f" (connection '{declaration.connection}')" if declaration and declaration.connection else ""
        return Finding(
            rule=rule.id,
            severity=rule.severity,
            sentence=f"{where}{connection} breaks the rule “{rule.title}”.",
            address=Address(step=ask.step or None, sink=ask.step if self._is_sink(ask.step) else None),
            why=rule.why,
            fixes=self.fixes.of_flow(rule.fix, ask.step, ask.resource.attributes),
        )

    def _is_sink(self, step: str) -> bool:
        return step in self.declarations and self.declarations[step].category == "sink"

    def _arrival(self, each: Arrival, rule: Rule | None, answer: Judgement) -> Finding:
        path = witness(self.line, each.sink, each.path, each.bit)
        says = f"That breaks the rule “{rule.title}”" if rule else f"No rule permits it{_nearest(answer.near)}"
        fix = rule.fix if rule else _way_out(answer.near)
        return Finding(
            rule=rule.id if rule else DEFAULT,
            severity=rule.severity if rule else Severity.HARD,
            sentence=f"{_reaches(each, path)} {says}.",
            address=Address(step=each.sink, field=each.origin, sink=each.sink, path=path),
            why=rule.why if rule else "Minimum necessary: what nothing permits is not sent.",
            fixes=self.fixes.of_field(
                fix, each.sink, each.field, each.atom._replace(origin=each.origin), each.bits or each.bit, path
            ),
        )


def _reaches(each: Arrival, path: tuple[Hop, ...]) -> str:
    nature = each.atom.nature
    held = ", ".join(sorted(each.atom.protections)) or "unprotected"
    whose = "+".join(sorted(nature.classes))
    way = " → ".join(hop.step for hop in path)
    parts = f", {each.parts} parts," if each.parts > 1 else ""
    return (
        f"{each.origin} ({nature.concept}, S{nature.sensitivity}, {whose}, {held}){parts} reaches field '{each.field}' "
        f"of sink '{each.sink}'" + (f" by {way}." if way else ".")
    )


def _nearest(near: tuple[Near, ...]) -> str:
    """What was missing, by the one or two permits of this flow's purpose that come nearest."""
    close = [each for each in near if 1 not in each.missing] or list(near[:1])
    told = [f'{each.rule.id} "{each.rule.title}" would, if {" and ".join(each.needs)}' for each in close[:2]]
    return "; " + "; ".join(told) if told else ""


def _way_out(near: tuple[Near, ...]) -> str:
    """The fix of the nearest permit, where purpose and concept fit; else the field has no business there."""
    if near and not {1, 2} & set(near[0].missing):
        return near[0].rule.fix
    return "leave-out"


def _more(sink: str, rule: Rule | None, count: int) -> Finding:
    return Finding(
        rule=rule.id if rule else DEFAULT,
        severity=rule.severity if rule else Severity.HARD,
        sentence=f"{count} more fields reach sink '{sink}' against this rule.",
        address=Address(step=sink, sink=sink),
    )


def _unpermitted(ask: Ask) -> Finding:
    return Finding(
        rule=DEFAULT,
        severity=Severity.HARD,
        sentence=f"No rule permits this flow to {ask.action}{f' at step {ask.step!r}' if ask.step else ''}.",
        address=Address(step=ask.step or None),
    )


def _broken(ask: Ask) -> Finding:
    return Finding(
        rule="LG-POL-001",
        severity=Severity.HARD,
        sentence=f"A policy could not be evaluated for '{ask.action}'{f' at step {ask.step!r}' if ask.step else ''}.",
        address=Address(step=ask.step or None),
        why="A rule that fails must not count as one that holds.",
    )
