"""A message in memory: its text cut into segments at once, into fields when first asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from flows.hl7 import Walk, structure_id
from flows.hl7.matching import stands_in
from flows.hl7.walk import walk
from nodes.formats.hl7v2.delimiters import Delimiters, delimiters
from nodes.formats.hl7v2.escapes import unescaper
from nodes.formats.hl7v2.frame import Ends, Opened, opened

_FLAT = walk("", "")


class Repetitions(NamedTuple):
    """The repetitions of one group. ``owner[i]`` is the one in which segment i stands, -1 outside of all."""

    owner: list[int]
    heads: list[int]
    """The first segment of each."""


class Message:
    """What all records of one message share. Nothing in it changes; the caches only remember."""

    __slots__ = (
        "_positions",
        "_repetitions",
        "_shared",
        "codec",
        "cut",
        "delimiters",
        "found",
        "names",
        "segments",
        "walk",
    )

    def __init__(self, text: str, codec: str, d: Delimiters, steps: Walk, *, broken: bool = False) -> None:
        self.delimiters, self.codec, self.walk = d, codec, steps
        self.segments = segments = text.split("\r")
        ends = ("", d.field)
        self.names = [s[:3] if s[3:4] in ends else "" for s in segments] if broken else [s[:3] for s in segments]
        """A line that is no segment has no name: no selector finds it."""
        self.found: dict[str, list[int]] = {}
        """Segment name, or groups and name, -> the segments in order."""
        self.cut: list[list[str] | None] = [None] * len(segments)
        """The fields of each segment that somebody asked for; the index is the field's number."""
        self._positions: list[tuple[tuple[str, ...], int]] | None = None
        self._repetitions: dict[str, Repetitions] = {}
        self._shared: dict[tuple[str, tuple[str, ...]], dict[tuple[int, ...], list[int]]] = {}
        found = self.found
        for number, name in enumerate(self.names):
            if name in found:
                found[name].append(number)
            else:
                found[name] = [number]

    def fields(self, number: int) -> list[str]:
        """The fields of a segment; the index is the field's number."""
        fields = self.cut[number]
        if fields is None:
            fields = self.cut[number] = self.segments[number].split(self.delimiters.field)
            if number == 0:
                fields.insert(1, self.delimiters.field)
        return fields

    def undo(self, text: str) -> str:
        """Without its escapes."""
        return unescaper(self.delimiters, self.codec)(text)

    def at(self, key: str, groups: tuple[str, ...], segment: str) -> list[int]:
        """The segments of a name, below these groups. ``key`` is both in one text."""
        known = self.found.get(key)
        if known is None:
            known = self.found.get(segment, [])
            if groups:
                positions = self.positions()
                known = [i for i in known if is_below(groups, positions[i][0])]
            self.found[key] = known
        return known

    def positions(self) -> list[tuple[tuple[str, ...], int]]:
        """For each segment the groups in which it stands, and how many of them it shares with the one before."""
        if self._positions is None:
            position, step = self.walk.start, self.walk.step
            self._positions = places = []
            for name in self.names:
                position = step(position, name)
                places.append((position.groups, position.kept))
        return self._positions

    def item_path(self, number: int) -> str:
        """``FT1[2]``: a segment with its ordinal in the whole message."""
        name = self.names[number]
        return f"{name}[{bisect_left(self.found[name], number) + 1}]"

    def shared(self, key: str, numbers: Iterable[int], groups: tuple[str, ...]) -> Mapping[tuple[int, ...], list[int]]:
        """These segments by the repetition of each of ``groups`` that they stand in (-1 outside): found once for all
        records of a split, so that many lines are read in one pass. ``key`` says which segments they are."""
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


class NoMessage(ValueError):
    """These bytes were never accepted by a source: they hold no readable message."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"No readable HL7 message: {code} at {place}. It was held, not read in part.")
        self.code, self.place = code, place


def read_message(
    payload: bytes,
    *,
    fallback: str | None = None,
    ends: Ends = "any",
    default_version: str | None = None,
    structured: bool = True,
) -> Message:
    """The message in an accepted frame; NoMessage where there is none. Without structure, no group is known."""
    frame = opened(payload, fallback, ends)
    if not isinstance(frame, Opened):
        raise NoMessage(frame.code, frame.place)
    msh = frame.msh
    d = delimiters(msh[1], msh[2])
    if d is None:
        raise NoMessage("delimiters", "MSH-2")
    if structured:
        return message_of(frame, d, default_version)
    return Message(frame.text, frame.codec, d, _FLAT, broken=frame.broken is not None)


def message_of(frame: Opened, d: Delimiters, default_version: str | None = None) -> Message:
    """The message of an opened frame, with the groups of its type and version."""
    steps = _walk(frame.msh[9], frame.msh[12], d.component, default_version)
    return Message(frame.text, frame.codec, d, steps, broken=frame.broken is not None)


def has_structure(message: Message) -> bool:
    """Whether its type and version have a published structure."""
    return message.walk is not _FLAT


def _walk(kind: str, version: str, component: str, default_version: str | None) -> Walk:
    parts = kind.split(component, 2)
    number = version.partition(component)[0] or default_version or ""
    structure = structure_id(parts[0], parts[1] if len(parts) > 1 else "", number)
    return walk(number, structure) if structure else _FLAT
