"""The control socket: answers people and the command line. Only the runtime's own user, and root, are let in.

Looking is done here, in a thread, on read-only connections; replays, and what opens a payload, are handed to delivery.
A client that talks
nonsense, too much or too slowly is hung up on; the runtime goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import ValidationError

from runtime.api import REQUEST, SOCKET, AnyRequest
from runtime.audit_pages import audit_page
from runtime.audit_search import found_records
from runtime.causes import groups, members, unmapped
from runtime.channel import log
from runtime.delivery.process import JOURNAL
from runtime.journal.keys import DataKeys
from runtime.journal.reader import Reader
from runtime.ledger import ledger, open_reader
from runtime.proof import proved
from runtime.questions.audit import AskAudit, AskAuditVerify, AskRecords
from runtime.questions.cases import AskCase, AskCases, AskClose
from runtime.questions.causes import AskGroups, AskMembers, AskUnmapped
from runtime.questions.ledger import AskLedger
from runtime.questions.messages import AskFind, AskMessages, AskTimeline
from runtime.questions.replay import AskPlan, AskProgress, AskReplay
from runtime.questions.reveal import AskReveal, AskShape
from runtime.questions.shadow import AskShadow
from runtime.questions.status import AskStatus
from runtime.questions.traffic import AskTraffic
from runtime.secrets import FileSecrets
from runtime.shadowing import Shadowing
from runtime.timeline import find, timeline
from runtime.traffic import TrafficBook
from runtime.views import case, cases, messages
from runtime.wire import Contract, Refused
from runtime.world import World

MOST_ASKED = 64 << 10
PATIENCE_S = 30.0
AT_ONCE = 32
_PEER = struct.Struct("3i")

Handed = AskReplay | AskPlan | AskProgress | AskShape | AskReveal | AskClose
HandOver = Callable[[Handed, int], Awaitable[Contract]]
"""Hands a question with the asker's user id to delivery, and waits for what comes of it."""


class Control:
    """The listening control socket."""

    def __init__(
        self,
        data: Path,
        world: World,
        status: Callable[[], Contract],
        hand_over: HandOver,
        store: Path | None = None,
    ) -> None:
        self._data, self._world, self._status, self._hand_over = data, world, status, hand_over
        self._shadowing = Shadowing(data, store or data)
        self._secrets = FileSecrets(data / "secrets")
        self._traffic = TrafficBook()
        self._server: asyncio.AbstractServer | None = None
        self._under_way = 0

    async def open(self) -> None:
        """Listens. A socket that a killed runtime left is taken away: the data folder's lock says that it is dead."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = os.open(self._data, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with contextlib.suppress(FileNotFoundError):
                (self._data / SOCKET).unlink()
            before = os.umask(0o177)
            try:
                listening.bind(f"/proc/self/fd/{folder}/{SOCKET}")
            finally:
                os.umask(before)
        finally:
            os.close(folder)
        listening.setblocking(False)
        self._server = await asyncio.start_unix_server(self._serve, sock=listening, limit=MOST_ASKED)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        with contextlib.suppress(FileNotFoundError):
            (self._data / SOCKET).unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._under_way += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await self._answered(reader, writer)
                writer.write(answer.model_dump_json().encode() + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, EOFError, ValueError):
            pass  # it went away, or talks too much or too slowly
        finally:
            self._under_way -= 1
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Contract:
        uid = peer_uid(writer.get_extra_info("socket"))
        if uid not in (0, os.geteuid()):
            return Refused(refused="not-allowed", sentence="Only the user who runs the runtime may ask it.")
        line = await reader.readuntil(b"\n")
        if self._under_way > AT_ONCE:
            return Refused(refused="busy", sentence="Too many are asking at once: ask again.")
        try:
            request = REQUEST.validate_json(line)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors()[0]["loc"])
            return Refused(refused="unknown-request", sentence=f"This is no request of the contract (at {place}).")
        return await self._carried_out(request, uid)

    async def _carried_out(self, request: AnyRequest, uid: int) -> Contract:
        try:
            if isinstance(request, AskStatus):
                return self._status()
            if isinstance(request, Handed):
                return await self._hand_over(request, uid)
            if isinstance(request, AskShadow):
                return await asyncio.to_thread(self._shadowing.answer, request, self._world.clock.now_ms())
            return await asyncio.to_thread(self._looked_up, request)
        except Exception as error:  # noqa: BLE001 - whatever fails in one answer, the runtime goes on
            log("request.failed", reason=type(error).__name__)
            return Refused(refused="failed", sentence=f"The runtime could not answer ({type(error).__name__}).")

    def _looked_up(self, request: AnyRequest) -> Contract:
        reader = open_reader(self._data / JOURNAL)
        try:
            return self._read(reader, request)
        finally:
            reader.close()

    def _read(self, reader: Reader, request: AnyRequest) -> Contract:
        match request:
            case AskLedger():
                return ledger(reader, request.flow)
            case AskCases():
                return cases(reader, request)
            case AskCase():
                found = case(reader, request.number)
                return found or Refused(refused="no-such-case", sentence=f"There is no case {request.number}.")
            case AskMessages():
                return messages(reader, request)
            case AskAuditVerify():
                return proved(reader, self._secrets, request.since)
        with reader:
            return self._looked_into(reader, request)

    def _looked_into(self, reader: Reader, request: AnyRequest) -> Contract:
        """The questions of ``runtime.questions``, each answered as of one moment."""
        match request:
            case AskTraffic():
                return self._traffic.answer(reader, request, self._world.clock.now_ms())
            case AskGroups():
                return groups(reader, self._keys(), request)
            case AskMembers():
                return members(reader, request)
            case AskUnmapped():
                return unmapped(reader, self._keys(), request)
            case AskFind():
                return find(reader, self._secrets.derived("lane"), self._secrets.derived("twin"), request)
            case AskTimeline():
                found = timeline(reader, request.message)
                missing = f"There is no message {request.message}."
                return found or Refused(refused="no-such-message", sentence=missing)
            case AskAudit():
                return audit_page(reader, request)
            case AskRecords():
                return found_records(reader, request)
        return Refused(refused="unknown-request", sentence="This is no request of the contract.")

    def _keys(self) -> DataKeys:
        """For the keys that masters lack; payloads are opened by delivery alone. Unwrapped anew for each question, so
        that what was shredded stays so."""
        return DataKeys(self._secrets.master_key, self._world.randomness)


def peer_uid(peer: socket.socket) -> int:
    """The user id of the process at the other end, as the kernel knows it."""
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(credentials)[1])
