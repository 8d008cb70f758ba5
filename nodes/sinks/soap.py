"""SOAP: posts one record to an operation of a WSDL, and takes nothing for success but what its schemas promise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import orjson
from pydantic import Field

from flows.effects import Effects
from flows.environment import ContractField, OperationContract, Surroundings
from nodes.answers import by_status, held, names_key, retry_after_s
from nodes.contract import Example, NodeConfig, Problem
from nodes.fields import Added
from nodes.places import fields_of, leaves, named, put, room, text_at, without
from nodes.record import Record
from nodes.services import Services
from nodes.shapes import Unfit, misfit, writer
from nodes.sink import Answer, Outcome, Request, Settled, Sink
from nodes.stop import Stop, Stopped

Json = Any
_NAME = r"[A-Za-z][A-Za-z0-9_]*"
Place = Annotated[str, Field(pattern=rf"^{_NAME}(?:\.{_NAME})*$", max_length=200)]
Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{0,500}$")]
_LEAST_KEY = 32
_NOT_CODE = re.compile(r"[^a-z0-9]+")
_PASSING = ("Server", "Receiver")
_WRONG = {
    "no-xml": "is no XML",
    "too-deep": "is nested too deeply",
    "document-type": "has a document type declaration, which is not read",
    "no-envelope": "is no SOAP envelope",
    "no-body": "has no SOAP body",
    "other-version": "is of another SOAP version",
    "not-one-element": "holds nothing, or too much",
    "other-element": "holds another element, or one of another namespace, than the contract promises",
    "against-schema": "breaks the contract's schema",
}
_FLAT = {
    "type": "object",
    "properties": {
        "Item": {
            "type": "object",
            "properties": {"material": {"type": "string"}, "movement": {"type": "string"}},
            "required": ["material", "movement"],
        }
    },
    "required": ["Item"],
}


class SoapConfig(NodeConfig):
    operation: str = Field(min_length=1, max_length=200, json_schema_extra={"format": "operation"})
    """The operation of the connection's WSDL."""

    fields: Mapping[Place, Added] = Field(default={}, max_length=500)
    """Which field of the operation takes which field of the record (``item.material``: ``material``). None named: those
    of the same name. An element's first letter is written small here."""

    fixed: Mapping[Place, Text] = Field(default={}, max_length=100)
    """Fields of the operation that are the same for every record, such as a movement type."""

    key_field: Place | None = None
    """The field of the operation by which the service tells a repeated posting; the runtime writes its key there."""

    honours_header: bool = False
    """The service tells a repeated posting by the header ``Idempotency-Key``. If it does neither, a posting whose
    answer never came is held as uncertain instead of being sent again."""

    expect: Mapping[Place, tuple[Text, ...]] = Field(default={}, max_length=20)
    """Fields of the answer that must have one of these values; another value means that the posting was not taken."""

    retry: tuple[str, ...] = Field(default=(), max_length=50)
    """Faults of the contract that pass by themselves: the posting is tried again."""

    applied: tuple[str, ...] = Field(default=(), max_length=50)
    """Faults of the contract that say that the key was used before. With our own key in its detail, that is success."""


