"""The wrong-patient hazard: a second PID where the structure has no place for one."""

from __future__ import annotations

from nodes.formats.hl7v2.delimiters import Delimiters
from nodes.formats.hl7v2.frame import Opened
from nodes.formats.hl7v2.message import has_structure, message_of


def stray_patient(opened: Opened, d: Delimiters, default_version: str | None = None) -> str | None:
    """The place of a PID that the structure does not expect after another, or None.

    A swap of two patients (ADT^A17) or results of several (ORU^R01) have places for all of them. Anywhere else nobody
    can say which patient the rest is about: the first would win by accident.
    """
    mark, text = f"\rPID{d.field}", opened.text
    first = text.find(mark)
    if first < 0 or text.find(mark, first + 1) < 0:
        return None
    message = message_of(opened, d, default_version)
    position, seen = message.walk.start, False
    for number, name in enumerate(message.names if has_structure(message) else ()):
        position = message.walk.step(position, name)
        if name == "PID":
            if seen and position.label is None:
                return f"segment {number + 1}"
            seen = True
    return None
