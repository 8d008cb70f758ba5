"""Counterparts that misbehave on the wire: one behaviour a fault, as what is done after a request was read."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from lockgate.demo.ports import free_ports

Writer = asyncio.StreamWriter
Behaviour = Callable[[Writer], Awaitable[None]]
PAGE = b"<html><body>Please log in<form></form></body></html>"


def said(status: str, body: bytes = b"", *heads: str, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = "".join(f"{head}\r\n" for head in heads)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {size}\r\n\r\n".encode("latin-1") + body


def tells(*data: bytes) -> Behaviour:
    async def tell(writer: Writer) -> None:
        for each in data:
            writer.write(each)
        await writer.drain()

    return tell


async def hangs(writer: Writer) -> None:
    await asyncio.sleep(60)


async def trickles(writer: Writer) -> None:
    for byte in said("201 Created", b'{"document":"1"}') * 10:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def resets(writer: Writer) -> None:
    plain: socket.socket = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def half_closes(writer: Writer) -> None:
    writer.write_eof()
    await asyncio.sleep(60)


async def endless_head(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 201 Created\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 4000 + b"\r\n")
        await writer.drain()


async def endless_body(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


async def interim_for_ever(writer: Writer) -> None:
    while True:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await writer.drain()


def too_long(writer: Writer) -> Awaitable[None]:
    """A body that is said to be longer than it is."""

    async def tell() -> None:
        writer.write(said("201 Created", b'{"document":"1"}', length=4000))
        await writer.drain()
        writer.close()

    return tell()


def busy(after: str) -> Behaviour:
    return tells(said("429 Too Many", b"{}", f"Retry-After: {after}"))


SHORT = ("0", "-1", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "1e9", "")
"""Wishes for a wait that mean none."""
LONG = ("1000000000", "Sat, 31 Dec 2999 23:59:59 GMT", "9" * 400)
"""Wishes that no posting has the time for."""


class Hostile:
    """A service that misbehaves towards the first requests and takes every later one; applied once a key."""

    def __init__(self, behaviour: Behaviour, times: int, shows: Callable[[bytes], bytes] | None = None) -> None:
        self.behaviour, self.times = behaviour, times
        self.keys: list[str] = []
        self.applied: list[str] = []
        self.bodies: list[bytes] = []
        [self.port] = free_ports(1)
        self._shows = shows or (lambda body: json.dumps({"document": "4900001"}).encode())
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
                headers = dict(line.split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
                await self._answer(headers["idempotency-key"], body, writer)
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, key: str, body: bytes, writer: Writer) -> None:
        self.keys.append(key)
        if len(self.keys) <= self.times:
            await self.behaviour(writer)
            return
        if key not in self.applied:
            self.applied.append(key)
            self.bodies.append(body)
        writer.write(said("201 Created", self._shows(body), "Content-Type: application/json"))
