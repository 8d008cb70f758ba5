"""From the bytes of a frame to the text of one message: charset, segment ends, and what a batch wraps around it."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from nodes.formats.hl7v2.charsets import DEFAULT, OVERLAPPING, codec

Ends = Literal["any", "cr"]
_LEADING = b"\r\n\t \x0b"
_TRAILING = "\r\n\x0b\x1a\x1c"
_ENDS = re.compile(r"\r\n|\n")
_BLANKS = re.compile(r"\r\r+")


class Opened(NamedTuple):
    """The text of a message: segments end with CR, none is empty. ``msh[n]`` is MSH-n as sent, padded to MSH-18."""

    text: str
    codec: str
    msh: list[str]


class Unreadable(NamedTuple):
    """Why a frame has no text. ``msh`` is as in Opened, byte for character; None where nothing like it stands there."""

    code: str
    place: str
    msh: list[str] | None


def opened(frame: bytes, fallback: str | None = None, ends: Ends = "any") -> Opened | Unreadable:
    """The message in ``frame``; ``fallback`` is the charset for bytes that the declared one does not allow."""
    if not frame.startswith(b"MSH"):
        frame = _unwrapped(frame)
        if not frame.startswith(b"MSH"):
            return Unreadable("no-header", "MSH", None)
    head = _first_segment(frame).decode("latin-1")
    msh = _fields(head)
    if b"\0" in frame:
        return Unreadable("nul-character", _place(frame, frame.index(b"\0")), msh)
    if ends == "cr" and b"\n" in frame:
        return Unreadable("line-feed", _place(frame, frame.index(b"\n")), msh)
    decoded = _decoded(frame, msh, fallback)
    if isinstance(decoded, Unreadable):
        return decoded
    text, name = decoded
    text = _one_message(text)
    if not head.isascii() or name in OVERLAPPING:
        msh = _fields(text.partition("\r")[0])
    return Opened(text, name, msh)


def _unwrapped(frame: bytes) -> bytes:
    """Without byte order mark, blank lines and the headers of a batch."""
    frame = frame.removeprefix(b"\xef\xbb\xbf").lstrip(_LEADING)
    while frame.startswith((b"FHS", b"BHS")):
        frame = frame[len(_first_segment(frame)) :].lstrip(_LEADING)
    return frame


def _first_segment(frame: bytes) -> bytes:
    return frame.partition(b"\r")[0].partition(b"\n")[0]


def _fields(head: str) -> list[str]:
    fields = head.split(head[3]) if len(head) > 3 else [head]
    fields.insert(1, head[3:4])
    missing = 19 - len(fields)
    return fields + [""] * missing if missing > 0 else fields


def _decoded(frame: bytes, msh: list[str], fallback: str | None) -> tuple[str, str] | Unreadable:
    """The text and the name of its decoder."""
    name = codec(msh[18], msh[2][1:2] or "~") if msh[18] else DEFAULT
    if frame.isascii() and name not in OVERLAPPING:
        return frame.decode("ascii"), name or DEFAULT
    place = "MSH-18"
    for candidate in (name, fallback):
        try:
            if candidate is not None:
                return frame.decode(candidate), candidate
        except UnicodeDecodeError as error:
            place = _place(frame, error.start)
    return Unreadable("charset", place, msh)


def _one_message(text: str) -> str:
    """With CR alone between segments, without blank lines and the trailers of a batch."""
    if "\n" in text:
        text = _ENDS.sub("\r", text)
    text = text.rstrip(_TRAILING)
    if "\r\r" in text:
        text = _BLANKS.sub("\r", text)
    while "\rBTS" in text or "\rFTS" in text:
        body, _, last = text.rpartition("\r")
        if not last.startswith(("BTS", "FTS")):
            break
        text = body
    return text


def _place(frame: bytes, at: int) -> str:
    """``segment 5`` for the byte at ``at``."""
    lines = frame[:at].replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    return f"segment {lines.count(bytes((13,))) + 1}"
