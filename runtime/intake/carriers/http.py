"""HTTP: messages that are posted, each answered with a status and a body, in the order in which they came."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import cast

import httptools

from nodes.source import Accepted, Header, Refused
from runtime.channel import log
from runtime.intake.arrival import arrive, broken
from runtime.intake.connection import Desk, SenderConnection
from runtime.intake.http_head import HEAD_MAX, Head, HttpDoor, Objection
from runtime.intake.source import Answerable, Own, Plan

IDLE_S = 75
"""How long a connection may stay open without a request."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_OWN: dict[Own, Refused] = {
    "disk-full": Refused("disk-full", "", "503"),
    "identity-conflict": Refused("identity-conflict", "identity", "409"),
    "unreadable": Refused("unreadable", "body", "500"),
}
_ALSO = {
    401: b"WWW-Authenticate: Bearer\r\n",
    405: b"Allow: POST\r\n",
    503: b"Retry-After: 10\r\n",
}


class HttpConnection(SenderConnection):
    """One sender of requests. The methods without docstring are what httptools calls."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._parser = httptools.HttpRequestParser(self)
        self._head = Head()
        self._body: list[bytes] = []
        self._inside, self._headed = False, False
        self._raw = 0
        """Bytes that came while no head was complete."""
        self._last_words = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        self._raw += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._object(Objection(400, "upgrade", "header Upgrade"))
        except httptools.HttpParserError:
            self._object(Objection(400, "not-http", "request"))
        if self._headed or not self._inside:
            self._raw = 0
        elif self._raw > 2 * HEAD_MAX:
            self._object(Objection(431, "head-too-long", "headers"))

    def eof_received(self) -> bool:
        return super().eof_received() and self._transport.get_extra_info("ssl_object") is None

    def answered(self, frames: int, data: bytes, close: bool) -> None:
        if self._last_words and frames == self._unanswered:
            data, close = data + self._last_words, True
        super().answered(frames, data, close)
        if not self._inside:
            self._watch()

    def _reading(self) -> bool:
        return self._inside

    # -- from the parser --------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._head, self._body = Head(), []
        self._inside, self._headed = True, False
        self._watch()

    def on_url(self, url: bytes) -> None:
        self._head.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head.add(name, value)

    def on_headers_complete(self) -> None:
        if self._ending:
            return
        self._headed = True
        plan, head = self._desk.plan, self._head
        objection = head.objection(plan, _door(plan), self._parser.get_method(), self._parser.get_http_version())
        if objection is not None:
            self._object(objection)
        elif head.expects and not self._unanswered:
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        if not self._ending:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._ending:
            return
        self._inside = False
        self._cancel_deadline()
        desk = self._desk
        arrival = arrive(self, desk.plan, desk.twins, b"".join(self._body))
        self._body = []
        admission = arrival.admission
        if isinstance(admission, Accepted):
            path = self._head.path(desk.plan.base_path) or ""
            arrival.admission = _door(desk.plan).misplaced(path, admission.header) or admission
        arrival.fatal = not self._parser.should_keep_alive()
        self._record(arrival)

    # -- private ------------------------------------------------------------------------------------------------------

    def _object(self, objection: Objection) -> None:
        """Nothing more is read. What counts is stored first; the rest is answered at once, after what came before."""
        if self._ending:
            return
        plan = self._desk.plan
        if objection.counts:
            refused = Refused(objection.reason, objection.place, str(objection.status))
            arrival = broken(self, plan, self._head.url, self._raw, refused)
            arrival.fatal = True
            self._record(arrival)
            return
        log("request.refused", flow=plan.flow, source=plan.connection, reason=objection.reason)
        self._end()
        self._last_words = response(plan, str(objection.status), objection.reason, objection.place, close=True)
        if not self._unanswered:
            self._transport.write(self._last_words)
            self._transport.close()

    def _watch(self) -> None:
        """One deadline for the whole request, head and body; another one for the time between requests."""
        self._cancel_deadline()
        if self._ending or not self._open:
            return
        loop, limits = asyncio.get_running_loop(), self._desk.plan.limits
        if self._inside:
            self._deadline = loop.call_later(limits.frame_seconds, self._expire)
        elif not self._unanswered:
            self._deadline = loop.call_later(IDLE_S, self._leave)

    def _expire(self) -> None:
        self._deadline = None
        self._object(Objection(408, "timeout", "body" if self._headed else "headers", counts=self._headed))

    def _leave(self) -> None:
        self._deadline = None
        self._end()
        self._transport.close()


class Http:
    """The carrier of everything that is posted."""

    def protocol(self, desk: object) -> asyncio.Protocol:
        return HttpConnection(cast(Desk, desk))

    def refusal(self, code: Own, header: Header | None) -> Refused:
        return _OWN[code]._replace(header=header)

    def code(self, header: Header | None, refused: Refused | None, repeated: bool) -> str:
        if refused is not None:
            return refused.answer
        return "200" if repeated else "201"

    def reply(self, arrival: Answerable) -> bytes:
        reason, place = (arrival.refused.code, arrival.refused.place) if arrival.refused else ("", "")
        return response(arrival.plan, arrival.code, reason, place, arrival=arrival, close=arrival.fatal)


def response(
    plan: Plan, code: str, reason: str, place: str, *, arrival: Answerable | None = None, close: bool = False
) -> bytes:
    """A status line, the headers that it needs, and the source's own body."""
    status = HTTPStatus(int(code))
    header = arrival.admission.header if arrival else None
    control_id, when_ms = (arrival.control_id, arrival.when_ms) if arrival else ("", 0)
    body = plan.source.answer(header, code, reason, place, control_id, when_ms)
    media_type = _door(plan).media_types[0].encode()
    return b"".join(
        (
            b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()),
            b"Content-Type: %s\r\nContent-Length: %d\r\nCache-Control: no-store\r\n" % (media_type, len(body)),
            _ALSO.get(status, b""),
            b"Connection: close\r\n\r\n" if close else b"\r\n",
            body,
        )
    )


def _door(plan: Plan) -> HttpDoor:
    return cast(HttpDoor, plan.source)


CARRIER = Http()
