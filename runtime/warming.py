"""What both children read is read before the fork: node files, tables of HL7, policies and the kernel's own caches.

The releases that the store has active are verified once and thrown away. The children verify them again, each for
itself; what that looks up is in memory by then, and shared. Whatever is wrong with a release is theirs to say.
"""

from __future__ import annotations

from flows.trust import Activation, Refusal, verify
from nodes import catalogue
from runtime.admission import Admission
from runtime.channel import Activate
from runtime.store import Activated, ReleaseStore, StoreTrouble


def warm(store: ReleaseStore, admission: Admission) -> None:
    """Verifies what is active, for the sake of what that leaves in memory."""
    catalogue.kinds()
    try:
        for activated in store.activations(admission.environment):
            _verify(store, admission, activated)
    except (StoreTrouble, OSError):
        return  # the store may be away


def _verify(store: ReleaseStore, admission: Admission, activated: Activated) -> None:
    root = admission.root()
    said = root if isinstance(root, Refusal) else verify(activated.envelope, root)
    if isinstance(said, Refusal) or not isinstance(said.predicate, Activation):
        return
    bundle = store.bundle(said.subject, activated.envelope)
    admission.load(Activate(flow=activated.flow, release=said.subject, sequence=activated.sequence, bundle=""), bundle)
