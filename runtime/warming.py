"""What both children read is read before the fork: node files, tables of HL7, policies and the kernel's own caches.

The releases that the store has active are verified once and thrown away. The children verify them again, each for
itself; what that looks up is in memory by then, and shared. Whatever is wrong with a release is theirs to say.
"""

from __future__ import annotations

import contextlib

from flows.trust import Refusal, Root
from nodes import catalogue
from runtime.admission import Admission
from runtime.channel import Activate
from runtime.gathering import gather, newest_activation
from runtime.store import ReleaseStore, StoreTrouble


def warm(store: ReleaseStore, admission: Admission) -> None:
    """Verifies what is active, for the sake of what that leaves in memory."""
    catalogue.kinds()
    root = admission.root()
    if isinstance(root, Refusal):
        return
    with contextlib.suppress(StoreTrouble, OSError):  # the store may be away
        for flow in store.activated_flows(admission.environment):
            with contextlib.suppress(StoreTrouble, OSError):
                _verify(store, admission, flow, root)


def _verify(store: ReleaseStore, admission: Admission, flow: str, root: Root) -> None:
    activated, release, *_ = newest_activation(store, admission.environment, flow, root)
    if activated is not None:
        bundle = gather(store, release, root, activated.envelope).bundle
        admission.load(Activate(flow=flow, release=release, sequence=activated.sequence, bundle=""), bundle)
