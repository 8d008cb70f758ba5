"""A document: the resources of one message, which of them stand in which, and which lead to which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from flows.fhir import tables
from flows.paths import Part
from nodes.formats.fhir.pieces import Parts, leaves_at
from nodes.formats.fhir.strict import Json

Object = Mapping[str, Json]
BUNDLE = "Bundle"
MOST_STEPS = 300_000
"""Steps from resource to resource that one message may ask for: beyond it, it is held and not worked on."""


class TooEntangled(ValueError):
    """So many resources refer to so many others that finding what belongs together would hold up all messages."""


class Resource(NamedTuple):
    """One resource. ``container`` is the number of the one that contains it, -1 for none; ``url`` its fullUrl."""

    type: str
    data: Object
    container: int = -1
    url: str = ""

    @property
    def id(self) -> str:
        return text_of(self.data.get("id"))


class Document:
    """What all records of one message share. Nothing in it changes; the caches only remember.

    Resource 0 is the message itself: a Bundle or a single resource. Then come the entries of the Bundle in order, then
    what resources contain. A Bundle inside of a Bundle is not opened.
    """

    __slots__ = ("_near", "_steps", "_targets", "by_type", "items", "resources", "root")

    def __init__(self, root: Object) -> None:
        self.root = root
        first = Resource(text_of(root.get("resourceType")), root)
        entries = list(_entries(root)) if first.type == BUNDLE else []
        top = [first, *entries]
        self.items = range(1, len(top)) if first.type == BUNDLE else range(1)
        """The numbers of the resources by which a message can be split."""
        contained = [each for number, one in enumerate(top) for each in contained_in(one, number)]
        self.resources = (*top, *contained)
        self.by_type: dict[str, list[int]] = {}
        for number, resource in enumerate(self.resources):
            if number == 0 or resource.type != BUNDLE:
                self.by_type.setdefault(resource.type, []).append(number)
        self._targets: Targets | None = None
        self._near: dict[int, Mapping[str, list[int]]] = {}
        self._steps = 0

    @property
    def type(self) -> str:
        return self.resources[0].type

    @property
    def entries(self) -> int:
        """How many resources came: the entries of a Bundle, or the one."""
        listed = self.root.get("entry")
        return 1 if self.type != BUNDLE else len(listed) if isinstance(listed, list) else 0

    def near(self, item: int) -> Mapping[str, list[int]]:
        """The resources that belong to one: by type the nearest that its references lead to, in order, and itself.

        Only what belongs to it is followed further, and only at elements that the tables have for references, so that
        a second patient behind another resource does not come in.
        What was met is not gone into again: references in a circle end.
        """
        known = self._near.get(item)
        if known is None:
            known = self._near[item] = self._reached(item)
        return known

    def _reached(self, item: int) -> Mapping[str, list[int]]:
        targets = self.targets
        found = {self.resources[item].type: [item]}
        if self.type == BUNDLE:
            found[BUNDLE] = [0]
        seen, level = {item}, [item]
        while level:
            following: dict[str, list[int]] = {}
            for number in level:
                self._steps += 1 + len(targets.of(number))
                if self._steps > MOST_STEPS:
                    raise TooEntangled
                for target in targets.of(number):
                    kind = self.resources[target].type
                    if target not in seen and kind not in found and kind != BUNDLE:
                        following.setdefault(kind, []).append(target)
                        seen.add(target)
            found.update(following)
            level = [number for numbers in following.values() for number in numbers]
        return found

    @property
    def targets(self) -> Targets:
        """Where references lead."""
        if self._targets is None:
            self._targets = Targets(self.resources)
        return self._targets

    def item_path(self, number: int) -> str:
        """``SupplyDelivery[0]``: an entry with its ordinal among those of its type."""
        kind = self.resources[number].type
        return f"{kind}[{self.by_type[kind].index(number)}]"


class Targets:
    """Resolves references inside one message; nothing is ever fetched.

    ``#id`` is what the same resource contains, ``#`` that resource itself. Anything else is an entry: by its fullUrl,
    then by its fullUrl's base and the relative reference, then by type and id where only one entry has them.
    """

    def __init__(self, resources: tuple[Resource, ...]) -> None:
        self._resources = resources
        self._by_url: dict[str, int] = {}
        self._by_id: dict[str, int] = {}
        self._inside: dict[tuple[int, str], int] = {}
        for number, each in enumerate(resources):
            if each.container >= 0:
                self._inside.setdefault((each.container, each.id), number)
                continue
            if each.url:
                self._by_url.setdefault(each.url, number)
            if each.id:
                name = f"{each.type}/{each.id}"
                self._by_id[name] = -1 if name in self._by_id else number
        self._known: dict[int, tuple[int, ...]] = {}

    def of(self, number: int) -> tuple[int, ...]:
        """The resources that a resource refers to, in the order in which it does."""
        known = self._known.get(number)
        if known is None:
            found = (self.resolve(number, text) for text in tied(self._resources[number]))
            known = self._known[number] = tuple(dict.fromkeys(each for each in found if each >= 0))
        return known

    def resolve(self, number: int, reference: str) -> int:
        """The resource that a reference in a resource means; -1 where it is not in the message."""
        source = self._resources[number]
        owner = source.container if source.container >= 0 else number
        if reference.startswith("#"):
            name = reference[1:]
            return owner if name in ("", self._resources[owner].id) else self._inside.get((owner, name), -1)
        reference = reference.partition("/_history/")[0]
        found = self._by_url.get(reference)
        if found is None:
            base = base_of(self._resources[owner])
            found = self._by_url.get(f"{base}{reference}") if base else None
        return self._by_id.get(reference, -1) if found is None else found


def tied(resource: Resource) -> Iterator[str]:
    """The references of a resource at the elements that its table has for them, and nowhere else."""
    for parts in _ties(resource.type):
        for text in leaves_at(resource.data, parts):
            if isinstance(text, str):
                yield text


@cache
def _ties(kind: str) -> tuple[Parts, ...]:
    paths = ((*path, "reference") for path in tables().ties(kind))
    return tuple(tuple(Part(name) for name in path) for path in paths)


def references(data: Object) -> Iterator[str]:
    """Every reference that stands in a resource, wherever; not those in what it contains."""
    waiting: list[Json] = [value for name, value in data.items() if name != "contained"][::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            text = value.get("reference")
            if isinstance(text, str):
                yield text
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def base_of(resource: Resource) -> str:
    """``https://h/fhir/`` of the fullUrl ``https://h/fhir/Patient/1``; "" for a urn."""
    tail = f"{resource.type}/{resource.id}"
    return resource.url.removesuffix(tail) if resource.url.endswith(f"/{tail}") else ""


def contained_in(resource: Resource, number: int) -> Iterator[Resource]:
    """What a resource contains."""
    inside = resource.data.get("contained")
    for each in inside if isinstance(inside, list) else ():
        if isinstance(each, dict):
            yield Resource(text_of(each.get("resourceType")), each, number)


def _entries(root: Object) -> Iterator[Resource]:
    listed = root.get("entry")
    for entry in listed if isinstance(listed, list) else ():
        held = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(held, dict):
            yield Resource(text_of(held.get("resourceType")), held, url=text_of(entry.get("fullUrl")))


def text_of(value: Json) -> str:
    """A text, or "" for anything else."""
    return value if isinstance(value, str) else ""
