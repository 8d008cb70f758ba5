"""One frame on its way from the wire to its answer."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple, Protocol, cast

import orjson

from runtime.intake.acknowledge import NONE
from runtime.intake.framer import END, START, Broken
from runtime.intake.source import Accepted, AnswerCode, Header, Plan, Refused


class Sender(Protocol):
    """The connection that a frame came by."""

    def answered(self, frames: int, data: bytes, close: bool) -> None:
        """``frames`` of its frames are dealt with; ``data`` goes out (it may be empty), then the end if ``close``."""


class Arrival:
    """A frame with what its source made of it, and with its outcome once a transaction holds it."""

    __slots__ = (
        "admission", "code", "control_id", "digest", "fatal", "frame", "plan", "refused", "sender", "size", "twin",
        "when_ms",
    )  # fmt: skip

    def __init__(self, sender: Sender, plan: Plan, frame: bytes, size: int) -> None:
        self.sender, self.plan, self.frame, self.size = sender, plan, frame, size
        self.admission: Accepted | Refused
        self.digest = hashlib.sha256(frame).digest()
        self.twin = b""
        self.fatal = False
        """The connection is closed after this one."""
        self.refused: Refused | None = None
        self.code, self.control_id, self.when_ms = "", "", 0

    def reply(self) -> bytes:
        """The framed answer, or nothing where none is due."""
        header = self.admission.header
        if self.code == NONE or header is None:
            return b""
        reason, place = (self.refused.code, self.refused.place) if self.refused else ("", "")
        answer = self.plan.source.answer(
            header, cast(AnswerCode, self.code), reason, place, self.control_id, self.when_ms
        )
        return START + answer + END


class Twins(NamedTuple):
    """Makes the keyed hash by which repeats and conflicts are found."""

    key: bytes

    def twin(self, source: str, identity: tuple[str, ...], digest: bytes) -> bytes:
        """Eight bytes that say who (source and identity), eight that say who and what (with the digest).

        The HMAC's other half is the key of the second part; both its inputs have a fixed length.
        """
        who = hmac.digest(self.key, orjson.dumps((source, identity)), "sha256")
        return who[:8] + hashlib.sha256(who[8:] + digest).digest()[:8]


def arrive(sender: Sender, plan: Plan, twins: Twins, piece: bytes | Broken) -> Arrival:
    """What the source says of a frame, or of the head of what is none. No frame ends the process."""
    if isinstance(piece, Broken):
        arrival = Arrival(sender, plan, piece.head, piece.size)
        arrival.admission = Refused(piece.code, "frame", "AE", _header(plan, piece.head))
        arrival.fatal = piece.fatal
        return arrival
    arrival = Arrival(sender, plan, piece, len(piece))
    arrival.admission = admission = _admit(plan, piece)
    if isinstance(admission, Accepted):
        if admission.header.is_answer:
            arrival.admission = Refused("acknowledgement", "MSH-9", "AR", admission.header)
        arrival.twin = twins.twin(plan.connection, admission.header.identity, arrival.digest)
    arrival.fatal = admission.header is None
    return arrival


def _header(plan: Plan, head: bytes) -> Header | None:
    """What can be read of the header of something broken, to answer it."""
    return _admit(plan, head[: plan.limits.frame_bytes]).header if head else None


def _admit(plan: Plan, frame: bytes) -> Accepted | Refused:
    try:
        return plan.source.admit(frame)
    except Exception:  # noqa: BLE001 - a defect in a reader must cost one frame, not the process
        return Refused("unreadable", "frame", "AE", None)
