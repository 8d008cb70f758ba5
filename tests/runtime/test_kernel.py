"""The real kernel: the shipped flows are sealed, signed and let in; what they must not become is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.canonical import dumps, loads_strict, sha256_hex
from flows.findings import Finding
from flows.release import Claims, Kernel, Sealed, read_manifest, seal
from flows.trust import Reason, Refusal
from flows.vocabulary import DataLabel
from runtime.kernel import kernel
from runtime.releases import Here, VerifiedRelease
from tests.trusted import LIBRARY, Release, claims, root, signed, taken

KERNEL = kernel()
FLOWS = sorted(path.name for path in LIBRARY.iterdir() if (path / "flow.json").exists())
TRUST = root(policy_sets=(KERNEL.policies,), environments={"TEST": DataLabel.SYNTHETIC, "BENCH": DataLabel.SYNTHETIC})
ROOTS = (signed(TRUST),)


def spelled(flow: str) -> Any:
    return json.loads((LIBRARY / flow / "flow.json").read_bytes())


def attempt(
    name: str, flow: Any = None, used: Kernel = KERNEL, stated: Claims | None = None, around: Any = None
) -> Any:
    """``around`` replaces the environment file of the flow."""

    def files(path: str) -> bytes:
        return (LIBRARY / name / path).read_bytes()

    document = json.dumps(spelled(name) if flow is None else flow).encode()
    environment = files("environment.json") if around is None else json.dumps(around).encode()
    return seal(document, environment, files, used, stated or claims())


def sealed(name: str, flow: Any = None, used: Kernel = KERNEL) -> Sealed:
    found = attempt(name, flow, used)
    assert isinstance(found, Sealed), [finding.sentence for finding in found]
    return found


def run(sealed: Sealed) -> VerifiedRelease | Refusal:
    """What the runtime says when everybody whose signature it takes has signed."""
    release = Release(sealed)
    here = Here(release.environment, DataLabel.SYNTHETIC)
    return taken(release.bundle(), here=here, kernel=KERNEL, roots=ROOTS, pin=TRUST.digest)


@pytest.mark.parametrize("name", FLOWS)
def test_a_shipped_flow_is_sealed_signed_and_let_in(name: str) -> None:
    found = sealed(name)
    release = run(found)
    assert isinstance(release, VerifiedRelease), release
    assert release.flow.id == name
    (sink,) = release.fields
    assert set(release.fields[sink]) == set(release.manifest.lineage[sink]["fields"])


@pytest.mark.parametrize("name", FLOWS)
def test_what_is_computed_again_in_this_process_is_the_same(name: str) -> None:
    assert sealed(name).manifest == sealed(name).manifest


def without_mask() -> Any:
    flow = spelled("supply-consumption")
    flow["steps"] = [step for step in flow["steps"] if step["kind"] != "mask"]
    flow["wires"] = [wire for wire in flow["wires"] if "tokenise" not in wire["from"] + wire["to"]]
    flow["wires"].append({"from": "lines.out", "to": "to-material.in"})
    return flow


def empty_mask() -> Any:
    flow = spelled("supply-consumption")
    for step in flow["steps"]:
        if step["kind"] == "mask":
            step["config"]["fields"] = []
    return flow


@pytest.mark.parametrize("flow", [without_mask, empty_mask])
def test_a_flow_that_shows_the_patient_is_not_sealed(flow: Callable[[], Any]) -> None:
    found = attempt("supply-consumption", flow())
    assert not isinstance(found, Sealed)
    assert any("PID-3" in finding.sentence for finding in found)


def listening_in_http() -> Any:
    """The environment of a flow that listens by MLLP, where its source's connection is one of HTTP."""
    around = json.loads((LIBRARY / "supply-consumption" / "environment.json").read_text())
    around["connections"]["or-system"]["base_path"] = "/fhir"
    return around


def test_a_source_at_a_connection_of_another_protocol_is_not_sealed() -> None:
    (found,) = attempt("supply-consumption", around=listening_in_http())
    assert found.rule == "LG-SOURCE-PROTOCOL" and "listens by MLLP" in found.sentence


def test_a_source_at_a_connection_of_another_protocol_is_refused_though_all_have_signed_it() -> None:
    def blind(*asked: Any) -> Any:
        return KERNEL.judge(*asked)._replace(findings=())

    found = attempt("supply-consumption", used=KERNEL._replace(judge=blind), around=listening_in_http())
    answer = run(found)
    assert isinstance(answer, Refusal) and answer.reason is Reason.FINDING_HARD
    assert "speaks HTTP, and this step listens by MLLP" in answer.sentence


