"""Invented FHIR R4: the resources that a flow reads, in one Bundle, tied to the patient and the place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flows.fhir.tables import nature, tables
from flows.paths import Selector
from flows.vocabulary import Concept
from runtime.synthetic.needs import Needs
from runtime.synthetic.values import Inventor

_TIES = {
    "Patient": ("subject", "patient"),
    "Encounter": ("context", "encounter"),
    "Location": ("destination", "location"),
}
_CODES = {"status": "completed", "intent": "order"}


def document(accepts: Sequence[str], needs: Needs, inventor: Inventor) -> str:
    """A Bundle, or the one resource that the source takes."""
    wanted = accepts[0].partition("@")[0]
    read = [each for each in needs.fields if each.form == "fhir" and each.parts and not _ties(each)]
    names = list(dict.fromkeys(each.parts[0].name for each in read))
    if wanted not in ("Bundle", "*"):
        names = [wanted]
    names = [name for name in names if name in tables().ruled and name != "Bundle"]
    if wanted in ("Bundle", "*"):
        names = [*(name for name in ("Patient", "Encounter") if name not in names), *names]
    made: list[dict[str, Any]] = []
    for name in names:
        often = len(needs.lines) if name in needs.each else 1
        made += [_resource(name, line, read, needs, inventor) for line in range(often)]
    if wanted not in ("Bundle", "*"):
        return json.dumps({"id": f"syn-{inventor.number}", **made[0]}, indent=1)
    return json.dumps(_bundle(made, inventor), indent=1)


def _ties(place: Selector) -> bool:
    """What only says which resources belong together: that is written where they are tied."""
    return place.parts[-1].name in ("reference", "id", "fullUrl")


def _bundle(made: list[dict[str, Any]], inventor: Inventor) -> dict[str, Any]:
    ids = [f"urn:uuid:00000000-0000-4000-8000-{inventor.number:06}{number:06}" for number in range(len(made))]
    first = {each["resourceType"]: f"{ids[number]}" for number, each in reversed(list(enumerate(made)))}
    for each in made:
        _tie(each, first)
    entries = [
        {"fullUrl": ids[number], "resource": each, "request": {"method": "POST", "url": each["resourceType"]}}
        for number, each in enumerate(made)
    ]
    identifier = {"system": "urn:lockgate:synthetic", "value": f"SYN{inventor.number}"}
    return {"resourceType": "Bundle", "type": "transaction", "identifier": identifier, "entry": entries}


def _tie(resource: dict[str, Any], first: dict[str, str]) -> None:
    """References to the patient, the encounter and the place, where the type has such an element."""
    rows = tables().rows(resource["resourceType"])
    for target, names in _TIES.items():
        if target == "Location" and resource["resourceType"] == "Encounter" and target in first:
            resource["location"] = [{"location": {"reference": first[target]}}]
            continue
        for name in names:
            row = rows.get((name,))
            if target in first and resource["resourceType"] != target and row and row.element.datatype == "Reference":
                reference = {"reference": first[target]}
                resource.setdefault(name, [reference] if row.element.repeats else reference)
                break


def _resource(name: str, line: int, read: Sequence[Selector], needs: Needs, inventor: Inventor) -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": name}
    if ("status",) in tables().rows(name):
        made["status"] = _CODES["status"]
    for each in read:
        if each.parts[0].name == name:
            _write(made, each, _value(each, inventor))
    for pinned in needs.lines[min(line, len(needs.lines) - 1)] if needs.lines else ():
        pairs = [*zip(pinned.places, pinned.key, strict=False)]
        pairs += [(pinned.unit, pinned.denotes)] if pinned.unit is not None else []
        for place, part in pairs:
            if place.form == "fhir" and place.parts[0].name == name:
                _write(made, place, part)
    for text, wanted in needs.fixed.items():
        for each in (each for each in read if each.text == text and each.parts[0].name == name):
            _write(made, each, wanted)
    return made


def _value(place: Selector, inventor: Inventor) -> Any:
    path = place.schema_path
    datatype = _datatype(place)
    if datatype in ("dateTime", "instant"):
        return inventor.time(fhir=True)
    if datatype == "date":
        return inventor.birth(fhir=True)
    if datatype in ("decimal", "integer", "positiveInt", "unsignedInt"):
        return inventor.chance.randrange(1, 6)
    if datatype == "boolean":
        return False
    concept = nature(path).concept
    last = place.parts[-1].name
    if last in _CODES:
        return _CODES[last]
    if concept is Concept.PERSON_NAME and last == "given":
        return inventor.given()
    if concept is Concept.DEMOGRAPHIC and last == "gender":
        return inventor.chance.choice(("female", "male"))
    return inventor.value(concept, fhir=True)


def _datatype(place: Selector) -> str:
    """The primitive at a place; "" where no table says."""
    known, rows = tables(), tables().rows(place.parts[0].name)
    names = tuple(part.name for part in place.parts[1:])
    end = next((end for end in range(len(names), 0, -1) if names[:end] in rows), 0)
    datatype = rows[names[:end]].element.datatype if end else ""
    for name in names[end:]:
        element = known.parts(datatype).get(name)
        datatype = element.datatype if element is not None else ""
    return datatype


def _write(resource: dict[str, Any], place: Selector, value: Any) -> None:
    """Puts a value at a place: elements that repeat are lists, of which the first is meant where none is named."""
    names = tuple(part.name for part in place.parts[1:])
    if not names:
        return
    here: Any = resource
    for depth, name in enumerate(names):
        last, many = depth == len(names) - 1, _repeats(place.parts[0].name, names[: depth + 1])
        if last:
            here[name] = [value] if many else value
            return
        here = here.setdefault(name, [{}])[0] if many else here.setdefault(name, {})
        if not isinstance(here, dict):
            return


def _repeats(resource: str, names: tuple[str, ...]) -> bool:
    known, rows = tables(), tables().rows(resource)
    end = next((end for end in range(len(names), 0, -1) if names[:end] in rows), 0)
    if end == len(names):
        return rows[names].element.repeats
    datatype = rows[names[:end]].element.datatype if end else ""
    repeats = False
    for name in names[end:]:
        element = known.parts(datatype).get(name)
        datatype, repeats = (element.datatype, element.repeats) if element is not None else ("", False)
    return repeats
