"""The contract of sinks: the request that is made of a record, and what its answer means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar, NamedTuple

from flows.environment import OperationContract, Surroundings
from nodes.contract import C, Node
from nodes.record import Record


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
