"""What a source can emit, as lineage sees it: a schema, what selectors mean in it, and how its paths are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

from flows import fhir, hl7
from flows.classification.rules import UNKNOWN
from flows.effects import Emission, Nature
from flows.paths import Selector
from flows.trees import Path, Place


class Match(NamedTuple):
    """One place that a selector means."""

    path: Path
    place: Place
    shallow: bool = False
    """The selector asks for the first part of a primitive: only the value itself is meant, not what is below."""


class Offer(Protocol):
    """What lineage asks of a source's schema."""

    @property
    def root(self) -> Place: ...

    def segments(self) -> tuple[Path, ...]:
        """The places of all segments."""

    def matches(self, selector: Selector) -> tuple[Match, ...]: ...

    def missing(self, selector: Selector) -> tuple[str, ...]:
        """The accepted structures in which the selector means nothing."""

    def groups(self, name: str) -> tuple[Path, ...]:
        """The places of the groups of that name."""

    def without_group(self, name: str) -> tuple[str, ...]:
        """The accepted structures that have no group of that name."""

    def text(self, path: Path) -> str: ...

    def near(self, selector: Selector) -> str | None:
        """The accepted types in which the selector means something, as ``accepts`` writes them; None where none."""


class Hl7Offer:
    """HL7 v2 by the published tables."""

    def __init__(self, tree: hl7.SchemaTree) -> None:
        self._tree = tree
        self._found = lru_cache(maxsize=8192)(self._matches)
        self._missing = lru_cache(maxsize=8192)(partial(hl7.versions_missing, tree))
        self._text = lru_cache(maxsize=8192)(partial(hl7.schema_path, tree=tree))
        self._segments = tuple(
            (*groups, name)
            for segment, places in tree.places.items()
            for groups in places
            for name in _children(tree, groups)
            if name.partition("#")[0] == segment
        )

    @property
    def root(self) -> Place:
        return self._tree.root

    def segments(self) -> tuple[Path, ...]:
        return self._segments

    def matches(self, selector: Selector) -> tuple[Match, ...]:
        return self._found(selector)

    def _matches(self, selector: Selector) -> tuple[Match, ...]:
        asked = sum(part is not None for part in (selector.field, selector.component, selector.sub))
        return tuple(
            Match(path, node, asked > sum(name.isdigit() for name in path))
            for path, node in hl7.matches(self._tree, selector)
        )

    def missing(self, selector: Selector) -> tuple[str, ...]:
        return self._missing(selector)

    def groups(self, name: str) -> tuple[Path, ...]:
        return tuple(path for path, _ in hl7.matching_groups(self._tree, name))

    def without_group(self, name: str) -> tuple[str, ...]:
        there = frozenset().union(*(node.versions for _, node in hl7.matching_groups(self._tree, name)))
        return tuple(sorted(self._tree.accepted - there))

    def text(self, path: Path) -> str:
        return self._text(path)

    def near(self, selector: Selector) -> str | None:
        """Only for one accepted type, whose remaining versions are neighbours."""
        if len(self._tree.accepts) != 1:
            return None
        missing = {name.rpartition("@")[2] for name in self.missing(selector)}
        kind, _, span = self._tree.accepts[0].partition("@")
        accepted = hl7.versions_between(span)
        kept = [version for version in accepted if version not in missing]
        if not kept or list(hl7.versions_between(f"{kept[0]}-{kept[-1]}")) != kept:
            return None
        return f"{kind}@{kept[0]}" + (f"-{kept[-1]}" if len(kept) > 1 else "")


class FhirOffer:
    """FHIR by the published structures."""

    def __init__(self, tree: fhir.SchemaTree) -> None:
        self._tree = tree

    @property
    def root(self) -> Place:
        return self._tree.root

    def segments(self) -> tuple[Path, ...]:
        return ()

    def matches(self, selector: Selector) -> tuple[Match, ...]:
        return tuple(Match(path, node) for path, node in fhir.matches(self._tree, selector))

    def missing(self, selector: Selector) -> tuple[str, ...]:
        return ()

    def groups(self, name: str) -> tuple[Path, ...]:
        """The items that a message can be split into are its resources of one type."""
        return ((name,),) if self._tree.items(name) else ()

    def without_group(self, name: str) -> tuple[str, ...]:
        return self._tree.without(name)

    def text(self, path: Path) -> str:
        return ".".join(path)

    def near(self, selector: Selector) -> str | None:
        return None


class _Nothing:
    """A place of which nothing is known: whatever stands here or below is unknown."""

    children: Mapping[str, Place] = {}
    natures: frozenset[Nature] = frozenset({UNKNOWN})
    wildcard: Nature = UNKNOWN
    repeats = False
    open = True
    field = False
    fields = 0


class UnknownOffer:
    """A source whose types nobody can read: everything it emits is unknown."""

    root: Place = _Nothing()

    def segments(self) -> tuple[Path, ...]:
        return ()

    def matches(self, selector: Selector) -> tuple[Match, ...]:
        return (Match((selector.segment or "*",), self.root),)

    def missing(self, selector: Selector) -> tuple[str, ...]:
        return ()

    def groups(self, name: str) -> tuple[Path, ...]:
        return ((name,),)

    def without_group(self, name: str) -> tuple[str, ...]:
        return ()

    def text(self, path: Path) -> str:
        return "/".join(path)

    def near(self, selector: Selector) -> str | None:
        return None


def offer(emission: Emission) -> Offer:
    """What a source offers; PathError for types that are none."""
    if emission.format == "hl7v2":
        return Hl7Offer(hl7.schema(emission.types))
    if emission.format == "fhir":
        return FhirOffer(fhir.schema(emission.types))
    return UnknownOffer()


def _children(tree: hl7.SchemaTree, groups: Path) -> tuple[str, ...]:
    node = tree.node(groups)
    return tuple(node.children) if node else ()