@pytest.mark.parametrize("flow", [without_mask, empty_mask])
def test_a_flow_that_shows_the_patient_is_refused_though_all_have_signed_it(flow: Callable[[], Any]) -> None:
    """Sealed by somebody whose own policies look away, and approved by two who did not look."""

    def blind(*asked: Any) -> Any:
        judged = KERNEL.judge(*asked)
        return judged._replace(findings=())

    found = sealed("supply-consumption", flow(), KERNEL._replace(judge=blind))
    answer = run(found)
    assert isinstance(answer, Refusal) and answer.reason is Reason.FINDING_HARD
    assert "PID-3" in answer.sentence


def test_a_report_that_hides_what_arrives_is_refused() -> None:
    found = sealed("supply-consumption", without_mask(), KERNEL._replace(judge=_good_reports))
    answer = run(found)
    assert isinstance(answer, Refusal) and answer.reason is Reason.VERDICT_DIFFERS


def _good_reports(*asked: Any) -> Any:
    """The reports of the flow with its mask, whatever is asked."""
    good = read_manifest(sealed("supply-consumption").manifest)
    return KERNEL.judge(*asked)._replace(findings=(), verdict=good.verdict, lineage=good.lineage)


def test_a_good_verdict_over_another_lineage_is_refused() -> None:
    found = sealed("supply-consumption")
    facts = loads_strict(found.manifest, limit=8 << 20)
    facts["lineage"]["decrement"]["fields"]["caseReference"] = []
    answer = run(Sealed(dumps(facts), found.attachments))
    assert isinstance(answer, Refusal) and answer.reason is Reason.LINEAGE_DIFFERS


def test_a_report_in_which_true_stands_for_one_is_another_report() -> None:
    found = sealed("supply-consumption")
    forged = found.manifest.replace(b'"sensitivity":1', b'"sensitivity":true', 1)
    assert forged != found.manifest
    answer = run(Sealed(forged, found.attachments))
    assert isinstance(answer, Refusal) and answer.reason is Reason.LINEAGE_DIFFERS


def test_a_contract_that_takes_more_is_another_release() -> None:
    found = sealed("supply-consumption")
    name = read_manifest(found.manifest).files["contracts/erp-inventory.openapi.json"]
    wider = found.attachments[name].replace(b'"costCentre"', b'"patientName"')
    assert wider != found.attachments[name]
    facts = loads_strict(found.manifest, limit=8 << 20)
    digest = sha256_hex(wider)
    facts["files"]["contracts/erp-inventory.openapi.json"] = digest
    held = {key: data for key, data in found.attachments.items() if key != name} | {digest: wider}
    answer = run(Sealed(dumps(facts), held))
    assert isinstance(answer, Refusal)
    assert answer.reason in (Reason.VERDICT_DIFFERS, Reason.LINEAGE_DIFFERS, Reason.FIELDS_DIFFER)


def test_findings_of_the_shipped_flows_are_advice_at_most() -> None:
    for name in FLOWS:
        assert all(isinstance(each, Finding) and each.severity == "advisory" for each in sealed(name).findings)


SEALED = sealed("supply-consumption")
GOOD = loads_strict(SEALED.manifest, limit=8 << 20)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in inside:
        yield (*path, name)
        yield from places(below, (*path, name))


ANYTHING = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab-1", max_size=3) | st.just([]) | st.just({})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(places(GOOD), key=str)), ANYTHING)
def test_whatever_people_sign_the_verifier_answers(path: tuple[str | int, ...], value: Any) -> None:
    facts = here = copy.deepcopy(GOOD)
    for part in path[:-1]:
        here = here[part]
    if (here[path[-1]] == value and type(here[path[-1]]) is type(value)) or path == ("shown",):
        return  # nothing changed; or nothing that an approval could speak of
    here[path[-1]] = value
    answer = run(Sealed(dumps(facts), SEALED.attachments))
    assert isinstance(answer, Refusal) or path[0] in CLAIMED, path


CLAIMED = frozenset({"authors", "made", "expires", "epoch", "previous", "waivers", "evidence"})
"""What nothing recomputes: the signatures alone answer for it."""
