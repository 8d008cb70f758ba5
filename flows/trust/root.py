"""The trust root: persons, roles, keys and thresholds, in a chain of versions that starts at a pinned digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationError

from flows.canonical import NotCanonical, b64decode, b64encode, dumps, load_canonical, sha256_hex
from flows.findings import Model
from flows.instants import Instant, to_ms
from flows.trust.envelope import Envelope, Hex, read_envelope
from flows.trust.keys import Key, Origin, key_id, public_key, signed_by
from flows.trust.refusal import Reason, answering, refuse
from flows.trust.statement import EnvironmentName, Id, Predicate, read_statement
from flows.vocabulary import DataLabel


class Role(StrEnum):
    """What a person may sign for."""

    ANALYST = "analyst"
    PRIVACY = "privacy"
    ERP_OWNER = "erp-owner"
    STEWARD = "steward"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Person(Model):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    roles: tuple[Role, ...]


class Quorum(Model):
    """How many persons must sign, and how many of them with a role."""

    persons: Annotated[int, Field(ge=2)] = 2
    roles: Mapping[Role, Annotated[int, Field(ge=1)]] = {Role.PRIVACY: 1}


class Thresholds(Model):
    approval: Quorum = Quorum()


class Root(Predicate):
    """Who and what this installation trusts. Its digest is the SHA-256 of its canonical bytes."""

    type: ClassVar[str] = "root/v1"
    format: Literal["lockgate/root/1"] = "lockgate/root/1"
    version: Annotated[int, Field(ge=1)]
    expires: Instant
    demo: bool
    """Made by a demo, whose keys lie about: refused everywhere else."""
    epoch: Annotated[int, Field(ge=0)]
    """Releases sealed under a lower epoch no longer count."""
    persons: Mapping[Id, Person]
    keys: Mapping[Hex, Key]
    root_keys: tuple[Hex, ...]
    root_threshold: Annotated[int, Field(ge=1)]
    """Persons that must sign a new root."""
    thresholds: Thresholds = Thresholds()
    policy_sets: tuple[Hex, ...]
    builds: tuple[Hex, ...]
    environments: Mapping[EnvironmentName, DataLabel]
    desk_origins: tuple[Origin, ...] = ()
    """The pages on which people may sign with keys that their browsers hold: approval desks, and nothing else."""

    @property
    def about(self) -> str:
        return f"root/{self.version}"

    @property
    def digest(self) -> str:
        return sha256_hex(dumps(self.model_dump(mode="json", by_alias=True)))

    def roles(self, person: str) -> frozenset[Role]:
        """The roles of a person; none for a stranger."""
        return frozenset(self.persons[person].roles) if person in self.persons else frozenset()


class TrustFile(Model):
    """``lockgate/trust/1``, the file behind ``--root``: the pin of version 1 and the chain of signed roots."""

    format: Literal["lockgate/trust/1"] = "lockgate/trust/1"
    pin: Hex
    roots: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]


def write_trust(pin: str, roots: Sequence[bytes]) -> bytes:
    """The bytes of a trust file."""
    return dumps(TrustFile(pin=pin, roots=tuple(b64encode(each) for each in roots)).model_dump(mode="json"))


def _read_trust(data: bytes) -> tuple[str, tuple[bytes, ...]]:
    try:
        load_canonical(data, limit=16 << 20)
        spelling = TrustFile.model_validate_json(data, strict=True)
        return spelling.pin, tuple(b64decode(each) for each in spelling.roots)
    except NotCanonical as error:
        refuse(Reason.NOT_CANONICAL, f"The trust file is not in canonical form: {error.sentence}")
    except ValidationError:
        refuse(Reason.UNKNOWN_FORM, "This is no trust file: it has unknown or missing members.")


def signer(envelope: Envelope, keyid: str, keys: Mapping[str, Key]) -> str:
    """The person whose key made this signature; refused when the key is unknown or the signature wrong."""
    key = keys.get(keyid)
    if key is None:
        refuse(Reason.KEY_UNKNOWN, f"The key {keyid[:12]} is not in the trust root.")
    if not signed_by(key, envelope.signatures[keyid], envelope.message):
        refuse(Reason.SIGNATURE_WRONG, f"The signature of '{key.person}' does not fit what it is said to sign.")
    return key.person


def _sound(root: Root) -> None:
    """Every key under its own id, held by a known person; root keys of enough administrators."""
    seen: set[str] = set()
    for keyid, key in root.keys.items():
        if key.spki in seen:
            refuse(Reason.KEY_UNDER_TWO_IDS, f"One key stands under two ids in root {root.version} ({keyid[:12]}).")
        seen.add(key.spki)
    for keyid, key in root.keys.items():
        public_key(key)
        if key_id(b64decode(key.spki)) != keyid:
            refuse(Reason.KEY_ID_WRONG, f"The id {keyid[:12]} is not the digest of its key in root {root.version}.")
        if key.person not in root.persons:
            refuse(Reason.ROOT_UNSOUND, f"Key {keyid[:12]} belongs to '{key.person}', whom the root does not know.")
    if any(root.keys[keyid].origin for keyid in root.root_keys if keyid in root.keys):
        refuse(Reason.ROOT_UNSOUND, f"A root key of root {root.version} is held by a browser: it belongs into a file.")
    holders = {root.keys[keyid].person for keyid in root.root_keys if keyid in root.keys}
    if len(set(root.root_keys)) != len(root.root_keys) or not set(root.root_keys) <= set(root.keys):
        refuse(Reason.ROOT_UNSOUND, f"Root {root.version} names a root key twice or one that it does not hold.")
    if any(Role.ADMINISTRATOR not in root.roles(person) for person in holders):
        refuse(Reason.ROOT_UNSOUND, f"A root key of root {root.version} belongs to a person who is no administrator.")
    if len(holders) < root.root_threshold:
        refuse(Reason.ROOT_UNSOUND, f"Root {root.version} asks for more signers than it has root key holders.")
    if Role.PRIVACY not in root.thresholds.approval.roles:
        refuse(Reason.ROOT_UNSOUND, f"Root {root.version} asks for no approval with the privacy role.")


def _link(data: bytes, before: Root | None, pin: str) -> Root:
    """The next root of a chain, signed by enough persons of the one before and of its own; the first is the pinned."""
    envelope = read_envelope(data)
    statement = read_statement(envelope.payload, (Root,))
    root = statement.predicate
    if statement.subject != sha256_hex(statement.said):
        refuse(Reason.ROOT_CHAIN_BROKEN, f"Root {root.version} is signed under another digest than its own.")
    if root.version != (before.version + 1 if before else 1) or (before and root.epoch < before.epoch):
        refuse(Reason.ROOT_CHAIN_BROKEN, f"Root {root.version} does not follow the one before it.")
    if before is None and statement.subject != pin:
        refuse(Reason.ROOT_NOT_PINNED, "The first trust root is not the one that is pinned here.")
    _sound(root)
    rulers = (before, root) if before else (root,)
    keys = {keyid: ruler.keys[keyid] for ruler in rulers for keyid in ruler.root_keys}
    for keyid in envelope.signatures:
        signer(envelope, keyid, keys)
    for ruler in rulers:
        signers = {ruler.keys[keyid].person for keyid in ruler.root_keys if keyid in envelope.signatures}
        if len(signers) < ruler.root_threshold:
            refuse(
                Reason.ROOT_UNDERSIGNED,
                f"Root {root.version} needs {ruler.root_threshold} root key holders of version {ruler.version}; "
                f"{len(signers)} signed.",
            )
    return root


def check_root_chain(roots: Iterable[bytes], pin: str, at_ms: int, *, demo: bool = False) -> Root:
    """The newest root of a chain whose first digest is ``pin``. ``demo`` lets a demo's root count."""
    root: Root | None = None
    for data in roots:
        root = _link(data, root, pin)
        if root.demo and not demo:
            refuse(Reason.ROOT_OF_A_DEMO, "This trust root was made by a demo: its keys protect nothing.")
    if root is None:
        refuse(Reason.ROOT_NOT_PINNED, "There is no trust root.")
    if at_ms >= to_ms(root.expires):
        refuse(Reason.ROOT_EXPIRED, f"Trust root {root.version} expired at {root.expires}; sign a new version.")
    return root


read_trust = answering(_read_trust)
verify_root_chain = answering(check_root_chain)
