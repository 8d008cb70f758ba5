"""The front door of a running runtime: frozen requests and answers, and the client that carries them.

One JSON line each way over the Unix socket ``control.sock`` in the data directory (mode 0600; only the runtime's own
user and root are let in). Unknown keys and unknown requests are refused. No answer holds a payload value, but for the
two that ``runtime.questions`` names.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from runtime.questions import (
    AskAudit,
    AskClose,
    AskFind,
    AskGroups,
    AskMembers,
    AskPlan,
    AskProgress,
    AskRecords,
    AskReveal,
    AskShadow,
    AskShape,
    AskTimeline,
    AskTraffic,
    AskUnmapped,
    AuditPage,
    Closed,
    Groups,
    Plan,
    Progress,
    Records,
    Revealed,
    Shadow,
    Shape,
    Timeline,
    Traffic,
    Unmapped,
)
from runtime.wire import LAST
from runtime.wire import Actor as Actor
from runtime.wire import Contract as Contract
from runtime.wire import Digest as Digest
from runtime.wire import Refused as Refused

SOCKET = "control.sock"
MAX_LINE = 8 << 20

# -- requests ------------------------------------------------------------------------------------------------------


class AskStatus(Contract):
    ask: Literal["status"] = "status"


class AskLedger(Contract):
    ask: Literal["ledger"] = "ledger"
    flow: str | None = None
    """None: all flows together."""


class AskCases(Contract):
    ask: Literal["cases"] = "cases"
    state: Literal["open", "resolved", "all"] = "open"
    flow: str | None = None
    after: int = Field(default=0, ge=0, le=LAST)
    """Only cases with a higher number: the way to the next page."""
    limit: int = Field(default=100, ge=1, le=1000)


class AskCase(Contract):
    ask: Literal["case"] = "case"
    number: int = Field(ge=1, le=LAST)


class AskMessages(Contract):
    ask: Literal["messages"] = "messages"
    state: Literal["waiting", "in-flight", "parked", "delivered", "filtered", "all"] = "all"
    flow: str | None = None
    after: int = Field(default=0, ge=0, le=LAST)
    before: int | None = Field(default=None, ge=1, le=LAST)
    """Only messages with a lower number, newest first: the other way through."""
    limit: int = Field(default=100, ge=1, le=1000)
    since_ms: int = Field(default=0, ge=0, le=LAST)
    """Received then or later."""
    until_ms: int = Field(default=LAST, ge=0, le=LAST)
    """Not that moment any more."""


class AskReplay(Contract):
    """Replays one case, or every open case of a cause group, or every open case that a master's key caused."""

    ask: Literal["replay"] = "replay"
    actor: Actor
    case: int | None = Field(default=None, ge=1, le=LAST)
    group: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")] | None = None
    master: str | None = None
    key: tuple[str, ...] = ()
    """With ``master``: the key whose row was added; empty means every open case of that master."""

    @model_validator(mode="after")
    def _one_target(self) -> AskReplay:
        if sum(target is not None for target in (self.case, self.group, self.master)) != 1:
            raise ValueError("a replay names exactly one of case, group and master")
        if self.key and self.master is None:
            raise ValueError("a key belongs to a master: name it too")
        return self


class AskAuditVerify(Contract):
    ask: Literal["audit-verify"] = "audit-verify"
    since: Annotated[str, Field(max_length=32_000)] | None = None
    """The text of a checkpoint that was kept elsewhere: it has to be in the journal."""


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


# -- answers -------------------------------------------------------------------------------------------------------


class FlowStatus(Contract):
    """One flow as it stands. ``stopped`` has no activation; ``refused`` has one that was not let in."""

    flow: str
    state: Literal["running", "starting", "stopped", "refused"]
    release: str = ""
    sequence: int = 0
    listening: tuple[str, ...] = ()
    """``host:port`` of each open listener."""
    reason: str = ""
    sentence: str = ""
    """Why it is refused, and what to do."""


class Status(Contract):
    version: str
    environment: str
    label: str
    demo_root: bool
    started_ms: int
    processes: Mapping[str, int]
    """Process ids by role: supervisor, intake, delivery."""
    flows: tuple[FlowStatus, ...]
    masters: Mapping[str, int]
    """Newest accepted snapshot of each master."""
    problems: tuple[str, ...] = ()
    """Sentences for the operator: refused snapshots, an unreadable store."""


class Ledger(Contract):
    """Both equations as journal rows give them, each from one read-only query."""

    flow: str | None
    received: int
    accepted: int
    refused: int
    repeated: int
    conflicts: int
    """Same identity with other bytes: advisory."""
    filtered: int
    """Messages that ended on purpose without a posting."""
    postings: int
    delivered: int
    parked: int
    in_flight: int
    waiting: int
    """Accepted messages that are not expanded into postings yet."""
    lines: Mapping[str, int]
    """Lines that ended on purpose before a sink, by reason."""
    messages: Mapping[str, int]
    """Accepted messages by state: waiting, in-flight, parked, delivered, filtered."""
    replayed: int
    """Parked postings that a replay sent on their way."""
    open_cases: int
    balanced: bool
    """received = accepted + refused + repeated, and postings = delivered + parked + in_flight."""


class Case(Contract):
    """A failure that waits for a person."""

    number: int
    flow: str
    message: int | None
    """None: a refused frame."""
    cause: str
    group: str
    """Cases of one cause share it."""
    master: str
    step: str
    sentence: str
    severity: Literal["high", "medium", "low"]
    owner: str
    opened_ms: int
    due_ms: int
    count: int
    state: Literal["open", "resolved"]
    resolved_ms: int | None


class Cases(Contract):
    cases: tuple[Case, ...]
    open: int
    """How many are open in all."""


class Posting(Contract):
    number: int
    item: str
    connection: str
    operation: str
    step: str
    state: Literal["in-flight", "delivered", "parked"]
    attempts: int
    status: int | None
    next_ms: int
    snapshots: str


class CaseDetail(Contract):
    case: Case
    postings: tuple[Posting, ...]
    replays: tuple[ReplayRecord, ...]


class ReplayRecord(Contract):
    number: int
    actor: str
    asked_ms: int
    outcome: str


class Message(Contract):
    number: int
    flow: str
    source: str
    release: str
    received_ms: int
    state: Literal["waiting", "in-flight", "parked", "delivered", "filtered"]
    filtered: str | None
    postings: int


class Messages(Contract):
    messages: tuple[Message, ...]


class Replayed(Contract):
    outcome: Literal["queued", "nothing-to-do", "parked-again"]
    """queued: at least one posting is on its way; parked-again: every line stopped again; else nothing was open."""
    cases: tuple[int, ...]
    """The cases that were looked at."""
    queued: int
    parked: int
    ended: int = 0
    """Lines that ended on purpose."""
    left: tuple[LeftOut, ...] = ()
    """Lines that were not tried, and why."""
    mark: ReplayMark | None = None
    """By this it is asked what became of it."""
    sentence: str


class LeftOut(Contract):
    lines: int
    sentence: str


class ReplayMark(Contract):
    """The records of one replay in the journal, and the newest case that there was when it began."""

    after: int
    through: int
    newest: int


class Chain(Contract):
    writer: str
    records: int
    head: str
    good: bool
    sentence: str


class AuditVerified(Contract):
    good: bool
    chains: tuple[Chain, ...]
    checkpoints: int
    sentence: str


CaseDetail.model_rebuild()
Replayed.model_rebuild()
A = TypeVar("A", bound=Contract)


# -- client --------------------------------------------------------------------------------------------------------


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

    # -- keeping it going: each takes its request from runtime.questions ----------------------------------------------

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
