"""MLLP: HL7 v2 in frames, acknowledged in the order in which they came, within the limits of the source."""

from __future__ import annotations

import asyncio
from typing import cast

from nodes.formats import hl7v2
from nodes.source import Accepted, Header, Refused
from runtime.intake.acknowledge import Verdict, acknowledgement
from runtime.intake.arrival import Arrival, admit, arrive, broken
from runtime.intake.connection import Desk, SenderConnection
from runtime.intake.framer import AMBIGUOUS, END, START, Broken, Framer
from runtime.intake.source import Answerable, Own, Plan

_OWN: dict[Own, Refused] = {
    "disk-full": Refused("disk-full", "", "AE"),
    "identity-conflict": Refused("identity-conflict", "MSH-10", "AR"),
    "unreadable": Refused("unreadable", "frame", "AE"),
}


class MllpConnection(SenderConnection):
    """One sender of frames."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._framer = Framer(desk.plan.limits.frame_bytes)
        self._timed = 0

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        framer = self._framer
        for piece in framer.feed(data):
            if self._take(piece):
                break
        if framer.inside != (self._deadline is not None) or framer.started != self._timed:
            self._watch()

    def renew(self, plan: Plan) -> None:
        self._framer.frame_bytes = plan.limits.frame_bytes

    def _reading(self) -> bool:
        return self._framer.inside

    def _take(self, piece: bytes | Broken) -> bool:
        """Hands a frame to the recorder; whether it was the last one of this connection."""
        desk = self._desk
        arrival = self._whole(desk, piece) if isinstance(piece, bytes) else self._broken(desk.plan, piece)
        self._record(arrival)
        return arrival.fatal

    def _whole(self, desk: Desk, frame: bytes) -> Arrival:
        arrival = arrive(self, desk.plan, desk.twins, frame)
        admission = arrival.admission
        if isinstance(admission, Accepted) and admission.header.is_answer:
            arrival.admission = Refused("acknowledgement", "MSH-9", "AR", admission.header)
        arrival.fatal = admission.header is None
        return arrival

    def _broken(self, plan: Plan, piece: Broken) -> Arrival:
        """What is no frame is answered as far as its header can be read."""
        head = piece.head[: plan.limits.frame_bytes]
        header = admit(plan, head).header if head else None
        answer = "AR" if piece.code == AMBIGUOUS else "AE"
        arrival = broken(self, plan, piece.head, piece.size, Refused(piece.code, "frame", answer, header))
        arrival.fatal = piece.fatal
        return arrival

    def _watch(self) -> None:
        """The deadline belongs to the whole frame, not to the next byte."""
        self._cancel_deadline()
        self._timed = self._framer.started
        if self._framer.inside and not self._ending:
            seconds = self._desk.plan.limits.frame_seconds
            self._deadline = asyncio.get_running_loop().call_later(seconds, self._expire)

    def _expire(self) -> None:
        self._deadline = None
        self._take(self._framer.expired())


class Mllp:
    """The carrier of HL7 v2."""

    def protocol(self, desk: object) -> asyncio.Protocol:
        return MllpConnection(cast(Desk, desk))

    def refusal(self, code: Own, header: Header | None) -> Refused:
        return _OWN[code]._replace(header=header)

    def code(self, header: Header | None, refused: Refused | None, repeated: bool) -> str:
        verdict = Verdict.ACCEPT if refused is None else Verdict.REJECT if refused.answer == "AR" else Verdict.ERROR
        return acknowledgement(cast(hl7v2.Header | None, header), verdict)

    def reply(self, arrival: Answerable) -> bytes:
        header = arrival.admission.header
        if header is None:
            return b""
        reason, place = (arrival.refused.code, arrival.refused.place) if arrival.refused else ("", "")
        answer = arrival.plan.source.answer(header, arrival.code, reason, place, arrival.control_id, arrival.when_ms)
        return START + answer + END


CARRIER = Mllp()
