"""HTTP: a posting is one request whose body goes out as the guard let it pass."""

from __future__ import annotations

from collections.abc import Sequence

from flows.environment import Connection
from runtime.connections import Unreachable, authorization, host_header, reach
from runtime.delivery.carriers import Outgoing, Placed, Told
from runtime.delivery.http1 import Client, head, request
from runtime.guard import signed_headers
from runtime.secrets import FileSecrets
from runtime.world import World


def open_link(name: str, connection: Connection, secrets: FileSecrets, world: World) -> HttpLink:
    return HttpLink(Client(reach(name, connection, secrets, world.network), connection.answer_s), secrets)


class HttpLink:
    """The keep-alive connections to one vendor."""

    def __init__(self, client: Client, secrets: FileSecrets) -> None:
        self._client, self._secrets = client, secrets

    def sender(self, placed: Placed) -> HttpSender:
        operation, connection = placed.operation, placed.connection
        if "{" in operation.path:
            raise Unreachable(f"Operation '{operation.operation}' has parameters in its path, which no record fills.")
        headers = (
            *signed_headers("http", placed.config),
            *authorization(placed.name, connection, self._secrets),
        )
        path = connection.base_path + operation.path
        return HttpSender(self._client, head(operation.method, path, host_header(connection), headers))

    def close(self) -> None:
        self._client.close()


class HttpSender:
    def __init__(self, client: Client, prepared: bytes) -> None:
        self._client, self._head = client, prepared

    def send(self, postings: Sequence[Outgoing], again: bool, told: Told) -> None:
        [one] = postings
        self._client.send(request(self._head, one.key, one.body), told)
