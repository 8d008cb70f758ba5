"""The rules of fhir_rules.json: what each says of an element of FHIR, and what a leaf is after all of them.

From the most to the least specific: a part of an element (``Patient.identifier.value``), a part of a datatype
(``CodeableConcept.text``), an element (``Patient.identifier``), its backbone, the resource, a datatype (``HumanName``).
A rule may leave attributes out (``-``); the next one gives them. What no rule gives is unknown, S4, of class unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from flows.classification.rules import UNKNOWN, attributes
from flows.effects import Nature
from flows.findings import Model
from flows.vocabulary import Concept, DataClass

UNJUDGED = frozenset(
    ("xhtml", "markdown", "base64Binary", "Narrative", "Attachment", "Annotation", "Signature", "Extension", "Resource")
)
"""Datatypes that hold anything: no rule lowers them, or what stands below them."""

ANY_RESOURCE = "Resource"
"""Stands for every resource in rules about what all of them have."""

_PLACE = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*")


class Rule(Model):
    """One statement about one or more places, with the reason that a privacy officer reads."""

    at: str | tuple[str, ...]
    """``Patient.identifier``, ``CodeableConcept.text`` or ``HumanName``."""
    says: Annotated[str, Field(alias="is")]
    """``concept sensitivity classes``, as in ``patient-id S4 patient``; ``-`` leaves an attribute to the next rule."""
    ground: Annotated[str, Field(min_length=10)]


class RuleFile(Model):
    """``fhir_rules.json``: the hand-written half of the classification of FHIR."""

    format: Literal["lockgate/classification-fhir/1"]
    about: str
    types: str
    """Every resource type of R4, with blanks between."""
    datatypes: tuple[Rule, ...]
    resources: dict[str, tuple[Rule, ...]]


class Statement(NamedTuple):
    """One rule at one place, taken apart."""

    concept: Concept | None
    sensitivity: int | None
    classes: frozenset[DataClass] | None
    ground: str


class Leaf(NamedTuple):
    """A primitive somewhere in a resource.

    ``element`` is its path down to the first datatype, ``parts`` the path inside of it; ``types`` are the datatypes
    that own the parts, and last the primitive's own.
    """

    resource: str
    element: tuple[str, ...]
    parts: tuple[str, ...]
    types: tuple[str, ...]


class RuleBook:
    """All rules, ready to be asked."""

    def __init__(self, file: RuleFile) -> None:
        self.types = tuple(file.types.split(" "))
        self.resources = tuple(name for name in file.resources if name != ANY_RESOURCE)
        self._statements: dict[str, Statement] = {}
        for rule in file.datatypes:
            self._add(rule, "~")
        for name, rules in file.resources.items():
            for rule in rules:
                self._add(rule, "", name)

    @property
    def places(self) -> frozenset[str]:
        """Every place that a rule speaks of; a datatype's after ``~``."""
        return frozenset(self._statements)

    def nature(self, leaf: Leaf) -> Nature:
        """What a leaf is."""
        concept: Concept | None = None
        sensitivity: int | None = None
        classes: frozenset[DataClass] | None = None
        for said in self.statements(leaf):
            concept = concept if concept is not None else said.concept
            sensitivity = sensitivity if sensitivity is not None else said.sensitivity
            classes = classes if classes is not None else said.classes
        if UNJUDGED.intersection(leaf.types):
            return Nature(Concept.FREE_TEXT, UNKNOWN.classes, UNKNOWN.sensitivity)
        return Nature(
            concept if concept is not None else UNKNOWN.concept,
            classes if classes is not None else UNKNOWN.classes,
            sensitivity if sensitivity is not None else UNKNOWN.sensitivity,
        )

    def ground(self, leaf: Leaf) -> str:
        """Why a leaf is what it is: the reason of the most specific rule that speaks of it."""
        if UNJUDGED.intersection(leaf.types):
            return "Its datatype holds any text or any value, and no rule lowers that."
        said = self.statements(leaf)
        return said[0].ground if said else "No rule names this element; it may hold anything."

    def statements(self, leaf: Leaf) -> list[Statement]:
        """The rules that speak of a leaf, the most specific first."""
        found = [self._statements.get(place) for place in addresses(leaf)]
        return [statement for statement in found if statement is not None]

    def _add(self, rule: Rule, mark: str, resource: str = "") -> None:
        said = Statement(*attributes(rule.says), rule.ground)
        for place in (rule.at,) if isinstance(rule.at, str) else rule.at:
            if not _PLACE.fullmatch(place) or (resource and place.partition(".")[0] != resource):
                raise ValueError(f"'{place}' is no place that a rule of '{resource or 'datatypes'}' can speak of.")
            if mark + place in self._statements:
                raise ValueError(f"Two rules speak of {place}.")
            self._statements[mark + place] = said


def addresses(leaf: Leaf) -> Iterator[str]:
    """The places at which a rule may speak of a leaf, the most specific first."""
    parts, types = leaf.parts, leaf.types
    for end in range(len(parts), 0, -1):
        inside = (*leaf.element, *parts[:end])
        yield ".".join((leaf.resource, *inside))
        yield ".".join((ANY_RESOURCE, *inside))
    for end in range(len(parts), 0, -1):
        yield from ("~" + ".".join((types[start], *parts[start:end])) for start in range(end))
    for end in range(len(leaf.element), 0, -1):
        yield ".".join((leaf.resource, *leaf.element[:end]))
        yield ".".join((ANY_RESOURCE, *leaf.element[:end]))
    yield leaf.resource
    yield from (f"~{each}" for each in reversed(types))


@cache
def fhir_rule_book() -> RuleBook:
    """The committed rules."""
    text = resources.files("flows.classification").joinpath("fhir_rules.json").read_text("utf-8")
    return RuleBook(RuleFile.model_validate_json(text))
