"""The grammar of a structure: which segments stand in which groups, in order, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from flows.classification.rules import VERSIONS
from flows.hl7.tables import tables

ANY = "ANY"
"""Stands where a structure takes any segment."""


class Place(NamedTuple):
    """One place of a segment. ``label`` is ``ROL#2`` where the same segment stands twice in a row of siblings."""

    segment: str
    label: str
    optional: bool
    repeats: bool


class Group(NamedTuple):
    """A group of places and groups. ``label`` as for a place; a choice holds one of its members."""

    label: str
    optional: bool
    repeats: bool
    choice: bool
    members: tuple[Place | Group, ...]


Grammar = Group


EMPTY: Grammar = Group("", optional=False, repeats=False, choice=False, members=())
"""The grammar of a structure that is not known."""


def grammar(version: str, structure: str) -> Grammar:
    """The grammar of a structure; an empty one for a structure or version that is not known."""
    return _grammar(version, structure) if is_known(version, structure) else EMPTY


def is_known(version: str, structure: str) -> bool:
    """Whether a version's tables have a structure."""
    return version in VERSIONS and structure in tables(version).structures


@cache
def _grammar(version: str, structure: str) -> Grammar:
    return EMPTY._replace(members=_members(tables(version).structures[structure]))


def places(group: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Place]]:
    """Every place with the labels of its groups, in order."""
    for member in group.members:
        if isinstance(member, Group):
            yield from places(member, (*path, member.label))
        else:
            yield path, member


def _members(items: list[Any]) -> tuple[Place | Group, ...]:
    names = [_name(item) for item in items]
    often = Counter(names)
    seen: Counter[str] = Counter()
    members: list[Place | Group] = []
    for item, name in zip(items, names, strict=True):
        seen[name] += 1
        members.append(_member(item, name, name if often[name] == 1 else f"{name}#{seen[name]}"))
    return tuple(members)


def _name(item: Any) -> str:
    text: str = item if isinstance(item, str) else item[0].removeprefix("|")
    return text.rstrip("?*+")


def _member(item: Any, name: str, label: str) -> Place | Group:
    text: str = item if isinstance(item, str) else item[0]
    optional, repeats = text[-1] in "?*", text[-1] in "*+"
    if isinstance(item, str):
        return Place(name, label, optional, repeats)
    return Group(label, optional, repeats, text.startswith("|"), _members(item[1:]))
