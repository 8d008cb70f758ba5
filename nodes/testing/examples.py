"""Examples: the surroundings that each asks for, services in memory, and whether a node does what an example says."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flows.effects import Verb
from flows.environment import Connection, ContractField, Environment, OperationContract, RecordSchema, Surroundings
from flows.master_table import Table
from flows.masters import ColumnContract, MasterContract, Row, Snapshot, contract_digest, write_snapshot
from flows.paths import parse
from flows.values import ABSENT, Value
from flows.vocabulary import Concept, DataClass, DataLabel, Domain, Transport
from nodes.contract import Example, Node
from nodes.formats.fhir import FhirRecord, read_document
from nodes.formats.hl7v2 import LazyRecord, read_message
from nodes.formats.plain import PlainRecord
from nodes.record import Envelope, Record
from nodes.services import MasterView, NonConformity
from nodes.sink import Sink
from nodes.stop import Stop

CONNECTION = "system"
ENVELOPE = Envelope(7, "example", CONNECTION, 1_772_360_100_000, ("OR", "HOSP", "C7"), "", "synthetic")
"""Received on 2026-03-01."""
_POST_USE: Mapping[str, Any] = {
    "type": "object",
    "properties": {"material": {"type": "string"}, "quantity": {"type": "string", "format": "decimal"}},
    "required": ["material", "quantity"],
}
_POSTED: Mapping[str, Any] = {
    "type": "object",
    "properties": {"document": {"type": "string"}},
    "required": ["document"],
}


class MemoryServices:
    """What a runtime lends a node, in memory: real tables, a fixed key, answers about structure given beforehand."""

    def __init__(
        self,
        masters: Mapping[str, MasterView] | None = None,
        departures: Sequence[NonConformity] | None = (),
        key: bytes = b"example",
    ) -> None:
        self._masters, self._departures, self._key = masters or {}, departures, key

    def master(self, name: str) -> MasterView:
        return self._masters[name]

    def pseudonym(self, value: str) -> str:
        digest = hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256")
        return base64.b32encode(digest[:16])[:26].decode()

    def conformance(self, envelope: Envelope) -> Sequence[NonConformity] | None:
        return self._departures


def master_table(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table of these rows under a contract that fits them: every column an item code, S1 operational."""
    held = [Row.model_validate(row) for row in rows]
    column = ColumnContract(title="Column", concept=Concept.ITEM_CODE, classes=(DataClass.OPERATIONAL,), sensitivity=1)
    contract = MasterContract(
        format="lockgate/master/1",
        id=name,
        title=name,
        key=tuple(f"part{number}" for number, _ in enumerate(held[0].key, 1)),
        columns=dict.fromkeys(held[0].values, column),
    )
    snapshot = Snapshot(
        format="lockgate/snapshot/1",
        master=name,
        contract=contract_digest(contract),
        sequence=1,
        previous=None,
        add=tuple(held),
    )
    return Table(contract).apply(write_snapshot(snapshot))


def operation(name: str, **differs: Any) -> OperationContract:
    """An operation that takes ``material`` and ``quantity`` and answers 201 with a document's number."""
    fields = (ContractField("material", "string", True), ContractField("quantity", "string", True))
    usual = OperationContract(name, "POST", "/uses", fields, _POST_USE, _POSTED, (201,), "0" * 64)
    return usual._replace(**differs)


def surroundings(example: Example) -> Surroundings:
    """The environment that an example asks for: one connection, its masters, its schemas, its operations."""
    tables = {name: master_table(name, rows) for name, rows in example.masters.items()}
    system = Connection(domain=Domain.ERP, system="Example", transport=Transport.LOOPBACK, host="127.0.0.1", port=1)
    return Surroundings(
        environment=Environment(
            format="lockgate/environment/1",
            name="EXAMPLE",
            label=DataLabel.SYNTHETIC,
            connections={CONNECTION: system},
            masters={name: f"masters/{name}.json" for name in tables},
        ),
        masters={name: table.contract for name, table in tables.items()},
        operations={(CONNECTION, name): operation(name, **each) for name, each in example.operations.items()},
        schemas={name: RecordSchema.model_validate(each) for name, each in example.schemas.items()},
    )


def node_of(kind: type[Node[Any]], example: Example) -> Node[Any]:
    """The example's node, ready to run."""
    services = MemoryServices({name: master_table(name, rows) for name, rows in example.masters.items()})
    return kind(config_of(kind, example), services, surroundings(example))


def config_of(kind: type[Node[Any]], example: Example) -> Any:
    """The example's config, read as a flow file's is."""
    return kind.Config.model_validate(example.config)


def record_of(given: str | Mapping[str, Value], envelope: Envelope = ENVELOPE) -> Record:
    """HL7 text, a FHIR resource or plain fields as a record."""
    if isinstance(given, str) and given.startswith("{"):
        return FhirRecord(read_document(given.encode()), envelope)
    if isinstance(given, str):
        return LazyRecord(read_message(given.encode()), envelope)
    return PlainRecord(given, envelope)


def differences(kind: type[Node[Any]], example: Example) -> list[str]:
    """Where a node does not do what its example says; empty when it does."""
    node = node_of(kind, example)
    try:
        outs = results(node, record_of(example.given))
    except Stop as stop:
        return [] if stop.reason == example.stops else [f"stopped with '{stop.reason}': {stop.sentence}"]
    if example.stops is not None:
        return [f"did not stop with '{example.stops}'"]
    if len(outs) != len(example.gives):
        return [f"gave {len(outs)} records, not {len(example.gives)}"]
    whole = node.effects(node.config, node.around).rest is Verb.DROP or isinstance(node, Sink)
    found: list[str] = []
    for number, (given, expected) in enumerate(zip(outs, example.gives, strict=True), 1):
        found += [f"record {number}: {each}" for each in _unequal(given, expected, whole)]
    return found


def _unequal(record: Record, expected: Mapping[str, Value], whole: bool) -> Iterator[str]:
    for path, value in expected.items():
        got = record.first(parse(path))
        if got != (value or ABSENT):
            yield f"{path} is {got!r}, not {value!r}"
    if whole and record.fields().keys() != expected.keys():
        yield f"has the fields {sorted(record.fields())}, not {sorted(expected)}"


def results(node: Node[Any], record: Record) -> list[Record]:
    """What leaves a node; for a sink, the body of its request."""
    if isinstance(node, Sink):
        return [PlainRecord(json.loads(node.request(record).body), record.envelope)]
    return [out for _, out in node.run(record)]
