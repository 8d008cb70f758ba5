"""A tiny interpreter that knows nothing of lineage: it moves marked values about, and each keeps where it came from.

A value is a set of marks; a mark is the place in the message where it stood and the protections it met on its way. It
shares no code with the kernel; selectors arrive as the small tuples that the tests make them of.
"""

from __future__ import annotations

import random
from typing import NamedTuple

Where = tuple[str, ...]
Marks = frozenset[tuple[Where, frozenset[str]]]
NO_MARKS: Marks = frozenset()


class Pick(NamedTuple):
    """A selector: an optional group, a segment, an optional occurrence, a field, an optional repetition, parts."""

    segment: str
    numbers: tuple[int, ...]
    group: str = ""
    nth: int = 0
    rep: int = 0

    @property
    def text(self) -> str:
        head = f"{self.group}/{self.segment}" if self.group else self.segment
        head += f"[{self.nth}]" if self.nth else ""
        head += f"-{self.numbers[0]}" + (f"[{self.rep}]" if self.rep else "")
        return head + "".join(f".{number}" for number in self.numbers[1:])


class Leaf(NamedTuple):
    """One value of a message: the groups around its segment, which occurrence, field, repetition, component, part."""

    groups: Where
    segment: str
    occurrence: int
    rep: int
    numbers: tuple[int, int, int]

    @property
    def where(self) -> Where:
        return (*self.groups, self.segment, *map(str, self.numbers))


class Message(NamedTuple):
    leaves: dict[Leaf, Marks]
    added: dict[str, Marks]


def fresh(leaves: list[Leaf]) -> Message:
    """A message in which every value is marked by its own place."""
    return Message({leaf: frozenset({(leaf.where, frozenset())}) for leaf in leaves}, {})


def chosen(message: Message, pick: Pick) -> list[Leaf]:
    """The leaves that a selector means: at any depth of groups unless it names one."""
    count: dict[int, int] = {}
    for leaf in message.leaves:
        if leaf.segment == pick.segment:
            count.setdefault(leaf.occurrence, len(count) + 1)
    return [leaf for leaf in message.leaves if _meant(leaf, pick, count)]


def _meant(leaf: Leaf, pick: Pick, count: dict[int, int]) -> bool:
    if leaf.segment != pick.segment or (pick.group and pick.group not in leaf.groups):
        return False
    if (pick.nth and count[leaf.occurrence] != pick.nth) or (pick.rep and leaf.rep != pick.rep):
        return False
    return leaf.numbers[: len(pick.numbers)] == pick.numbers


def read(message: Message, pick: Pick | str) -> Marks:
    """All values that a reader could get: of each repetition the first leaf. A name is an added value."""
    if isinstance(pick, str):
        return message.added.get(pick, NO_MARKS)
    first: dict[tuple[int, int], Leaf] = {}
    for leaf in chosen(message, pick):
        if all(number == 1 for number in leaf.numbers[len(pick.numbers) :]):
            first[(leaf.occurrence, leaf.rep)] = leaf
    return _all(message.leaves[leaf] for leaf in first.values())


def masked(message: Message, pick: Pick, protection: str) -> Message:
    hit = set(chosen(message, pick))
    return message._replace(
        leaves={leaf: _held(marks, protection) if leaf in hit else marks for leaf, marks in message.leaves.items()}
    )


def dropped(message: Message, pick: Pick) -> Message:
    hit = set(chosen(message, pick))
    return message._replace(leaves={leaf: marks for leaf, marks in message.leaves.items() if leaf not in hit})


def derived(message: Message, name: str, reads: list[Pick | str], protection: str, constant: str) -> Message:
    marks = _all(read(message, pick) for pick in reads)
    if protection:
        marks = _held(marks, protection)
    marks |= {((constant,), frozenset({protection} if protection else ()))}
    return message._replace(added={**message.added, name: marks})


def record(message: Message, fields: dict[str, list[Pick | str]]) -> Message:
    return Message({}, {name: _all(read(message, pick) for pick in reads) for name, reads in fields.items()})


def scrambled(message: Message, chance: random.Random, names: list[str]) -> Message:
    """A step of which nothing is known: any value may turn up anywhere."""
    everything = sorted(_all((*message.leaves.values(), *message.added.values())), key=str)
    if not everything:
        return message
    anywhere = {name: frozenset(chance.sample(everything, min(3, len(everything)))) for name in names}
    leaves = {leaf: frozenset(chance.sample(everything, 1)) for leaf in message.leaves}
    return Message(leaves, anywhere)


def split(message: Message, group: str) -> list[Message]:
    inside = sorted({leaf.occurrence for leaf in message.leaves if group in leaf.groups})
    return [
        message._replace(
            leaves={
                leaf: marks
                for leaf, marks in message.leaves.items()
                if group not in leaf.groups or leaf.occurrence == occurrence
            }
        )
        for occurrence in inside
    ]


def _held(marks: Marks, protection: str) -> Marks:
    return frozenset((where, held | {protection}) for where, held in marks)


def _all(values) -> Marks:
    return frozenset().union(*values)
