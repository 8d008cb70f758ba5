"""Atoms: what can arrive somewhere, as bits of an int. An atom is an origin, its nature and its protections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from flows.effects import Nature
from flows.vocabulary import Protection

_PROTECTIONS = tuple(Protection)
_MASK = {protection: 1 << number for number, protection in enumerate(_PROTECTIONS)}


class Atom(NamedTuple):
    """``origin`` is a schema path of the source or the name of another origin (``master:items.material``)."""

    origin: str
    nature: Nature
    protections: frozenset[Protection]


class _Key(NamedTuple):
    origin: str
    nature: Nature
    protections: int


class Atoms:
    """Interns the atoms of one analysis. A value is an int used as a set of them; union is ``|``."""

    def __init__(self) -> None:
        self._number: dict[_Key, int] = {}
        self._keys: list[_Key] = []
        self._singles: dict[int, tuple[tuple[int, Atom], ...]] = {}
        self._protected: dict[tuple[int, int], int] = {}
        self._weights: dict[int, tuple[int, int]] = {0: (-1, -1)}

    def of(self, origin: str, nature: Nature, protections: int = 0) -> int:
        """The value that holds just this atom."""
        key = _Key(origin, nature, protections)
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = len(self._keys)
            self._keys.append(key)
        return 1 << number

    def protect(self, value: int, protection: int) -> int:
        """Each atom of ``value`` with a protection more. Nothing merges: an unprotected one elsewhere stays visible."""
        if not value or not protection:
            return value
        done = self._protected.get((value, protection))
        if done is None:
            done = 0
            for key in self._each(value):
                done |= self.of(key.origin, key.nature, key.protections | protection)
            self._protected[(value, protection)] = done
        return done

    def without(self, value: int, protection: int) -> tuple[int, ...]:
        """The single atoms that become ``value`` (a single atom) by ``protection``: itself, and it without."""
        key = next(self._each(value))
        if not key.protections & protection:
            return ()
        return (self.of(key.origin, key.nature, key.protections & ~protection), value)

    def origin(self, value: int) -> str:
        """Where a single atom comes from."""
        return next(self._each(value)).origin

    def weight(self, value: int) -> tuple[int, int]:
        """The highest sensitivity of all atoms of a value, and of those without any protection; -1 where none is."""
        done = self._weights.get(value)
        if done is None:
            held = [(key.nature.sensitivity, key.protections) for key in self._each(value)]
            bare = max((level for level, protections in held if not protections), default=-1)
            done = self._weights[value] = max(level for level, _ in held), bare
        return done

    def members(self, value: int) -> tuple[Atom, ...]:
        """The atoms of a value, in an order that does not hang on how they were interned."""
        return tuple(atom for _, atom in self.singles(value))

    def singles(self, value: int) -> tuple[tuple[int, Atom], ...]:
        """Each atom of a value with its own bit, in the same order."""
        done = self._singles.get(value)
        if done is None:
            found = [(1 << self._number[key], _atom(key)) for key in self._each(value)]
            done = self._singles[value] = tuple(sorted(found, key=lambda each: order(each[1])))
        return done

    def _each(self, value: int) -> Iterator[_Key]:
        while value:
            low = value & -value
            yield self._keys[low.bit_length() - 1]
            value ^= low


def mask(protections: Iterable[Protection]) -> int:
    """Protections as bits."""
    bits = 0
    for protection in protections:
        bits |= _MASK[protection]
    return bits


@lru_cache(maxsize=65536)
def order(atom: Atom) -> tuple[object, ...]:
    """How atoms are sorted wherever they are shown or signed."""
    nature = atom.nature
    return (atom.origin, nature.sensitivity, nature.concept, sorted(nature.classes), sorted(atom.protections))


@lru_cache(maxsize=64)
def held(bits: int) -> frozenset[Protection]:
    """The protections of some bits."""
    return frozenset(each for each in _PROTECTIONS if _MASK[each] & bits)


def _atom(key: _Key) -> Atom:
    return Atom(key.origin, key.nature, held(key.protections))
