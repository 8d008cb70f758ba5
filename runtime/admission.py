"""Who may run here: the trust file, what this runtime has seen of it, and the verifier with both.

Every process verifies the bytes of a release for itself. What was seen (the pin of version 1, the highest root and
epoch) lies in the data folder, outside every database; trust never falls below it.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flows.release import Kernel
from flows.trust import Reason, Refusal, Root, read_trust, verify_root_chain
from flows.vocabulary import DataLabel
from runtime.channel import Activate, Setup
from runtime.releases import Floor, Here, VerifiedRelease, load
from runtime.world import Clock

SEEN = "trust.json"


class Seen(BaseModel):
    """What this data folder has seen of its trust root."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    pin: str
    root: int = 0
    epoch: int = 0
    environment: str
    revoked: dict[str, str] = {}
    """Releases whose revocation was met, with its sentence: they stay revoked when the store forgets it."""


class StartTrouble(Exception):
    """The runtime cannot start with what it was given. The sentence names file and reason."""


class Admission:
    """The verifier as this runtime uses it."""

    def __init__(self, setup: Setup, environment: str, kernel: Kernel, clock: Clock) -> None:
        self._setup, self._kernel, self._clock = setup, kernel, clock
        self.environment = environment

    def root(self) -> Root | Refusal:
        """The newest trust root, as the file has it now."""
        chain = self._chain()
        if isinstance(chain, Refusal):
            return chain
        root = verify_root_chain(chain[1], chain[0], self._clock.now_ms(), demo=True)
        if isinstance(root, Refusal):
            return root
        seen = read_seen(self._setup.data)
        if seen is not None and (root.version < seen.root or root.epoch < seen.epoch):
            return Refusal(Reason.ROOT_ROLLED_BACK, f"Trust root {root.version} is older than one already seen here.")
        return root

    def load(self, command: Activate, bundle: bytes) -> VerifiedRelease | Refusal:
        """The release in ``bundle``, verified for this flow, environment and moment."""
        chain, root = self._chain(), self.root()
        if isinstance(chain, Refusal):
            return chain
        if isinstance(root, Refusal):
            return root
        seen = read_seen(self._setup.data)
        if seen is not None and command.release in seen.revoked:
            return Refusal(Reason.REVOKED, seen.revoked[command.release])
        label = root.environments.get(self.environment, DataLabel.SYNTHETIC)
        here = Here(self.environment, label, flow=command.flow, demo=True)
        floor = Floor(root=root.version, epoch=root.epoch)
        release = load(
            bundle,
            roots=chain[1],
            pin=chain[0],
            at_ms=self._clock.now_ms(),
            here=here,
            kernel=self._kernel,
            floor=floor,
        )
        if isinstance(release, Refusal):
            return release
        if (release.digest, release.sequence) != (command.release, command.sequence):
            return Refusal(Reason.OTHER_RELEASE, "The verified copy is not the release that was activated.")
        return release

    def revoke(self, release: str, sentence: str) -> None:
        """Remembers a revocation for good, before anything else is done about it."""
        seen = read_seen(self._setup.data)
        if seen is not None and release not in seen.revoked:
            keep_seen(self._setup.data, seen.model_copy(update={"revoked": {**seen.revoked, release: sentence}}))

    def _chain(self) -> tuple[str, tuple[bytes, ...]] | Refusal:
        try:
            read = read_trust(self._setup.root.read_bytes())
        except OSError:
            return Refusal(Reason.UNKNOWN_FORM, f"The trust file {self._setup.root} cannot be read.")
        seen = read_seen(self._setup.data)
        if not isinstance(read, Refusal) and seen is not None and read[0] != seen.pin:
            return Refusal(Reason.ROOT_NOT_PINNED, "The trust file pins another first root than this data folder.")
        return read


def read_seen(data: Path) -> Seen | None:
    """What this folder has seen; None at the first start. StartTrouble where the file is damaged."""
    path = data / SEEN
    try:
        return Seen.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise StartTrouble(f"{path}: this file is damaged; put it back from its safe copy.") from None


def keep_seen(data: Path, seen: Seen) -> None:
    """Writes it whole or not at all, durably. It only ever rises."""
    path = data / SEEN
    half = path.with_suffix(".half")
    file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, seen.model_dump_json().encode())
        os.fsync(file)
    finally:
        os.close(file)
    half.rename(path)
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def settle_trust(setup: Setup, clock: Clock) -> tuple[Seen, Root]:
    """Pins the trust file at the first start, and settles which environment this is. StartTrouble with a sentence."""
    try:
        data = setup.root.read_bytes()
    except OSError:
        raise StartTrouble(f"{setup.root}: there is no trust file here.") from None
    read = read_trust(data)
    if isinstance(read, Refusal):
        raise StartTrouble(f"{setup.root}: {read.sentence}")
    root = verify_root_chain(read[1], read[0], clock.now_ms(), demo=True)
    if isinstance(root, Refusal):
        raise StartTrouble(f"{setup.root}: {root.sentence}")
    seen = read_seen(setup.data)
    if seen is not None and seen.pin != read[0]:
        raise StartTrouble(f"{setup.root}: it pins another first root than {setup.data} was started with.")
    if seen is not None and (root.version < seen.root or root.epoch < seen.epoch):
        raise StartTrouble(f"{setup.root}: root {root.version} is older than one already seen here.")
    environment = _environment(setup, root, seen)
    revoked = seen.revoked if seen else {}
    newest = Seen(pin=read[0], root=root.version, epoch=root.epoch, environment=environment, revoked=revoked)
    if newest != seen:
        keep_seen(setup.data, newest)
    return newest, root


def _environment(setup: Setup, root: Root, seen: Seen | None) -> str:
    known = ", ".join(sorted(root.environments))
    wanted = setup.environment or (seen.environment if seen else None)
    if wanted is None and len(root.environments) == 1:
        wanted = next(iter(root.environments))
    if wanted is None:
        raise StartTrouble(f"Name the environment to run: the trust root knows {known or 'none'}.")
    if wanted not in root.environments:
        raise StartTrouble(f"The trust root knows no environment {wanted}; it knows {known or 'none'}.")
    if seen is not None and seen.environment != wanted:
        raise StartTrouble(f"{setup.data} belongs to environment {seen.environment}, not to {wanted}.")
    return wanted
