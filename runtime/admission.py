"""Who may run here: the trust file, what this runtime has seen of it, and the verifier with both.

Every process verifies the bytes of a release for itself. What was seen (``runtime.state``) lies in the data folder,
sealed, outside every database; nothing that counts ever falls below it.
"""

from __future__ import annotations

from flows.release import Kernel
from flows.trust import Reason, Refusal, Root, read_trust, verify_root_chain
from flows.vocabulary import DataLabel
from runtime.channel import Activate, Setup
from runtime.reading import read_plain
from runtime.releases import Floor, Here, VerifiedRelease, load
from runtime.sealed import SealedFile
from runtime.state import State, Step
from runtime.world import Clock

MOST_TRUST = 16 << 20
NO_STEP = Step(count=0, digest="")


class Admission:
    """The verifier as this runtime uses it. It only reads what was seen; the supervisor alone adds to it."""

    def __init__(self, setup: Setup, kernel: Kernel, clock: Clock, seen: SealedFile[State]) -> None:
        self._setup, self._kernel, self._clock, self._seen = setup, kernel, clock, seen
        self.environment = seen.read().environment
        self._last_root: Root | None = None

    def now_ms(self) -> int:
        """The time by which things expire: never before the latest that was seen here."""
        return max(self._clock.now_ms(), self._seen.read().time_ms)

    def root(self) -> Root | Refusal:
        """The newest trust root, as the file has it now."""
        chain = self._chain()
        if isinstance(chain, Refusal):
            return chain
        root = verify_root_chain(chain[1], chain[0], self.now_ms(), demo=True)
        if isinstance(root, Refusal):
            return root
        seen = self._seen.read()
        if root.version < seen.root or root.epoch < seen.epoch:
            return Refusal(Reason.ROOT_ROLLED_BACK, f"Trust root {root.version} is older than one already seen here.")
        self._last_root = root
        return root

    def known_root(self) -> Root | Refusal:
        """The newest root, or the last good one of this process: a damaged trust file hides no revocation."""
        root = self.root()
        return self._last_root if isinstance(root, Refusal) and self._last_root is not None else root

    def floor(self, flow: str) -> Step:
        """The newest activation that was taken here: its sequence and its release."""
        return self._seen.read().activations.get(flow, NO_STEP)

    def load(self, command: Activate, bundle: bytes) -> VerifiedRelease | Refusal:
        """The release in ``bundle``, verified for this flow, environment and moment."""
        chain, root = self._chain(), self.root()
        if isinstance(chain, Refusal):
            return chain
        if isinstance(root, Refusal):
            return root
        seen, lowest = self._seen.read(), self.floor(command.flow)
        if command.release in seen.revoked:
            return Refusal(Reason.REVOKED, seen.revoked[command.release])
        label = root.environments.get(self.environment, DataLabel.SYNTHETIC)
        here = Here(self.environment, label, flow=command.flow, demo=True)
        floor = Floor(root=root.version, epoch=root.epoch, sequence=0 if command.past else lowest.count)
        release = load(
            bundle,
            roots=chain[1],
            pin=chain[0],
            at_ms=self.now_ms(),
            here=here,
            kernel=self._kernel,
            floor=floor,
        )
        if isinstance(release, Refusal):
            return release
        if (release.digest, release.sequence) != (command.release, command.sequence):
            return Refusal(Reason.OTHER_RELEASE, "The verified copy is not the release that was activated.")
        if not command.past and release.sequence == lowest.count and release.digest != lowest.digest:
            return _taken_before(release.sequence)
        return release

    def _chain(self) -> tuple[str, tuple[bytes, ...]] | Refusal:
        try:
            read = read_trust(read_plain(self._setup.root, MOST_TRUST))
        except OSError:
            return Refusal(Reason.UNKNOWN_FORM, f"The trust file {self._setup.root} cannot be read.")
        if not isinstance(read, Refusal) and read[0] != self._seen.read().pin:
            return Refusal(Reason.ROOT_NOT_PINNED, "The trust file pins another first root than this data folder.")
        return read


def _taken_before(sequence: int) -> Refusal:
    return Refusal(
        Reason.ACTIVATION_OLD,
        f"Another release was taken under activation {sequence}: activate again, under a higher number.",
    )
