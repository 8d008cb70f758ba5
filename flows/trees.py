"""The state of one wire: a persistent prefix tree of values, unfolded from the source's schema only where looked at.

``own`` is what stands at a place itself, ``wild`` what may stand below it without a name here. A place that was
dropped is ABSENT on purpose: without the marker, the wildcard above would show through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

from flows.atoms import Atoms
from flows.effects import Nature

Path = tuple[str, ...]
STRAY = "?"
"""The branch of the root where a segment stands that is out of place: only selectors without a group reach it."""


class Place(Protocol):
    """A place of a source's schema (flows.hl7.SchemaNode is one). Only leaves have natures of their own."""

    @property
    def children(self) -> Mapping[str, Place]: ...
    @property
    def natures(self) -> frozenset[Nature]: ...
    @property
    def wildcard(self) -> Nature: ...
    @property
    def repeats(self) -> bool: ...
    @property
    def open(self) -> bool: ...
    @property
    def field(self) -> bool:
        """Whether this is one field to people, whatever parts it has."""

    @property
    def fields(self) -> int:
        """How many fields the tables have here or below."""


class Load(NamedTuple):
    """What stands somewhere: how many fields, and the highest sensitivity of all values and of the bare ones, which
    carry no protection. -1: nothing. Places that stand in no table are no fields, but their sensitivity counts."""

    fields: int
    sensitivity: int
    bare: int


EMPTY = Load(0, -1, -1)


class Folded(NamedTuple):
    """A part of the source's schema as it came, with these protections; unfolded when somebody looks into it."""

    place: Place
    path: Path
    protections: int


class Tree:
    """One node. Never changed once made, except for unfolding and caching."""

    __slots__ = ("_all", "_leaves", "_loads", "folded", "kids", "open", "own", "wild")

    def __init__(
        self, own: int = 0, wild: int = 0, kids: Mapping[str, Tree] | None = None, folded: Folded | None = None
    ) -> None:
        self.own, self.wild, self.kids, self.folded = own, wild, kids, folded
        self.open = folded is None
        self._all: int | None = None
        self._leaves: int | None = None
        self._loads: dict[bool, Load] = {}


ABSENT = Tree()
ELSEWHERE = "*"
"""The branch of the root for segments that no accepted message has: a site's own, or anybody's."""
_NOWHERE = (STRAY, ELSEWHERE)
Change = Callable[[Tree], Tree]


