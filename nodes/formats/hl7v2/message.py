"""A message in memory: its text cut into segments at once, into fields when first asked for."""

from __future__ import annotations

from functools import lru_cache

from flows.hl7 import Walk, structure_id
from flows.hl7.walk import walk
from nodes.formats.hl7v2.delimiters import Delimiters, delimiters
from nodes.formats.hl7v2.escapes import unescaper
from nodes.formats.hl7v2.frame import Ends, Opened, Unreadable, opened
from nodes.formats.hl7v2.shape import Shape, shape_of

_FLAT = walk("", "")
_USUAL = 64
"""Types and versions that are written with fewer characters are looked up once."""


class Message:
    """What all records of one message share. Nothing in it changes; the caches only remember."""

    __slots__ = ("codec", "cut", "delimiters", "marks", "names", "plain", "segments", "shape")

    def __init__(self, text: str, codec: str, d: Delimiters, steps: Walk, *, broken: bool = False) -> None:
        self.delimiters, self.codec = d, codec
        self.marks, self.plain = (d.component, d.repetition, d.sub, d.escape), d.plain
        self.segments = segments = text.split("\r")
        ends = ("", d.field)
        self.names = [s[:3] if s[3:4] in ends else "" for s in segments] if broken else [s[:3] for s in segments]
        """A line that is no segment has no name: no selector finds it."""
        self.shape: Shape = shape_of(tuple(self.names), steps)
        self.cut: list[list[str] | None] = [None] * len(segments)
        """The fields of each segment that somebody asked for; the index is the field's number."""

    @property
    def walk(self) -> Walk:
        """The structure of its type and version."""
        return self.shape.walk

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

    def positions(self) -> list[tuple[tuple[str, ...], int]]:
        """For each segment the groups in which it stands, and how many of them it shares with the one before."""
        return self.shape.positions()


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
    return message_in(opened(payload, fallback, ends), default_version, structured=structured)


def message_in(frame: Opened | Unreadable, default_version: str | None = None, *, structured: bool = True) -> Message:
    """The same of a frame that is opened already."""
    if not isinstance(frame, Opened):
        raise NoMessage(frame.code, frame.place)
    d = delimiters(frame.msh[1], frame.msh[2])
    if d is None:
        raise NoMessage("delimiters", "MSH-2")
    if structured:
        return message_of(frame, d, default_version)
    return Message(frame.text, frame.codec, d, _FLAT, broken=frame.broken is not None)


def message_of(frame: Opened, d: Delimiters, default_version: str | None = None) -> Message:
    """The message of an opened frame, with the groups of its type and version."""
    kind, version = frame.msh[9], frame.msh[12]
    find = _walk if len(kind) + len(version) < _USUAL else _walk.__wrapped__
    steps = find(kind, version, d.component, default_version)
    return Message(frame.text, frame.codec, d, steps, broken=frame.broken is not None)


def has_structure(message: Message) -> bool:
    """Whether its type and version have a published structure."""
    return message.walk is not _FLAT


@lru_cache(maxsize=256)
def _walk(kind: str, version: str, component: str, default_version: str | None) -> Walk:
    parts = kind.split(component, 2)
    number = version.partition(component)[0] or default_version or ""
    structure = structure_id(parts[0], parts[1] if len(parts) > 1 else "", number)
    return walk(number, structure) if structure else _FLAT
