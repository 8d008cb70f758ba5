"""The contract that every node kind keeps, and the doors through which it sees a record and its surroundings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from flows.effects import Effects
from flows.environment import Limits, OperationContract, Surroundings
from flows.masters import MasterRow as MasterRow
from flows.paths import Selector
from flows.values import ABSENT, NULL, Absent, Value

__all__ = [
    "ABSENT",
    "NULL",
    "Absent",
    "Accepted",
    "Answer",
    "Batch",
    "Category",
    "Door",
    "Envelope",
    "Example",
    "Header",
    "Mask",
    "MasterRow",
    "MasterView",
    "Node",
    "NodeConfig",
    "NonConformity",
    "Outcome",
    "Problem",
    "Record",
    "Refused",
    "Request",
    "Services",
    "Settled",
    "Sink",
    "Source",
    "Stop",
    "Stopped",
    "Value",
]


class Envelope(NamedTuple):
    """What travels with a record and no node can write. No member is a payload value, except ``identity``.

    ``received_ms`` is UTC milliseconds; ``item_path`` is ``""`` before a split, ``FT1[2]`` after; ``identity`` is the
    message's own (MSH-3, MSH-4, MSH-10) and never leaves the runtime in the clear.
    """

    message: int
    flow: str
    source: str
    received_ms: int
    identity: tuple[str, ...]
    item_path: str
    label: str


class Record(Protocol):
    """An immutable record on a wire. Every ``with...`` gives a new one and leaves this one as it was."""

    @property
    def envelope(self) -> Envelope: ...

    def first(self, selector: Selector) -> Value:
        """The value at the first place that the selector matches (a composite gives its first leaf), or ABSENT."""

    def every(self, selector: Selector) -> tuple[Value, ...]:
        """The values at all places that the selector matches, without ABSENT ones."""

    def with_value(self, name: str, value: Value) -> Record:
        """With ``value`` under a lower-case name at the top of the record."""

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        """With each matching leaf that holds a value replaced by ``mask(value)``; ABSENT and NULL stay."""

    def without(self, selector: Selector) -> Record:
        """Without the matching fields and their parts."""

    def split(self, group: str) -> Iterator[Record]:
        """One record for each repetition of a group (its item path set), each with all that stands outside."""

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        """A new plain record of exactly these fields, in the same envelope."""

    def fields(self) -> Mapping[str, Value]:
        """All of a plain record's fields. Only records made by ``fresh`` have them; sinks read these."""


class Mask(Protocol):
    """A pure function of one value."""

    def __call__(self, value: str, /) -> str: ...


class Stopped(StrEnum):
    """How a record can end before a sink. A parked one waits for a person; the others are counted with reason."""

    PARK = "park"
    FILTER = "filter"
    REJECT_LINE = "reject-line"


