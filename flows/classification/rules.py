"""The rules of rules.json: what each says, how specific it is, and what a field is after all of them.

From the most to the least specific: a part of a field (``PV1-3.2``), a part of a datatype (``CWE.9``), a field
(``PID-3``), a segment (``NTE``), a datatype (``XPN``). A rule may leave attributes out (``-``); the next one gives
them. What no rule gives is unknown, S4, of class unknown. A rule for named versions goes before one for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from flows.effects import Nature
from flows.findings import Model
from flows.vocabulary import S4, Concept, DataClass

VERSIONS: tuple[str, ...] = ("2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8")
"""The versions of HL7 v2 that are known here."""

UNKNOWN = Nature(Concept.UNKNOWN, frozenset({DataClass.UNKNOWN}), S4)
"""What everything is that no rule names."""

UNJUDGED = frozenset({"TX", "FT", "varies", ""})
"""Datatypes that hold anything: no rule lowers them."""

_IN_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(-\d+(\.\d+){0,2})?")
_IN_DATATYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.\d+)?")
_RANGE = re.compile(r"(?P<head>.*\D)(?P<first>\d+)\.\.(?P<last>\d+)")


class Rule(Model):
    """One statement about one or more places, with the reason that a privacy officer reads."""

    at: str | tuple[str, ...]
    """``PID-3``, ``PV1-3.2``, ``NTE``, ``CWE.9`` or ``XPN``; ``PID-11..14`` is all from the first to the last."""
    says: Annotated[str, Field(alias="is")]
    """``concept sensitivity classes``, as in ``patient-id S4 patient``; ``-`` leaves an attribute to the next rule."""
    versions: str | None = None
    """``2.1-2.2`` or ``2.8``; without it, every version."""
    ground: Annotated[str, Field(min_length=10)]


class NameRule(Model):
    """A name that the published tables get wrong, put right."""

    at: str | tuple[str, ...]
    name: Annotated[str, Field(min_length=2)]
    versions: str | None = None
    ground: Annotated[str, Field(min_length=10)]


class RuleFile(Model):
    """``rules.json``: the hand-written half of the classification."""

    format: Literal["lockgate/classification/1"]
    about: str
    datatypes: tuple[Rule, ...]
    segments: dict[str, tuple[Rule, ...]]
    names: tuple[NameRule, ...]
    events: dict[str, dict[str, str]]
    """Structure -> the events that share it, by the versions in which they do (table 0354)."""


class Statement(NamedTuple):
    """One rule at one place, taken apart. ``bound`` are those for named versions."""

    bound: bool
    concept: Concept | None
    sensitivity: int | None
    classes: frozenset[DataClass] | None
    ground: str


def versions_between(text: str) -> tuple[str, ...]:
    """The known versions from first to last of ``2.3-2.8``, or the one of ``2.5``. Empty where there are none."""
    first, _, last = text.partition("-")
    low, high = version_key(first), version_key(last or first)
    return tuple(v for v in VERSIONS if low <= version_key(v) <= high)


def version_key(text: str) -> tuple[int, ...]:
    """``2.5.1`` as something that sorts."""
    return tuple(int(part) for part in text.split("."))


def parse_nature(text: str) -> Nature:
    """``patient-id S4 patient`` as a nature."""
    concept, sensitivity, classes = attributes(text)
    if concept is None or sensitivity is None or classes is None:
        raise ValueError(f"'{text}' leaves an attribute out.")
    return Nature(concept, classes, sensitivity)


def nature_text(nature: Nature) -> str:
    """A nature as it stands in the files."""
    return f"{nature.concept} S{nature.sensitivity} {'+'.join(sorted(nature.classes))}"


def attributes(text: str) -> tuple[Concept | None, int | None, frozenset[DataClass] | None]:
    """The three attributes that a rule gives; None where it leaves one to the next."""
    concept, sensitivity, classes = text.split(" ")
    if sensitivity not in ("-", "S0", "S1", "S2", "S3", "S4"):
        raise ValueError(f"'{text}': a sensitivity is S0 to S4.")
    return (
        None if concept == "-" else Concept(concept),
        None if sensitivity == "-" else int(sensitivity[1]),
        None if classes == "-" else frozenset(DataClass(c) for c in classes.split("+")),
    )


class RuleBook:
    """All rules, ready to be asked."""

    def __init__(self, file: RuleFile) -> None:
        self.file = file
        self._statements: dict[tuple[str, str], Statement] = {}
        self._names: dict[tuple[str, str], str] = {}
        for rule in file.datatypes:
            self._add(rule, _IN_DATATYPE, "~")
        for rule in (rule for rules in file.segments.values() for rule in rules):
            self._add(rule, _IN_SEGMENT, "")
        for name in file.names:
            for at, version in _places(name.at, name.versions):
                self._names[at, version] = name.name

    @property
    def places(self) -> frozenset[tuple[str, str]]:
        """Every place (a datatype's after ``~``) and version that a rule speaks of."""
        return frozenset(self._statements)

    def name(self, version: str, segment: str, field: int, default: str) -> str:
        """The field's name, put right where the tables are wrong."""
        return self._names.get((f"{segment}-{field}", version), default)

    def nature(self, version: str, segment: str, field: int, parts: Sequence[int], types: Sequence[str]) -> Nature:
        """What a leaf is. ``parts`` are component and subcomponent, ``types`` the datatypes from field to leaf."""
        concept: Concept | None = None
        sensitivity: int | None = None
        classes: frozenset[DataClass] | None = None
        for said in self.statements(version, segment, field, parts, types):
            concept = concept if concept is not None else said.concept
            sensitivity = sensitivity if sensitivity is not None else said.sensitivity
            classes = classes if classes is not None else said.classes
        if types[-1] in UNJUDGED:
            sensitivity, classes = UNKNOWN.sensitivity, UNKNOWN.classes
            concept = Concept.FREE_TEXT if types[-1] in ("TX", "FT") else concept
        return Nature(
            concept if concept is not None else UNKNOWN.concept,
            classes if classes is not None else UNKNOWN.classes,
            sensitivity if sensitivity is not None else UNKNOWN.sensitivity,
        )

    def statements(
        self, version: str, segment: str, field: int, parts: Sequence[int], types: Sequence[str]
    ) -> list[Statement]:
        """The rules that speak of a leaf, the most specific first."""
        found = [self._statements.get((at, version)) for at in _addresses(segment, field, parts, types)]
        return [statement for statement in found if statement is not None]

    def _add(self, rule: Rule, form: re.Pattern[str], mark: str) -> None:
        said = Statement(rule.versions is not None, *attributes(rule.says), rule.ground)
        for at, version in _places(rule.at, rule.versions):
            if not form.fullmatch(at):
                raise ValueError(f"'{at}' is no place that a rule can speak of.")
            before = self._statements.get((mark + at, version))
            if before is not None and before.bound == said.bound:
                raise ValueError(f"Two rules speak of {at} in {version}.")
            if before is None or said.bound:
                self._statements[mark + at, version] = said


def _places(at: str | tuple[str, ...], versions: str | None) -> Iterator[tuple[str, str]]:
    known = VERSIONS if versions is None else versions_between(versions)
    if not known:
        raise ValueError(f"'{versions}' names no known version.")
    for text in (at,) if isinstance(at, str) else at:
        span = _RANGE.fullmatch(text)
        spelled = [f"{span['head']}{n}" for n in range(int(span["first"]), int(span["last"]) + 1)] if span else [text]
        for place in spelled:
            yield from ((place, version) for version in known)


def _addresses(segment: str, field: int, parts: Sequence[int], types: Sequence[str]) -> Iterator[str]:
    place = f"{segment}-{field}"
    for end in range(len(parts), 0, -1):
        yield ".".join((place, *(str(part) for part in parts[:end])))
    for depth in range(len(parts), 0, -1):
        yield f"~{types[depth - 1]}.{parts[depth - 1]}"
    yield place
    yield segment
    yield f"~{types[0]}"


@cache
def rule_book() -> RuleBook:
    """The committed rules."""
    text = resources.files("flows.classification").joinpath("rules.json").read_text("utf-8")
    return RuleBook(RuleFile.model_validate_json(text))
