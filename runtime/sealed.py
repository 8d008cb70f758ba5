"""Sealed files: what only this runtime can have written, since the seal takes a key that stands in no other file.

A seal shows every change. That an older sealed file was put back it cannot show: each carries a count for that, which
is noted elsewhere (``runtime.noted``).
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import ValidationError

from flows.canonical import NotCanonical, dumps, load_canonical
from flows.findings import Model
from runtime.crypto import sized
from runtime.reading import read_plain

FORMAT: Final = "lockgate/sealed/1"
MOST: Final = 16 << 20
_MEMBERS = {"format", "said", "seal"}


class SealBroken(Exception):
    """A sealed file is missing, damaged, or not from this runtime. The sentence names it."""


class Counted(Model):
    """What a sealed file says. ``count`` rises with every writing."""

    count: int


S = TypeVar("S", bound=Counted)


def sealing_key(master_key: bytes) -> bytes:
    """The key of all sealed files of a runtime."""
    return HKDF(SHA256(), 32, salt=None, info=b"lockgate/sealed-state/1").derive(master_key)


def sealed(key: bytes, name: str, said: Any) -> bytes:
    """The bytes of a sealed file; under another name they are not one."""
    return dumps({"format": FORMAT, "said": said, "seal": _seal(key, name, said)})


def opened(key: bytes, name: str, data: bytes) -> Any:
    """What a sealed file says; None where it does not hold."""
    try:
        file = load_canonical(data, limit=MOST)
    except NotCanonical:
        return None
    if not isinstance(file, dict) or file.keys() != _MEMBERS or file["format"] != FORMAT:
        return None
    right = isinstance(file["seal"], str) and hmac.compare_digest(file["seal"], _seal(key, name, file["said"]))
    return file["said"] if right else None


class SealedFile(Generic[S]):
    """One sealed file of one writing process. Others may read it; one older than the last they saw is passed over."""

    def __init__(self, path: Path, key: bytes, form: type[S]) -> None:
        self.path, self._key, self._form = path, key, form
        self._known: S | None = None

    def look(self) -> S:
        """What the file says now; SealBroken where it does not hold."""
        try:
            said = opened(self._key, self.path.name, read_plain(self.path, MOST))
        except FileNotFoundError:
            raise SealBroken(f"{self.path} is missing.") from None
        except OSError as error:
            raise SealBroken(f"{self.path} cannot be read ({type(error).__name__}).") from None
        try:
            found = self._form.model_validate(said)
        except ValidationError:
            raise SealBroken(f"{self.path} was changed, or is sealed by another runtime.") from None
        if self._known is None or found.count >= self._known.count:
            self._known = found
        return found

    def read(self) -> S:
        """The newest that this process has seen: a file that was put back or damaged since changes nothing."""
        known = self._known
        try:
            found = self.look()
        except SealBroken:
            if known is None:
                raise
            return known
        return known if known is not None and found.count < known.count else found

    def keep(self, said: S) -> None:
        """Durable when this returns: written whole or not at all. OSError where it cannot be."""
        write_whole(self.path, sealed(self._key, self.path.name, said.model_dump(mode="json")))
        self._known = said

    def remember(self, said: S) -> None:
        """Known to this process from now on, written or not."""
        self._known = said


def write_whole(path: Path, data: bytes) -> None:
    """The file holds ``data``, and survives a power cut, when this returns; or it is as it was before."""
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        half.rename(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _seal(key: bytes, name: str, said: Any) -> str:
    return hmac.new(key, sized(FORMAT.encode(), name.encode(), dumps(said)), "sha256").hexdigest()