class Soap(Sink[SoapConfig]):
    kind, title, Config = "soap", "Post to a SOAP service", SoapConfig
    takes = ("record",)
    carrier = "soap"
    examples = (
        Example(
            "The operation gets exactly the fields of its contract",
            config={"operation": "PostUse", "honours_header": True},
            given={"material": "M-100", "quantity": "2.50"},
            gives=({"material": "M-100", "quantity": "2.50"},),
            operations={"PostUse": {"kind": "wsdl"}},
        ),
        Example(
            "Fields that lie deeper are named; what is always the same stands in the config",
            config={
                "operation": "PostUse",
                "fields": {"Item.material": "code"},
                "fixed": {"Item.movement": "201"},
                "honours_header": True,
            },
            given={"code": "M-100"},
            gives=({"code": "M-100"},),
            operations={
                "PostUse": {
                    "kind": "wsdl",
                    "request": _FLAT,
                    "fields": (
                        ContractField("Item", "object", True),
                        ContractField("Item.material", "string", True),
                        ContractField("Item.movement", "string", True),
                    ),
                }
            },
        ),
        Example(
            "A field beyond the contract is held, never sent",
            config={"operation": "PostUse", "honours_header": True},
            given={"material": "M-100", "quantity": "2", "patient": "4711"},
            stops="not-in-contract",
            operations={"PostUse": {"kind": "wsdl"}},
        ),
        Example(
            "A record that lacks a required field is held",
            config={"operation": "PostUse", "honours_header": True},
            given={"material": "M-100"},
            stops="contract",
            operations={"PostUse": {"kind": "wsdl"}},
        ),
    )

    @classmethod
    def contract(cls, config: SoapConfig, around: Surroundings) -> OperationContract | None:
        """The operation as the record sees it: what the config or the runtime fills is not asked of the record."""
        whole = _whole(config, around)
        if whole is None or whole.problem:
            return None
        return _placed(whole, config) if config.fields else _same_names(whole, config)

    @classmethod
    def effects(cls, config: SoapConfig, around: Surroundings) -> Effects:
        contract = cls.contract(config, around)
        return Effects(sends=None if contract is None else tuple(field.path for field in contract.fields))

    @classmethod
    def check(cls, config: SoapConfig, around: Surroundings) -> Iterator[Problem]:
        whole = _whole(config, around)
        if whole is None:
            known = ", ".join(sorted(name for (_, name), each in around.operations.items() if each.kind == "wsdl"))
            sentence = f"The connection's WSDL has no operation '{config.operation}'; it has: {known or 'none'}."
            yield Problem("LG-NODE-OPERATION", sentence, "/operation")
        elif whole.problem:
            sentence = f"Nothing can be posted to '{config.operation}': {whole.problem}."
            yield Problem("LG-NODE-OPERATION", sentence, "/operation")
        else:
            yield from _login_missing(whole, around)
            yield from _objections(config, whole)

    def __init__(self, config: SoapConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        whole, seen = _whole(config, around), self.contract(config, around)
        if whole is None or seen is None:
            raise LookupError(f"no contract for operation '{config.operation}'")
        self._whole, self._seen = whole, seen
        self._write = writer(seen.request)

    @property
    def honours_key(self) -> bool:
        return self.config.honours_header or self.config.key_field is not None

    def request(self, record: Record) -> Request:
        """The body is canonical JSON of the record's fields; the runtime's carrier makes the envelope of it."""
        try:
            body = self._write(record.fields())
        except Unfit as error:
            sentence = (
                f"'{error.place}' does not fit '{self.config.operation}': {error.sentence}. It is held, not sent."
            )
            raise Stop(Stopped.PARK, error.reason, sentence, place=error.place) from None
        return Request(self._seen.method, self._seen.path, (), body)

    def tree(self, body: bytes, key: str) -> Mapping[str, Json]:
        """What the operation takes, by the names of its elements: the posting's fields, the fixed ones, the key."""
        config, request = self.config, self._whole.request
        record = orjson.loads(body)
        made: dict[str, Json] = {}
        if config.fields:
            for place, name in config.fields.items():
                if name in record:
                    put(made, request, place, record[name])
        else:
            made = named(record, request)
        for place, text in config.fixed.items():
            put(made, request, place, text)
        if config.key_field is not None:
            put(made, request, config.key_field, key[: room(request, config.key_field)])
        return made

    def sent_key(self, key: str) -> str:
        """The key as the service sees it."""
        place = self.config.key_field
        return key if place is None else key[: room(self._whole.request, place)]

    def classify(self, answer: Answer, key: str, now_ms: int) -> Outcome:
        """What an answer means; its body is what the carrier read of the XML: an answer, a fault, or neither."""
        read = _read(answer)
        if "fault" in read:
            return self._fault(read, answer, now_ms)
        if not 200 <= answer.status < 300:
            if answer.status == 409 and self.config.honours_header and names_key(answer, key):
                return Outcome(Settled.DELIVERED, "already-applied")
            return by_status(answer, now_ms)
        if self._seen.answer is None:
            return Outcome(Settled.DELIVERED)
        if "answer" not in read:
            why = _WRONG.get(read.get("wrong", ""), "cannot be read")
            return held("wrong-answer", f"The service's answer {why}.")
        wrong = misfit(read["answer"], self._seen.answer)
        if wrong is not None:
            return held("wrong-answer", f"The answer breaks its contract: {wrong}.")
        return self._expected(read["answer"])

    def _expected(self, document: Json) -> Outcome:
        for place, values in self.config.expect.items():
            if text_at(document, place) not in values:
                sentence = f"'{place}' of the answer has a value that does not mean success."
                return held("answer-not-expected", sentence)
        return Outcome(Settled.DELIVERED)

    def _fault(self, read: Mapping[str, Json], answer: Answer, now_ms: int) -> Outcome:
        """The fault's name decides where the contract declares it, else its code. Its text is not looked at."""
        name, again = read.get("name", ""), retry_after_s(answer.headers, now_ms)
        if name in self.config.applied and read.get("key"):
            return Outcome(Settled.DELIVERED, "already-applied")
        if name in self.config.retry:
            return Outcome(Settled.RETRY, _code(name), "The service says that it cannot take it now.", again)
        if name:
            return held(_code(name), f"The service refused the posting with its fault '{name}'.")
        if read["fault"] in _PASSING:
            return Outcome(Settled.RETRY, "fault-server", "The service failed.", again)
        return held("fault-client", "The service refused the posting with a fault of the sender's side.")


def _whole(config: SoapConfig, around: Surroundings) -> OperationContract | None:
    """The operation as the WSDL has it."""
    known = (each for (_, name), each in around.operations.items() if name == config.operation and each.kind == "wsdl")
    return next(known, None)


def _placed(whole: OperationContract, config: SoapConfig) -> OperationContract:
    """The operation as a flat record sees it: each of its fields by the name that the config gives."""
    fields = leaves(whole.request)
    properties: dict[str, Json] = {}
    required = []
    for place, name in config.fields.items():
        field = fields.get(place)
        if field is not None:
            properties.setdefault(name, field.schema)
            if field.required and name not in required:
                required.append(name)
    return _reduced(whole, {"type": "object", "properties": properties, "required": required})


def _same_names(whole: OperationContract, config: SoapConfig) -> OperationContract:
    """The operation without what the config and the runtime fill."""
    filled = {*config.fixed, *((config.key_field,) if config.key_field else ())}
    return _reduced(whole, without(whole.request, filled)) if filled else whole


def _reduced(whole: OperationContract, request: Mapping[str, Json]) -> OperationContract:
    return whole._replace(request=request, fields=fields_of(request))


def _objections(config: SoapConfig, whole: OperationContract) -> Iterator[Problem]:
    fields = leaves(whole.request)
    filling = [(place, f"/fields/{place}") for place in config.fields]
    filling += [(place, f"/fixed/{place}") for place in config.fixed]
    filling += [(config.key_field, "/key_field")] if config.key_field else []
    for place, pointer in filling:
        if place not in fields:
            near = get_close_matches(place, fields, 1)
            hint = f"; did you mean '{near[0]}'?" if near else "."
            yield Problem("LG-NODE-FIELD", f"'{whole.operation}' has no plain field '{place}'{hint}", pointer)
    for place in {place for place, _ in filling if [each for each, _ in filling].count(place) > 1}:
        yield Problem("LG-NODE-FIELD", f"'{place}' is filled more than once.", "/fields")
    filled = {place for place, _ in filling}
    for place, leaf in fields.items() if config.fields else ():
        if leaf.required and place not in filled:
            yield Problem("LG-NODE-FIELD", f"'{whole.operation}' requires '{place}', which nothing fills.", "/fields")
    if config.key_field in fields and room(whole.request, config.key_field or "") < _LEAST_KEY:
        sentence = f"'{config.key_field}' takes fewer than {_LEAST_KEY} characters, too few for a key."
        yield Problem("LG-NODE-FIELD", sentence, "/key_field")
    yield from _fault_objections(config, whole)
    if not (config.honours_header or config.key_field):
        sentence = (
            "The service tells no repetition: a posting whose answer never comes is held as uncertain, and a person"
            " has to ask there."
        )
        yield Problem("LG-NODE-REPETITION", sentence, "", "advisory")


def _login_missing(whole: OperationContract, around: Surroundings) -> Iterator[Problem]:
    connections = around.environment.connections
    for name in {name for name, _ in around.operations} if whole.login else ():
        if name in connections and connections[name].user is None:
            sentence = (
                f"'{whole.operation}' requires a login in its header (WS-Security): name a user and a secret at"
                f" connection '{name}', or have the contract published without."
            )
            yield Problem("LG-NODE-LOGIN", sentence, "/operation")


def _fault_objections(config: SoapConfig, whole: OperationContract) -> Iterator[Problem]:
    for key, names in (("retry", config.retry), ("applied", config.applied)):
        for name in names:
            if name not in whole.faults:
                known = ", ".join(whole.faults) or "none"
                sentence = f"'{whole.operation}' declares no fault '{name}'; it declares: {known}."
                yield Problem("LG-NODE-FAULT", sentence, f"/{key}")
    for place in config.expect:
        if whole.answer is None or place not in leaves(whole.answer):
            yield Problem("LG-NODE-FIELD", f"The answer has no plain field '{place}'.", f"/expect/{place}")


def _read(answer: Answer) -> Mapping[str, Json]:
    """What the carrier made of the body."""
    try:
        read = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def _code(name: str) -> str:
    """A fault's name, which is the contract's, as a reason."""
    return f"fault-{_NOT_CODE.sub('-', name.lower()).strip('-')[:50]}"
