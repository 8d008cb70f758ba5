"""Conformance: whether a message's segments and groups stand as HL7's tables have them, asked of hl7apy in a worker.

The worker gets structure, version and the names of the segments, never a value; it gives codes and places. What it
said of one sequence of segments is remembered, for a system sends few different ones once repetitions are shortened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flows.hl7 import VERSIONS, structure_id
from nodes.formats.hl7v2 import NoMessage, read_message
from nodes.services import NonConformity
from runtime.workers import MOST_ASKED, Worker

_REMEMBERED = 4_096
_LONGEST_BLOCK = 8
_CODES = frozenset(("structure-unknown", "segment-missing", "segment-unexpected", "segment-repeated", "unreadable"))


class Conformance:
    """Call it with the payload of a message. None means that no answer came in time."""

    def __init__(self, deadline_s: float = 10.0) -> None:
        self._worker = Worker("runtime.conformance_worker", str(int(deadline_s) + 1), deadline_s=deadline_s)
        self._known: dict[bytes, Sequence[NonConformity]] = {}

    def __call__(self, payload: bytes) -> Sequence[NonConformity] | None:
        asked = skeleton(payload)
        if not isinstance(asked, bytes):
            return (asked,)
        known = self._known.get(asked)
        if known is None:
            known = self._ask(asked)
            if known is not None and len(self._known) < _REMEMBERED:
                self._known[asked] = known
        return known

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _ask(self, asked: bytes) -> Sequence[NonConformity] | None:
        answer = self._worker.ask(asked)
        return None if answer is None else _departures(answer)


def skeleton(payload: bytes) -> bytes | NonConformity:
    """Type, structure, version and segment names of a message as one line, or why there are none."""
    try:
        message = read_message(payload, fallback="iso8859-1", structured=False)
    except NoMessage as error:
        return NonConformity("unreadable", error.place)
    msh, component = message.fields(0), message.delimiters.component
    kind, version = (_field(msh, number).split(component) for number in (9, 12))
    event = kind[1] if len(kind) > 1 else ""
    structure = structure_id(kind[0], event, version[0]) if version[0] in VERSIONS else None
    if structure is None:
        return NonConformity("structure-unknown", "MSH-9")
    nameless = next((number for number, name in enumerate(message.names, 1) if not name), None)
    if nameless is not None:
        return NonConformity("segment-unexpected", f"segment {nameless}")
    names = shortened(message.names[1:])
    asked = json.dumps({"structure": structure, "version": version[0], "segments": names}).encode()
    return asked if len(asked) < MOST_ASKED else NonConformity("unreadable", "number of segments")


def shortened(names: list[str]) -> list[str]:
    """With every block that stands three times or more in a row only twice.

    In HL7's tables a segment or group stands once at most or as often as one likes: what holds for two holds for all.
    """
    short: list[str] = []
    for name in names:
        short.append(name)
        for length in range(1, _LONGEST_BLOCK + 1):
            last = short[-length:]
            if last == short[-2 * length : -length] and last == short[-3 * length : -2 * length]:
                del short[-length:]
                break
    return short


def _field(fields: list[str], number: int) -> str:
    return fields[number] if number < len(fields) else ""


def _departures(answer: bytes) -> Sequence[NonConformity] | None:
    """The worker's answer, looked over: a child that went wrong must not put words into a case."""
    try:
        said: Any = json.loads(answer)
        sound = all(code in _CODES and isinstance(place, str) and place.isascii() for code, place in said)
        return tuple(NonConformity(code, place) for code, place in said) if sound else None
    except (ValueError, TypeError):
        return None
