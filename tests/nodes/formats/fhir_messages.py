"""Generated FHIR Bundles, selectors and changes, for the tests that hold both records to one contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from flows.paths import parse
from nodes.formats.fhir import FhirRecord, read_document, tree
from nodes.record import Envelope, Record

ENVELOPE = Envelope(7, "flow", "ward-system", 1_774_000_000_000, ("Bundle", "id", "1", ""), "", "synthetic")
TYPES = ("SupplyDelivery", "Patient", "Encounter", "Location", "MedicationAdministration", "Observation", "Bundle")
_PATHS = {
    "SupplyDelivery": ("id", "status", "suppliedItem.quantity.value", "patient.reference", "identifier.value", "note"),
    "Patient": ("id", "identifier.value", "name.given", "active", "contact.name.family", "identifier", "photo.data"),
    "Encounter": ("id", "class.code", "subject.reference", "location.location.reference"),
    "Location": ("id", "name", "identifier.value"),
    "MedicationAdministration": ("subject.reference", "context.reference", "medicationCodeableConcept.coding.code"),
    "Observation": ("code.coding.code", "valueString", "id"),
    "Bundle": ("type", "entry.fullUrl", "identifier.value", "entry.resource.id"),
}
_TIES = {
    "SupplyDelivery": ("patient", "destination"),
    "Encounter": ("subject", "partOf"),
    "MedicationAdministration": ("subject", "context"),
    "Observation": ("subject",),
}


class Change(NamedTuple):
    """One step that a record goes through: it may become several records."""

    what: str
    where: str

    def apply(self, record: Record) -> list[Record]:
        if self.what == "split":
            return list(record.split(self.where))
        if self.what == "add":
            return [record.with_value("lines", ({"material": "4711", "known": True}, {"material": "4712"}))]
        selector = parse(self.where)
        if self.what == "mask":
            return [record.with_masked(selector, lambda value: f"<{value[::-1]}>")]
        if self.what == "empty":
            return [record.with_masked(selector, lambda _: "")]
        return [record.without(selector)]


_leaf = st.one_of(st.text("aB1 é", max_size=4), st.booleans(), st.none(), st.integers(0, 99), st.just(2.5))
_value = st.one_of(_leaf, st.lists(_leaf, max_size=3))


@st.composite
def resources(draw: st.DrawFn, number: int, kind: str | None = None) -> dict[str, Any]:
    """A resource with some of its elements, in the right shape or not."""
    kind = kind or draw(st.sampled_from(TYPES[:-1]))
    made: dict[str, Any] = {"resourceType": kind}
    for path in draw(st.lists(st.sampled_from(_PATHS[kind]), max_size=4, unique=True)):
        _put(made, path.split("."), draw(_value), draw(st.lists(st.booleans(), min_size=3, max_size=3)))
    if draw(st.booleans()):
        made["id"] = f"r{draw(st.integers(0, number))}"
    for tie in _TIES.get(kind, ()):
        if draw(st.booleans()):
            made[tie] = {"reference": draw(_references(number))}
    if draw(st.integers(0, 3)) == 0 and number:
        inside = draw(resources(0, draw(st.sampled_from(("Patient", "Location")))))
        made["contained"] = [{**inside, "id": "c"}]
    return made


def _references(number: int) -> st.SearchStrategy[str]:
    urls = [f"urn:uuid:{n}" for n in range(number + 1)]
    relative = [f"{kind}/r{n}" for kind in TYPES[:4] for n in range(2)]
    return st.sampled_from((*urls, *urls, *relative, "#c", "#", "http://h/Patient/r1", "nonsense"))


def _put(made: dict[str, Any], names: list[str], value: Any, lists: list[bool]) -> None:
    here = made
    for name, many in zip(names[:-1], lists, strict=False):
        below = here.get(name)
        if not isinstance(below, dict):
            below = {}
            here[name] = [below, {names[-1]: "z"}] if many else below
        here = below
    here[names[-1]] = value


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A Bundle or a single resource."""
    if draw(st.integers(0, 4)) == 0:
        return json.dumps(draw(resources(3))).encode()
    count = draw(st.integers(0, 6))
    entries = []
    for number in range(count):
        entry: dict[str, Any] = {"resource": draw(resources(count))} if draw(st.integers(0, 9)) else {}
        if draw(st.integers(0, 3)):
            entry["fullUrl"] = f"urn:uuid:{number}"
        entries.append(entry)
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries, "identifier": {"value": "b"}}
    return json.dumps(bundle).encode()


_index = st.sampled_from(("", "", "", "[*]", "[0]", "[1]"))
_NAMED = ("lines.material", "lines[1].material", "none", "message/resourceType", "message/entries")


@st.composite
def selectors(draw: st.DrawFn) -> str:
    """A selector of FHIR, or one of a record's own fields."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(_NAMED))
    kind = draw(st.sampled_from(TYPES))
    names = [kind, *draw(st.sampled_from(_PATHS[kind])).split(".")]
    cut = draw(st.integers(0, 9))
    return ".".join(f"{name}{draw(_index)}" for name in (names[:-1] if cut == 0 else names))


def changes() -> st.SearchStrategy[Change]:
    edits = st.builds(Change, st.sampled_from(("mask", "mask", "empty", "drop")), selectors())
    return st.one_of(edits, edits, st.builds(Change, st.just("split"), st.sampled_from(TYPES)), st.just(ADD))


ADD = Change("add", "")


class Scenario(NamedTuple):
    """A message, what is done to it, and what is read afterwards."""

    payload: bytes
    steps: list[Change]
    reads: list[str]


scenarios = st.builds(
    Scenario, messages(), st.lists(changes(), max_size=4), st.lists(selectors(), min_size=4, max_size=10)
)


def both(payload: bytes) -> tuple[Record, Record]:
    """The fast and the plain record of a message."""
    return FhirRecord(read_document(payload), ENVELOPE), tree(read_document(payload), ENVELOPE)


def after(record: Record, steps: Iterable[Change]) -> list[Record]:
    """What a record becomes, step by step."""
    records: list[Record] = [record]
    for step in steps:
        records = [new for one in records for new in step.apply(one)]
    return records


Make = Callable[[bytes], Record]
MAKERS: dict[str, Make] = {"lazy": lambda payload: both(payload)[0], "tree": lambda payload: both(payload)[1]}
