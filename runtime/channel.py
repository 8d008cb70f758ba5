"""What the supervisor and its two children say to each other: JSON lines over socket pairs made before the fork.

Supervisor to child: Activate, Deactivate, Masters, Replay, Ask, Drain. Child to supervisor: Said (ready, activated,
deactivated, refused, replayed, answered, drained). The end of the pair is the end of the child: it leaves at once, so
that no child outlives its supervisor. Beside it stands the *wake pair* between intake and delivery: intake writes one
byte after a commit; delivery writes the number of the last message that it expanded, eight bytes, most significant
first.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from runtime.questions.cases import AskClose, Closed
from runtime.questions.replay import AskPlan, AskProgress, AskReplay, Plan, Progress, Replayed
from runtime.questions.reveal import AskReveal, AskShape, Revealed, Shape
from runtime.wire import Refused

LEFT_ALONE = 75
"""Exit status of a child whose supervisor is gone."""


class Setup(NamedTuple):
    """What every process of one runtime knows from the start. No secret stands here."""

    data: Path
    store: Path
    root: Path
    environment: str | None
    """None: the environment of the first activation that is found."""
    witness: Path | None = None
    """Where a copy of each checkpoint goes."""


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Activate(Line):
    """Load, verify and run this release. Delivery is told first (``number`` 0: it writes the journal's release row and
    answers with its number), intake second, with that number: it opens the listeners."""

    do: Literal["activate"] = "activate"
    flow: str
    release: str
    sequence: int
    number: int = 0
    bundle: str
    """Path of the verified copy. Each process verifies its bytes again."""
    past: bool = False
    """Not to run anew: it has work left, or it ran until what came after it could not be started."""


class Deactivate(Line):
    """Close the listeners (intake), end the release row (delivery). What is accepted is still delivered."""

    do: Literal["deactivate"] = "deactivate"
    flow: str
    reason: str


class Masters(Line):
    """The store has newer snapshots of this master; verify and take them (delivery)."""

    do: Literal["masters"] = "masters"
    master: str


class Replay(Line):
    do: Literal["replay"] = "replay"
    request: int
    """Comes back with the answer."""
    asked: AskReplay
    uid: int
    """Of the process that asked."""


class Ask(Line):
    """A question that only the process with the keys can answer (delivery)."""

    do: Literal["ask"] = "ask"
    request: int
    """Comes back with the answer."""
    asked: AskPlan | AskProgress | AskShape | AskReveal | AskClose
    uid: int
    """Of the process that asked."""


class Drain(Line):
    """Stop taking new work, finish what is in hand, say ``drained`` and leave with 0."""

    do: Literal["drain"] = "drain"
    seconds: float


AnyCommand = Activate | Deactivate | Masters | Replay | Ask | Drain
COMMAND: TypeAdapter[AnyCommand] = TypeAdapter(Annotated[AnyCommand, Field(discriminator="do")])


class Said(Line):
    """What a child reports."""

    say: Literal[
        "ready", "activated", "deactivated", "refused", "masters", "replayed", "answered", "drained", "problem"
    ]
    flow: str = ""
    release: str = ""
    number: int = 0
    """activated: the journal's number of the release; masters: the newest sequence."""
    listening: tuple[str, ...] = ()
    reason: str = ""
    sentence: str = ""
    master: str = ""
    request: int = 0
    replayed: Replayed | None = None
    answered: Plan | Progress | Shape | Revealed | Closed | Refused | None = None


class LineProtocol(asyncio.Protocol):
    """Lines in, lines out. ``gone`` is called once when the other side has closed."""

    def __init__(self, got: Callable[[bytes], None], gone: Callable[[], None]) -> None:
        self._got, self._gone = got, gone
        self._rest = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._got(line)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def send(self, line: Line) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(line.model_dump_json().encode() + b"\n")


async def child_end(control: socket.socket, command: Callable[[AnyCommand], None]) -> LineProtocol:
    """The child's side: each command is handed over; when the supervisor is gone the process ends at once."""

    def got(line: bytes) -> None:
        command(COMMAND.validate_json(line))

    def gone() -> None:
        os._exit(LEFT_ALONE)

    return await _attach(control, got, gone)


async def parent_end(control: socket.socket, said: Callable[[Said], None], gone: Callable[[], None]) -> LineProtocol:
    """The supervisor's side of one child."""

    def got(line: bytes) -> None:
        said(Said.model_validate_json(line))

    return await _attach(control, got, gone)


async def _attach(control: socket.socket, got: Callable[[bytes], None], gone: Callable[[], None]) -> LineProtocol:
    control.setblocking(False)
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(lambda: LineProtocol(got, gone), sock=control)
    return protocol


def log(event: str, **facts: str | int | None) -> None:
    """One line of JSON on standard error: past tense, noun first (``release.verified``), codes and numbers only."""
    line = {"event": event, **{name: value for name, value in facts.items() if value is not None}}
    os.write(2, json.dumps(line).encode() + b"\n")
