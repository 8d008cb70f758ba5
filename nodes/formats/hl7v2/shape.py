"""The shape of a message: what the names of its segments and its structure decide, whatever its fields say.

Senders write the same shapes over and over: the last ones are kept, so that groups, repetitions and the places of
selectors are found once for many messages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, product
from typing import NamedTuple

from flows.hl7 import Walk
from flows.hl7.matching import stands_in

KEPT, LONGEST_KEPT = 128, 64
"""So many shapes are remembered, of messages of so many segments: some megabytes at the most."""


class Repetitions(NamedTuple):
    """The repetitions of one group. ``owner[i]`` is the one in which segment i stands, -1 outside of all."""

    owner: list[int]
    heads: list[int]
    """The first segment of each."""


class View:
    """What a record sees of a shape: all of it, or one repetition of each group by which it was split.

    ``known`` is the reader's memory of its selectors. Segments and repetitions keep their numbers when others are
    dropped.
    """

    __slots__ = ("_at", "_below", "_shape", "_within", "known")

    def __init__(self, shape: Shape, within: tuple[str, ...] = (), at: tuple[int, ...] = ()) -> None:
        self._shape, self._within, self._at = shape, within, at
        self._below: dict[str, tuple[tuple[str, View], ...]] = {}
        self.known: dict[str, Sought] = {}

    def numbers(self, key: str, groups: tuple[str, ...], segment: str) -> list[int]:
        """The segments of a name, below these groups. ``key`` is both in one text."""
        numbers = self._shape.at(key, groups, segment)
        return self._shown(key, numbers) if self._within else numbers

    def split(self, group: str) -> tuple[tuple[str, View], ...]:
        """One view for each repetition of a group that this one shows something of, with its item path."""
        known = self._below.get(group)
        if known is None:
            shape, within, at = self._shape, (*self._within, group), self._at
            heads = self._heads(group)
            known = self._below[group] = tuple(
                [(shape.item_path(head), View(shape, within, (*at, ordinal))) for ordinal, head in heads]
            )
        return known

    def _heads(self, group: str) -> Iterable[tuple[int, int]]:
        """The repetitions, each with the first segment shown."""
        repetitions = self._shape.repetitions(group)
        if not self._within:
            return enumerate(repetitions.heads)
        owner, first = repetitions.owner, dict[int, int]()
        for number in self._shown(f"{group}/", (n for n, ordinal in enumerate(owner) if ordinal >= 0)):
            first.setdefault(owner[number], number)
        return first.items()

    def _shown(self, key: str, numbers: Iterable[int]) -> list[int]:
        """Those of the message's segments that stand in this view's repetitions, or outside of their groups."""
        shared = self._shape.shared(key, numbers, self._within)
        lists = [shared[owners] for owners in product(*((-1, at) for at in self._at)) if owners in shared]
        return lists[0] if len(lists) == 1 else sorted(chain(*lists))


class Place(NamedTuple):
    """Where in a field a selector looks. ``at`` is as the selector has it; in the others None has become 1."""

    component: int
    sub: int
    literal: bool
    whole: bool
    at: tuple[int | None, int | None, int | None]


class Sought(NamedTuple):
    """A selector in a view, ready to read with. ``numbers`` are its segments; None: a field of the record's own.

    ``leading`` is the first leaf of a field, ``usual`` needs nothing but the first repetition where there is only one.
    """

    numbers: list[int] | None
    field: int
    leading: bool
    usual: bool
    place: Place


class Shape:
    """Segments by name and by group. Nothing in it changes; the caches only remember."""

    __slots__ = ("_by_key", "_item_paths", "_positions", "_repetitions", "_shared", "all", "found", "names", "walk")

    def __init__(self, names: tuple[str, ...], walk: Walk) -> None:
        self.names, self.walk = names, walk
        self.found: dict[str, list[int]] = {}
        """Segment name -> the segments in order."""
        for number, name in enumerate(names):
            self.found.setdefault(name, []).append(number)
        self._by_key: dict[str, list[int]] = {}
        self._item_paths: dict[int, str] = {}
        self._positions: list[tuple[tuple[str, ...], int]] | None = None
        self._repetitions: dict[str, Repetitions] = {}
        self._shared: dict[tuple[str, tuple[str, ...]], dict[tuple[int, ...], list[int]]] = {}
        self.all = View(self)

    def at(self, key: str, groups: tuple[str, ...], segment: str) -> list[int]:
        """The segments of a name, below these groups. ``key`` is both in one text."""
        known = self._by_key.get(key)
        if known is None:
            known = self.found.get(segment, [])
            if groups:
                positions = self.positions()
                known = [i for i in known if is_below(groups, positions[i][0])]
            self._by_key[key] = known
        return known

    def positions(self) -> list[tuple[tuple[str, ...], int]]:
        """For each segment the groups in which it stands, and how many of them it shares with the one before."""
        if self._positions is None:
            self._positions = list(self._walked())
        return self._positions

    def _walked(self) -> Iterator[tuple[tuple[str, ...], int]]:
        position, step = self.walk.start, self.walk.step
        for name in self.names:
            position = step(position, name)
            yield position.groups, position.kept

    def item_path(self, number: int) -> str:
        """``FT1[2]``: a segment with its ordinal in the whole message."""
        known = self._item_paths.get(number)
        if known is None:
            name = self.names[number]
            known = self._item_paths[number] = f"{name}[{bisect_left(self.found[name], number) + 1}]"
        return known

    def shared(self, key: str, numbers: Iterable[int], groups: tuple[str, ...]) -> Mapping[tuple[int, ...], list[int]]:
        """These segments by the repetition of each of ``groups`` that they stand in (-1 outside): found once for all
        views of a split, so that many lines are read in one pass. ``key`` says which segments they are."""
        known = self._shared.get((key, groups))
        if known is None:
            known = self._shared[key, groups] = {}
            owners = [self.repetitions(group).owner for group in groups]
            for number in numbers:
                known.setdefault(tuple([owner[number] for owner in owners]), []).append(number)
        return known

    def repetitions(self, group: str) -> Repetitions:
        """The repetitions of a group; none where the structure has no such group."""
        known = self._repetitions.get(group)
        if known is None:
            known = self._repetitions[group] = self._counted(tuple(group.split("/")))
        return known

    def _counted(self, wanted: tuple[str, ...]) -> Repetitions:
        owner, heads = [], []
        for number, (groups, kept) in enumerate(self.positions()):
            depth = group_depth(wanted, groups)
            if depth > kept:
                heads.append(number)
            owner.append(len(heads) - 1 if depth else -1)
        return Repetitions(owner, heads)


def shape_of(names: tuple[str, ...], walk: Walk) -> Shape:
    """The shape of a message with these segments."""
    return _kept(names, walk) if len(names) <= LONGEST_KEPT else Shape(names, walk)


@lru_cache(maxsize=KEPT)
def _kept(names: tuple[str, ...], walk: Walk) -> Shape:
    return Shape(names, walk)


@lru_cache(maxsize=4096)
def group_depth(wanted: tuple[str, ...], groups: tuple[str, ...]) -> int:
    """How deep the innermost of ``groups`` lies that a group's name means; 0 where none is meant."""
    depths = range(len(groups), 0, -1)
    return next(
        (n for n in depths if stands_in(wanted[-1:], groups[n - 1 : n]) and stands_in(wanted[:-1], groups[: n - 1])), 0
    )


@lru_cache(maxsize=4096)
def is_below(wanted: tuple[str, ...], groups: tuple[str, ...]) -> bool:
    """Whether what stands in ``groups`` is meant by a selector that names the groups ``wanted``."""
    return stands_in(wanted, groups)
