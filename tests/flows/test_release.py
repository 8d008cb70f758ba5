"""Sealing: what a manifest holds, what leaves its digests alone, and what forbids it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from flows.canonical import sha256_hex
from flows.findings import Finding
from flows.instants import from_ms
from flows.release import Sealed, Waiver, read_manifest, seal
from tests.trusted import DAY, KERNEL, NOON, claims, files, sealed

FLOW = json.loads(files("flow.json"))
ENVIRONMENT = json.loads(files("environment.json"))


def attempt(flow: Any = FLOW, environment: Any = ENVIRONMENT, **changes: Any) -> Sealed | tuple[Finding, ...]:
    spelled = flow if isinstance(flow, bytes) else json.dumps(flow).encode()
    return seal(spelled, json.dumps(environment).encode(), files, KERNEL, claims(**changes))


def manifest_of(flow: Any = FLOW, environment: Any = ENVIRONMENT) -> Any:
    found = attempt(flow, environment)
    assert isinstance(found, Sealed), found
    return read_manifest(found.manifest)


def rules(found: Sealed | tuple[Finding, ...]) -> set[str]:
    assert not isinstance(found, Sealed)
    return {each.rule for each in found}


def test_a_manifest_names_every_file_by_its_digest_and_carries_it() -> None:
    found = sealed()
    manifest = read_manifest(found.manifest)
    assert set(manifest.files) == {
        "contracts/erp-inventory.openapi.json",
        "masters/items.json",
        "masters/locations.json",
    }
    assert set(manifest.files.values()) == set(found.attachments)
    for path, digest in manifest.files.items():
        assert found.attachments[digest] == files(path) and sha256_hex(files(path)) == digest


def test_a_manifest_names_every_node_kind_and_its_digest() -> None:
    assert set(read_manifest(sealed().manifest).nodes) == {f"{s['kind']}@{s['version']}" for s in FLOW["steps"]}


def test_layout_and_notes_leave_the_behaviour_alone_but_are_shown() -> None:
    before = manifest_of()
    for change in ({"layout": {"receive": [7, 7]}}, {"notes": [{"id": "n", "text": "Look here"}]}):
        after = manifest_of(FLOW | change)
        assert after.behaviour == before.behaviour
        assert after.shown != before.shown


def test_a_default_that_is_written_out_is_no_change() -> None:
    bare = {name: value for name, value in FLOW.items() if name not in ("layer", "ack", "notes")}
    assert FLOW["layer"] == "process"
    assert attempt(bare) == attempt(FLOW)


def test_config_environment_and_files_are_behaviour() -> None:
    before = manifest_of()
    flow = json.loads(files("flow.json"))
    flow["steps"][1]["config"]["present"] = []
    environment = json.loads(files("environment.json"))
    environment["connections"]["erp-inventory"]["host"] = "erp.example.org"
    assert manifest_of(flow).behaviour != before.behaviour
    assert manifest_of(FLOW, environment).behaviour != before.behaviour


def test_a_connection_that_the_flow_does_not_use_is_no_part_of_the_release() -> None:
    environment = json.loads(files("environment.json"))
    environment["connections"]["other"] = dict(environment["connections"]["or-system"], contract="contracts/none.json")
    assert attempt(FLOW, environment) == attempt(FLOW)


def test_a_hard_finding_forbids_sealing() -> None:
    flow = FLOW | {"steps": [step for step in FLOW["steps"] if step["kind"] != "mask"]}
    assert rules(attempt(flow)) == {"LG-TEST-MASK"}


def waiver(**changes: Any) -> Waiver:
    facts: dict[str, Any] = {
        "rule": "LG-TEST-ALERT",
        "owner": "pia",
        "reason": "the pager is being moved",
        "control": "a person looks in twice a day",
        "expires": from_ms(NOON + DAY),
    }
    return Waiver(**(facts | changes))


def test_a_soft_finding_forbids_sealing_until_it_is_waived() -> None:
    flow = FLOW | {"alerts": []}
    assert rules(attempt(flow)) == {"LG-TEST-ALERT"}
    assert isinstance(attempt(flow, waivers=(waiver(),)), Sealed)


@pytest.mark.parametrize(
    "changes", [{"rule": "LG-TEST-MASK"}, {"step": "decrement"}, {"expires": from_ms(NOON - 2 * DAY)}]
)
def test_a_waiver_of_something_else_or_one_that_ended_waives_nothing(changes: dict[str, str]) -> None:
    assert rules(attempt(FLOW | {"alerts": []}, waivers=(waiver(**changes),))) == {"LG-TEST-ALERT"}


def test_no_waiver_lifts_a_hard_finding() -> None:
    flow = FLOW | {"steps": [step for step in FLOW["steps"] if step["kind"] != "mask"]}
    assert rules(attempt(flow, waivers=(waiver(rule="LG-TEST-MASK"),))) == {"LG-TEST-MASK"}


@pytest.mark.parametrize("flow", [b"", b"{", b"[]", b"\xff", FLOW | {"extra": 1}, FLOW | {"id": "X"}])
def test_what_is_no_flow_is_refused_with_findings(flow: Any) -> None:
    assert rules(attempt(flow)) <= {"LG-FILE-001", "LG-FILE-002", "LG-FILE-003", "LG-SEAL-001"}


def test_an_environment_that_names_a_file_which_is_not_there_is_refused() -> None:
    found = attempt(FLOW, ENVIRONMENT | {"masters": {"items": "masters/none.json"}})
    assert rules(found) == {"LG-SEAL-001"}
    assert not isinstance(found, Sealed) and "masters/none.json" in found[0].sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"authors": ()},
        {"authors": ("ben", "ada")},
        {"authors": ("ada", "ada")},
        {"expires": from_ms(NOON - DAY)},
        {"expires": from_ms(NOON + 400 * DAY)},
        {"made": "yesterday"},
        {"made": "2026-02-30T00:00:00Z"},
        {"epoch": -1},
    ],
)
def test_impossible_claims_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        claims(**changes)
