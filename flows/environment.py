"""The environment of a flow: connections, contracts and masters as facts for policies. No secret stands here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from flows.findings import Json, Model
from flows.invisible import Seen
from flows.masters import MasterContract
from flows.vocabulary import Concept, DataClass, DataLabel, Domain, Purpose, Transport

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class Throttle(Model):
    """What a vendor's system can take, shared by all flows that use the credential."""

    per_second: int = Field(ge=1, le=100_000)
    """So many postings a second."""
    burst: int = Field(ge=1, le=100_000)
    """So many at once after a pause."""
    in_flight: int = Field(ge=1, le=1024)
    """So many without an answer."""


class Limits(Model):
    """What a source takes at most. A frame beyond a limit is refused with the place; nothing ends."""

    frame_bytes: int = Field(default=1 << 20, ge=1024, le=16 << 20)
    segments: int = Field(default=5_000, ge=1, le=100_000)
    fields: int = Field(default=500, ge=1, le=10_000)
    repetitions: int = Field(default=200, ge=1, le=100_000)
    components: int = Field(default=100, ge=1, le=10_000)
    field_length: int = Field(default=64 << 10, ge=1, le=16 << 20)
    """Characters of one HL7 field. A source that takes documents inside messages (ED) needs more."""
    depth: int = Field(default=64, ge=1, le=256)
    frame_seconds: int = Field(default=30, ge=1, le=3600)
    connections: int = Field(default=64, ge=1, le=10_000)


class Connection(Model):
    """One named system and how it is reached. Destinations come from here alone, never from a message."""

    domain: Domain
    """On whose side it stands."""
    system: str = Field(min_length=1, max_length=200)
    """What people call it."""
    transport: Transport
    """How bytes travel there. ``loopback`` protects only where the address is loopback."""
    host: str = Field(min_length=1, max_length=253)
    """Where it is; of a source, the address to listen on."""
    port: int = Field(ge=1, le=65535)
    """Of a source, the port to listen on."""
    base_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    """What stands before the paths of the contract's operations."""
    protocol: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")] | None = None
    """Of a source: in which protocol messages come, such as ``mllp`` or ``http``. Where nothing is said it is ``http``
    with a ``base_path`` and ``mllp`` without. A source of another protocol cannot listen there."""
    pins: tuple[str, ...] = ()
    """SHA-256 (hex) of the certificate or host keys that are accepted."""
    purposes: tuple[Purpose, ...] = ()
    """What its owner allows it to be used for."""
    highest: Mapping[DataClass, Annotated[int, Field(ge=0, le=4)]] = {}
    """The highest sensitivity that the owner of the system accepts, per data class."""
    throttle: Throttle | None = None
    """What it can take."""
    contract: str | None = None
    """Path of the contract file, relative to the environment file."""
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._@-]{0,62}$")] | None = None
    """Under which name the runtime logs in, where the secret is a key or a password (SFTP, SOAP)."""
    secret: Name | None = None
    """Name of the secret in the runtime's own store. Never the secret."""
    give_up_s: int = Field(default=86_400, ge=1, le=30 * 86_400)
    """Seconds until a posting that keeps failing is parked."""
    answer_s: int = Field(default=30, ge=1, le=600)
    """Seconds until an answer is given up."""
    repeat_days: int = Field(default=7, ge=1, le=365)
    """Of a source: for so many days the same bytes under the same identity are a repeat, answered from the store."""
    limits: Limits = Limits()
    """Of a source."""

    @property
    def spoken(self) -> str:
        """Of a source: the protocol in which messages come."""
        return self.protocol or ("http" if self.base_path else "mllp")


class Environment(Model):
    """``lockgate/environment/1``: what a flow is checked against and, embedded in the manifest, runs in."""

    format: Literal["lockgate/environment/1"]
    name: str = Field(pattern=r"^[A-Z][A-Z0-9-]{0,30}$")
    """As the trust root lists it, such as ``TEST``."""
    label: DataLabel
    """What its messages are. No message crosses to another label."""
    connections: Mapping[Name, Connection]
    """Every system, by the name that steps use."""
    masters: Mapping[Name, str] = {}
    """Master id -> path of its contract file, relative to the environment file."""
    roles: tuple[Name, ...] = ()
    """Names that may stand as business, technical or case owner."""
    alert_routes: tuple[Name, ...] = ()
    """Names that a flow may give as its alerts."""


class ContractField(NamedTuple):
    """One field that an operation takes, by record path."""

    path: str
    type: Literal["string", "integer", "number", "boolean", "object", "array"]
    required: bool


class OperationContract(NamedTuple):
    """One operation of a sink's contract: what it takes and what counts as success.

    ``request`` and ``answer`` are JSON Schemas with every reference resolved; ``answer`` is None where the contract
    promises no body. ``document`` is the SHA-256 (hex) of the contract file, or over all files of a contract.
    """

    operation: str
    method: str
    path: str
    fields: tuple[ContractField, ...]
    request: Json
    answer: Json
    success: tuple[int, ...]
    document: str
    kind: Literal["openapi", "wsdl", "csv"] = "openapi"
    files: tuple[tuple[str, bytes], ...] = ()
    """Path and content of every file of a contract that the carrier needs itself (WSDL, CSV), the first one first."""
    faults: tuple[str, ...] = ()
    """The faults that a WSDL declares for it, by name."""
    problem: str = ""
    """Why nothing can be posted to it; "" where something can."""
    login: bool = False
    """It asks for a login in its header (WSDL), so that the connection has to name a user."""


class SchemaField(Model):
    """One field of a canonical record."""

    type: Literal["string", "decimal", "boolean", "object", "array"]
    concept: Concept
    required: bool = True
    title: Seen


class RecordSchema(Model):
    """``flows/schemas/<name>@<n>.json``: a canonical record, the same for every consumer."""

    format: Literal["lockgate/schema/1"]
    name: str
    version: int
    title: Seen
    fields: Mapping[str, SchemaField]


class Surroundings(NamedTuple):
    """Everything around a flow that a declaration may look at."""

    environment: Environment
    masters: Mapping[str, MasterContract]
    operations: Mapping[tuple[str, str], OperationContract]
    """(connection, operation) -> contract."""
    schemas: Mapping[str, RecordSchema]
    """``utilisation-event@1`` -> schema."""
    purpose: Purpose | None = None
