"""The schema of what a source accepts: one tree over all its structures and versions.

A path is a tuple of names: ``("FINANCIAL", "FT1", "7", "1")``: groups, segment, field, component, subcomponent.
Nodes are made when first asked for; the fields of a segment are shared by all places where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from flows.classification.rules import UNKNOWN
from flows.effects import Nature
from flows.hl7.accepts import parse_accepts, structure_id
from flows.hl7.grammar import ANY, Group, Place, grammar
from flows.hl7.tables import FieldEntry, tables

Path = tuple[str, ...]


class SchemaNode:
    """A group, a segment, a field or a part of one.

    ``versions`` are the ``STRUCTURE@version`` in which it exists. A node without children is a leaf: ``natures`` says
    what it is, with more than one where versions differ. ``wildcard`` is what stands below and in no table. An
    ``open`` node has no table of its own: whatever is named below it exists, and is unknown.
    """

    __slots__ = ("_children", "_count", "_fields", "_make", "_natures", "kind", "name", "open", "repeats", "versions")

    wildcard: Nature = UNKNOWN

    def __init__(
        self,
        name: str,
        kind: str,
        versions: frozenset[str],
        *,
        repeats: bool = False,
        natures: frozenset[Nature] = frozenset(),
        make: Callable[[], Mapping[str, SchemaNode]] | None = None,
        count: Callable[[], int] | None = None,
        is_open: bool = False,
    ) -> None:
        self.name, self.kind, self.versions, self.repeats = name, kind, versions, repeats
        self.open = is_open
        self._natures: frozenset[Nature] | None = natures or None
        self._children: Mapping[str, SchemaNode] | None = None if make else {}
        self._fields: int | None = 1 if self.field else None
        self._make, self._count = make, count

    @property
    def children(self) -> Mapping[str, SchemaNode]:
        """What the tables have below, by name."""
        if self._children is None and self._make is not None:
            self._children, self._make = self._make(), None
        return self._children or {}

    @property
    def is_leaf(self) -> bool:
        """Whether a value stands here."""
        return not self.children

    @property
    def natures(self) -> frozenset[Nature]:
        """The natures of the leaf, or of all leaves below."""
        if self._natures is None:
            self._natures = frozenset().union(*(child.natures for child in self.children.values()))
        return self._natures

    @property
    def field(self) -> bool:
        """Whether this is a field, or a part of one."""
        return self.kind in ("field", "part")

    @property
    def fields(self) -> int:
        """How many fields the tables have here or below; a field counts once, whatever parts it has."""
        if self._fields is None and self._count is not None:
            self._fields = self._count()
        if self._fields is None:
            self._fields = sum(child.fields for child in self.children.values())
        return self._fields

    def child(self, name: str) -> SchemaNode | None:
        """The node below with this name; under an open node there is always one."""
        found = self.children.get(name)
        if found is None and self.open:
            return open_node(name, "part", self.versions)
        return found

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, SchemaNode]]:
        """Every leaf below (or this one), with its path after ``path``."""
        if not self.children:
            yield path, self
        for name, child in self.children.items():
            yield from child.leaves((*path, name))

    def __repr__(self) -> str:
        return f"SchemaNode({self.kind} {self.name})"


class SchemaTree(NamedTuple):
    """All that a source can emit. ``accepted`` are the ``STRUCTURE@version`` it takes in; ``unpublished`` those of them
    that no table has (``SIU^S12@2.1``). ``places`` gives the group paths at which each segment stands."""

    accepts: tuple[str, ...]
    root: SchemaNode
    accepted: frozenset[str]
    unpublished: tuple[str, ...]
    places: Mapping[str, tuple[Path, ...]]
    any_type: bool

    def node(self, path: Path) -> SchemaNode | None:
        """The node at a path."""
        here: SchemaNode | None = self.root
        for name in path:
            here = here.child(name) if here is not None else None
        return here


class _Source(NamedTuple):
    """One accepted structure in one version."""

    origin: str
    version: str


class _FieldSource(NamedTuple):
    """A field, or a part of it, in one version."""

    origin: str
    version: str
    entry: FieldEntry
    parts: tuple[int, ...]
    datatype: str


@lru_cache(maxsize=256)
def schema(accepts: tuple[str, ...]) -> SchemaTree:
    """The tree of everything that is accepted; PathError (with a sentence) for a text that is no type."""
    parsed = [parse_accepts(text) for text in accepts]
    if any(one.any for one in parsed):
        return _any_type(accepts, sorted({version for one in parsed for version in one.versions}))
    groups: list[tuple[_Source, Group]] = []
    unpublished: list[str] = []
    for one in parsed:
        for version in one.versions:
            structure = structure_id(one.type, one.event, version)
            if structure is None:
                unpublished.append(f"{one.type}^{one.event}@{version}")
            else:
                groups.append((_Source(f"{structure}@{version}", version), grammar(version, structure)))
    return _tree(accepts, list(dict.fromkeys(groups)), tuple(unpublished))


def _tree(accepts: tuple[str, ...], groups: list[tuple[_Source, Group]], unpublished: tuple[str, ...]) -> SchemaTree:
    published = frozenset(source.origin for source, _ in groups)
    fields = _Fields()
    root = SchemaNode("", "message", published, make=lambda: _members(groups, fields))
    places: dict[str, list[Path]] = defaultdict(list)
    for path, node in _segments(root, ()):
        places[node.name.partition("#")[0]].append(path)
    by_segment = {segment: tuple(paths) for segment, paths in places.items()}
    return SchemaTree(accepts, root, published | frozenset(unpublished), unpublished, by_segment, any_type=False)


def _any_type(accepts: tuple[str, ...], versions: list[str]) -> SchemaTree:
    sources = [_Source(f"*@{version}", version) for version in versions]
    accepted = frozenset(source.origin for source in sources)
    header = _segment("MSH", "MSH", sources, _Fields(), accepted, repeats=False)
    root = SchemaNode("", "message", accepted, make=lambda: {"MSH": header})
    return SchemaTree(accepts, root, accepted, (), {"MSH": ((),)}, any_type=True)


def _members(groups: list[tuple[_Source, Group]], fields: _Fields) -> Mapping[str, SchemaNode]:
    by_label: dict[str, list[tuple[_Source, Place | Group]]] = defaultdict(list)
    for source, group in groups:
        for member in group.members:
            if not (isinstance(member, Place) and member.segment == ANY):
                by_label[member.label].append((source, member))
    return {label: _member(label, members, fields) for label, members in by_label.items()}


def _member(label: str, members: list[tuple[_Source, Place | Group]], fields: _Fields) -> SchemaNode:
    versions = frozenset(source.origin for source, _ in members)
    repeats = any(member.repeats for _, member in members)
    inner = [(source, member) for source, member in members if isinstance(member, Group)]
    if inner:
        return SchemaNode(label, "group", versions, repeats=repeats, make=lambda: _members(inner, fields))
    segment, sources = label.partition("#")[0], [source for source, _ in members]
    return _segment(label, segment, sources, fields, versions, repeats=repeats)


def _segment(
    label: str, segment: str, sources: list[_Source], fields: _Fields, versions: frozenset[str], *, repeats: bool
) -> SchemaNode:
    def make() -> Mapping[str, SchemaNode]:
        return fields.of(segment, sources)

    def count() -> int:
        return fields.count(segment, sources)

    return SchemaNode(label, "segment", versions, repeats=repeats, make=make, count=count)


class _Fields:
    """The fields of segments, made once for each set of structures and versions that a segment stands in."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, frozenset[_Source]], Mapping[str, SchemaNode]] = {}

    def count(self, segment: str, sources: list[_Source]) -> int:
        """How many fields a segment has, without making any."""
        return len(frozenset().union(*(tables(version).numbers(segment) for _, version in sources)))

    def of(self, segment: str, sources: list[_Source]) -> Mapping[str, SchemaNode]:
        key = segment, frozenset(sources)
        if key not in self._made:
            by_number: dict[int, list[_FieldSource]] = defaultdict(list)
            for origin, version in sources:
                for number, entry in tables(version).fields(segment).items():
                    by_number[number].append(_FieldSource(origin, version, entry, (), entry.datatype))
            self._made[key] = {str(n): _field(str(n), "field", by_number[n]) for n in sorted(by_number)}
        return self._made[key]


