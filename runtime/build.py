"""The digest of this build: what the kernel and the runtime on this machine are, byte for byte."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent


@functools.cache
def build_digest() -> str:
    """SHA-256 over the names and contents of ``flows/``, ``runtime/`` and the catalogue; a trust root lists it."""
    return digest_of(_HOME)


def digest_of(home: Path) -> str:
    """As ``build_digest``, of the packages under ``home``. Node kinds have digests of their own, in each manifest."""
    files = {path.relative_to(home).as_posix(): path for path in _files(home)}
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{hashlib.sha256(files[name].read_bytes()).hexdigest()} {name}\n".encode())
    return whole.hexdigest()


def _files(home: Path) -> Iterator[Path]:
    for package in ("flows", "runtime"):
        for path in (home / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
    yield from (home / "nodes").glob("*.py")
