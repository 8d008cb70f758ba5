"""HL7 v2 over MLLP: takes messages of the named types, answers their senders, and reads them as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import AfterValidator, Field

from flows.effects import Effects, Emission, Nature, Origin
from flows.environment import Limits, Surroundings
from flows.hl7 import VERSIONS, known_accepts, parse_accepts
from flows.vocabulary import S1, Concept, DataClass
from nodes.contract import Example, NodeConfig
from nodes.formats.hl7v2 import (
    AnswerCode,
    Header,
    LazyRecord,
    Message,
    Opened,
    TreeRecord,
    Unreadable,
    answer,
    body_problem,
    identity_in,
    message_in,
    opened,
    read_header,
    stray_patient,
    tree,
)
from nodes.record import Envelope
from nodes.services import Services
from nodes.source import Accepted, Refused, Source

_CHARGE = (
    "MSH|^~\\&|OR|HOSP|||20260301101500||DFT^P03^DFT_P03|C7|P|2.5\r"
    "EVN|P03|20260301101500\rPID|1||4711\rFT1|1|||20260301||CG|A-1|||2\r"
)
SEGMENTS = Origin("message/segments", Nature(Concept.MESSAGE_CONTROL, frozenset({DataClass.OPERATIONAL}), S1))
"""The one value that the source puts beside a message: the number of its segments."""


def _type(text: str) -> str:
    parse_accepts(text)
    return text


def _known(schema: dict[str, Any]) -> None:
    """Forms offer what the published tables have; other types may be written too."""
    schema["examples"] = list(known_accepts())


def _version(text: str) -> str:
    if text not in VERSIONS:
        raise ValueError(f"a version of HL7 v2 that is known here is one of {', '.join(VERSIONS)}")
    return text


Version = Annotated[str, AfterValidator(_version), Field(json_schema_extra={"enum": list(VERSIONS)})]


class HL7MllpConfig(NodeConfig):
    accepts: tuple[Annotated[str, AfterValidator(_type), Field(json_schema_extra=_known)], ...] = Field(
        min_length=1, max_length=100
    )
    """The message types taken, each with its versions: ``DFT^P03@2.3-2.8``. ``*@2.1-2.8`` takes any type; of those
    messages only MSH and ``message/segments`` can be read."""

    others: Literal["refuse", "filter"] = "refuse"
    """What a message of another type gets: refused (AR), or taken (AA) and counted as filtered, so that a sender which
    cannot choose what it sends is not held up."""

    ends: Literal["any", "cr"] = "any"
    """Which segment ends are taken: CR as the standard says, or LF and CRLF too, as many senders write."""

    fallback_charset: Literal["cp1252", "iso8859-1", "iso8859-15"] | None = None
    """How to read bytes that the charset of MSH-18 does not allow. Without one such a message is refused (AE), never
    stored with wrong letters."""

    default_version: Version | None = None
    """The version of messages that leave MSH-12 empty. Without one they are refused (AR)."""

    without_control_id: Literal["refuse", "by-content"] = "refuse"
    """What a message without MSH-10 gets: refused (AR); or taken and told by its content, so that the same bytes are a
    repeat and others another message."""

    identity_conflicts: Literal["accept", "refuse"] = "accept"
    """What happens when MSH-3, MSH-4 and MSH-10 come again with other content: a new message and a mark on the
    counter, since many senders number anew; or refused (AE)."""


class HL7Mllp(Source[HL7MllpConfig]):
    kind, title, Config = "hl7_mllp", "HL7 v2 over MLLP", HL7MllpConfig
    listens = "mllp"
    examples = (
        Example(
            "Charges from the operating room, with the number of segments beside them",
            config={"accepts": ["DFT^P03@2.3-2.8"], "others": "filter"},
            given=_CHARGE,
            gives=({"MSH-10": "C7", "FT1-7.1": "A-1", "message/segments": "4"},),
        ),
    )

    def __init__(self, config: HL7MllpConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._structured = not accepted_types(config.accepts).any_type
        self._last: bytes | None = None
        self._opened: Opened | Unreadable

    @classmethod
    def effects(cls, config: HL7MllpConfig, around: Surroundings) -> Effects:
        return Effects(emits=Emission("hl7v2", config.accepts, added=(SEGMENTS,)))

    def listener(self, limits: Limits) -> Listener:
        """What intake asks, with the limits of the connection."""
        return Listener(self.config, limits)

    def identity(self, payload: bytes) -> tuple[str, ...]:
        """MSH-3, MSH-4 and MSH-10 of an accepted frame."""
        return identity_in(self._open(payload), payload)

    def record(self, payload: bytes, envelope: Envelope) -> LazyRecord:
        """The record of an accepted frame; NoMessage for bytes that no listener took."""
        return LazyRecord(self._message(payload), envelope)

    def tree(self, payload: bytes, envelope: Envelope) -> TreeRecord:
        """The same, taken apart whole: what the interpreter, the reference, walks with."""
        return tree(self._message(payload), envelope)

    def payload(self, lines: Sequence[str]) -> bytes:
        """The segments of a message."""
        return "\r".join(lines).encode() + b"\r"

    @property
    def conflicts(self) -> Literal["accept", "refuse"]:
        return self.config.identity_conflicts

    def _message(self, payload: bytes) -> Message:
        return message_in(self._open(payload), self.config.default_version, structured=self._structured)

    def _open(self, payload: bytes) -> Opened | Unreadable:
        """Identity and record of a message are asked for one after the other: it is opened once."""
        if payload is not self._last:
            self._opened, self._last = opened(payload, self.config.fallback_charset), payload
        return self._opened


class Listener:
    """The source as intake sees it. No frame makes it raise, and the time it takes is linear in the frame."""

    __slots__ = ("_accepts", "_config", "_limits")

    def __init__(self, config: HL7MllpConfig, limits: Limits) -> None:
        self._config, self._limits = config, limits
        self._accepts = accepted_types(config.accepts)

    def admit(self, frame: bytes) -> Accepted | Refused:
        """Whether ``frame`` is taken: by its header, its limits, and the names of its segments where they are read."""
        config, accepts = self._config, self._accepts
        read = read_header(
            frame,
            self._limits,
            fallback=config.fallback_charset,
            ends=config.ends,
            default_version=config.default_version,
            unnumbered=config.without_control_id == "by-content",
        )
        if isinstance(read, Refused):
            return read
        header, message = read
        if header.version not in VERSIONS:
            return Refused("version-unknown", "MSH-12", "AR", header)
        any_type = header.version in accepts.any_type
        if not any_type and not header.type.strip(' "'):
            return Refused("type-missing", "MSH-9", "AR", header)
        objection = None if any_type else accepts.objection(header)
        if objection and config.others == "refuse":
            return Refused(*objection, "AR", header)
        named = not any_type and objection is None
        problem = body_problem(header, message, self._limits, named=named)
        if problem:
            return problem
        stray = stray_patient(message, header.delimiters, config.default_version) if named else None
        if stray:
            return Refused("second-patient", stray, "AE", header)
        return Accepted(header, objection.code if objection else None)

    def answer(self, header: Header, code: str, reason: str, place: str, control_id: str, at_ms: int) -> bytes:
        """The acknowledgement, without its frame; ``reason`` and ``place`` are "" where the message is taken."""
        return answer(header, cast(AnswerCode, code), control_id=control_id, at_ms=at_ms, reason=reason, place=place)


class Objection(NamedTuple):
    """Why a message is none of those accepted."""

    code: str
    place: str


class AcceptedTypes(NamedTuple):
    """``accepts``, ready to be asked. ``any_type`` are the versions in which every type is taken."""

    any_type: frozenset[str]
    versions: Mapping[tuple[str, str], frozenset[str]]

    def objection(self, header: Header) -> Objection | None:
        versions = self.versions.get((header.type, header.event))
        if versions is None:
            return Objection("type-not-accepted", "MSH-9")
        return None if header.version in versions else Objection("version-not-accepted", "MSH-12")


@cache
def accepted_types(accepts: tuple[str, ...]) -> AcceptedTypes:
    """The types that a source's config accepts."""
    parsed = [parse_accepts(text) for text in accepts]
    versions: dict[tuple[str, str], frozenset[str]] = {}
    for one in parsed:
        if not one.any:
            key = one.type, one.event
            versions[key] = versions.get(key, frozenset()) | frozenset(one.versions)
    every = frozenset(version for one in parsed if one.any for version in one.versions)
    return AcceptedTypes(every, versions)
