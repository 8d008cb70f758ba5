"""One frame on its way from the wire to its answer."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

import orjson

from runtime.intake.source import NONE, Accepted, Plan, Refused, Sender


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
        return b"" if self.code == NONE else self.plan.carrier.reply(self)


class Twins(NamedTuple):
    """Makes the keyed hash by which repeats and conflicts are found."""

    key: bytes

    def twin(self, source: str, identity: tuple[str, ...], digest: bytes) -> bytes:
        """Eight bytes that say who (source and identity), eight that say who and what (with the digest).

        The HMAC's other half is the key of the second part; both its inputs have a fixed length.
        """
        who = self._of(source, identity)
        return who[:8] + hashlib.sha256(who[8:] + digest).digest()[:8]

    def who(self, source: str, identity: tuple[str, ...]) -> bytes:
        """The first eight bytes: by them a message is looked for."""
        return self._of(source, identity)[:8]

    def _of(self, source: str, identity: tuple[str, ...]) -> bytes:
        return hmac.digest(self.key, orjson.dumps((source, identity)), "sha256")


def arrive(sender: Sender, plan: Plan, twins: Twins, frame: bytes) -> Arrival:
    """A frame with what its source says of it. No frame ends the process."""
    arrival = Arrival(sender, plan, frame, len(frame))
    arrival.admission = admission = admit(plan, frame)
    if isinstance(admission, Accepted):
        arrival.twin = twins.twin(plan.connection, admission.header.identity, arrival.digest)
    return arrival


def broken(sender: Sender, plan: Plan, head: bytes, size: int, refused: Refused) -> Arrival:
    """What never became a frame: the head of it, and why."""
    arrival = Arrival(sender, plan, head, size)
    arrival.admission = refused
    return arrival


def admit(plan: Plan, frame: bytes) -> Accepted | Refused:
    """What the source says; a defect in a reader must cost one frame, not the process."""
    try:
        return plan.source.admit(frame)
    except Exception:  # noqa: BLE001 - see above
        return plan.carrier.refusal("unreadable", None)
