"""What every stand-in over HTTP does alike: listens on loopback, reads requests, answers after its service time."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from lockgate.demo.clock import PLAYED
from lockgate.demo.ledger import Ledger

BODY_LIMIT = 1 << 20
_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content"}


class Request(NamedTuple):
    """One request off a connection."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """``status`` 0: the connection is closed without an answer."""

    status: int
    body: bytes
    kind: str = "text/xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class StandIn(ABC):
    """A service over HTTP with books of its own."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.serving = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=BODY_LIMIT)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    def close(self) -> None:
        if self._server:
            self._server.close()

    @property
    @abstractmethod
    def delay_ms(self) -> int:
        """Service time of each answer but a page's."""

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """What the service says to a request, applied or not."""

    def due(self, count: int, every: int) -> bool:
        """Whether this one goes wrong: rarer in a day that is played, whose clock waits for each."""
        return nth(count, every * (PLAYED if self.ledger.clock.back else 1))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                reply = await self._in_time(request)
                if not reply.status:
                    break
                writer.write(_wire(reply))
                await writer.drain()
        except (OSError, EOFError, ValueError):
            pass  # the other side went away, or spoke no HTTP: a real server hangs up too
        finally:
            writer.close()

    async def _in_time(self, request: Request) -> Reply:
        self.serving += 1
        try:
            if self.delay_ms and request.method != "GET":
                await asyncio.sleep(self.delay_ms / 1000)
            return self.answer(request)
        finally:
            self.serving -= 1


def nth(count: int, every: int) -> bool:
    """Whether ``count`` is an ``every``-th one; 0: never."""
    return bool(every) and count % every == 0


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None where it ends between two."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as ended:
        if ended.partial:
            raise
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (h.partition(":") for h in lines if h)}
    length = int(headers.get("content-length", "0"))
    if length > BODY_LIMIT:
        raise ValueError("body too large")
    return Request(method, path, headers, await reader.readexactly(length))


def _wire(reply: Reply) -> bytes:
    body = b"" if reply.status == 204 else reply.body
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Refused')}",
        f"Content-Type: {reply.kind}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in reply.headers),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
