"""One field taken apart: repetitions, components, subcomponents; read, masked and dropped by place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from flows.values import ABSENT, NULL, Absent, Value
from nodes.formats.hl7v2.delimiters import Delimiters
from nodes.record import Mask

Leaf = str | Absent
Component = tuple[Leaf, ...] | Absent
Repetition = tuple[Component, ...] | Absent
Field = tuple[Repetition, ...]
"""Counted from 0. The only Absent piece is NULL: it has no parts, each reads as NULL. An empty tuple is ABSENT."""

EMPTY: Field = ()
_NULL = '""'
T = TypeVar("T")


def parse_field(raw: str, d: Delimiters, undo: Callable[[str], str]) -> Field:
    """The field that ``raw`` spells. Linear."""
    if not raw:
        return EMPTY
    pieces = raw.split(d.repetition)
    if d.sub in raw or d.escape in raw or _NULL in raw:
        return tuple([_repetition(piece, d, undo) for piece in pieces])
    return tuple([tuple([(c,) if c else () for c in piece.split(d.component)]) if piece else () for piece in pieces])


def _repetition(raw: str, d: Delimiters, undo: Callable[[str], str]) -> Repetition:
    if raw == _NULL:
        return NULL
    return tuple([_component(piece, d, undo) for piece in raw.split(d.component)]) if raw else ()


def _component(raw: str, d: Delimiters, undo: Callable[[str], str]) -> Component:
    if raw == _NULL:
        return NULL
    return tuple([_leaf(piece, d, undo) for piece in raw.split(d.sub)]) if raw else ()


def _leaf(raw: str, d: Delimiters, undo: Callable[[str], str]) -> Leaf:
    if raw == _NULL:
        return NULL
    return ((undo(raw) if d.escape in raw else raw) or ABSENT) if raw else ABSENT


def literal(raw: str) -> Field:
    """A field that is never taken apart: MSH-1 and MSH-2."""
    return (((raw,),),) if raw else EMPTY


def read_repetition(piece: Repetition, component: int | None, sub: int | None) -> Value:
    """The first leaf at a place of one repetition."""
    if isinstance(piece, Absent):
        return NULL
    at = (component or 1) - 1
    inner: Component = piece[at] if at < len(piece) else ()
    if isinstance(inner, Absent):
        return NULL
    at = (sub or 1) - 1
    return inner[at] if at < len(inner) else ABSENT


def read_field(field: Field, rep: int | None, component: int | None, sub: int | None) -> list[Value]:
    """The values at a place, repetition by repetition, without ABSENT ones."""
    chosen = field if rep is None else field[rep - 1 : rep]
    values = [read_repetition(piece, component, sub) for piece in chosen]
    return [value for value in values if value is not ABSENT]


def masked_field(field: Field, rep: int | None, component: int | None, sub: int | None, mask: Mask) -> Field:
    """With every leaf at or below the place that holds a value replaced."""

    def leaf(piece: Leaf) -> Leaf:
        return piece if isinstance(piece, Absent) else (mask(piece) or ABSENT)

    def inner(piece: Component) -> Component:
        return piece if isinstance(piece, Absent) else tuple(_edited(piece, sub, leaf))

    def outer(piece: Repetition) -> Repetition:
        return piece if isinstance(piece, Absent) else tuple(_edited(piece, component, inner))

    return tuple(_edited(field, rep, outer))


def field_without(field: Field, rep: int | None, component: int | None, sub: int | None) -> Field:
    """Without the place and its parts; what stands beside it keeps its number. A null piece goes with any part."""

    def inner(piece: Component) -> Component:
        return () if isinstance(piece, Absent) or sub is None else tuple(_edited(piece, sub, lambda _: ABSENT))

    def outer(piece: Repetition) -> Repetition:
        return () if isinstance(piece, Absent) or component is None else tuple(_edited(piece, component, inner))

    return tuple(_edited(field, rep, outer))


def _edited(pieces: Sequence[T], at: int | None, edit: Callable[[T], T]) -> Iterable[T]:
    if at is None:
        return [edit(piece) for piece in pieces]
    edited = list(pieces)
    if at <= len(edited):
        edited[at - 1] = edit(edited[at - 1])
    return edited
