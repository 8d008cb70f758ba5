"""The digest of this build: what the kernel and the runtime on this machine are, byte for byte."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent
_PACKAGES = ("flows", "runtime")
_LEFT_OUT = ("__pycache__",)


@functools.cache
def build_digest() -> str:
    """SHA-256 over the names and contents of all files of ``flows/`` and ``runtime/``; a trust root lists it."""
    return digest_of(_HOME)


def digest_of(home: Path) -> str:
    """As ``build_digest``, of the packages under ``home``. Links are followed, compiled files left out."""
    whole = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((home / package).rglob("*"), key=lambda path: path.relative_to(home).as_posix()):
            if path.is_file() and not set(_LEFT_OUT) & set(path.parts):
                name = path.relative_to(home).as_posix()
                whole.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()} {name}\n".encode())
    return whole.hexdigest()
