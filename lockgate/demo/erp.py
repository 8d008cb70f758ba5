"""The ERP stand-in: keeps a contract, remembers keys, fails like a real service, and has its own ledger."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lockgate.demo.clock import PLAYED
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.showing import Page

BODY_LIMIT = 64 << 10


class Faults(NamedTuple):
    """How often the stand-in misbehaves: every n-th time, 0 never."""

    drop_every: int = 20
    """Applies, then closes the connection instead of answering (5 %)."""
    busy_every: int = 31
    """429 with ``Retry-After``, nothing applied."""
    unavailable_every: int = 29
    """503, nothing applied."""
    delay_ms: int = 0
    """Service time of each answer."""

    def rarer(self, times: int) -> Faults:
        return Faults(self.drop_every * times, self.busy_every * times, self.unavailable_every * times, self.delay_ms)


class Request(NamedTuple):
    """One request off a connection."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """``status`` 0: the connection is closed without an answer."""

    status: int
    document: Mapping[str, object]
    headers: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, bytes] | None = None
    """Type and bytes of a page, in the place of the document."""


class Contract(NamedTuple):
    """What the vendor's own contract file says of its one posting operation."""

    method: str
    path: str
    members: Mapping[str, Mapping[str, Any]]  # JSON Schema of each member
    required: frozenset[str]
    success: int
    answers: Mapping[str, Mapping[str, Any]]  # JSON Schema of each member of the answer

    @classmethod
    def read(cls, path: Path, operation: str) -> Contract:
        document = json.loads(path.read_text())
        for place, methods in document["paths"].items():
            for method, described in methods.items():
                if isinstance(described, dict) and described.get("operationId") == operation:
                    return cls._of(document, method.upper(), place, described)
        raise SystemExit(f"{path}: no operation {operation}")

    @classmethod
    def _of(cls, document: Mapping[str, Any], method: str, place: str, described: Mapping[str, Any]) -> Contract:
        body = _resolved(document, _schema(_resolved(document, described["requestBody"])))
        status = min(int(code) for code in described["responses"] if code.startswith("2"))
        answered = _resolved(document, described["responses"][str(status)])
        answer = _resolved(document, _schema(answered)) if answered.get("content") else {}
        return cls(
            method,
            place,
            {name: _resolved(document, member) for name, member in body["properties"].items()},
            frozenset(body.get("required", ())),
            status,
            {name: _resolved(document, member) for name, member in answer.get("properties", {}).items()},
        )

    def fault(self, body: object) -> str | None:
        """What is wrong with a body, naming the member and never a value."""
        if not isinstance(body, dict):
            return "the body is no object"
        beyond = sorted(set(body) - set(self.members))
        lacking = sorted(self.required - set(body))
        if beyond or lacking:
            return f"members beyond the contract: {beyond}; members lacking: {lacking}"
        kinds: dict[object, tuple[type, ...]] = {
            "string": (str,),
            "integer": (int,),
            "number": (int, float),
            "boolean": (bool,),
        }
        for name, value in body.items():
            wanted = self.members[name].get("type")
            if wanted in kinds and not isinstance(value, kinds[wanted]):
                return f"{name} is no {wanted}"
        return None


