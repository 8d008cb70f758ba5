"""Checkpoints: signed statements that name the heads of both audit chains, and the verification of all three.

A chain alone shows a change inside of it; that its end was cut off shows only against a checkpoint made before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import Field, ValidationError

from flows import audit
from flows.canonical import NotCanonical, b64encode, dumps, load_canonical, sha256_hex
from flows.findings import Model
from flows.trust import Envelope, Form, Key, Refused, key_id, pae, read_envelope, signed_by, write_envelope
from flows.trust.envelope import PAYLOAD_TYPE
from runtime.crypto import Mac
from runtime.journal import queries
from runtime.journal.reader import Reader
from runtime.journal.store import about_row
from runtime.journal.transaction import Transaction
from runtime.questions.audit import AuditVerified, Chain

SIGNER = "delivery"
LAST: Final = "SELECT number, envelope FROM checkpoint ORDER BY number DESC LIMIT 1"
AUDIT_PAGE: Final = (
    "SELECT first, count, records, head, mac FROM audit WHERE writer = ? AND first > ? ORDER BY first LIMIT 500"
)
NONE: Final[Mapping[str, int]] = MappingProxyType({})
_KIND = "urn:lockgate:predicate:checkpoint/v1"
_KINDS: Final[list[Any]] = [int, int, bytes, bytes]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Head(Model):
    """A chain after its record ``seq``."""

    seq: int
    head: Hex


class Heads(Model):
    """What a checkpoint says."""

    made: int
    """UTC milliseconds."""
    heads: Mapping[str, Head]
    previous: Hex | None
    """SHA-256 of the checkpoint before."""


class Written(NamedTuple):
    number: int
    made_ms: int
    envelope: bytes


def write_checkpoint(transaction: Transaction, key: Ed25519PrivateKey) -> Written | None:
    """Signs the heads as they stand before this transaction; None where nothing has been recorded since the last."""
    row = transaction.row(LAST)
    heads = {writer: Head(seq=seq, head=head.hex()) for writer, seq, head in _tails(transaction)}
    last = _said(row[1]) if row else None
    if not heads or (last is not None and _only_checkpoints_since(last.heads, heads)):
        return None
    said = Heads(made=transaction.now_ms, heads=heads, previous=sha256_hex(row[1]) if row else None)
    envelope = sign(said, key)
    number = transaction.run(queries.CHECKPOINT_ADD, (transaction.now_ms, envelope))
    transaction.audit("checkpoint.made", count=(row[0] if row else 0) + 1, digest=sha256_hex(envelope))
    return Written(number, transaction.now_ms, envelope)


def sign(said: Heads, key: Ed25519PrivateKey) -> bytes:
    predicate = said.model_dump(mode="json")
    payload = dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": _KIND,
            "subject": [{"name": "journal", "digest": {"sha256": sha256_hex(dumps(predicate))}}],
            "predicate": predicate,
        }
    )
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return write_envelope(Envelope(payload, {key_id(spki): key.sign(pae(PAYLOAD_TYPE, payload))}))


def verify(
    reader: Reader,
    key: Ed25519PrivateKey,
    code: Mac | None = None,
    unbound: Mapping[str, int] = NONE,
    each: Callable[[Mapping[str, Any]], None] = lambda record: None,
) -> AuditVerified:
    """Walks every chain and every checkpoint. ``reader`` must stand at one moment. With a ``code``, every row must
    carry its own, but for the first ``unbound`` records of a writer; ``each`` gets every record."""
    writers = [writer for (writer,) in reader.rows(queries.AUDIT_WRITERS)]
    chains, heads = [], dict[str, dict[int, str]]()
    for writer in writers:
        heads[writer] = {}
        bound = _Bound(writer, code, unbound.get(writer, 0))
        seen, head, broken = audit.verify(writer, _rows(reader, writer, heads[writer], bound), each)
        broken = broken or bound.broken
        sentence = broken.sentence if broken else f"{seen} {'record holds' if seen == 1 else 'records hold'}."
        chains.append(Chain(writer=writer, records=seen, head=head.hex(), good=broken is None, sentence=sentence))
    checkpoints = reader.rows(queries.CHECKPOINTS)
    wrong = next(_wrong_checkpoints([row[2] for row in checkpoints], heads, key), "")
    good = not wrong and all(chain.good for chain in chains)
    records = sum(chain.records for chain in chains)
    sentence = wrong or (
        f"{_counted(records, 'record')} of {_counted(len(chains), 'chain')}, compared with"
        f" {_counted(len(checkpoints), 'checkpoint')}: all hold."
        if good
        else "A chain is broken: see which, and where."
    )
    return AuditVerified(good=good, chains=tuple(chains), checkpoints=len(checkpoints), sentence=sentence)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class _Bound:
    """Whether rows carry the code of this runtime."""

    def __init__(self, writer: str, code: Mac | None, unbound: int) -> None:
        self._writer, self._code, self._unbound = writer, code, unbound
        self.broken: audit.Break | None = None

    def look(self, first: int, count: int, head: bytes, code: bytes | None) -> None:
        if self._code is None or self.broken or (code is None and first + count - 1 <= self._unbound):
            return
        if code != self._code.of(about_row(self._writer, first, count, head)):
            self.broken = audit.Break(self._writer, first, f"{audit.span(first, count)} not written by this runtime.")


def _rows(reader: Reader, writer: str, heads: dict[int, str], bound: _Bound) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The rows of a chain, page by page; their heads are noted by sequence on the way."""
    at = 0
    while page := reader.rows(AUDIT_PAGE, (writer, at)):
        for row in page:
            first, count, records, head, code = row
            if [type(each) for each in row[:4]] != _KINDS:
                yield -1, 0, b"", b""  # somebody wrote values of other types
                return
            bound.look(first, count, head, code)
            heads[first + count - 1] = head.hex()
            yield first, count, records, head
            at = first


