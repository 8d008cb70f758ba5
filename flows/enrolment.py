"""Enrolment: a person asks with a new key, which proves that it is held; an administrator puts it into the root."""

from __future__ import annotations

from typing import ClassVar, Literal

from flows.canonical import b64decode, sha256_hex
from flows.instants import Instant
from flows.trust import Key, Predicate, Reason, answering, key_id, public_key, read_envelope, read_statement, refuse
from flows.trust.root import signer

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_WORDS = 6


class Enrolment(Predicate):
    """The signer holds this key and asks that it be listed as theirs. The subject is the key's id."""

    type: ClassVar[str] = "enrolment/v1"
    format: Literal["lockgate/enrolment/1"] = "lockgate/enrolment/1"
    key: Key
    at: Instant

    @property
    def about(self) -> str:
        return f"key/{self.key.person}"


def check_enrolment(data: bytes) -> Enrolment:
    """The request in an envelope that is signed by the very key it asks for, and by nothing else."""
    envelope = read_envelope(data)
    subject, request, _ = read_statement(envelope.payload, (Enrolment,))
    public_key(request.key)
    keyid = key_id(b64decode(request.key.spki))
    if subject != keyid or set(envelope.signatures) != {keyid}:
        refuse(Reason.KEY_ID_WRONG, "The request is not signed by the key that it asks for.")
    signer(envelope, keyid, {keyid: request.key})
    return request


def phrase(data: bytes) -> str:
    """Six words for a request's exact bytes, to be read out and compared: 96 bits of their SHA-256, as proquints."""
    digest = sha256_hex(data)
    return " ".join(_word(int(digest[4 * n : 4 * n + 4], 16)) for n in range(_WORDS))


def _word(bits: int) -> str:
    """A proquint: consonant, vowel, consonant, vowel, consonant for sixteen bits."""
    letters = ((12, _CONSONANTS, 15), (10, _VOWELS, 3), (6, _CONSONANTS, 15), (4, _VOWELS, 3), (0, _CONSONANTS, 15))
    return "".join(alphabet[bits >> shift & mask] for shift, alphabet, mask in letters)


verify_enrolment = answering(check_enrolment)
