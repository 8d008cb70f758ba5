"""SFTP: the postings of a batch become one file, which a worker lays down under a name that says what it holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from flows.environment import Connection
from flows.vocabulary import Transport
from nodes.sink import Answer
from runtime.connections import Unreachable
from runtime.delivery.carriers import Outgoing, Placed, Told
from runtime.delivery.carrying import Carrying
from runtime.delivery.http1 import Trouble
from runtime.secrets import FileSecrets
from runtime.worker_line import WorkerLine, WorkerLost
from runtime.world import World

START_S = 10.0
"""What a worker may take to start, beyond the connection's own time for an answer."""


class NamedFile(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def content(self) -> bytes: ...


class SftpNode(Protocol):
    """What a sink that names this carrier says besides."""

    config: Any

    def file(self, postings: Sequence[tuple[str, bytes]]) -> NamedFile:
        """The file of these postings: the same bytes under the same name for the same postings."""


class _Place(NamedTuple):
    folder: str
    answer_s: int


def open_link(name: str, connection: Connection, secrets: FileSecrets, world: World) -> SftpLink:
    if connection.transport is not Transport.SSH:
        raise Unreachable(f"Connection '{name}' says {connection.transport}; files are laid down by ssh.")
    if not connection.pins:
        raise Unreachable(f"Connection '{name}' pins no host key: nobody could tell who is at the other end.")
    if connection.user is None or connection.secret is None:
        raise Unreachable(f"Connection '{name}' needs a user and a secret, which holds the user's private key.")
    if ".." in connection.base_path.split("/"):
        raise Unreachable(f"The folder of connection '{name}' leads upwards.")
    first = {
        "do": "open",
        "host": connection.host,
        "port": connection.port,
        "user": connection.user,
        "pins": [pin.lower() for pin in connection.pins],
        "key": secrets.get(connection.secret).decode("ascii", "replace"),
        "seconds": connection.answer_s,
    }
    worker = WorkerLine("runtime.sftp_worker", connection.answer_s + START_S, first)
    return SftpLink(worker, _Place(connection.base_path, connection.answer_s), world)


class SftpLink:
    """One worker, with one session that it opens when it needs it."""

    def __init__(self, worker: WorkerLine, place: _Place, world: World) -> None:
        self._worker, self._place, self._world = worker, place, world

    def sender(self, placed: Placed) -> SftpSender:
        return SftpSender(self._worker, self._place, placed.node, self._world)

    def close(self) -> None:
        self._worker.close()


class SftpSender:
    def __init__(self, worker: WorkerLine, place: _Place, node: SftpNode, world: World) -> None:
        self._worker, self._place, self._node, self._world = worker, place, node, world
        self._carrying = Carrying()

    def send(self, postings: Sequence[Outgoing], again: bool, told: Told) -> None:
        self._carrying.begin(lambda tell: self._carried(postings, again, tell), told)

    async def _carried(self, postings: Sequence[Outgoing], again: bool, told: Told) -> None:
        file = self._node.file([(each.key.decode("ascii"), each.body) for each in postings])
        question = {
            "do": "put",
            "folder": self._place.folder,
            "name": file.name,
            "content": base64.b64encode(file.content).decode("ascii"),
            "again": again,
            "collected": self._node.config.collected,
            "tag": self._world.randomness.bytes(4).hex(),
        }
        try:
            made = await self._worker.ask(question)
        except WorkerLost:
            told(Trouble.TIMEOUT)
            return
        if "trouble" in made:
            told(Trouble.UNREACHED if made["trouble"] == "unreached" else Trouble.RESET)
        else:
            told(Answer(int(made.get("status", 0)), {}, json.dumps(made).encode()))
