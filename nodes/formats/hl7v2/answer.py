"""Answers: acknowledgements in original and enhanced mode, built from nothing but routing fields and codes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from nodes.formats.hl7v2.delimiters import Delimiters
from nodes.formats.hl7v2.escapes import escaper
from nodes.formats.hl7v2.header import CONTROL_ID_MAX, Header

AnswerCode = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
_ROUTING_MAX = 227
_ERRORS = {  # table 0357
    "type-not-accepted": ("200", "Unsupported message type"),
    "version-unknown": ("203", "Unsupported version id"),
    "version-not-accepted": ("203", "Unsupported version id"),
    "control-id-missing": ("101", "Required field missing"),
    "type-missing": ("101", "Required field missing"),
    "charset": ("102", "Data type error"),
}
_OTHER = ("207", "Application internal error")
_VISIBLE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))


def answer(
    header: Header, code: AnswerCode, *, control_id: str, at_ms: int, reason: str = "", place: str = ""
) -> bytes:
    """The acknowledgement of the message that ``header`` came from.

    Sender and receiver change places, type and version stay, MSA-2 echoes MSH-10. ``reason`` and ``place`` are codes
    and paths (``too-many-segments``, ``PID-3 repetition 201``) for a refusal, never values. ``control_id`` is the
    answer's own MSH-10.
    """
    d = header.delimiters
    f = d.field
    text = (
        f"MSH{f}{d.text}{f}{_safe(header.to_application)}{f}{_safe(header.to_facility)}"
        f"{f}{_safe(header.application)}{f}{_safe(header.facility)}{f}{_stamp(at_ms // 1000)}"
        f"{f}{f}{_kind(header)}{f}{control_id}{f}{_safe(header.processing) or 'P'}{f}{_safe(header.version)}\r"
        f"MSA{f}{code}{f}{_safe(header.control_id, CONTROL_ID_MAX)}"
    )
    if reason:
        text += _refusal(d, header.version, reason, place)
    return (text + "\r").encode(header.codec, "replace")


def _safe(text: str, most: int = _ROUTING_MAX) -> str:
    """A routing field as it came, unless it holds control characters or is longer than HL7 allows."""
    return text if text.isprintable() and len(text) <= most else text.translate(_VISIBLE)[:most]


@lru_cache(maxsize=64)
def _stamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y%m%d%H%M%S+0000")


def _kind(header: Header) -> str:
    """``ACK^A01^ACK`` as far as the version knows the parts."""
    event = header.event if header.event.isalnum() else ""
    if not event or header.version in ("2.1", "2.2"):
        return "ACK"
    c = header.delimiters.component
    structure = "" if header.version in ("2.3", "2.3.1") else f"{c}ACK"
    return f"ACK{c}{event[:8]}{structure}"


def _refusal(d: Delimiters, version: str, reason: str, place: str) -> str:
    """MSA-3 for all, and ERR in the form of the version (2.5 brought location, code and severity apart)."""
    f, escaped = d.field, escaper(d)
    sentence = escaped(f"{reason} at {place}" if place else reason)
    number, meaning = _ERRORS.get(reason, _OTHER)
    coded = d.component.join((number, meaning, "HL70357"))
    location = _location(d, place)
    if version in ("2.1", "2.2", "2.3", "2.3.1", "2.4"):
        place_parts = (*location.split(d.component), "", "")[:3]
        return f"{f}{sentence}\rERR{f}{d.component.join((*place_parts, coded.replace(d.component, d.sub)))}"
    return f"{f}{sentence}\rERR{f}{f}{location}{f}{coded}{f}E{f}{reason}{f}{f}{f}{sentence}"


def _location(d: Delimiters, place: str) -> str:
    """``PID-3 repetition 201`` as PID^1^3^201, where the place is a field."""
    head, _, tail = place.partition(" ")
    segment, _, field = head.partition("-")
    name, _, nth = segment.rstrip("]").partition("[")
    if len(name) != 3 or not field.isdigit():
        return ""
    parts = [name, nth or "1", field]
    if tail.startswith("repetition "):
        parts.append(tail.removeprefix("repetition "))
    return d.component.join(parts)
