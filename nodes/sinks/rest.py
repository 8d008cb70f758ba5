"""REST: posts one record as JSON to an operation of a contract, and takes nothing for success but what it promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field

from flows.effects import Effects
from flows.environment import OperationContract, Surroundings
from nodes.answers import by_status, held, names_key
from nodes.contract import Example, NodeConfig, Problem
from nodes.record import Record
from nodes.services import Services
from nodes.shapes import Unfit, misfit, writer
from nodes.sink import Answer, Outcome, Request, Settled, Sink
from nodes.stop import Stop, Stopped

_METHODS = ("POST", "PUT", "PATCH")
_TAKEN = frozenset(
    "accept authorization connection content-length content-type cookie expect host idempotency-key keep-alive te "
    "trailer transfer-encoding upgrade".split()
)


def _free(name: str) -> str:
    if name.lower() in _TAKEN or name.lower().startswith("proxy-"):
        raise ValueError("this header is set by the runtime")
    return name


Header = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$"), AfterValidator(_free)]


class RestConfig(NodeConfig):
    operation: str = Field(min_length=1, max_length=200, json_schema_extra={"format": "operation"})
    """The operation of the connection's contract, by its operationId."""

    headers: Mapping[Header, Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,500}$")]] = Field(default={}, max_length=16)
    """Fixed headers, the same for every record. A value of a message never stands in a header."""


class Rest(Sink[RestConfig]):
    kind, title, Config = "rest", "Post to a REST service", RestConfig
    takes = ("record",)
    examples = (
        Example(
            "The body has exactly the contract's fields",
            config={"operation": "postUse"},
            given={"material": "M-100", "quantity": "2.50"},
            gives=({"material": "M-100", "quantity": "2.50"},),
            operations={"postUse": {}},
        ),
        Example(
            "A field beyond the contract is held, never sent",
            config={"operation": "postUse"},
            given={"material": "M-100", "quantity": "2", "patient": "4711"},
            stops="not-in-contract",
            operations={"postUse": {}},
        ),
        Example(
            "A record that lacks a required field is held",
            config={"operation": "postUse"},
            given={"material": "M-100"},
            stops="contract",
            operations={"postUse": {}},
        ),
    )

    @classmethod
    def contract(cls, config: RestConfig, around: Surroundings) -> OperationContract | None:
        named = super().contract(config, around)
        return named if named is not None and named.kind == "openapi" else None

    @classmethod
    def effects(cls, config: RestConfig, around: Surroundings) -> Effects:
        contract = cls.contract(config, around)
        return Effects(sends=None if contract is None else tuple(field.path for field in contract.fields))

    @classmethod
    def check(cls, config: RestConfig, around: Surroundings) -> Iterator[Problem]:
        contract = cls.contract(config, around)
        if contract is None:
            known = ", ".join(sorted(name for _, name in around.operations)) or "none"
            sentence = f"The connection's contract has no operation '{config.operation}'; it has: {known}."
            yield Problem("LG-NODE-OPERATION", sentence, "/operation")
        elif contract.method not in _METHODS:
            sentence = f"'{config.operation}' is a {contract.method}; a record is sent by {', '.join(_METHODS)}."
            yield Problem("LG-NODE-OPERATION", sentence, "/operation")

    def __init__(self, config: RestConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        contract = self.contract(config, around)
        if contract is None:
            raise LookupError(f"no contract for operation '{config.operation}'")
        self._operation = contract
        self._write = writer(contract.request)
        self._headers = (
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            *sorted(config.headers.items()),
        )

    def request(self, record: Record) -> Request:
        """The body is canonical JSON of the contract's fields; the runtime adds host, key and credentials."""
        try:
            body = self._write(record.fields())
        except Unfit as error:
            operation = self.config.operation
            sentence = f"'{error.place}' does not fit '{operation}': {error.sentence}. The record is held, not sent."
            raise Stop(Stopped.PARK, error.reason, sentence, place=error.place) from None
        return Request(self._operation.method, self._operation.path, self._headers, body)

    def classify(self, answer: Answer, key: str, now_ms: int) -> Outcome:
        return classify(answer, self._operation, key, now_ms)


def classify(answer: Answer, contract: OperationContract, key: str, now_ms: int) -> Outcome:
    """What an answer means. Delivered is only what the contract calls success; what may pass is tried again."""
    status = answer.status
    if 200 <= status < 300:
        return _taken(answer, contract)
    if status == 409 and _echoes(answer, key):
        return Outcome(Settled.DELIVERED, "already-applied")
    return by_status(answer, now_ms)


def _taken(answer: Answer, contract: OperationContract) -> Outcome:
    if answer.status not in contract.success:
        sentence = f"The service answered {answer.status}, which its contract does not call success."
        return held("wrong-answer", sentence)
    if answer.body and answer.headers.get("content-type", "").lower().startswith("text/html"):
        return held("wrong-answer", "The service answered with a web page (a login?), which no contract promises.")
    if contract.answer is None:
        return Outcome(Settled.DELIVERED)
    if not answer.body:
        return held("wrong-answer", "The contract promises a body, and there is none.")
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return held("wrong-answer", "The contract promises JSON, and the body is none.")
    wrong = misfit(document, contract.answer)
    return held("wrong-answer", f"The answer breaks its contract: {wrong}.") if wrong else Outcome(Settled.DELIVERED)


def _echoes(answer: Answer, key: str) -> bool:
    """Whether a 409 is about our own key: it stands in the header or as a member of the body."""
    if names_key(answer, key):
        return True
    try:
        return _holds(orjson.loads(answer.body), key, 4)
    except orjson.JSONDecodeError:
        return False


def _holds(document: Any, key: str, depth: int) -> bool:
    if isinstance(document, str):
        return document == key
    if not depth or not isinstance(document, dict | list):
        return False
    parts = document.values() if isinstance(document, dict) else document
    return any(_holds(each, key, depth - 1) for each in parts)
