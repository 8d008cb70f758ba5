"""The MLLP framer: a stream of bytes becomes frames. Bounded, linear in time, indifferent to how reads fall."""

from __future__ import annotations

from typing import Final, NamedTuple

START: Final = b"\x0b"
END: Final = b"\x1c\r"
JUNK_MAX: Final = 4096
"""Bytes outside frames that are passed over before the connection is given up."""
HEAD: Final = 8192
"""As much of a broken frame is kept as its header can need."""
AMBIGUOUS: Final = "framing-ambiguous"
"""An end of frame, and what may be the rest of a value behind it: sent again, it would be the same."""
_PADDING: Final = b"\x0b\r\n\x00 "


class Broken(NamedTuple):
    """Something that is no frame. After a ``fatal`` one nothing more is read from this connection."""

    code: str
    head: bytes
    size: int
    fatal: bool = True


class Framer:
    """The reading side of one connection: ``feed`` it what arrives, in any pieces."""

    __slots__ = ("_junk", "_partial", "_searched", "frame_bytes", "inside", "started")

    def __init__(self, frame_bytes: int) -> None:
        self.frame_bytes = frame_bytes
        self.inside = False
        """A frame has begun and not ended."""
        self.started = 0
        """Frames that have begun."""
        self._partial = bytearray()
        self._searched = 0
        self._junk = 0

    def feed(self, data: bytes) -> list[bytes | Broken]:
        """The frames, and what is none, that ``data`` completes."""
        out: list[bytes | Broken] = []
        at, length = 0, len(data)
        while at < length:
            if not self.inside:
                at = self._find_start(data, at, out)
                if at < 0:
                    break
            at = self._find_end(data, at, out)
            if out and type(out[-1]) is Broken and out[-1].fatal:
                break
        return out

    def expired(self) -> Broken:
        """The frame that took too long."""
        return Broken("frame-timeout", bytes(self._partial[:HEAD]), len(self._partial))

    def _find_start(self, data: bytes, at: int, out: list[bytes | Broken]) -> int:
        """Where the content of the next frame begins, or -1."""
        start = data.find(START, at)
        self._junk += (len(data) if start < 0 else start) - at
        if self._junk > JUNK_MAX:
            out.append(Broken("no-frame-start", b"", self._junk))
            return -1
        if start < 0:
            return -1
        self.inside, self._junk = True, 0
        self.started += 1
        return start + 1

    def _find_end(self, data: bytes, at: int, out: list[bytes | Broken]) -> int:
        """Takes what belongs to the frame in progress; gives the place after it."""
        if not self._partial:
            end = data.find(END, at)
            if end >= 0:
                self.inside = False
                self._finish(data[at:end], data, end + 2, out)
                return end + 2
            self._partial += data[at:]
            self._searched = max(0, len(self._partial) - 1)
            self._bound(out)
            return len(data)
        before = len(self._partial)
        self._partial += data[at:] if at else data
        end = self._partial.find(END, self._searched)
        if end < 0:
            self._searched = len(self._partial) - 1
            self._bound(out)
            return len(data)
        content, after = bytes(self._partial[:end]), at + end + 2 - before
        self._partial.clear()
        self._searched, self.inside = 0, False
        self._finish(content, data, after, out)
        return after

    def _bound(self, out: list[bytes | Broken]) -> None:
        if len(self._partial) > self.frame_bytes:
            out.append(Broken("frame-too-long", bytes(self._partial[:HEAD]), len(self._partial)))

    def _finish(self, content: bytes, data: bytes, after: int, out: list[bytes | Broken]) -> None:
        """One frame is complete; judge it and what stands right behind it."""
        restart = content.rfind(START)
        if restart >= 0:
            out.append(Broken("frame-restarted", content[: min(restart, HEAD)], restart, fatal=False))
            content = content[restart + 1 :]
        if len(content) > self.frame_bytes:
            out.append(Broken("frame-too-long", content[:HEAD], len(content)))
        elif after < len(data) and data[after] not in _PADDING:
            out.append(Broken(AMBIGUOUS, content[:HEAD], len(content)))
        else:
            out.append(content)
