"""The front door of a running runtime: every request that it knows, and the client that carries them.

One JSON line each way over the Unix socket ``control.sock`` in the data directory (mode 0600; only the runtime's own
user and root are let in). Unknown keys and unknown requests are refused. No answer holds a payload value, but for the
two that ``runtime.questions`` names.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from runtime.questions.audit import AskAudit, AskAuditVerify, AskRecords, AuditPage, AuditVerified, Records
from runtime.questions.cases import AskCase, AskCases, AskClose, CaseDetail, Cases, Closed
from runtime.questions.causes import AskGroups, AskMembers, AskUnmapped, Groups, Unmapped
from runtime.questions.ledger import AskLedger, Ledger
from runtime.questions.messages import AskFind, AskMessages, AskTimeline, Messages, Timeline
from runtime.questions.replay import AskPlan, AskProgress, AskReplay, Plan, Progress, Replayed
from runtime.questions.reveal import AskReveal, AskShape, Revealed, Shape
from runtime.questions.shadow import AskShadow, Shadow
from runtime.questions.status import AskStatus, Status
from runtime.questions.traffic import AskTraffic, Traffic
from runtime.wire import LAST, Contract, Refused

SOCKET = "control.sock"
MAX_LINE = 8 << 20

AnyRequest = (
    AskStatus
    | AskLedger
    | AskCases
    | AskCase
    | AskMessages
    | AskReplay
    | AskAuditVerify
    | AskTraffic
    | AskGroups
    | AskMembers
    | AskPlan
    | AskProgress
    | AskFind
    | AskTimeline
    | AskShape
    | AskReveal
    | AskClose
    | AskUnmapped
    | AskAudit
    | AskRecords
    | AskShadow
)
REQUEST: TypeAdapter[AnyRequest] = TypeAdapter(Annotated[AnyRequest, Field(discriminator="ask")])
A = TypeVar("A", bound=Contract)


class RuntimeTrouble(Exception):
    """Base of what can go wrong between a person and the runtime."""


class RuntimeAbsent(RuntimeTrouble):
    """No runtime answers at this data directory."""


class RuntimeRefused(RuntimeTrouble):
    """The runtime refused the request. ``code`` is for programs, the text for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


class RuntimeClient:
    """Asks a running runtime. One connection a request: a client that dies leaves nothing behind."""

    def __init__(self, data: Path | str, *, timeout_s: float = 30.0) -> None:
        self._data, self._timeout_s = Path(data), timeout_s

    def status(self) -> Status:
        return self._ask(AskStatus(), Status)

    def ledger(self, flow: str | None = None) -> Ledger:
        return self._ask(AskLedger(flow=flow), Ledger)

    def cases(
        self,
        state: Literal["open", "resolved", "all"] = "open",
        *,
        flow: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Cases:
        return self._ask(AskCases(state=state, flow=flow, after=after, limit=limit), Cases)

    def case(self, number: int) -> CaseDetail:
        return self._ask(AskCase(number=number), CaseDetail)

    def messages(
        self,
        state: Literal["waiting", "in-flight", "parked", "delivered", "filtered", "all"] = "all",
        *,
        flow: str | None = None,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        since_ms: int = 0,
        until_ms: int = LAST,
    ) -> Messages:
        asked = AskMessages(
            state=state, flow=flow, after=after, before=before, limit=limit, since_ms=since_ms, until_ms=until_ms
        )
        return self._ask(asked, Messages)

    def replay(
        self,
        actor: str,
        *,
        case: int | None = None,
        group: str | None = None,
        master: str | None = None,
        key: tuple[str, ...] = (),
    ) -> Replayed:
        return self._ask(AskReplay(actor=actor, case=case, group=group, master=master, key=key), Replayed)

    def audit_verify(self, since: str | None = None) -> AuditVerified:
        """``since`` is the text of a checkpoint that was kept elsewhere."""
        return self._ask(AskAuditVerify(since=since), AuditVerified)

    def traffic(self, asked: AskTraffic) -> Traffic:
        return self._ask(asked, Traffic)

    def groups(self, asked: AskGroups) -> Groups:
        return self._ask(asked, Groups)

    def members(self, asked: AskMembers) -> Cases:
        return self._ask(asked, Cases)

    def plan(self, asked: AskPlan) -> Plan:
        """What a replay would do; nothing is changed."""
        return self._ask(asked, Plan)

    def progress(self, asked: AskProgress) -> Progress:
        """What became of a replay."""
        return self._ask(asked, Progress)

    def find(self, asked: AskFind) -> Messages:
        return self._ask(asked, Messages)

    def timeline(self, message: int) -> Timeline:
        return self._ask(AskTimeline(message=message), Timeline)

    def shape(self, asked: AskShape) -> Shape:
        return self._ask(asked, Shape)

    def reveal(self, asked: AskReveal) -> Revealed:
        """The one request whose answer is a payload value. It is recorded before the answer leaves."""
        return self._ask(asked, Revealed)

    def close(self, asked: AskClose) -> Closed:
        """Ends a case without a posting. It is recorded with its reason before the answer leaves."""
        return self._ask(asked, Closed)

    def unmapped(self, asked: AskUnmapped) -> Unmapped:
        return self._ask(asked, Unmapped)

    def audit(self, asked: AskAudit) -> AuditPage:
        return self._ask(asked, AuditPage)

    def records(self, asked: AskRecords) -> Records:
        return self._ask(asked, Records)

    def shadow(self, asked: AskShadow) -> Shadow:
        """Takes some seconds: a child of the runtime runs both versions."""
        return RuntimeClient(self._data, timeout_s=max(self._timeout_s, 30.0))._ask(asked, Shadow)

    def _ask(self, request: Contract, answer: type[A]) -> A:
        line = self._exchange(request.model_dump_json().encode() + b"\n")
        try:
            return answer.model_validate_json(line)
        except ValidationError:
            pass
        try:
            refused = Refused.model_validate_json(line)
        except ValidationError:
            raise RuntimeAbsent(f"What answers at {self._data / SOCKET} is not this runtime's contract.") from None
        raise RuntimeRefused(refused.refused, refused.sentence)

    def _exchange(self, line: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
                peer.settimeout(self._timeout_s)
                _connect(peer, self._data)
                peer.sendall(line)
                return _read_line(peer)
        except OSError as error:
            raise RuntimeAbsent(_absent(self._data, error)) from None


def _absent(data: Path, error: OSError) -> str:
    match error:
        case FileNotFoundError() | ConnectionRefusedError():
            return f"No runtime answers at {data / SOCKET}: start it with 'lockgate run'."
        case PermissionError():
            return f"{data / SOCKET} answers its own user alone: ask as the user who runs the runtime."
        case TimeoutError():
            return f"The runtime at {data / SOCKET} gave no answer in time: ask again, or look at its log."
    return f"No runtime answers at {data / SOCKET} ({error.strerror or error})."


def _connect(peer: socket.socket, data: Path) -> None:
    """Through a descriptor of the directory: a Unix address holds 108 bytes, a path may be longer."""
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        peer.connect(f"/proc/self/fd/{folder}/{SOCKET}")
    finally:
        os.close(folder)


def _read_line(peer: socket.socket) -> bytes:
    read = bytearray()
    while not read.endswith(b"\n"):
        piece = peer.recv(65536)
        if not piece or len(read) > MAX_LINE:
            raise ConnectionResetError("the runtime closed without an answer")
        read += piece
    return bytes(read)
