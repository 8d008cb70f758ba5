"""A small keep-alive HTTP/1.1 client for one destination: one request at a time on a connection, hard caps on answers.

No redirect is followed, nothing is decompressed, no second host is ever contacted. An answer has at most 64 KiB of
headers (all interim answers counted in) and 1 MiB of body, and a total time from the first byte sent to its last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import cast

import httptools

from nodes.sink import Answer

MAX_HEAD = 64 << 10
MAX_BODY = 1 << 20


class Trouble(StrEnum):
    """Why there is no complete answer. Only after UNREACHED is it sure that the request had no effect."""

    UNREACHED = "unreached"
    RESET = "reset"
    TIMEOUT = "timeout"
    MALFORMED = "malformed"
    TOO_LARGE = "too-large"


Done = Callable[[Answer | Trouble], None]
Connect = Callable[[Callable[[], asyncio.Protocol]], Awaitable[object]]
"""Opens a connection to the destination and attaches the protocol; raises OSError where it cannot."""


class Client:
    """The connections to one destination. The caller bounds how many requests are under way at once."""

    def __init__(self, connect: Connect, answer_s: float) -> None:
        self._connect, self._answer_s = connect, answer_s
        self._idle: list[Line] = []
        self._lines: set[Line] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    def send(self, request: bytes, done: Done) -> None:
        """Sends ``request`` (head and body); ``done`` is called exactly once, never from within this call."""
        if self._sweep is None:
            self._sweep = self._loop.call_later(self._pace, self._check_deadlines)
        if self._idle:
            self._idle.pop().send(request, done, self._loop.time() + self._answer_s)
            return
        task = self._loop.create_task(self._open(request, done))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    def close(self) -> None:
        """Drops every connection. Requests under way end in RESET."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        for line in tuple(self._lines):
            line.drop(Trouble.RESET)
        for task in tuple(self._opening):
            task.cancel()

    async def _open(self, request: bytes, done: Done) -> None:
        deadline = self._loop.time() + self._answer_s
        line = Line(self)
        try:
            await asyncio.wait_for(self._connect(lambda: line), self._answer_s)
        except (OSError, TimeoutError):
            done(Trouble.UNREACHED)
            return
        if line.transport is None:  # it spoke before it was asked, or left at once
            done(Trouble.UNREACHED)
            return
        line.send(request, done, deadline)

    @property
    def _pace(self) -> float:
        return min(1.0, self._answer_s / 8)

    def _check_deadlines(self) -> None:
        """One timer for all requests: a timer each would cost more than the request."""
        now = self._loop.time()
        for line in tuple(self._lines):
            if line.done is not None and line.deadline <= now:
                line.drop(Trouble.TIMEOUT)
        self._sweep = None if self._closed else self._loop.call_later(self._pace, self._check_deadlines)

    def opened(self, line: Line) -> None:
        self._lines.add(line)

    def idle(self, line: Line) -> None:
        self._idle.append(line)

    def lost(self, line: Line) -> None:
        self._lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.transport: asyncio.Transport | None = None
        self.done: Done | None = None
        self.deadline = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._clear()

    def _clear(self) -> None:
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._head_size = self._head_counted = 0
        self._body_size = 0
        self._in_body = False
        self._complete = self._keep = False
        self._too_large = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        self._client.opened(self)

    def send(self, request: bytes, done: Done, deadline: float) -> None:
        assert self.transport is not None  # noqa: S101 - only connected lines are used
        self.done, self.deadline = done, deadline
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self.done is None:
            self.drop(Trouble.MALFORMED)  # nobody asked
            return
        if not self._in_body:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, UnicodeDecodeError):
            self.drop(Trouble.TOO_LARGE if self._too_large else Trouble.MALFORMED)
            return
        if self._too_large or (not self._in_body and self._head_size > MAX_HEAD):
            self.drop(Trouble.TOO_LARGE)
        elif self._complete:
            self._finish(keep=self._keep)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_counted += len(name) + len(value) + 4
        self._too_large = self._too_large or self._head_counted > MAX_HEAD
        self._headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        self._in_body = self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > MAX_BODY:
            self._too_large = True
        elif not self._complete:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._complete:
            self._too_large = True  # a second answer to one request
        elif self._parser.get_status_code() >= 200:
            self._complete, self._keep = True, self._parser.should_keep_alive()
        else:
            self._headers.clear()  # an interim answer; its bytes stay counted

    def eof_received(self) -> None:
        """An answer without length ends here; any other is cut off."""
        lengthless = not {"content-length", "transfer-encoding"} & self._headers.keys()
        if self.done is not None and self._in_body and lengthless:
            self._finish(keep=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.drop(Trouble.RESET)

    def drop(self, why: Trouble) -> None:
        """Ends the connection, and the request under way in ``why``."""
        self._client.lost(self)
        done, self.done = self.done, None
        if self.transport is not None:
            self.transport.abort()
            self.transport = None
        if done is not None:
            done(why)

    def _finish(self, keep: bool) -> None:
        answer = Answer(self._parser.get_status_code(), self._headers, b"".join(self._body))
        done, self.done = self.done, None
        self._clear()
        if keep:
            self._client.idle(self)
        else:
            self._client.lost(self)
            assert self.transport is not None  # noqa: S101 - it has just answered
            self.transport.abort()
        if done is not None:
            done(answer)


def head(method: str, path: str, host: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """All of a request's head that does not hang on the posting. ValueError where a line could end early."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers)]
    if any(not line.isprintable() or not line.isascii() for line in lines):
        raise ValueError("a request line or header holds a control character")
    return "\r\n".join((*lines, "Accept-Encoding: identity", "Idempotency-Key: ")).encode("ascii")


def request(prepared: bytes, key: bytes, body: bytes) -> bytes:
    """One request: a prepared head, the posting's key in hex, its body."""
    return b"%b%b\r\nContent-Length: %d\r\n\r\n%b" % (prepared, key, len(body), body)