def _schema(described: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = described["content"]["application/json"]["schema"]
    return schema


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


class Erp:
    """The service. Effects are applied at most once a key; a key with another body is a conflict."""

    def __init__(self, contract: Contract, ledger: Ledger, faults: Faults = Faults()) -> None:  # noqa: B008  reason: frozen
        self.contract, self.ledger, self.faults = contract, ledger, faults
        self._page = Page("ERP inventory (REST)", ledger.path, list(contract.members))
        self._known: dict[str, tuple[str, Mapping[str, object]]] = {}
        self._asked = 0
        self._applied = 0
        self._repeats = 0
        self.serving = 0
        self._server: asyncio.Server | None = None
        for entry in read(ledger.path):
            if entry["event"] == "applied":
                self._known[entry["key"]] = (entry["digest"], entry["document"])

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=BODY_LIMIT)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    def close(self) -> None:
        if self._server:
            self._server.close()

    def applied(self) -> int:
        """How many effects stand in the books."""
        return len(self._known)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await read_request(reader):
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
        """The answer, after the service time."""
        self.serving += 1
        try:
            if self.faults.delay_ms and request.method != "GET":
                await asyncio.sleep(self.faults.delay_ms / 1000)
            return self._answer(request)
        finally:
            self.serving -= 1

    def _answer(self, request: Request) -> Reply:
        if request.method == "GET" and request.path == "/__ledger":
            return Reply(
                200, {"applied": len(self._known), "asked": self._asked, "entries": list(read(self.ledger.path))}
            )
        if request.method == "GET" and request.path == "/__count":
            return Reply(200, {"applied": len(self._known), "asked": self._asked})
        if request.method == "GET" and (shown := self._page.answer(request.path)):
            return Reply(200, {}, tuple(shown.headers), (shown.kind, shown.body))
        if (request.method, request.path) != (self.contract.method, self.contract.path):
            return self._noted(Reply(404, {"error": "no such operation"}), "refused", request)
        return self._posted(request)

    def _posted(self, request: Request) -> Reply:
        self._asked += 1
        key = request.headers.get("idempotency-key", "")
        digest = hashlib.sha256(request.body).hexdigest()
        # A pause of a second that it asks for would last for hours of a day that is played in seconds.
        if self._due(self._asked, self.faults.busy_every) and not self.ledger.clock.back:
            return self._noted(Reply(429, {"error": "busy"}, (("Retry-After", "1"),)), "busy", request)
        if self._due(self._asked, self.faults.unavailable_every):
            return self._noted(Reply(503, {"error": "unavailable"}), "unavailable", request)
        if not key:
            return self._noted(Reply(400, {"error": "no Idempotency-Key"}), "refused", request)
        if key in self._known:
            return self._repeated(request, *self._known[key], digest)
        try:
            body = json.loads(request.body)
        except ValueError:
            return self._noted(Reply(400, {"error": "no JSON"}), "refused", request)
        if fault := self.contract.fault(body):
            return self._noted(Reply(422, {"error": fault}), "refused", request)
        return self._apply(request, key, digest, body)

    def _repeated(self, request: Request, first: str, document: Mapping[str, object], digest: str) -> Reply:
        if digest != first:
            return self._noted(Reply(422, {"error": "key used with another body"}), "conflict", request)
        self._repeats += 1
        if _nth(self._repeats, 2):  # some vendors say 409 and name the key, others give the first answer again
            return self._noted(
                Reply(409, {"error": "posted before", "key": request.headers["idempotency-key"]}), "repeat", request
            )
        return self._noted(Reply(self.contract.success, document), "repeat", request)

    def _apply(self, request: Request, key: str, digest: str, body: object) -> Reply:
        self._applied += 1
        document = self._document()
        dropped = self._due(self._applied, self.faults.drop_every)
        self.ledger.add("applied", key=key, digest=digest, body=body, document=document, dropped=dropped)
        self._known[key] = (digest, document)
        return Reply(0 if dropped else self.contract.success, document)

    def _due(self, count: int, every: int) -> bool:
        """Whether this one goes wrong: rarer in a day that is played, whose clock waits for each."""
        return _nth(count, every * (PLAYED if self.ledger.clock.back else 1))

    def _document(self) -> Mapping[str, object]:
        """An answer that keeps the contract: the document number wherever a text is promised."""
        number = f"49{self._applied:08d}"
        given = {"string": number, "integer": self._applied, "number": self._applied, "boolean": True}
        return {
            name: member["enum"][0] if "enum" in member else given.get(member.get("type", "string"), number)
            for name, member in self.contract.answers.items()
        }

    def _noted(self, reply: Reply, event: str, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        self.ledger.add(event, key=key, status=reply.status, error=reply.document.get("error"))
        return reply


def _nth(count: int, every: int) -> bool:
    return bool(every) and count % every == 0


async def read_request(reader: asyncio.StreamReader) -> Request | None:
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


_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content"}


def _wire(reply: Reply) -> bytes:
    kind, body = reply.shown or ("application/json", json.dumps(reply.document).encode())
    body = b"" if reply.status == 204 else body
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Refused')}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in reply.headers),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _run(port: int, contract: Contract, ledger: Ledger, faults: Faults) -> None:
    erp = Erp(contract, ledger, faults)
    print(f"erp stand-in ready on port {await erp.start(port)}", flush=True)
    await asyncio.Event().wait()


def main(arguments: Sequence[str]) -> int:
    """``python -m lockgate.demo.erp PORT CONTRACT OPERATION LEDGER [RARER]``: faults so many times rarer"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which ends its stand-ins itself
    port, contract, operation, ledger, *rarer = arguments
    try:
        faults = Faults().rarer(int(rarer[0]) if rarer else 1)
        asyncio.run(_run(int(port), Contract.read(Path(contract), operation), Ledger(Path(ledger)), faults))
    except OSError as error:
        print(f"erp stand-in: port {port}, {contract}, {ledger}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
