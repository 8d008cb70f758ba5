"""What all connections do: they read no more than can be stored and answered, and close in order."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from typing import Protocol, cast

from runtime.intake.arrival import Arrival, Twins
from runtime.intake.recorder import Recorder
from runtime.intake.source import Connection, Plan


class Desk(Protocol):
    """What a connection knows of its listener."""

    @property
    def plan(self) -> Plan: ...

    @property
    def twins(self) -> Twins: ...

    @property
    def recorder(self) -> Recorder: ...

    def opened(self, connection: Connection) -> bool:
        """Whether there is room for one more."""

    def closed(self, connection: Connection) -> None: ...


class SenderConnection(asyncio.Protocol):
    """Protocol of one sender. Reading stops while answers pile up, while delivery lags, and for good after a fatal
    frame; the socket closes once everything that was read is answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._transport: asyncio.Transport
        self._open, self._ending = False, False
        self._unanswered = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._held, self._clogged = False, False
        self._spoke, self._since = False, 0.0
        self.peer = ""

    # -- from the loop ----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open = True
        self.peer = _address(self._transport)
        self._since = asyncio.get_running_loop().time()
        if not _shows_a_pin(self._transport, self._desk.plan.pins) or not self._desk.opened(self):
            self._open = False
            self._transport.abort()
            return
        # uvloop starts reading after this call, whatever was said inside it.
        asyncio.get_running_loop().call_soon(self._regulate)
        plain = self._transport.get_extra_info("socket")
        if plain is not None and plain.family in (socket.AF_INET, socket.AF_INET6):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

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

    def idle_since(self) -> tuple[bool, float] | None:
        return None if self._unanswered or self._reading() else (self._spoke, self._since)

    def retire(self) -> None:
        """Reads no more; closes when everything that was read is answered."""
        self._end()
        if not self._unanswered:
            self._transport.close()

    def renew(self, plan: Plan) -> None:
        """A newer release took over."""

    # -- for the protocols --------------------------------------------------------------------------------------------

    def _record(self, arrival: Arrival) -> None:
        """Hands a frame to the recorder."""
        self._unanswered += 1
        self._spoke, self._since = True, asyncio.get_running_loop().time()
        self._desk.recorder.add(arrival)
        if arrival.fatal:
            self._end()

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
        """Sets the deadline of what is being read, or none."""

    def _reading(self) -> bool:
        """Whether a part of a frame has come and the rest has not."""
        return False

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _address(transport: asyncio.Transport) -> str:
    """The sender's address; "" where there is none any more."""
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _shows_a_pin(transport: asyncio.Transport, pins: tuple[str, ...]) -> bool:
    """Whether the sender's certificate is one of those that are pinned, where any are."""
    if not pins:
        return True
    session = transport.get_extra_info("ssl_object")
    certificate = session.getpeercert(binary_form=True) if session is not None else None
    digest = hashlib.sha256(certificate or b"").hexdigest()
    return certificate is not None and any(hmac.compare_digest(digest, pin.lower()) for pin in pins)
