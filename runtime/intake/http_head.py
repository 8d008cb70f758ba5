"""The head of an HTTP request: what it may say before a byte of its body is looked at."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple, Protocol

from nodes.source import Door, Header, Refused
from runtime.intake.source import Plan

HEAD_MAX = 16_384
HEADERS_MAX = 100
_BEARER = b"bearer "
_PARAMETERS = {"charset": ("utf-8", "utf8"), "fhirversion": ("4.0", "4.0.1")}


class HttpDoor(Door, Protocol):
    """A source that is posted to."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """What a sender may call its body; the first one is what the answer is called."""

    def serves(self, path: str) -> bool:
        """Whether anything may be posted to ``path`` below the base address."""

    def misplaced(self, path: str, header: Header) -> Refused | None:
        """Why this message may not be posted to ``path``; None where it may."""


class Objection(NamedTuple):
    """Why a request goes no further. ``counts``: it is kept in the journal, as a frame that was refused."""

    status: int
    reason: str
    place: str
    counts: bool = False


class Head:
    """One request's head, as it comes in."""

    __slots__ = ("headers", "size", "url")

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.size = 0

    def add(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))
        self.size += len(name) + len(value)

    @property
    def too_large(self) -> bool:
        return self.size + len(self.url) > HEAD_MAX or len(self.headers) > HEADERS_MAX

    def all(self, name: bytes) -> list[bytes]:
        return [value for each, value in self.headers if each == name]

    def one(self, name: bytes) -> bytes | None:
        """The value of a header that stands once; None where it does not stand there, or several times."""
        found = self.all(name)
        return found[0] if len(found) == 1 else None

    def path(self, base: str) -> str | None:
        """What follows the base address, without slashes; None for another address."""
        target = self.url.decode("latin-1")
        if target.rstrip("/") == base:
            return ""
        return target.removeprefix(f"{base}/") if target.startswith(f"{base}/") else None

    @property
    def expects(self) -> bool:
        """Whether the sender waits to be told to go on."""
        return self.one(b"expect") is not None

    def objection(self, plan: Plan, door: HttpDoor, method: bytes, version: str) -> Objection | None:
        """The first thing that is wrong. Who asks is looked at before what is asked."""
        if self.too_large:
            return Objection(431, "head-too-long", "headers")
        if plan.token is not None and not self._shows(plan.token):
            return Objection(401, "token", "header Authorization")
        if version not in ("1.0", "1.1"):
            return Objection(505, "version", "request line")
        if version == "1.1" and self.one(b"host") is None:
            return Objection(400, "host", "header Host")
        if method != b"POST":
            return Objection(405, "method", "request line")
        if self.all(b"upgrade"):
            return Objection(400, "upgrade", "header Upgrade")
        path = self.path(plan.base_path)
        if path is None or not door.serves(path):
            return Objection(404, "not-found", "request line")
        return self._body_objection(plan, door)

    def _body_objection(self, plan: Plan, door: HttpDoor) -> Objection | None:
        if self.all(b"transfer-encoding"):
            return Objection(411, "transfer-encoding", "header Transfer-Encoding", counts=True)
        length = self.one(b"content-length")
        if length is None or not length.isdigit():
            return Objection(411, "length", "header Content-Length", counts=True)
        if len(length) > 12 or int(length) > plan.limits.frame_bytes:
            return Objection(413, "body-too-long", f"byte {plan.limits.frame_bytes + 1}", counts=True)
        if not _named(self.one(b"content-type"), door.media_types) or self.all(b"content-encoding"):
            return Objection(415, "media-type", "header Content-Type", counts=True)
        if any(value.lower() != b"100-continue" for value in self.all(b"expect")):
            return Objection(417, "expectation", "header Expect")
        return None

    def _shows(self, token: bytes) -> bool:
        """Whether the token is the one; the comparison takes the same time whatever is shown."""
        shown = self.one(b"authorization") or b""
        given = shown[len(_BEARER) :] if shown[: len(_BEARER)].lower() == _BEARER else b""
        return hmac.compare_digest(hashlib.sha256(given).digest(), token)


def _named(value: bytes | None, known: tuple[str, ...]) -> bool:
    """Whether a media type is one of the known, with no parameter but a charset and a release that are ours."""
    name, *parameters = (value or b"").decode("latin-1").lower().split(";")
    if name.strip() not in known:
        return False
    for parameter in parameters:
        key, _, text = parameter.strip().partition("=")
        if text.strip('"') not in _PARAMETERS.get(key, ()):
            return False
    return True
