"""The kernel of this build: its node kinds and a policy set, as sealing and the verifier use them."""

from __future__ import annotations

import functools

from flows.analysis import analyse, lineage_report, verdict
from flows.environment import Surroundings
from flows.graph import Flow
from flows.policyset import PolicySet, builtin
from flows.release import Judged, Kernel, Waiver
from nodes import catalogue


@functools.cache
def kernel() -> Kernel:
    """With the policy set that is shipped."""
    return kernel_with(builtin())


def kernel_with(policies: PolicySet) -> Kernel:
    """With another policy set."""

    def judge(flow: Flow, around: Surroundings, waivers: tuple[Waiver, ...]) -> Judged:
        analysis = analyse(flow, around, catalogue.declare, policies, waivers)
        return Judged(analysis.findings, verdict(analysis), lineage_report(analysis))

    return Kernel(declare=catalogue.declare, node_digest=catalogue.digest, judge=judge, policies=policies.digest)
