"""The release store: a folder of files named by content, and small files that point into it.

``sha256/<hex>`` holds manifests, attachments, envelopes and snapshots; ``releases/<subject>/<envelope>`` says which
envelopes speak of what (a release, a snapshot); ``activations/<environment>/<flow>/<sequence>`` and
``masters/<id>/<sequence>`` hold one digest each. Nothing here is trusted: whoever reads checks digests here and
signatures elsewhere. Every write is a whole file, flushed, then renamed, its folder flushed after it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from flows.bundle import bundle_bytes
from flows.canonical import NotCanonical, sha256_hex
from flows.release import read_manifest

_HEX = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")


class StoreTrouble(Exception):
    """Base of what can be wrong with a release store."""


class NotInStore(StoreTrouble):
    """The store does not hold what was asked for."""


class StoreDamaged(StoreTrouble):
    """A file of the store is not what its name says."""


class SequenceTaken(StoreTrouble):
    """Another activation of this flow has taken the sequence: read the store again and sign the next one."""


class Activated(NamedTuple):
    """The newest activation of a flow, as the store has it: not verified."""

    flow: str
    sequence: int
    envelope: bytes


class SnapshotFiles(NamedTuple):
    """One step of a master and the envelopes about it, as the store has them: not verified."""

    sequence: int
    snapshot: bytes
    envelopes: tuple[bytes, ...]


class ReleaseStore:
    """A release store in a folder. Made on the first write; reading one that is not there finds nothing."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    # -- content ---------------------------------------------------------------------------------------------------

    def put(self, data: bytes) -> str:
        """Keeps ``data`` and gives its name."""
        name = sha256_hex(data)
        if not (self.path / "sha256" / name).exists():
            _write(self.path / "sha256" / name, data)
        return name

    def get(self, name: str) -> bytes:
        """The content of that name, hashed again on every read."""
        data = _read(self.path / "sha256" / _hex(name), f"the store holds nothing named {name[:12]}")
        if sha256_hex(data) != name:
            raise StoreDamaged(f"{name[:12]} in the store is not what its name says: restore it or remove it.")
        return data

    # -- releases --------------------------------------------------------------------------------------------------

    def put_release(self, manifest: bytes, attachments: Mapping[str, bytes]) -> str:
        """Keeps a sealed release, its files first, and gives its digest."""
        for data in attachments.values():
            self.put(data)
        name = self.put(manifest)
        (self.path / "releases" / name).mkdir(parents=True, exist_ok=True)
        return name

    def releases(self) -> tuple[str, ...]:
        """The digests of all that envelopes speak of, and of every sealed release."""
        return tuple(name for name in _names(self.path / "releases") if _HEX.fullmatch(name))

    def find(self, beginning: str) -> str:
        """The one release whose digest begins so; NotInStore where there is none or more than one."""
        if len(beginning) < 6:
            raise NotInStore(
                f"'{beginning}' is too short for a release: give the first 6 or more digits of its digest."
            )
        found = [name for name in self.releases() if name.startswith(beginning) and self._is_release(name)]
        if not found:
            raise NotInStore(f"no release in the store begins with '{beginning[:64]}'.")
        if len(found) > 1:
            raise NotInStore(f"{len(found)} releases in the store begin with '{beginning[:64]}': give more digits.")
        return found[0]

    def add_envelope(self, subject: str, envelope: bytes) -> str:
        """Keeps an envelope that speaks of ``subject`` (the digest of a release or a snapshot)."""
        name = self.put(envelope)
        _write(self.path / "releases" / _hex(subject) / name, b"")
        return name

    def envelopes(self, subject: str) -> tuple[bytes, ...]:
        """The envelopes that speak of ``subject``, sorted by digest."""
        return tuple(self.get(name) for name in _names(self.path / "releases" / _hex(subject)) if _HEX.fullmatch(name))

    def bundle(self, release: str, *more: bytes) -> bytes:
        """The bundle of a release: its manifest, its files, its envelopes and ``more`` (its activation)."""
        data = self.get(release)
        try:
            files = read_manifest(data).files
        except (NotCanonical, ValueError):
            raise StoreDamaged(f"{release[:12]} in the store is not the manifest of a release.") from None
        attachments = {name: self.get(name) for name in files.values()}
        return bundle_bytes(data, attachments, (*self.envelopes(release), *more))

    def _is_release(self, name: str) -> bool:
        try:
            read_manifest(self.get(name))
        except (NotCanonical, ValueError, StoreTrouble):
            return False
        return True

    # -- activations -----------------------------------------------------------------------------------------------

    def activate(self, environment: str, flow: str, sequence: int, envelope: bytes) -> str:
        """Keeps an activation under its sequence; SequenceTaken where another stands there."""
        place = self.path / "activations" / _name(environment) / _name(flow) / str(sequence)
        name = self.put(envelope)
        try:
            _write(place, name.encode(), once=True)
        except FileExistsError:
            raise SequenceTaken(f"Activation {sequence} of '{flow}' in {environment} exists already.") from None
        return name

    def environments(self) -> tuple[str, ...]:
        """The environments that anything was ever activated in."""
        return tuple(name for name in _names(self.path / "activations") if _NAME.fullmatch(name))

    def activations(self, environment: str) -> tuple[Activated, ...]:
        """The newest activation of each flow in an environment."""
        folder = self.path / "activations" / _name(environment)
        found = []
        for flow in _names(folder):
            last = max(_numbers(folder / flow), default=0)
            if last and _NAME.fullmatch(flow):
                found.append(Activated(flow, last, self._pointed(folder / flow / str(last))))
        return tuple(found)

    def last_sequence(self, environment: str, flow: str) -> int:
        """The highest activation sequence of a flow; 0 for none."""
        return max(_numbers(self.path / "activations" / _name(environment) / _name(flow)), default=0)

    # -- masters ---------------------------------------------------------------------------------------------------

    def put_snapshot(self, master: str, sequence: int, snapshot: bytes) -> str:
        """Keeps a step of a master; one that stands there unsigned gives way. Envelopes follow by ``add_envelope``."""
        name = self.put(snapshot)
        _write(self.path / "masters" / _name(master) / str(sequence), name.encode())
        return name

    def masters(self) -> tuple[str, ...]:
        """The masters of which the store holds steps."""
        return tuple(name for name in _names(self.path / "masters") if _NAME.fullmatch(name))

    def master_snapshots(self, master: str, after: int = 0) -> tuple[SnapshotFiles, ...]:
        """The steps of a master beyond sequence ``after``, in order, each with its envelopes."""
        return tuple(self._snapshots(master, after))

    def _snapshots(self, master: str, after: int) -> Iterator[SnapshotFiles]:
        folder = self.path / "masters" / _name(master)
        for sequence in sorted(_numbers(folder)):
            if sequence > after:
                snapshot = self._pointed(folder / str(sequence))
                yield SnapshotFiles(sequence, snapshot, self.envelopes(sha256_hex(snapshot)))

    def _pointed(self, place: Path) -> bytes:
        pointer = _read(place, f"the store does not hold {place.name}").decode("ascii", "replace")
        if not _HEX.fullmatch(pointer):
            raise StoreDamaged(f"{place} in the store does not hold a digest.")
        return self.get(pointer)


def _hex(name: str) -> str:
    if not _HEX.fullmatch(name):
        raise NotInStore(f"'{name[:64]}' is not the digest of anything: it has 64 hexadecimal digits.")
    return name


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotInStore(f"'{name[:64]}' names nothing in a release store.")
    return name


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _numbers(folder: Path) -> list[int]:
    return [int(name) for name in _names(folder) if _NUMBER.fullmatch(name)]


def _read(place: Path, missing: str) -> bytes:
    try:
        return place.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotInStore(f"{missing[0].upper()}{missing[1:]}.") from None


def _write(place: Path, data: bytes, *, once: bool = False) -> None:
    """Writes a whole file durably; ``once``: FileExistsError where one stands."""
    _make_folder(place.parent)
    passing = place.parent / f".{place.name}.{os.getpid()}.{threading.get_native_id()}"
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if once:
            os.link(passing, place)
        else:
            passing.rename(place)
    finally:
        passing.unlink(missing_ok=True)
    _flush(place.parent)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _flush(folder.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
