"""A sender of HTTP requests, and a desk that takes FHIR resources."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

from flows.environment import Limits
from nodes.sources.fhir_inbound import FhirInbound, FhirInboundConfig
from runtime.intake.carriers import carriers
from runtime.intake.source import Plan
from runtime.lent import Lent
from tests.runtime.intake import desk as desks
from tests.runtime.intake.desk import AROUND, desk

PATIENT = b'{"resourceType": "Patient", "id": "Rivera-4711"}'


TOKEN = b"t" * 32


class Answered(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def said(self) -> str:
        return str(self.body["issue"][0]["diagnostics"])


def plan(limits: Limits | None = None, config: dict[str, Any] | None = None, **members: Any) -> Plan:
    limits = limits or Limits()
    source = FhirInbound(FhirInboundConfig.model_validate(config or {"accepts": ["*@R4"]}), Lent({}, b""), AROUND)
    carrier = carriers()[source.listens]
    return desks.plan(limits=limits, source=source.listener(limits), carrier=carrier, base_path="/fhir", **members)


def request(
    body: bytes = PATIENT, *more: bytes, target: bytes = b"/fhir", method: bytes = b"POST", length: int | None = None,
    media: bytes = b"application/fhir+json", host: bytes = b"Host: h\r\n", version: bytes = b"1.1",
) -> bytes:  # fmt: skip
    typed = b"Content-Type: %s\r\n" % media if media else b""
    size = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    head = b"%s %s HTTP/%s\r\n%s%s%s" % (method, target, version, host, typed, b"" if length == -1 else size)
    return head + b"".join(each + b"\r\n" for each in more) + b"\r\n" + body


class Peer:
    """A sender of requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext | None = None) -> Peer:
        return cls(
            *await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None)
        )

    async def send(self, *data: bytes) -> None:
        for piece in data:
            self.writer.write(piece)
            await self.writer.drain()

    async def answer(self) -> Answered:
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answered(int(head[0].split(" ")[1]), headers, json.loads(body) if body else None)

    async def closed(self) -> bool:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read(1) == b""
            except ConnectionResetError:
                return True


async def ask(port: int, *data: bytes) -> Answered:
    peer = await Peer.to(port)
    await peer.send(*data)
    answered = await peer.answer()
    peer.writer.close()
    assert "Rivera" not in str(answered)
    return answered


def asked(*data: bytes, **members: Any) -> Answered:
    async def run() -> Answered:
        async with desk(plan(**members)) as at:
            return await ask(at.port, *data)

    return asyncio.run(run())
