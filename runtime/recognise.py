"""What a pasted or dropped text is: HL7 v2 or FHIR, of which type, and whether it can be told apart from others."""

from __future__ import annotations

import re
from typing import Final, Literal

from flows.environment import Limits
from flows.findings import Model
from flows.hl7 import VERSIONS
from nodes.formats.fhir import read_header as read_fhir
from nodes.formats.hl7v2 import read_header as read_hl7
from nodes.source import Refused

Format = Literal["hl7v2", "fhir", "unknown"]
LINE_END: Final = re.compile(r"\r\n|\r|\n")
_LIMITS: Final = Limits(frame_bytes=4 << 20)
_SAID: Final = {
    "control-id-missing": "It has no message control id (MSH-10), so nobody could tell it from another: it is refused.",
    "charset": "Its bytes are not what MSH-18 says they are.",
    "delimiters": "Its delimiters in MSH-1 and MSH-2 cannot be used.",
    "frame-too-long": "It is longer than a sample may be.",
    "not-json": "It is no JSON.",
}


class Recognised(Model):
    """What a text is. Nothing of its values stands here but type and version."""

    format: Format
    type: str = ""
    """``DFT^P03@2.5.1``, ``Bundle@R4``; empty where that cannot be read."""
    identity_present: bool = False
    problem: str = ""
    """Why it cannot be used, as a sentence."""


def recognise(text: str) -> Recognised:
    """HL7 v2 by its header segment, FHIR by its resource type; anything else is unknown."""
    begins = text.lstrip("\ufeff\x0b \t\r\n")
    if begins.startswith(("MSH", "FHS", "BHS")):
        return _hl7(begins)
    if begins.startswith("{"):
        return _fhir(begins)
    return Recognised(
        format="unknown",
        problem="This is neither an HL7 v2 message (it begins with MSH) nor a FHIR resource (a JSON object).",
    )


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a sample, without empty ones at its end."""
    return tuple(LINE_END.split(text.lstrip("\ufeff\x0b").rstrip("\x1c\r\n \t")))


def _hl7(text: str) -> Recognised:
    frame = "\r".join(lines_of(text)).encode("utf-8", "surrogatepass") + b"\r"
    read = read_hl7(frame, _LIMITS, fallback="cp1252", default_version=None)
    header = read.header if isinstance(read, Refused) else read[0]
    problem = (
        _SAID.get(read.code, f"It cannot be read: {read.code} at {read.place or 'its beginning'}.")
        if isinstance(read, Refused)
        else ""
    )
    if header is None:
        return Recognised(format="hl7v2", problem=problem)
    if not problem and header.version not in VERSIONS:
        problem = "MSH-12 names no version of HL7 v2 that is known here."
    kind = "^".join(part for part in (header.type, header.event) if part)
    return Recognised(
        format="hl7v2",
        type=f"{kind}@{header.version}"[:60] if kind.isprintable() else "",
        identity_present=bool(header.control_id.strip()),
        problem=problem,
    )


def _fhir(text: str) -> Recognised:
    read = read_fhir(text.encode("utf-8", "surrogatepass"), _LIMITS, frozenset())
    if isinstance(read, Refused):
        problem = _SAID.get(read.code, f"It is no FHIR R4 resource: {read.code} at {read.place or 'its beginning'}.")
        known = getattr(read.header, "type", "") if read.header is not None else ""
        return Recognised(format="fhir", type=f"{known}@R4" if known else "", problem=problem)
    header, _ = read
    return Recognised(format="fhir", type=f"{header.type}@R4", identity_present=bool(header.identity))
