"""The walk through a structure: assigns each segment of a message, in order, to its place. Lenient and total."""

from __future__ import annotations

from functools import cache

from flows.hl7.grammar import ANY, EMPTY, Group, Place, grammar, is_known, places


class Position:
    """Where a segment stands.

    ``groups`` are the labels of the groups around it, outermost first. The first ``kept`` of them are the very
    repetitions in which the segment before stood; every group from ``kept`` on begins here. ``label`` is the place's
    (``ROL#2``), or None for a segment that the grammar does not expect: it belongs to where it stands.
    """

    __slots__ = ("_place", "groups", "kept", "label", "next", "stray")

    def __init__(self, groups: tuple[str, ...], kept: int, label: str | None, place: _Spot | None) -> None:
        self.groups, self.kept, self.label, self._place = groups, kept, label, place
        self.next: dict[str, Position] = {}
        self.stray: Position | None = None

    def __repr__(self) -> str:
        return f"Position({'/'.join((*self.groups, self.label or '?'))}, kept={self.kept})"


class _Spot:
    """One member of the grammar in its surroundings."""

    __slots__ = ("group", "groups", "index", "member", "spots")

    def __init__(self, member: Place | Group, group: _Spot | None, index: int, groups: tuple[str, ...]) -> None:
        self.member, self.group, self.index, self.groups = member, group, index, groups
        self.spots: tuple[_Spot, ...] = ()
        if isinstance(member, Group):
            inner = groups if group is None else (*groups, member.label)
            self.spots = tuple(_Spot(kid, self, i, inner) for i, kid in enumerate(member.members))


class Walk:
    """The walk of one structure, shared by all messages: the steps are remembered, so each costs one look-up.

    Where several places fit, the nearest ahead wins: the same place again, then later ones in its group, then the
    next repetition of the group, then the same one group further out. What begins the repetition of a group around is
    not taken into an optional group inside it: a second order is an order, not an earlier result of the first one. A
    segment that would begin a repeating group already passed begins it nonetheless (charges after the diagnoses); any
    other that fits nowhere keeps the group.
    """

    def __init__(self, root: Group) -> None:
        found = list(places(root))
        self._names = frozenset(place.segment for _, place in found)
        self._single = frozenset(n for n in self._names if sum(place.segment == n for _, place in found) == 1)
        self._root = _Spot(root, None, 0, ())
        self.start = Position((), 0, None, None)
        """The position before the first segment."""

    def step(self, position: Position, segment: str) -> Position:
        """The position of ``segment`` when it follows ``position``. Never raises."""
        known = position.next.get(segment)
        if known is not None:
            return known
        if segment not in self._names:
            return self._stray(position)
        spot = self._find(position, segment)
        after = self._stray(position) if spot is None else self._arrive(position, *spot)
        position.next[segment] = after
        return after

    def _stray(self, position: Position) -> Position:
        if position.stray is None:
            if position.label is None and position.kept == len(position.groups):
                position.stray = position
            else:
                groups = position.groups
                position.stray = Position(groups, len(groups), None, position._place)
        return position.stray

    def _arrive(self, position: Position, spot: _Spot, kept: int) -> Position:
        return Position(spot.groups, min(kept, len(spot.groups), len(position.groups)), _label(spot), spot)

    def _find(self, position: Position, segment: str) -> tuple[_Spot, int] | None:
        for heads_only in (True, False):
            if heads_only or segment in self._single:
                spot = self._search(position._place, segment, heads_only=heads_only)
                if spot is not None:
                    return spot
        return self._begun_late(segment)

    def _begun_late(self, segment: str) -> tuple[_Spot, int] | None:
        """The place where ``segment`` begins a repeating group, wherever the walk is."""
        spot = _within(self._root, 0, segment, True, ahead=True) if segment in self._single else None
        begins = spot is not None and spot.index == 0 and spot.group is not None and spot.group.member.repeats
        return _with(spot, 0) if begins else None

    def _search(self, here: _Spot | None, segment: str, *, heads_only: bool) -> tuple[_Spot, int] | None:
        """The nearest fitting place ahead, and how many groups go on in their repetition."""
        if here is None:
            return _with(_within(self._root, 0, segment, heads_only, ahead=True), 0)
        if isinstance(here.member, Place) and here.member.segment == segment and here.member.repeats:
            return here, len(here.groups)
        while here.group is not None:
            group = here.group
            depth = len(here.groups)
            if not _is_choice(group):
                found = _within(group, here.index + 1, segment, heads_only, ahead=True)
                if found is not None:
                    return _begun_around(group, found) or (found, depth)
            if isinstance(group.member, Group) and group.member.repeats:
                found = _within(group, 0, segment, heads_only, ahead=not heads_only)
                if found is not None:
                    return found, depth - 1
            here = group
        return None


def _begun_around(group: _Spot, found: _Spot) -> tuple[_Spot, int] | None:
    """The next repetition of a group around, which must begin with this segment, where ``found`` would open an optional
    group inside ``group``."""
    inner = found
    while inner.group is not None and inner.group is not group:
        inner = inner.group
    if inner is found or not inner.member.optional:
        return None
    around: _Spot | None = group
    while around is not None:
        if isinstance(around.member, Group) and around.member.repeats and _must_begin(around, found):
            return around.spots[0], len(around.groups)
        around = around.group
    return None


def _must_begin(group: _Spot, found: _Spot) -> bool:
    head, same = group.spots[0].member, found.member
    return isinstance(head, Place) and isinstance(same, Place) and head.segment == same.segment and not head.optional


def _with(spot: _Spot | None, kept: int) -> tuple[_Spot, int] | None:
    return None if spot is None else (spot, kept)


def _within(group: _Spot, start: int, segment: str, heads_only: bool, *, ahead: bool) -> _Spot | None:
    """The first place of ``segment`` among the members from ``start`` on. ``ahead``: required members before it may
    be missing; otherwise only a place with which the group can begin. Inside further groups, ``heads_only`` says the
    same."""
    for spot in group.spots[start:]:
        member = spot.member
        if isinstance(member, Place):
            if member.segment == segment:
                return spot
        else:
            found = _within(spot, 0, segment, heads_only, ahead=not heads_only)
            if found is not None:
                return found
        if not ahead and not _is_choice(group) and not _can_be_empty(member):
            return None
    return None


def _is_choice(spot: _Spot) -> bool:
    return isinstance(spot.member, Group) and spot.member.choice


def _can_be_empty(member: Place | Group) -> bool:
    if isinstance(member, Place):
        return member.optional or member.segment == ANY
    return member.optional or all(_can_be_empty(kid) for kid in member.members)


def _label(spot: _Spot) -> str:
    return spot.member.label


def walk(version: str, structure: str) -> Walk:
    """The walk of a structure; for one that is not known, every segment stands at the top."""
    return _walk(version, structure) if is_known(version, structure) else _FLAT


@cache
def _walk(version: str, structure: str) -> Walk:
    return Walk(grammar(version, structure))


_FLAT = Walk(EMPTY)
