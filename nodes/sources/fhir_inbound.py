"""FHIR R4 over HTTP: takes resources and Bundles that are posted, answers their senders, and reads them as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from flows.effects import Effects, Emission, Nature, Origin
from flows.environment import Limits, Surroundings
from flows.fhir import known_accepts, parse_accepts, tables
from flows.vocabulary import S1, Concept, DataClass
from nodes.contract import Example, NodeConfig
from nodes.formats.fhir import (
    Document,
    FhirRecord,
    Header,
    identity_of,
    outcome,
    read_document,
    read_header,
    tree,
    unfit,
)
from nodes.record import Envelope, Record
from nodes.services import Services
from nodes.source import Accepted, Refused, Source

_CONTROL = Nature(Concept.MESSAGE_CONTROL, frozenset({DataClass.OPERATIONAL}), S1)
ADDED = (Origin("message/resourceType", _CONTROL), Origin("message/entries", _CONTROL))
"""What the source puts beside a message: its type, and how many resources came with it."""
_DELIVERY = (
    '{"resourceType": "Bundle", "type": "transaction", "entry": ['
    '{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "identifier": [{"value": "4711"}]}}, '
    '{"fullUrl": "urn:uuid:2", "resource": {"resourceType": "SupplyDelivery", "patient": {"reference": "urn:uuid:1"}, '
    '"suppliedItem": {"quantity": {"value": 2.50}}}}]}'
)


def _type(text: str) -> str:
    parse_accepts(text)
    return text


def _known(schema: dict[str, Any]) -> None:
    """Forms offer what the published structures have."""
    schema["examples"] = list(known_accepts())


class FhirInboundConfig(NodeConfig):
    accepts: tuple[Annotated[str, AfterValidator(_type), Field(json_schema_extra=_known)], ...] = Field(
        min_length=1, max_length=200
    )
    """The resource types taken, each with the release: ``SupplyDelivery@R4``, ``Bundle@R4`` (transactions, batches and
    collections). ``*@R4`` takes any type; of those messages only ``message/resourceType`` and ``message/entries`` can
    be read."""

    others: Literal["refuse", "filter"] = "refuse"
    """What a resource of another type gets: refused (422), or taken (201) and counted as filtered, so that a sender
    which cannot choose what it sends is not held up."""

    identity_conflicts: Literal["accept", "refuse"] = "accept"
    """What happens when an identity comes again with other content: a new message and a mark on the counter, since a
    resource is sent again when it has changed; or refused (409)."""

    modifiers: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = Field(default=(), max_length=50)
    """Addresses of modifier extensions and of implicit rules that change nothing which this flow reads. Any other one
    is refused (422), since it could turn what it stands in into its opposite."""


class FhirInbound(Source[FhirInboundConfig]):
    kind, title, Config = "fhir_inbound", "FHIR R4 over HTTP", FhirInboundConfig
    listens = "http"
    examples = (
        Example(
            "A delivery in a Bundle, with the patient beside it and the number of entries",
            config={"accepts": ["Bundle@R4"]},
            given=_DELIVERY,
            gives=(
                {
                    "SupplyDelivery.suppliedItem.quantity.value": "2.50",
                    "Patient.identifier.value": "4711",
                    "message/resourceType": "Bundle",
                    "message/entries": "2",
                },
            ),
        ),
    )

    def __init__(self, config: FhirInboundConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._last: tuple[bytes, Document] | None = None

    @classmethod
    def effects(cls, config: FhirInboundConfig, around: Surroundings) -> Effects:
        return Effects(emits=Emission("fhir", config.accepts, added=ADDED))

    @property
    def conflicts(self) -> Literal["accept", "refuse"]:
        return self.config.identity_conflicts

    def listener(self, limits: Limits) -> Listener:
        """What intake asks, with the limits of the connection."""
        return Listener(self.config, limits)

    def identity(self, payload: bytes) -> tuple[str, ...]:
        """Bundle.identifier, or type, id and version, or the digest."""
        try:
            return identity_of(self._document(payload).root, payload)
        except ValueError:
            return ()

    def record(self, payload: bytes, envelope: Envelope) -> Record:
        """The record of an accepted message; ValueError for bytes that no listener took."""
        return FhirRecord(self._document(payload), envelope)

    def tree(self, payload: bytes, envelope: Envelope) -> Record:
        return tree(self._document(payload), envelope)

    def payload(self, lines: Sequence[str]) -> bytes:
        """The lines of a resource."""
        return "\n".join(lines).encode()

    def _document(self, payload: bytes) -> Document:
        """Read once for identity and record, which are asked for one after the other."""
        if self._last is None or self._last[0] is not payload:
            self._last = payload, read_document(payload)
        return self._last[1]


class Listener:
    """The source as intake sees it. No frame makes it raise, and the time it takes is linear in the frame."""

    media_types = ("application/fhir+json", "application/json")
    """What a sender may call its body; the first one is what the answer is called."""

    __slots__ = ("_any", "_config", "_limits", "_modifiers", "_types")

    def __init__(self, config: FhirInboundConfig, limits: Limits) -> None:
        self._config, self._limits = config, limits
        accepted = [parse_accepts(text) for text in config.accepts]
        self._any = any(one.any for one in accepted)
        self._types = frozenset(one.type for one in accepted)
        self._modifiers = frozenset(config.modifiers)

    def admit(self, frame: bytes) -> Accepted | Refused:
        """Whether ``frame`` is taken: strict JSON, a known type, nothing that must be understood and is not."""
        read = read_header(frame, self._limits, self._modifiers)
        if isinstance(read, Refused):
            return read
        header, document = read
        if self._any:
            return Accepted(header)
        if header.type not in self._types:
            if self._config.others == "filter":
                return Accepted(header, "type-not-accepted")
            return Refused("type-not-accepted", "resourceType", "422", header)
        return unfit(header, document) or Accepted(header)

    def misplaced(self, path: str, header: Header) -> Refused | None:
        """Why a message may not be posted to ``path`` below the base address: "" is for all, a type for its own."""
        if path in ("", header.type):
            return None
        return Refused("resource-type", "resourceType", "400", header)

    def serves(self, path: str) -> bool:
        """Whether anything may be posted to ``path`` below the base address."""
        return path == "" or path in tables().types

    def answer(self, header: object, code: str, reason: str, place: str, control_id: str, at_ms: int) -> bytes:
        """An OperationOutcome; ``reason`` and ``place`` are "" where the message is taken."""
        return outcome(code, reason, place, control_id)
