"""The header of a message: identity, type and version, read before anything is stored or answered.

A refusal is answered AR where the header is unusable, AE where the body is; without header no answer exists.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import NamedTuple

from flows.environment import Limits
from nodes.formats.hl7v2.delimiters import STANDARD, Delimiters, delimiters
from nodes.formats.hl7v2.frame import Ends, Opened, Unreadable, opened
from nodes.formats.hl7v2.limits import exceeded
from nodes.source import Refused

CONTROL_ID_MAX = 199
MISSING = "control-id-missing"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Header(NamedTuple):
    """What MSH says, each member as sent. ``codec`` decodes the message; ``segments`` counts all, MSH too."""

    delimiters: Delimiters
    application: str
    facility: str
    to_application: str
    to_facility: str
    type: str
    event: str
    structure: str
    control_id: str
    processing: str
    version: str
    accept_ack: str
    application_ack: str
    codec: str
    segments: int
    content: str = ""
    """SHA-256 (hex) of the frame, where it has no control id and its source takes such."""

    @property
    def identity(self) -> tuple[str, ...]:
        """MSH-3, MSH-4, MSH-10; of a message without control id its content in its place."""
        return _identity(self.application, self.facility, self.control_id, self.content)

    @property
    def enhanced(self) -> bool:
        """Whether the sender asks for enhanced acknowledgement: MSH-15 or MSH-16 holds a value."""
        return self.accept_ack not in ("", '""') or self.application_ack not in ("", '""')

    @property
    def is_answer(self) -> bool:
        """Whether this is itself an acknowledgement, which nobody acknowledges."""
        return self.type in ("ACK", "MCF")


def read_header(
    frame: bytes,
    limits: Limits,
    *,
    fallback: str | None = None,
    ends: Ends = "any",
    default_version: str | None = None,
    unnumbered: bool = False,
) -> tuple[Header, Opened] | Refused:
    """The header and the text of ``frame`` where its header is usable. ``unnumbered``: even without control id."""
    if len(frame) > limits.frame_bytes:
        return Refused("frame-too-long", f"byte {limits.frame_bytes + 1}", "AR", None)
    message = opened(frame, fallback, ends)
    if not isinstance(message, Opened):
        header = _header(message.msh, _usable(message.msh), "latin-1", 0) if message.msh else None
        return Refused(message.code, message.place, "AE" if message.code == "charset" else "AR", header)
    text, name, msh, _, _ = message
    d = delimiters(msh[1], msh[2])
    if d is None:
        return Refused("delimiters", "MSH-2", "AR", _header(msh, STANDARD, name, 0))
    header = _header(msh, d, name, text.count("\r") + 1)
    problem = _control_id_problem(msh[10])
    if problem == MISSING and unnumbered:
        header = header._replace(content=_content(frame))
    elif problem:
        return Refused(problem, "MSH-10", "AR", header)
    if not header.version and default_version:
        header = header._replace(version=default_version)
    return header, message


def body_problem(header: Header, message: Opened, limits: Limits, *, named: bool) -> Refused | None:
    """Why a message is not taken for all its usable header. ``named``: its segments will be read by their names."""
    beyond = exceeded(message.text, header.segments, header.delimiters, limits)
    if beyond:
        return Refused(beyond.code, beyond.place, "AE", header)
    if message.several:
        return Refused("several-messages", message.several, "AE", header)
    if message.broken and named:
        return Refused("segment-name", message.broken, "AE", header)
    return None


def identity_in(message: Opened | Unreadable, frame: bytes) -> tuple[str, ...]:
    """As ``Header.identity``; empty where the bytes held no readable message."""
    if not isinstance(message, Opened):
        return ()
    msh = message.msh
    return _identity(msh[3], msh[4], msh[10], "" if _says_something(msh[10]) else _content(frame))


def _identity(application: str, facility: str, control_id: str, content: str) -> tuple[str, ...]:
    return (application, facility, "", content) if content else (application, facility, control_id)


def _content(frame: bytes) -> str:
    return hashlib.sha256(frame).hexdigest()


def _usable(msh: list[str]) -> Delimiters:
    return delimiters(msh[1], msh[2]) or STANDARD


def _header(msh: list[str], d: Delimiters, codec: str, segments: int) -> Header:
    kind = msh[9].split(d.component)
    return Header(
        d,
        msh[3],
        msh[4],
        msh[5],
        msh[6],
        kind[0],
        kind[1] if len(kind) > 1 else "",
        kind[2] if len(kind) > 2 else "",
        msh[10],
        msh[11],
        msh[12].partition(d.component)[0],
        msh[15],
        msh[16],
        codec,
        segments,
    )


def _control_id_problem(control_id: str) -> str | None:
    """An identity has to be something that can be told, kept and echoed."""
    if not _says_something(control_id):
        return MISSING
    if len(control_id) > CONTROL_ID_MAX:
        return "control-id-too-long"
    if not control_id.isprintable() and any(unicodedata.category(c) in _INVISIBLE for c in control_id):
        return "control-id-invisible"
    return None


def _says_something(control_id: str) -> bool:
    return bool(control_id) and control_id != '""' and not control_id.isspace()
