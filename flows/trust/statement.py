"""In-toto statements: what a person says about exactly one thing, named by its digest."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from pydantic import Field, ValidationError

from flows.canonical import NotCanonical, dumps, load_canonical
from flows.findings import Model, Sparse
from flows.instants import Instant
from flows.trust.envelope import Hex
from flows.trust.keys import Origin
from flows.trust.refusal import Reason, refuse

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:lockgate:predicate:"
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{0,30}$")]


class Predicate(Sparse):
    """What is said. ``about`` is the name of the subject beside its digest."""

    type: ClassVar[str]

    @property
    def about(self) -> str:
        raise NotImplementedError


class Act(Predicate):
    """What a person does at a time. ``origin`` is the page on which it was signed; None: not on a page."""

    at: Instant
    origin: Origin | None = None


class OfRelease(Act):
    """A statement about a sealed release; its subject is the SHA-256 of the manifest bytes."""

    flow: Id
    environment: EnvironmentName

    @property
    def about(self) -> str:
        return f"flow/{self.flow}"


class Authorship(OfRelease):
    """The signer sealed this release. Its author set stands in the manifest and holds the signer."""

    type: ClassVar[str] = "authorship/v1"


class Approval(OfRelease):
    """The signer reviewed what ``shown`` is the digest of, and agrees."""

    type: ClassVar[str] = "approval/v1"
    shown: Hex


class Activation(OfRelease):
    """The signer lets this release run in its environment, after every one with a lower sequence."""

    type: ClassVar[str] = "activation/v1"
    sequence: Annotated[int, Field(ge=1)]


class Revocation(OfRelease):
    """The signer stops this release for good."""

    type: ClassVar[str] = "revocation/v1"
    why: Annotated[str, Field(min_length=1, max_length=500)]


class MasterChange(Act):
    """The signer, a steward, stands for one snapshot of a master; its subject is the SHA-256 of the snapshot bytes."""

    type: ClassVar[str] = "master-change/v1"
    master: Id
    sequence: Annotated[int, Field(ge=1)]

    @property
    def about(self) -> str:
        return f"master/{self.master}"


Q = TypeVar("Q", bound=Predicate, covariant=True)


class Statement(NamedTuple, Generic[Q]):
    """A subject's digest and what is said of it. ``said`` are the canonical bytes of the predicate as it was signed."""

    subject: str
    predicate: Q
    said: bytes


class _Digest(Model):
    sha256: Hex


class _Subject(Model):
    name: str
    digest: _Digest


class _Spelling(Model):
    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: Annotated[tuple[_Subject, ...], Field(min_length=1, max_length=1)]
    predicate_type: str = Field(alias="predicateType")
    predicate: dict[str, Any]  # read once more, as the model of its type


def write_statement(subject: str, predicate: Predicate) -> bytes:
    """The canonical bytes of a statement: what is signed."""
    return dumps(
        {
            "_type": STATEMENT,
            "subject": [{"name": predicate.about, "digest": {"sha256": subject}}],
            "predicateType": PREDICATE + predicate.type,
            "predicate": predicate.model_dump(mode="json", by_alias=True),
        }
    )


def read_statement(payload: bytes, known: tuple[type[Q], ...]) -> Statement[Q]:
    """The statement that ``payload`` spells canonically, of one of the ``known`` predicates."""
    try:
        load_canonical(payload)
        spelling = _Spelling.model_validate_json(payload, strict=True)
        model = next((each for each in known if PREDICATE + each.type == spelling.predicate_type), None)
        if model is None:
            refuse(Reason.UNKNOWN_FORM, "A signed statement is of a type that has no place here.")
        said = dumps(spelling.predicate)
        predicate = model.model_validate_json(said, strict=True)
    except NotCanonical as error:
        refuse(Reason.NOT_CANONICAL, f"A signed statement is not in canonical form: {error.sentence}")
    except ValidationError:
        refuse(Reason.UNKNOWN_FORM, "A signed statement has unknown, missing or impossible members.")
    (subject,) = spelling.subject
    if subject.name != predicate.about:
        refuse(Reason.UNKNOWN_FORM, "A signed statement names another subject than its predicate speaks of.")
    return Statement(subject.digest.sha256, predicate, said)
