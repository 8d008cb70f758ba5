"""Passkeys: what an authenticator signed, and whether it speaks of our message, on the desk, for a person present.

An authenticator never signs the message itself but a challenge with the page's origin around it. The counter is not
looked at: a stored signature is checked again and again, and in any order.
"""

from __future__ import annotations

import base64
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from pydantic import ValidationError

from flows.canonical import NotCanonical, b64decode, b64encode, dumps, load_canonical, loads_plain, sha256_hex
from flows.findings import Model
from flows.trust.refusal import Reason, refuse

_PRESENT, _VERIFIED = 0x01, 0x04
_SHORTEST = 37  # digest of the domain, flags, counter


class _Spelling(Model):
    authenticator_data: str
    client_data: str
    signature: str


class Assertion(NamedTuple):
    """What a passkey gives for one message; a signature of an envelope holds it as canonical JSON."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    @property
    def message(self) -> bytes:
        """What the signature is over."""
        return self.authenticator_data + bytes.fromhex(sha256_hex(self.client_data))


def write_assertion(assertion: Assertion) -> bytes:
    """The bytes that stand as a signature in an envelope."""
    return dumps({name: b64encode(part) for name, part in assertion._asdict().items()})


def check_assertion(data: bytes, message: bytes, origin: str, person: str) -> Assertion:
    """The assertion in ``data``: made for ``message``, on exactly ``origin``, by a person who was verified."""

    def wrong(what: str) -> NoReturn:
        refuse(Reason.PASSKEY_WRONG, f"The passkey signature of '{person}' {what}.")

    try:
        load_canonical(data, limit=4096)
        spelling = _Spelling.model_validate_json(data, strict=True)
        made = Assertion(*(b64decode(part) for _, part in spelling))
        said = loads_plain(made.client_data, limit=4096)
    except (NotCanonical, ValidationError):
        wrong("is not in its form")
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        wrong("was made for something else than signing")
    if said.get("challenge") != _challenge(message):
        wrong("is over another statement")
    if said.get("origin") != origin:
        refuse(Reason.ORIGIN_WRONG, f"'{person}' signed with a passkey on another page than {origin}.")
    if said.get("crossOrigin") is not False or "topOrigin" in said:
        wrong("was made inside another page")
    facts = made.authenticator_data
    if len(facts) < _SHORTEST or facts[:32].hex() != sha256_hex((urlsplit(origin).hostname or "").encode()):
        wrong("is of a passkey of another domain")
    if not facts[32] & _PRESENT or not facts[32] & _VERIFIED:
        wrong("was made without a check of who is there")
    return made


def _challenge(message: bytes) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(sha256_hex(message))).rstrip(b"=").decode()