class Trees:
    """Everything that is done with trees; holds the atoms and how the source's paths are written."""

    def __init__(self, atoms: Atoms, text: Callable[[Path], str]) -> None:
        self.atoms, self._text = atoms, text

    def kids(self, tree: Tree) -> Mapping[str, Tree]:
        """The named places below."""
        self.unfold(tree)
        return tree.kids or {}

    def unfold(self, tree: Tree) -> Tree:
        """Makes one level of a folded part visible. It stays known that it is as it came."""
        if tree.folded is not None and not tree.open:
            place, path, held = tree.folded
            tree.wild = self.atoms.of(self._beyond(path), place.wildcard, held)
            if place.children:
                tree.kids = {
                    name: Tree(folded=Folded(child, (*path, name), held)) for name, child in place.children.items()
                }
            else:
                text = self._text(path)
                for nature in place.natures:
                    tree.own |= self.atoms.of(text, nature, held)
            tree.open = True
        return tree

    def _beyond(self, path: Path) -> str:
        return f"{self._text(path)}.*" if path else "*"

    def get(self, tree: Tree, path: Path) -> Tree:
        """What stands at a path."""
        for name in path:
            below = self.kids(tree).get(name)
            tree = Tree(tree.wild, tree.wild) if below is None and tree.wild else below or ABSENT
        return tree

    def leaves(self, tree: Tree) -> int:
        """What a reader gets here: the join of the named leaves, or the wildcard where nothing is named."""
        if tree._leaves is None:
            kids = self.kids(tree)
            value = tree.own
            for child in kids.values():
                value |= self.leaves(child)
            tree._leaves = value if kids or tree.own else tree.wild
        return tree._leaves

    def everything(self, tree: Tree) -> int:
        """All that is here or below, wildcards included. A part that is as it came is not told apart by field but by
        nature (``NK1.*``): else a step of which nothing is known would carry every leaf of every table."""
        if tree._all is None:
            if tree.folded is not None and tree.folded.place.children:
                value = self._whole(tree.folded)
            else:
                kids = self.kids(tree)
                value = tree.own | tree.wild
                for child in kids.values():
                    value |= self.everything(child)
            tree._all = value
        return tree._all

    def _whole(self, folded: Folded) -> int:
        origin = self._beyond(folded.path)
        value = self.atoms.of(origin, folded.place.wildcard, folded.protections)
        for nature in folded.place.natures:
            value |= self.atoms.of(origin, nature, folded.protections)
        return value

    def load(self, tree: Tree, place: Place | None = None, *, within: bool = False) -> Load:
        """What stands here and below. ``place`` is where the tree stands in the source's schema, ``within``: inside a
        field, whose parts are not counted. Nothing is unfolded for it: a part that is as it came weighs what its
        schema says, and one that steps share is weighed once."""
        done = tree._loads.get(within)
        if done is None:
            done = tree._loads[within] = self._load(tree, place, within or (place is not None and place.field))
        return done

    def _load(self, tree: Tree, place: Place | None, within: bool) -> Load:
        if tree.folded is not None and not tree.open:
            return Load(1 if within else tree.folded.place.fields, *self.atoms.weight(self.everything(tree)))
        sensitivity, bare = self.atoms.weight(tree.own | tree.wild)
        fields = 1 if within or (tree.own and not tree.kids) else 0
        for name, child in (tree.kids or {}).items():
            if self.exists(child):
                below = self.load(child, place.children.get(name) if place else None, within=within)
                sensitivity, bare = max(sensitivity, below.sensitivity), max(bare, below.bare)
                if not within and name not in _NOWHERE:
                    fields += below.fields
        return Load(fields, sensitivity, bare)

    def edit(self, tree: Tree, path: Path, change: Change) -> Tree:
        """The tree with ``change`` done at a path; everything else is shared."""
        if not path:
            return change(tree)
        kids = dict(self.kids(tree))
        below = kids.get(path[0]) or (Tree(tree.wild, tree.wild) if tree.wild else ABSENT)
        kids[path[0]] = self.edit(below, path[1:], change)
        return Tree(tree.own, tree.wild, kids)

    def protect(self, tree: Tree, protection: int) -> Tree:
        """Everything here and below with a protection more."""
        if tree is ABSENT:
            return tree
        if tree.folded is not None:
            place, path, held = tree.folded
            return Tree(folded=Folded(place, path, held | protection))
        protect = self.atoms.protect
        kids = {name: self.protect(child, protection) for name, child in (tree.kids or {}).items()}
        return Tree(protect(tree.own, protection), protect(tree.wild, protection), kids or None)

    def protect_own(self, tree: Tree, protection: int) -> Tree:
        """Only the value itself: what may stand below a primitive is not touched by a mask of its first part."""
        self.unfold(tree)
        return Tree(self.atoms.protect(tree.own, protection), tree.wild, tree.kids)

    def join(self, one: Tree, two: Tree) -> Tree:
        """What may come from either."""
        if one is two or two is ABSENT:
            return one
        if one is ABSENT:
            return two
        if one.folded is not None and _same(one.folded, two.folded):
            return one
        if (_is_whole(one) and _is_anything(two)) or (_is_whole(two) and _is_anything(one)):
            # Whatever may stand anywhere hides what stands where: it is not worth a node for each leaf of the tables.
            both = self.everything(one) | self.everything(two)
            return Tree(both, both)
        kids_one, kids_two = self.kids(one), self.kids(two)
        kids = {}
        same = True
        for name, child in kids_one.items():
            other = kids_two.get(name)
            kids[name] = joined = self.join(child, _below(two) if other is None else other)
            same = same and joined is child
        for name, child in kids_two.items():
            if name not in kids:
                kids[name], same = self.join(_below(one), child), False
        if same and one.own | two.own == one.own and one.wild | two.wild == one.wild:
            return one
        return Tree(one.own | two.own, one.wild | two.wild, kids or None)

    def exists(self, tree: Tree) -> bool:
        """Whether anything can stand here."""
        return bool(tree is not ABSENT and (tree.folded or tree.own or tree.wild or tree.kids))

    def holding(self, tree: Tree, bit: int, path: Path = ()) -> Iterator[Path]:
        """The places here and below at which an atom stands."""
        if self.everything(tree) & bit:
            yield from self._within(tree, bit, path)
        elif self.leaves(tree) & bit:
            yield from self._among(tree, bit, path)

    def _within(self, tree: Tree, bit: int, path: Path) -> Iterator[Path]:
        whole = tree.folded is not None and tree.folded.place.children
        if whole or (tree.own | tree.wild) & bit:
            yield path
        if not whole:
            for name, child in self.kids(tree).items():
                if self.everything(child) & bit:
                    yield from self._within(child, bit, (*path, name))

    def _among(self, tree: Tree, bit: int, path: Path) -> Iterator[Path]:
        if (tree.own or (not self.kids(tree) and tree.wild)) & bit:
            yield path
        for name, child in self.kids(tree).items():
            if self.leaves(child) & bit:
                yield from self._among(child, bit, (*path, name))


def _below(tree: Tree) -> Tree:
    """What stands at a place that ``tree`` has no name for."""
    return Tree(tree.wild, tree.wild) if tree.wild else ABSENT


def _is_whole(tree: Tree) -> bool:
    """A part of the schema as it came, with parts of its own."""
    return tree.folded is not None and bool(tree.folded.place.children)


def _is_anything(tree: Tree) -> bool:
    """What a step of which nothing is known lets out."""
    return tree.folded is None and not tree.kids and bool(tree.wild)


def _same(one: Folded, two: Folded | None) -> bool:
    return two is not None and one.place is two.place and one.path == two.path and one.protections == two.protections