def _wrong_checkpoints(
    envelopes: list[object], heads: Mapping[str, Mapping[int, str]], key: Ed25519PrivateKey
) -> Iterator[str]:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    public = Key(person="runtime", spki=b64encode(spki), form=Form.ED25519)
    before: str | None = None
    for number, stored in enumerate(envelopes, 1):
        data = stored if isinstance(stored, bytes) else b""
        said = _said(data)
        envelope = _opened(data)
        signature = envelope.signatures.get(key_id(spki)) if envelope else None
        if said is None or envelope is None or signature is None or not signed_by(public, signature, envelope.message):
            yield f"Checkpoint {number} is not signed by this runtime."
            return
        if said.previous != before:
            yield f"Checkpoint {number} does not follow the one before it: one is missing."
        before = sha256_hex(data)
        for writer, head in said.heads.items():
            if heads.get(writer, {}).get(head.seq) != head.head:
                yield f"Checkpoint {number} names record {head.seq} of '{writer}', which is gone or was changed."


def _tails(transaction: Transaction) -> Iterator[tuple[str, int, bytes]]:
    for (writer,) in transaction.rows(queries.AUDIT_WRITERS):
        row = transaction.row(queries.AUDIT_TAIL, (writer,))
        if row is not None:
            yield writer, row[0] - 1, row[1]


def _only_checkpoints_since(last: Mapping[str, Head], now: Mapping[str, Head]) -> bool:
    """Whether nothing was recorded but the last checkpoint itself."""
    if last.keys() != now.keys():
        return False
    grown = {writer: now[writer].seq - last[writer].seq for writer in now}
    return all(more <= (1 if writer == SIGNER else 0) for writer, more in grown.items())


def _opened(data: bytes) -> Envelope | None:
    try:
        return read_envelope(data)
    except Refused:
        return None


def _said(data: bytes) -> Heads | None:
    envelope = _opened(data)
    if envelope is None:
        return None
    try:
        statement: Any = load_canonical(envelope.payload)
        return Heads.model_validate(statement["predicate"]) if statement["predicateType"] == _KIND else None
    except (NotCanonical, ValidationError, KeyError, TypeError):
        return None
