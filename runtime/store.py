"""The release store: a folder of files named by content, and small files that point into it.

``sha256/<hex>`` holds manifests, attachments, envelopes and snapshots; ``releases/<subject>/<envelope>`` says which
envelopes speak of what (a release, a snapshot); ``activations/<environment>/<flow>/<sequence>`` and
``masters/<id>/<sequence>`` hold one digest each; ``objections/<release>`` says who set it aside, ``proposals/<step>``
who prepared a step of a master. Nothing here is trusted: whoever reads checks digests here and signatures elsewhere,
takes plain files of an expected size alone, and passes over a bad one where others may be good. Every write is a whole
file, flushed, then renamed, its folder flushed after it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from flows.bundle import MAX_BUNDLE, bundle_bytes
from flows.canonical import MAX_BYTES, NotCanonical, sha256_hex
from flows.release import read_manifest
from runtime.reading import NotPlain, read_plain

_HEX = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")
_POINTER = 64
_MOST_NAMES = 100_000
"""In one folder: more than any installation comes to, and few enough to be listed at once."""


class StoreTrouble(Exception):
    """Base of what can be wrong with a release store."""


class NotInStore(StoreTrouble):
    """The store does not hold what was asked for."""


class StoreDamaged(StoreTrouble):
    """A file of the store is not what its name says."""


class SequenceTaken(StoreTrouble):
    """Another activation of this flow has taken the sequence: read the store again and sign the next one."""


class Envelopes(NamedTuple):
    """The envelopes of one subject, as the store has them: not verified."""

    whole: tuple[bytes, ...]
    damaged: tuple[str, ...]
    """A sentence for each file that cannot be read or is not what its name says."""


class Activated(NamedTuple):
    """An activation of a flow, as the store has it: not verified."""

    flow: str
    sequence: int
    envelope: bytes


class SnapshotFiles(NamedTuple):
    """One step of a master and the envelopes about it, as the store has them: not verified."""

    sequence: int
    snapshot: bytes
    envelopes: tuple[bytes, ...]


class Steps(NamedTuple):
    """The steps of a master up to the first that cannot be read, since none counts without those before it."""

    whole: tuple[SnapshotFiles, ...]
    damaged: tuple[str, ...]


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

    def get(self, name: str, most: int = MAX_BUNDLE) -> bytes:
        """The content of that name, hashed again on every read."""
        data = _read(self.path / "sha256" / _hex(name), f"the store holds nothing named {name[:12]}", most)
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
        """The envelopes that speak of ``subject``, sorted by digest; a damaged one takes no other along."""
        return self.read_envelopes(subject).whole

    def read_envelopes(self, subject: str) -> Envelopes:
        """The same, with what is wrong with the others."""
        whole, damaged = [], []
        folder = self.path / "releases" / _hex(subject)
        for name in _names(folder):
            if not _HEX.fullmatch(name):
                continue
            try:
                whole.append(self.get(name, MAX_BYTES))
            except (StoreTrouble, OSError) as error:
                damaged.append(f"{folder / name} names an envelope that does not count: {error}")
        return Envelopes(tuple(whole), tuple(damaged))

    def bundle(self, release: str, *more: bytes, envelopes: Iterable[bytes] | None = None) -> bytes:
        """The bundle of a release: its manifest, its files, its envelopes (or those given) and ``more``."""
        data = self.get(release)
        try:
            files = read_manifest(data).files
        except (NotCanonical, ValueError):
            raise StoreDamaged(f"{release[:12]} in the store is not the manifest of a release.") from None
        attachments = {name: self.get(name) for name in files.values()}
        said = self.envelopes(release) if envelopes is None else envelopes
        return bundle_bytes(data, attachments, (*said, *more))

    def _is_release(self, name: str) -> bool:
        try:
            read_manifest(self.get(name))
        except (NotCanonical, ValueError, StoreTrouble):
            return False
        return True

    # -- objections ------------------------------------------------------------------------------------------------

    def put_objection(self, release: str, data: bytes) -> None:
        """Keeps what was said against a release (``runtime.objections``), in the place of what stood there."""
        _write(self.path / "objections" / _hex(release), data)

    def objection(self, release: str, most: int) -> bytes:
        """What was said against a release; NotInStore for nothing."""
        return _read(self.path / "objections" / _hex(release), "nobody set this release aside", most)

    def remove_objection(self, release: str) -> None:
        """Takes it away; nothing where there is none."""
        _remove(self.path / "objections" / _hex(release))

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
        """The newest activation of each flow in an environment that can be read."""
        newest = (self._newest(environment, flow) for flow in self.activated_flows(environment))
        return tuple(each for each in newest if each is not None)

    def activated_flows(self, environment: str) -> tuple[str, ...]:
        """The flows that anything was ever activated of in an environment."""
        return tuple(name for name in _names(self._activations_of(environment)) if _NAME.fullmatch(name))

    def sequences(self, environment: str, flow: str) -> tuple[int, ...]:
        """The activation sequences of a flow, the highest first."""
        return tuple(sorted(_numbers(self._activations_of(environment) / _name(flow)), reverse=True))

    def activation(self, environment: str, flow: str, sequence: int) -> Activated:
        """One activation. NotInStore or StoreDamaged where it cannot be read."""
        place = self._activations_of(environment) / _name(flow) / str(sequence)
        return Activated(flow, sequence, self._pointed(place, MAX_BYTES))

    def last_sequence(self, environment: str, flow: str) -> int:
        """The highest activation sequence of a flow; 0 for none."""
        return max(self.sequences(environment, flow), default=0)

    def _activations_of(self, environment: str) -> Path:
        return self.path / "activations" / _name(environment)

    def _newest(self, environment: str, flow: str) -> Activated | None:
        for sequence in self.sequences(environment, flow):
            with contextlib.suppress(StoreTrouble, OSError):
                return self.activation(environment, flow, sequence)
        return None

    # -- masters ---------------------------------------------------------------------------------------------------

    def put_snapshot(self, master: str, sequence: int, snapshot: bytes) -> str:
        """Keeps a step of a master; one that stands there unsigned gives way. Envelopes follow by ``add_envelope``."""
        name = self.put(snapshot)
        _write(self.path / "masters" / _name(master) / str(sequence), name.encode())
        return name

    def remove_snapshot(self, master: str, sequence: int) -> None:
        """Takes a step out of a master; its content stays. Nothing where there is none."""
        _remove(self.path / "masters" / _name(master) / str(sequence))

    def forget_envelopes(self, subject: str) -> None:
        """From now on no envelope speaks of ``subject``; their content stays."""
        folder = self.path / "releases" / _hex(subject)
        for name in _names(folder):
            _remove(folder / name)

    def put_proposal(self, step: str, data: bytes) -> None:
        """Keeps who prepared a step (``runtime.proposals``), in the place of what stood there."""
        _write(self.path / "proposals" / _hex(step), data)

    def proposal(self, step: str, most: int) -> bytes:
        """Who prepared a step; NotInStore where nobody said."""
        return _read(self.path / "proposals" / _hex(step), "nobody said who prepared this step", most)

    def masters(self) -> tuple[str, ...]:
        """The masters of which the store holds steps."""
        return tuple(name for name in _names(self.path / "masters") if _NAME.fullmatch(name))

    def master_snapshots(self, master: str, after: int = 0) -> tuple[SnapshotFiles, ...]:
        """The steps of a master beyond sequence ``after``, in order, each with its envelopes."""
        return tuple(self._snapshot(master, sequence) for sequence in self._steps(master, after))

    def read_steps(self, master: str, after: int = 0) -> Steps:
        """The same up to the first step that cannot be read, with what is wrong with that one."""
        whole: list[SnapshotFiles] = []
        for sequence in self._steps(master, after):
            try:
                whole.append(self._snapshot(master, sequence))
            except (StoreTrouble, OSError) as error:
                sentence = f"Step {sequence} of master '{master}' cannot be read from the store: {error}"
                return Steps(tuple(whole), (sentence,))
        return Steps(tuple(whole), ())

    def _steps(self, master: str, after: int) -> list[int]:
        return [number for number in sorted(_numbers(self.path / "masters" / _name(master))) if number > after]

    def _snapshot(self, master: str, sequence: int) -> SnapshotFiles:
        snapshot = self._pointed(self.path / "masters" / _name(master) / str(sequence), MAX_BUNDLE)
        return SnapshotFiles(sequence, snapshot, self.envelopes(sha256_hex(snapshot)))

    def _pointed(self, place: Path, most: int) -> bytes:
        pointer = _read(place, f"the store does not hold {place.name}", _POINTER).decode("ascii", "replace")
        if not _HEX.fullmatch(pointer):
            raise StoreDamaged(f"{place} in the store does not hold a digest.")
        return self.get(pointer, most)


def _remove(place: Path) -> None:
    place.unlink(missing_ok=True)
    if place.parent.is_dir():
        _flush(place.parent)


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
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, _MOST_NAMES + 1)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    if len(names) > _MOST_NAMES:
        raise StoreDamaged(f"{folder} holds more than {_MOST_NAMES} files: remove what does not belong there.")
    return sorted(names)


def _numbers(folder: Path) -> list[int]:
    return [int(name) for name in _names(folder) if _NUMBER.fullmatch(name)]


def _read(place: Path, missing: str, most: int) -> bytes:
    try:
        return read_plain(place, most)
    except (FileNotFoundError, NotADirectoryError):
        raise NotInStore(f"{missing[0].upper()}{missing[1:]}.") from None
    except NotPlain as error:
        raise StoreDamaged(str(error)) from None
    except OSError as error:
        raise StoreDamaged(f"{place} cannot be read ({type(error).__name__}).") from None


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
