"""Files of HL7 v2 as frames on the wire, and what their own bytes say they are: read without the product's reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TAKEN = ("AA", "CA", "none asked")
NOTHING = "none"
"""What the monitor is told where a header leaves type or version out."""
_HEADER = re.compile(rb"(?:\A|(?<=[\r\n\x0b])|(?<=\xef\xbb\xbf))MSH")
_WRAPPING = re.compile(rb"^[FB][HT]S[^\r\n]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)
_WRAPPED = re.compile(rb"(?<=\r)[FB][HT]S[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Sent(NamedTuple):
    """One message of the corpus and what its own bytes say it is."""

    file: str
    number: int
    frame: bytes
    type: str
    version: str
    segments: str
    silent: bool
    """MSH-15 asks for no answer to what is taken."""

    @property
    def posting(self) -> tuple[str, str, str]:
        """What the monitor must be told of it."""
        return self.type or NOTHING, self.version or NOTHING, self.segments


def messages(folder: Path) -> Iterator[Sent]:
    """Every message of every file: from one MSH to the next, with the line ends that stand in the file, without what a
    batch wraps around it. A file without MSH is one frame."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        for number, frame in enumerate(_frames(data), 1):
            yield described(name, number, frame)


def _frames(data: bytes) -> Iterator[bytes]:
    starts = [match.start() for match in _HEADER.finditer(data)]
    if not starts:
        yield data
    for start, end in zip(starts, [*starts[1:], len(data)], strict=False):
        yield _WRAPPED.sub(b"", _WRAPPING.sub(b"", data[start:end])).strip(b"\x0b\x1c")


def described(file: str, number: int, frame: bytes) -> Sent:
    """Type, version and number of segments, by the delimiters that the header itself declares."""
    lines = [line for line in re.split(r"[\r\n]+", frame.decode("latin-1")) if line]
    head = lines[0]
    fields = [*head.split(head[3:4] or "|"), *[""] * 20]
    component = fields[1][:1] or "^"
    kind, version = (fields[n].split(component)[0] for n in (8, 11))
    return Sent(file, number, frame, kind, version, str(len(lines)), fields[14] in ("NE", "ER"))


def told(answer: str) -> tuple[str, str, str]:
    """(code, place, reason) of an acknowledgement, whatever its delimiters: MSA-1, and of a refusal the code and place
    that stand in MSA-3."""
    lines = answer.strip("\x0b\x1c\r").split("\r")
    msa = lines[1].split(lines[0][3])
    reason, _, place = msa[3].partition(" at ") if len(msa) > 3 else ("", "", "")
    return msa[1], place, reason
