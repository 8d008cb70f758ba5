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

from lockgate.demo.ledger import Ledger, read
from lockgate.demo.serving import Reply, Request, StandIn, nth
from lockgate.demo.showing import Page


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


class Erp(StandIn):
    """The service. Effects are applied at most once a key; a key with another body is a conflict."""

    def __init__(self, contract: Contract, ledger: Ledger, faults: Faults = Faults()) -> None:  # noqa: B008  reason: frozen
        super().__init__(ledger)
        self.contract, self.faults = contract, faults
        self._page = Page("ERP inventory (REST)", ledger.path, list(contract.members))
        self._known: dict[str, tuple[str, Mapping[str, object]]] = {}
        self._asked = 0
        self._applied = 0
        self._repeats = 0
        for entry in read(ledger.path):
            if entry["event"] == "applied":
                self._known[entry["key"]] = (entry["digest"], entry["document"])

    @property
    def delay_ms(self) -> int:
        return self.faults.delay_ms

    def applied(self) -> int:
        """How many effects stand in the books."""
        return len(self._known)

    def answer(self, request: Request) -> Reply:
        if request.method == "GET" and request.path == "/__ledger":
            entries = list(read(self.ledger.path))
            return _told(200, {"applied": len(self._known), "asked": self._asked, "entries": entries})
        if request.method == "GET" and request.path == "/__count":
            return _told(200, {"applied": len(self._known), "asked": self._asked})
        if request.method == "GET" and (shown := self._page.answer(request.path)):
            return Reply(200, shown.body, shown.kind, tuple(shown.headers))
        if (request.method, request.path) != (self.contract.method, self.contract.path):
            return self._noted(request, "refused", 404, {"error": "no such operation"})
        return self._posted(request)

    def _posted(self, request: Request) -> Reply:
        self._asked += 1
        key = request.headers.get("idempotency-key", "")
        digest = hashlib.sha256(request.body).hexdigest()
        # A pause of a second that it asks for would last for hours of a day that is played in seconds.
        if self.due(self._asked, self.faults.busy_every) and not self.ledger.clock.back:
            return self._noted(request, "busy", 429, {"error": "busy"}, (("Retry-After", "1"),))
        if self.due(self._asked, self.faults.unavailable_every):
            return self._noted(request, "unavailable", 503, {"error": "unavailable"})
        if not key:
            return self._noted(request, "refused", 400, {"error": "no Idempotency-Key"})
        if key in self._known:
            return self._repeated(request, *self._known[key], digest)
        try:
            body = json.loads(request.body)
        except ValueError:
            return self._noted(request, "refused", 400, {"error": "no JSON"})
        if fault := self.contract.fault(body):
            return self._noted(request, "refused", 422, {"error": fault})
        return self._apply(request, key, digest, body)

    def _repeated(self, request: Request, first: str, document: Mapping[str, object], digest: str) -> Reply:
        if digest != first:
            return self._noted(request, "conflict", 422, {"error": "key used with another body"})
        self._repeats += 1
        if nth(self._repeats, 2):  # some vendors say 409 and name the key, others give the first answer again
            said = {"error": "posted before", "key": request.headers["idempotency-key"]}
            return self._noted(request, "repeat", 409, said)
        return self._noted(request, "repeat", self.contract.success, document)

    def _apply(self, request: Request, key: str, digest: str, body: object) -> Reply:
        self._applied += 1
        document = self._document()
        dropped = self.due(self._applied, self.faults.drop_every)
        self.ledger.add("applied", key=key, digest=digest, body=body, document=document, dropped=dropped)
        self._known[key] = (digest, document)
        return _told(0 if dropped else self.contract.success, document)

    def _document(self) -> Mapping[str, object]:
        """An answer that keeps the contract: the document number wherever a text is promised."""
        number = f"49{self._applied:08d}"
        given = {"string": number, "integer": self._applied, "number": self._applied, "boolean": True}
        return {
            name: member["enum"][0] if "enum" in member else given.get(member.get("type", "string"), number)
            for name, member in self.contract.answers.items()
        }

    def _noted(
        self,
        request: Request,
        event: str,
        status: int,
        document: Mapping[str, object],
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Reply:
        key = request.headers.get("idempotency-key", "")
        self.ledger.add(event, key=key, status=status, error=document.get("error"))
        return _told(status, document, headers)


def _told(status: int, document: Mapping[str, object], headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, json.dumps(document).encode(), "application/json", headers)


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