class Stop(Exception):
    """Ends this record. ``reason`` is a code; ``sentence`` is for the person who must act and holds no payload value.

    ``subject`` are the payload values that the cause hangs on, such as the key that a master lacks: the runtime keeps
    their HMAC (to group cases and to find those that a new row would release). ``reads`` are the selectors at which
    they stand, in the same order ("" for a value that a master gave): only where lineage says that all of these are
    operational data, S1 at most, are they kept, sealed, for the stewards of ``master``.
    """

    def __init__(
        self,
        how: Stopped,
        reason: str,
        sentence: str,
        *,
        place: str = "",
        master: str = "",
        subject: tuple[str, ...] = (),
        reads: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.how, self.reason, self.sentence = how, reason, sentence
        self.place, self.master, self.subject, self.reads = place, master, subject, reads


class MasterView(Protocol):
    """A verified snapshot of one master, in memory."""

    @property
    def sequence(self) -> int:
        """The snapshot's number: recorded with each posting."""

    def find(self, key: tuple[str, ...], at: str | None) -> MasterRow | None:
        """The active row of ``key`` at the HL7 or ISO time ``at`` (None: the latest), following successors; or None."""

    def factor(self, key: tuple[str, ...], unit: str, at: str | None) -> Decimal | None:
        """What one ``unit`` of this item is in its base unit, exactly; or None when no conversion is known."""


class NonConformity(NamedTuple):
    """One departure of a message from its HL7 structure: a code and a place (``PATIENT/PID``), never a value."""

    code: Literal["structure-unknown", "segment-missing", "segment-unexpected", "segment-repeated", "unreadable"]
    place: str


class Services(Protocol):
    """What the runtime lends a node. No node reads environment, disk, clock or network by itself."""

    def master(self, name: str) -> MasterView: ...

    def pseudonym(self, value: str) -> str:
        """A keyed pseudonym: equal values of one organisation give equal pseudonyms; 26 characters of base 32."""

    def conformance(self, envelope: Envelope) -> Sequence[NonConformity] | None:
        """Where the message of ``envelope`` departs from its structure (runtime.workers); None: no answer in time."""


class NodeConfig(BaseModel):
    """Base of every config: unknown keys are refused, values never change after load."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


class Problem(NamedTuple):
    """Something wrong with a config that only its surroundings show: an unknown master, a field not in a contract."""

    rule: str
    sentence: str
    pointer: str = ""
    severity: Literal["hard", "soft", "advisory"] = "hard"


class Example(NamedTuple):
    """A worked example: shown in the palette, printed in the docs, run by the tests.

    ``given`` is HL7 text (a ``str`` with CR ends), a FHIR resource (a ``str`` of JSON) or a plain record; ``gives`` are
    the plain fields or selector readings of what comes out, one mapping for each record; ``stops`` is the reason code
    it ends with instead.
    """

    title: str
    config: Mapping[str, Any]
    given: str | Mapping[str, Value]
    gives: tuple[Mapping[str, Value], ...] = ()
    stops: str | None = None
    masters: Mapping[str, Any] = {}
    """Master id -> rows (flows.masters.Row as JSON); the contract is made to fit them (nodes.testing)."""
    schemas: Mapping[str, Any] = {}
    """Schema name -> flows.environment.RecordSchema as JSON."""
    operations: Mapping[str, Any] = {}
    """Operation -> the members of flows.environment.OperationContract that differ from nodes.testing's."""


C = TypeVar("C", bound=NodeConfig)
Category = Literal["source", "transform", "sink"]


class Node(Generic[C]):
    """A node kind. Subclasses under ``nodes/`` are discovered by the catalogue; nothing else registers them."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[str]
    category: ClassVar[Category] = "transform"
    Config: ClassVar[type[NodeConfig]]
    inputs: ClassVar[tuple[str, ...]] = ("in",)
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    exclusive: ClassVar[bool] = False
    """A record leaves by one port at most (route, filter): paths that part here never both reach a sink."""
    takes: ClassVar[tuple[str, ...]] = ("hl7v2", "fhir", "record")
    """The record types accepted on ``in``."""
    examples: ClassVar[Sequence[Example]] = ()

    @classmethod
    def effects(cls, config: C, around: Surroundings) -> Effects:
        """What this node does to fields, from its config and the contracts around it."""
        raise NotImplementedError

    @classmethod
    def check(cls, config: C, around: Surroundings) -> Iterable[Problem]:
        """What is wrong with this config in these surroundings."""
        return ()

    def __init__(self, config: C, services: Services, around: Surroundings) -> None:
        self.config, self.services, self.around = config, services, around

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        """Give ``(port, record)`` pairs, or raise Stop. Never changes ``record``; deterministic."""
        raise NotImplementedError


class Header(Protocol):
    """What intake reads of a message before it is stored."""

    @property
    def identity(self) -> tuple[str, ...]: ...


class Accepted(NamedTuple):
    """A frame that is taken. ``filtered`` is the reason why the flow has nothing to do with it, or None."""

    header: Any  # a Header, of the source's own kind
    filtered: str | None = None


class Refused(NamedTuple):
    """A frame that is not taken. ``code`` and ``place`` hold no value of the message.

    ``answer`` is what the protocol calls it: AR or AE in HL7 v2, a status in HTTP. ``header`` is what could be read.
    """

    code: str
    place: str
    answer: str
    header: Any = None  # a Header, of the source's own kind


class Door(Protocol):
    """A configured source as intake sees it. Total: no frame makes it raise; its time is linear in the frame."""

    def admit(self, frame: bytes) -> Accepted | Refused:
        """Whether ``frame`` is taken."""

    def answer(self, header: Any, code: str, reason: str, place: str, control_id: str, at_ms: int) -> bytes:
        """What goes back to the sender, without its frame. ``reason`` and ``place`` are "" where it is taken."""


class Source(Node[C]):
    """A node that begins a flow: it says what it takes, and reads again what it took.

    ``listens`` names the protocol by which messages come in; the runtime has one file for each that it speaks.
    """

    category = "source"
    inputs = ()
    takes = ()
    listens: ClassVar[str]

    @property
    def conflicts(self) -> Literal["accept", "refuse"]:
        """What happens when an identity comes again with other bytes."""
        return "accept"

    def listener(self, limits: Limits) -> Door:
        """What intake asks, with the limits of the connection."""
        raise NotImplementedError

    def identity(self, payload: bytes) -> tuple[str, ...]:
        """The identity of an accepted message."""
        raise NotImplementedError

    def record(self, payload: bytes, envelope: Envelope) -> Record:
        """The record of an accepted message."""
        raise NotImplementedError

    def tree(self, payload: bytes, envelope: Envelope) -> Record:
        """The same, taken apart whole: what the interpreter, the reference, walks with."""
        return self.record(payload, envelope)

    def payload(self, lines: Sequence[str]) -> bytes:
        """A message that was written down line by line, as it comes over the wire."""
        raise NotImplementedError

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        return (("out", record),)


class Request(NamedTuple):
    """What a sink sends for one record. ``target`` is the path below the connection's ``base_path``."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answer(NamedTuple):
    """What came back, whole. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Settled(StrEnum):
    """What an answer means for its posting."""

    DELIVERED = "delivered"
    RETRY = "retry"
    PARK = "park"


class Outcome(NamedTuple):
    """The meaning of an answer: a decision as a value. ``sentence`` is for the person who must act and holds no value.

    ``after_s`` is the other side's wish for the wait before the next attempt, clamped; None: it has none.
    """

    how: Settled
    reason: str = ""
    sentence: str = ""
    after_s: int | None = None


class Batch(NamedTuple):
    """How many postings go out together: as soon as there are ``most``, or the first has waited ``age_s`` seconds."""

    most: int
    age_s: float


class Sink(Node[C]):
    """A node that ends a path: it makes the request and judges the answer; the runtime sends and keeps the books.

    ``carrier`` names the protocol by which its postings go out; the runtime has one file for each that it speaks
    (``runtime.delivery.carriers``), which says what else it asks of a node that names it. Whatever the carrier, a
    request's body is JSON of exactly the contract's fields: that is what the guard reads and the journal keeps.
    """

    category = "sink"
    outputs = ()
    carrier: ClassVar[str] = "http"

    @classmethod
    def contract(cls, config: C, around: Surroundings) -> OperationContract | None:
        """The operation that this config names, as a record sees it; None where there is none."""
        name = getattr(config, "operation", "")
        return next((each for (_, known), each in around.operations.items() if known == name), None)

    @property
    def honours_key(self) -> bool:
        """The system takes a repeated key for the same posting, so that sending again is safe."""
        return True

    @property
    def batch(self) -> Batch | None:
        """How postings are put together; None: each goes out alone."""
        return None

    def request(self, record: Record) -> Request:
        """The request for ``record``; Stop where it does not fit the contract."""
        raise NotImplementedError

    def classify(self, answer: Answer, key: str, now_ms: int) -> Outcome:
        """What ``answer`` means for the posting whose Idempotency-Key was ``key``. Pure."""
        raise NotImplementedError

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        """Nothing leaves a sink by a port; a record that does not fit the contract stops here."""
        self.request(record)
        return ()
