"""What a document must keep before any of it is read: depth, texts, modifiers, contained resources, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from flows.environment import Limits
from flows.fhir import tables
from nodes.formats.fhir.document import BUNDLE, Document, Object, references, text_of
from nodes.formats.fhir.strict import Json, Link, invisible, place_text

_MODIFIER = "modifierExtension"
_UPWARDS = "partOf"
_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}", re.IGNORECASE)


class Problem(NamedTuple):
    """The first thing that is wrong, and where. ``status`` is HTTP's: 400 for what is no FHIR, 422 for the rest."""

    code: str
    place: str
    status: int = 422


def tree_problem(root: Object, limits: Limits, modifiers: frozenset[str], *, escaped: bool) -> Problem | None:
    """One pass over everything that stands in the document. ``escaped``: its text has escapes to look behind."""
    waiting: list[tuple[Json, int, Link | None]] = [(root, 1, Link(None, _type(root)))]
    while waiting:
        value, depth, link = waiting.pop()
        if isinstance(value, str):
            if escaped and invisible(value):
                return Problem("invisible-character", place_text(link), 400)
        elif isinstance(value, dict):
            if depth > limits.depth:
                return Problem("too-deep", place_text(link), 400)
            problem = _modified(value, link, modifiers)
            if problem:
                return problem
            for name, inner in value.items():
                if escaped and invisible(name):
                    return Problem("invisible-character", place_text(link), 400)
                if inner.__class__ is not str or escaped:
                    waiting.append((inner, depth + 1, Link(link, name)))
        elif isinstance(value, list):
            if depth > limits.depth:
                return Problem("too-deep", place_text(link), 400)
            waiting.extend((inner, depth + 1, Link(link, number)) for number, inner in enumerate(value))
    return None


def _modified(value: Object, link: Link | None, modifiers: frozenset[str]) -> Problem | None:
    """A modifier that nobody here knows can turn what it stands in into its opposite."""
    held = value.get(_MODIFIER)
    for each in held if isinstance(held, list) else () if held is None else (held,):
        if not isinstance(each, dict) or text_of(each.get("url")) not in modifiers:
            return Problem("modifier-extension", place_text(Link(link, _MODIFIER)))
    rules = value.get("implicitRules") if "resourceType" in value else None
    if rules is not None and text_of(rules) not in modifiers:
        return Problem("implicit-rules", place_text(Link(link, "implicitRules")))
    return None


def document_problem(document: Document, limits: Limits) -> Problem | None:
    """The first thing that is wrong between the resources of a document."""
    checks = (_bundle(document, limits), _contained(document), _loops(document))
    return next((problem for check in checks for problem in check), None)


def _bundle(document: Document, limits: Limits) -> Iterator[Problem]:
    if document.type != BUNDLE:
        return
    listed = document.root.get("entry", [])
    if not isinstance(listed, list):
        yield Problem("structure", "Bundle.entry")
        return
    if len(listed) > limits.segments:
        yield Problem("too-many-entries", f"Bundle.entry[{limits.segments}]")
        return
    urls: set[tuple[str, str]] = set()
    for number, entry in enumerate(listed):
        place = f"Bundle.entry[{number}]"
        if not isinstance(entry, dict):
            yield Problem("structure", place)
            return
        yield from _entry(entry, place, urls)


def _entry(entry: Object, place: str, urls: set[tuple[str, str]]) -> Iterator[Problem]:
    held = entry.get("resource")
    if held is not None and (not isinstance(held, dict) or _type(held) not in tables().types):
        yield Problem("resource-type", f"{place}.resource")
        return
    url, meta = text_of(entry.get("fullUrl")), held.get("meta") if held else None
    name = url, text_of(meta.get("versionId")) if isinstance(meta, dict) else ""
    if url and name in urls:
        yield Problem("full-url-twice", f"{place}.fullUrl")
    urls.add(name)
    request = entry.get("request")
    for member in ("url", "ifNoneExist") if isinstance(request, dict) else ():
        if _elsewhere(text_of(request.get(member)) if isinstance(request, dict) else ""):
            yield Problem("foreign-address", f"{place}.request.{member}")


def _elsewhere(address: str) -> bool:
    """Whether an address leads away from here. Nothing is fetched; whoever asks for it means another system."""
    return _ABSOLUTE.match(address) is not None


def _contained(document: Document) -> Iterator[Problem]:
    seen: set[tuple[int, str]] = set()
    for number, each in enumerate(document.resources):
        if each.container < 0:
            inside = each.data.get("contained", [])
            if not isinstance(inside, list) or not all(isinstance(one, dict) for one in inside):
                yield Problem("structure", f"{each.type}.contained")
            continue
        owner = document.resources[each.container].type
        place = f"{owner}.contained"
        if each.type not in tables().types:
            yield Problem("resource-type", place)
        elif "contained" in each.data:
            yield Problem("contained-in-contained", f"{place}.contained")
        elif (each.container, each.id) in seen:
            yield Problem("contained-twice", place)
        elif any(document.targets.resolve(number, text) == number for text in references(each.data)):
            yield Problem("refers-to-itself", place)
        seen.add((each.container, each.id))


def _loops(document: Document) -> Iterator[Problem]:
    """An entry that refers to itself by its own address, or is a part of itself by way of others."""
    targets = document.targets
    upwards: dict[int, list[int]] = {}
    for number, each in enumerate(document.resources):
        if each.container >= 0 or (number == 0 and document.type == BUNDLE):
            continue
        own = {f"{each.type}/{each.id}", each.url} - {f"{each.type}/", ""}
        if any(text in own for text in references(each.data)):
            yield Problem("refers-to-itself", each.type)
        held = each.data.get(_UPWARDS)
        if held is not None:
            found = (targets.resolve(number, text) for text in references({_UPWARDS: held}))
            upwards[number] = [target for target in found if target >= 0]
    circle = _circle(upwards)
    if circle is not None:
        yield Problem("part-of-itself", f"{document.resources[circle].type}.{_UPWARDS}")


def _circle(upwards: dict[int, list[int]]) -> int | None:
    """A node from which the edges lead back to it: what is left once all that lead nowhere are taken away."""
    into: dict[int, list[int]] = {}
    for number, targets in upwards.items():
        for target in targets:
            into.setdefault(target, []).append(number)
    left = {number: sum(target in upwards for target in targets) for number, targets in upwards.items()}
    done = [number for number, count in left.items() if not count]
    while done:
        number = done.pop()
        del left[number]
        for above in into.get(number, ()):
            left[above] -= 1
            if not left[above]:
                done.append(above)
    return min(left, default=None)


def _type(data: Object) -> str:
    return text_of(data.get("resourceType"))
