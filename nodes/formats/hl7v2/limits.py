"""Limits of a source: how much of everything one message may hold. Counted first, looked at only when in doubt."""

from __future__ import annotations

from typing import NamedTuple

from flows.environment import Limits
from nodes.formats.hl7v2.delimiters import Delimiters

_HEADER = 9
"""Where MSH-2 ends, at the latest: it holds one of each delimiter."""


class Exceeded(NamedTuple):
    """What is too many, and where it begins to be."""

    code: str
    place: str


def exceeded(text: str, segments: int, d: Delimiters, limits: Limits) -> Exceeded | None:
    """The first limit that ``text`` goes beyond, or None. One pass for each kind of delimiter in the usual case."""
    if segments > limits.segments:
        return Exceeded("too-many-segments", f"segment {limits.segments + 1}")
    suspect = (
        _crowded(text, d.field, limits.fields)
        or _crowded(text, d.component, limits.components)
        or _crowded(text, d.repetition, limits.repetitions)
        or _crowded(text, d.sub, limits.components)
        or _long(text, d.field, limits.field_length)
    )
    return _closer(text, d, limits) if suspect else None


def _crowded(text: str, delimiter: str, most: int) -> bool:
    """Whether one segment may hold ``most`` of a delimiter: looked for, then counted in all, then in each segment."""
    if text.find(delimiter, _HEADER) < 0 or text.count(delimiter) < most:
        return False
    return any(len(segment) >= most and segment.count(delimiter) >= most for segment in text.split("\r"))


def _long(text: str, separator: str, most: int) -> bool:
    """Whether one field may hold more than ``most`` characters."""
    if len(text) <= most:
        return False
    long = (segment for segment in text.split("\r") if len(segment) > most)
    return any(len(field) > most for segment in long for field in segment.split(separator))


def _closer(text: str, d: Delimiters, limits: Limits) -> Exceeded | None:
    seen: dict[str, int] = {}
    for segment in text.split("\r"):
        name = _name(segment, d)
        seen[name] = seen.get(name, 0) + 1
        found = _in_segment(segment, d, limits)
        if found:
            nth = f"[{seen[name]}]" if seen[name] > 1 else ""
            return Exceeded(found.code, f"{name}{nth}{found.place}")
    return None


def _name(segment: str, d: Delimiters) -> str:
    """The name of a segment; nothing of a line that is none, for it may be the rest of a value."""
    name = segment[:3]
    return name if segment[3:4] == d.field and name.isupper() and name.isalnum() and name.isascii() else "?"


def _in_segment(segment: str, d: Delimiters, limits: Limits) -> Exceeded | None:
    header = segment.startswith("MSH")
    if segment.count(d.field) + header > limits.fields:
        return Exceeded("too-many-fields", f" field {limits.fields + 1}")
    most = limits.components
    if len(segment) > limits.field_length:
        for number, field in enumerate(segment.split(d.field)):
            if len(field) > limits.field_length:
                return Exceeded("field-too-long", f"-{number + header} character {limits.field_length + 1}")
    if segment.count(d.repetition) < limits.repetitions and segment.count(d.component) < most > segment.count(d.sub):
        return None
    for number, field in enumerate(segment.split(d.field)):
        found = None if header and number == 1 else _in_field(field, d, limits)
        if found:
            return Exceeded(found.code, f"-{number + header}{found.place}")
    return None


def _in_field(field: str, d: Delimiters, limits: Limits) -> Exceeded | None:
    repetitions = field.split(d.repetition)
    if len(repetitions) > limits.repetitions:
        return Exceeded("too-many-repetitions", f" repetition {limits.repetitions + 1}")
    for repetition in repetitions:
        components = repetition.split(d.component)
        if len(components) > limits.components:
            return Exceeded("too-many-components", f" component {limits.components + 1}")
        if any(component.count(d.sub) >= limits.components for component in components):
            return Exceeded("too-many-subcomponents", f" subcomponent {limits.components + 1}")
    return None
