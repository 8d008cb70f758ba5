"""SOAP: a worker makes the envelope, the runtime's own client posts it, the worker reads what comes back.

The worker sees no secret and no network; the client sees no XML. A login is a UsernameToken with a digest that is made
here, new for each attempt.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from flows.environment import Connection, OperationContract
from nodes.sink import Answer
from runtime.connections import authorization, host_header, reach
from runtime.delivery.carriers import Outgoing, Placed, Told, Unsent
from runtime.delivery.carrying import Carrying
from runtime.delivery.http1 import Client, Trouble, head, request
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.worker_line import WorkerLine, WorkerLost
from runtime.world import World

Json = Any
WORKER_S = 30.0
"""So long the worker takes for one question at most, the loading of a large contract counted in."""


class SoapNode(Protocol):
    """What a sink that names this carrier says besides."""

    def tree(self, body: bytes, key: str) -> Mapping[str, Json]:
        """What the operation takes, by the names of its elements."""

    def sent_key(self, key: str) -> str:
        """The key as the service sees it."""


def open_link(name: str, connection: Connection, secrets: FileSecrets, world: World) -> SoapLink:
    client = Client(reach(name, connection, secrets, world.network), connection.answer_s)
    return SoapLink(client, secrets, world)


class SoapLink:
    """The connections to one vendor, and a worker for each operation that is posted to there."""

    def __init__(self, client: Client, secrets: FileSecrets, world: World) -> None:
        self._client, self._secrets, self._world = client, secrets, world
        self._workers: dict[tuple[str, str], WorkerLine] = {}

    def sender(self, placed: Placed) -> SoapSender:
        operation, connection = placed.operation, placed.connection
        worker = self._workers.setdefault((operation.document, operation.operation), worker_for(operation))
        login = _login(placed.name, connection, self._secrets, self._world)
        headers = () if login else authorization(placed.name, connection, self._secrets)
        return SoapSender(self._client, worker, placed.node, operation.operation, _Heads(connection, headers), login)

    def close(self) -> None:
        self._client.close()
        for worker in self._workers.values():
            worker.close()


class _Heads:
    """The heads of requests, by the headers that the contract gives them."""

    def __init__(self, connection: Connection, headers: tuple[tuple[str, str], ...]) -> None:
        self._path, self._host = connection.base_path or "/", host_header(connection)
        self._headers = headers
        self._made: dict[tuple[tuple[str, str], ...], bytes] = {}

    def of(self, contract: Mapping[str, str]) -> bytes:
        key = tuple(sorted(contract.items()))
        if key not in self._made:
            self._made[key] = head("POST", self._path, self._host, (*key, *self._headers))
        return self._made[key]


class _Login:
    """A user and a password, as a new digest for each attempt (UsernameToken profile)."""

    def __init__(self, user: str, password: bytes, world: World) -> None:
        self._user, self._password, self._world = user, password, world

    def token(self) -> Mapping[str, str]:
        nonce = base64.b64encode(self._world.randomness.bytes(18)).decode("ascii")
        created = datetime.fromtimestamp(self._world.clock.now_ms() / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        # SHA-1 is what the profile prescribes; what protects the password on its way is TLS.
        digest = hashlib.sha1(nonce.encode() + created.encode() + self._password).digest()  # noqa: S324
        made = base64.b64encode(digest).decode("ascii")
        return {"user": self._user, "digest": made, "nonce": nonce, "created": created}


class SoapSender:
    def __init__(
        self, client: Client, worker: WorkerLine, node: SoapNode, operation: str, heads: _Heads, login: _Login | None
    ) -> None:
        self._client, self._worker, self._node, self._operation = client, worker, node, operation
        self._heads, self._login = heads, login
        self._carrying = Carrying()

    def send(self, postings: Sequence[Outgoing], again: bool, told: Told) -> None:
        [one] = postings
        self._carrying.begin(lambda tell: self._carried(one, tell), told)

    async def _carried(self, one: Outgoing, told: Told) -> None:
        key = one.key.decode("ascii")
        try:
            made = await self._worker.ask(
                {
                    "do": "write",
                    "operation": self._operation,
                    "tree": self._node.tree(one.body, key),
                    "token": self._login.token() if self._login else None,
                }
            )
        except WorkerLost:
            told(Trouble.UNREACHED)
            return
        if "envelope" not in made:
            told(self._unsent(made))
            return
        answer = await self._posted(made, one.key)
        told(answer if isinstance(answer, Trouble) else await self._read(answer, key))

    def _unsent(self, made: Mapping[str, Json]) -> Unsent:
        problem = self._worker.opened.get("problem")
        if problem is not None:
            return Unsent("contract-unreadable", f"The contract cannot be used: {problem}. Nothing was sent.")
        place = str(made.get("unfit", "the whole"))
        sentence = f"What would be sent breaks the contract's schema at '{place}'. Nothing was sent; the line is held."
        return Unsent("contract", sentence)

    async def _posted(self, made: Mapping[str, Json], key: bytes) -> Answer | Trouble:
        future: asyncio.Future[Answer | Trouble] = asyncio.get_running_loop().create_future()

        def done(answer: Answer | Trouble) -> None:
            if not future.done():
                future.set_result(answer)

        body = made["envelope"].encode("utf-8")
        self._client.send(request(self._heads.of(made["headers"]), key, body), done)
        return await future

    async def _read(self, answer: Answer, key: str) -> Answer:
        """The answer with what its XML says in the place of the XML."""
        if not answer.body:
            return answer
        question = {
            "do": "read",
            "operation": self._operation,
            "body": base64.b64encode(answer.body).decode("ascii"),
            "key": self._node.sent_key(key),
        }
        try:
            read = await self._worker.ask(question)
        except WorkerLost:
            read = {"wrong": "unreadable"}
        return answer._replace(body=json.dumps(read).encode())


def worker_for(operation: OperationContract) -> WorkerLine:
    """The worker that writes and reads an operation's XML; it starts when it is first asked."""
    files = {path: base64.b64encode(data).decode("ascii") for path, data in operation.files}
    return WorkerLine(
        "runtime.soap_worker", WORKER_S, {"do": "open", "files": files, "operations": [operation.operation]}
    )


def _login(name: str, connection: Connection, secrets: FileSecrets, world: World) -> _Login | None:
    if connection.user is None:
        return None
    if connection.secret is None:
        raise SecretsUnusable(f"Connection '{name}' names a user and no secret: the password is missing.")
    password = secrets.get(connection.secret)
    if password.startswith(b"-----BEGIN"):
        raise SecretsUnusable(f"Connection '{name}' names a user, and its secret is a certificate, not a password.")
    return _Login(connection.user, password, world)
