"""A statement counts for exactly what it was made about: of all statements and releases only the diagonal verifies."""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.trust import Activation, Approval, Authorship, OfRelease, Reason, Refusal
from flows.vocabulary import DataLabel
from runtime.releases import Here, VerifiedRelease
from tests.trusted import Release, files, root, sealed, signed, taken

ENVIRONMENTS = {"TEST": DataLabel.SYNTHETIC, "PROD": DataLabel.LIVE}
TRUST = root(environments=ENVIRONMENTS)


class Case(NamedTuple):
    """One release of several that differ in one thing each."""

    flow: str
    environment: str
    title: str


CASES = tuple(
    Case(*each) for each in itertools.product(("supply-consumption", "supply-twin"), ENVIRONMENTS, ("One", "Two"))
)
ACTS: dict[str, type[OfRelease]] = {"ada": Authorship, "pia": Approval, "eli": Approval, "oli": Activation}


@cache
def release(case: Case) -> Release:
    flow = json.loads(files("flow.json")) | {"id": case.flow, "name": case.title}
    environment = json.loads(files("environment.json"))
    environment |= {"name": case.environment, "label": ENVIRONMENTS[case.environment]}
    return Release(sealed(json.dumps(flow).encode(), json.dumps(environment).encode()))


@cache
def said(name: str, case: Case) -> bytes:
    return release(case).sign(name, ACTS[name])


def taken_with(case: Case, about: dict[str, Case]) -> VerifiedRelease | Refusal:
    """What the runtime says to a release whose signers speak about the releases that they speak about."""
    bundle = release(case).bundle(*ACTS, more=tuple(said(name, each) for name, each in about.items()))
    where = Here(case.environment, ENVIRONMENTS[case.environment])
    return taken(bundle, here=where, roots=(signed(TRUST),), pin=TRUST.digest)


def test_the_releases_differ_and_each_is_let_in_with_its_own_statements() -> None:
    assert len({release(case).sealed.digest for case in CASES}) == len(CASES)
    for case in CASES:
        assert isinstance(taken_with(case, dict.fromkeys(ACTS, case)), VerifiedRelease)


def test_no_statement_about_one_release_counts_for_another() -> None:
    for case, other in itertools.permutations(CASES, 2):
        for name in ACTS:
            answer = taken_with(case, dict.fromkeys(ACTS, case) | {name: other})
            assert isinstance(answer, Refusal)
            assert answer.reason is _expected(case, other)


def _expected(case: Case, other: Case) -> Reason:
    if case.flow != other.flow:
        return Reason.OTHER_FLOW
    return Reason.OTHER_ENVIRONMENT if case.environment != other.environment else Reason.OTHER_RELEASE


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.fixed_dictionaries({name: st.sampled_from(CASES) for name in ACTS}))
def test_only_the_diagonal_verifies(case: Case, about: dict[str, Case]) -> None:
    assert isinstance(taken_with(case, about), VerifiedRelease) == all(each == case for each in about.values())
