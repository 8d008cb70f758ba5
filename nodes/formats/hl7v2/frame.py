"""From the bytes of a frame to the text of one message: charset, segment ends, and what a batch wraps around it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from nodes.formats.hl7v2.charsets import DEFAULT, OVERLAPPING, codec

Ends = Literal["any", "cr"]
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n\t \x0b]*(?:[FB]HS[^\r\n]*[\r\n\t \x0b]*)*")
"""Byte order mark, blank lines and the headers of a batch."""
_TRAILING = "\r\n\x0b\x1a\x1c"
_ENDS = re.compile(r"\r\n|\n")
_BLANKS = re.compile(r"\r\r+")
_PADDING = [""] * 19


class Opened(NamedTuple):
    """The text of a message: CR stands between segments, none is empty. ``msh[n]`` is MSH-n as sent, at least to 18.

    ``several`` is the place of a second MSH, ``broken`` that of the first line that is no segment (three capitals or
    digits, then the field separator): a damaged segment, or the rest of a value that a line end has cut short.
    """

    text: str
    codec: str
    msh: list[str]
    several: str | None
    broken: str | None


class Unreadable(NamedTuple):
    """Why a frame has no text. ``msh`` is as in Opened, byte for character; None where nothing like it stands there."""

    code: str
    place: str
    msh: list[str] | None


def opened(frame: bytes, fallback: str | None = None, ends: Ends = "any") -> Opened | Unreadable:
    """The message in ``frame``; ``fallback`` is the charset for bytes that the declared one does not allow."""
    if not frame.startswith(b"MSH"):
        before = _BEFORE.match(frame)
        frame = frame[before.end() if before else 0 :]
        if not frame.startswith(b"MSH"):
            return Unreadable("no-header", "MSH", None)
    head = _first_segment(frame).decode("latin-1")
    msh = _fields(head)
    if 0 in frame:
        return Unreadable("nul-character", _place(frame, frame.index(b"\0")), msh)
    if ends == "cr" and b"\n" in frame:
        return Unreadable("line-feed", _place(frame, frame.index(b"\n")), msh)
    decoded = _decoded(frame, msh, fallback)
    if isinstance(decoded, Unreadable):
        return decoded
    text, name = decoded
    if "\n" in text:
        text = _ENDS.sub("\r", text)
    text = text.rstrip(_TRAILING)
    several = broken = None
    odd = _odd(msh[1])
    if odd.search(text):
        text = _one_message(text)
        several, broken = _oddities(text, odd)
    if not head.isascii() or name in OVERLAPPING:
        msh = _fields(text.partition("\r")[0])
    return Opened(text, name, msh, several, broken)


def _first_segment(frame: bytes) -> bytes:
    end = frame.find(b"\r")
    head = frame if end < 0 else frame[:end]
    return head.partition(b"\n")[0] if b"\n" in head else head


def _fields(head: str) -> list[str]:
    separator = head[3:4]
    fields = head.split(separator) if separator else [head]
    fields.insert(1, separator)
    return fields if len(fields) > 18 else fields + _PADDING


def _decoded(frame: bytes, msh: list[str], fallback: str | None) -> tuple[str, str] | Unreadable:
    """The text and the name of its decoder."""
    name = codec(msh[18], msh[2][1:2] or "~") if msh[18] else DEFAULT
    if frame.isascii() and b"\x1b" not in frame and name not in OVERLAPPING:
        return frame.decode("ascii"), name or DEFAULT
    name = _overlapping(_first_segment(frame)) or name
    if name is None and frame.isascii():
        name = DEFAULT
    place = "MSH-18"
    for candidate in (name, fallback):
        try:
            if candidate is not None:
                return frame.decode(candidate), candidate
        except UnicodeDecodeError as error:
            place = _place(frame, error.start)
    return Unreadable("charset", place, msh)


def _overlapping(head: bytes) -> str | None:
    """The decoder in which the header says that it is written, of those that split nothing before decoding."""
    for name in sorted(OVERLAPPING):
        fields = _fields(head.decode(name, "replace"))
        if fields[18] and codec(fields[18], fields[2][1:2] or "~") == name:
            return name
    return None


@lru_cache(maxsize=64)
def _odd(separator: str) -> re.Pattern[str]:
    """Finds the start of a line that is not simply the next segment: one pass that most messages need alone."""
    return re.compile(rf"\r(?:MSH|[BF]TS|(?![A-Z][A-Z0-9]{{2}}(?:{re.escape(separator)}|\r|\Z)))")


def _one_message(text: str) -> str:
    """Without blank lines and the trailers of a batch."""
    text = _BLANKS.sub("\r", text)
    end = len(text)
    while text.startswith(("BTS", "FTS"), (start := text.rfind("\r", 0, end)) + 1):
        end = start
    return text[:end]


def _oddities(text: str, odd: re.Pattern[str]) -> tuple[str | None, str | None]:
    """Where a second message begins, and where the first line stands that is no segment."""
    several = broken = None
    for found in odd.finditer(text):
        kind = text[found.start() + 1 : found.start() + 4]
        if kind == "MSH":
            several = several or f"segment {text.count(chr(13), 0, found.start()) + 2}"
        elif kind not in ("BTS", "FTS"):
            broken = broken or f"segment {text.count(chr(13), 0, found.start()) + 2}"
        if several and broken:
            break
    return several, broken


def _place(frame: bytes, at: int) -> str:
    """``segment 5`` for the byte at ``at``."""
    lines = frame[:at].replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    return f"segment {lines.count(13) + 1}"
