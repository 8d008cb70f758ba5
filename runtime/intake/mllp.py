"""One MLLP connection: frames in, answers out in the same order, within the limits of its source."""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol, cast

from runtime.intake.arrival import Twins, arrive
from runtime.intake.framer import Broken, Framer
from runtime.intake.recorder import Recorder
from runtime.intake.source import Plan


class Desk(Protocol):
    """What a connection knows of its listener."""

    @property
    def plan(self) -> Plan: ...

    @property
    def twins(self) -> Twins: ...

    @property
    def recorder(self) -> Recorder: ...

    def opened(self, connection: MllpConnection) -> bool:
        """Whether there is room for one more."""

    def closed(self, connection: MllpConnection) -> None: ...


class MllpConnection(asyncio.Protocol):
    """Protocol of one sender. Reading stops while answers pile up, while delivery lags, and for good after a fatal
    frame; the socket closes once everything that was read is answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._framer = Framer(desk.plan.limits.frame_bytes)
        self._transport: asyncio.Transport
        self._open, self._ending = False, False
        self._unanswered = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._timed = 0
        self._held, self._clogged = False, False

    # -- from the loop ----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open = True
        if not self._desk.opened(self):
            self._open = False
            self._transport.abort()
            return
        # uvloop starts reading after this call, whatever was said inside it.
        asyncio.get_running_loop().call_soon(self._regulate)
        plain = self._transport.get_extra_info("socket")
        if plain is not None and plain.family in (socket.AF_INET, socket.AF_INET6):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        desk, framer = self._desk, self._framer
        for piece in framer.feed(data):
            if self._take(desk, piece):
                break
        if framer.inside != (self._deadline is not None) or framer.started != self._timed:
            self._watch()

    def eof_received(self) -> bool:
        """A sender may close its half and still read: what it sent is stored and answered."""
        self._end()
        return self._unanswered > 0

    def connection_lost(self, exc: Exception | None) -> None:
        self._ending = True
        self._cancel_deadline()
        if self._open:
            self._open = False
            self._desk.closed(self)

    def pause_writing(self) -> None:
        self._clogged = True
        self._regulate()

    def resume_writing(self) -> None:
        self._clogged = False
        self._regulate()

    # -- from the recorder and the listener ---------------------------------------------------------------------------

    def answered(self, frames: int, data: bytes, close: bool) -> None:
        self._unanswered -= frames
        if not self._open:
            return
        if data:
            self._transport.write(data)
        if close:
            self._end()
        if self._ending and not self._unanswered:
            self._transport.close()

    def hold(self, held: bool) -> None:
        """Stops or resumes reading: delivery is behind, or has caught up."""
        self._held = held
        self._regulate()

    def retire(self) -> None:
        """Reads no more; closes when everything that was read is answered."""
        self._end()
        if not self._unanswered:
            self._transport.close()

    def renew(self, plan: Plan) -> None:
        """A newer release took over."""
        self._framer.frame_bytes = plan.limits.frame_bytes

    # -- private ------------------------------------------------------------------------------------------------------

    def _take(self, desk: Desk, piece: bytes | Broken) -> bool:
        """Hands a frame to the recorder; whether it was the last one of this connection."""
        arrival = arrive(self, desk.plan, desk.twins, piece)
        self._unanswered += 1
        desk.recorder.add(arrival)
        if arrival.fatal:
            self._end()
        return arrival.fatal

    def _end(self) -> None:
        self._ending = True
        self._cancel_deadline()

    def _regulate(self) -> None:
        """While we do not read, no deadline runs: the sender cannot finish its frame."""
        if not self._open or self._transport.is_closing():
            return
        if self._held or self._clogged:
            self._transport.pause_reading()
            self._cancel_deadline()
        elif not self._transport.is_reading():
            self._transport.resume_reading()
            self._watch()

    def _watch(self) -> None:
        """The deadline belongs to the whole frame, not to the next byte."""
        self._cancel_deadline()
        self._timed = self._framer.started
        if self._framer.inside and not self._ending:
            seconds = self._desk.plan.limits.frame_seconds
            self._deadline = asyncio.get_running_loop().call_later(seconds, self._expire)

    def _expire(self) -> None:
        self._deadline = None
        self._take(self._desk, self._framer.expired())

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