def _field(name: str, kind: str, sources: list[_FieldSource]) -> SchemaNode:
    """A field or a part of one. Where it has parts in some versions and none in others, the value of the others stands
    in the first part: so HL7 reads it."""
    versions = frozenset(source.origin for source in sources)
    repeats = kind == "field" and any(source.entry.repeats for source in sources)
    if any(tables(source.version).components(source.datatype) for source in sources):
        return SchemaNode(name, kind, versions, repeats=repeats, make=lambda: _parts(sources))
    natures = frozenset(source.entry.leaf(source.parts) for source in sources)
    is_open = any(source.datatype in ("varies", "") for source in sources)
    return SchemaNode(name, kind, versions, repeats=repeats, natures=natures, is_open=is_open)


def _parts(sources: list[_FieldSource]) -> Mapping[str, SchemaNode]:
    by_number: dict[int, list[_FieldSource]] = defaultdict(list)
    for source in sources:
        components = tables(source.version).components(source.datatype)
        if not components:
            by_number[1].append(source)
        for number, component in components.items():
            below = source._replace(parts=(*source.parts, number), datatype=component.datatype)
            by_number[number].append(below)
    return {str(n): _field(str(n), "part", by_number[n]) for n in sorted(by_number)}


def open_node(name: str, kind: str, versions: frozenset[str]) -> SchemaNode:
    """A node of which no table says anything: all that is named below it exists, and is unknown."""
    return SchemaNode(name, kind, versions, repeats=True, natures=frozenset({UNKNOWN}), is_open=True)


def _segments(node: SchemaNode, path: Path) -> Iterator[tuple[Path, SchemaNode]]:
    for name, child in node.children.items():
        if child.kind == "group":
            yield from _segments(child, (*path, name))
        else:
            yield path, child
