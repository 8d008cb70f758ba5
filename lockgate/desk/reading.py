"""What the desk tells its page: the newest root, what waits, and by which digests a release or a master is found.

None of it is trusted by the page: it fetches the bytes by digest, hashes them itself and shows what they say.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flows.canonical import NotCanonical, sha256_hex
from flows.instants import to_ms
from flows.masters import RowRefused, read_snapshot
from flows.policyset import builtin
from flows.release import Manifest, read_manifest
from flows.trust import (
    Approval,
    Authorship,
    Refusal,
    Refused,
    Revocation,
    Root,
    check_statement,
    read_envelope,
    read_statement,
)
from lockgate.desk.taking import Where
from lockgate.signing import approvable, speaks_of
from runtime import objections, proposals
from runtime.master_store import contract_in, standing
from runtime.store import ReleaseStore, StoreTrouble

Json = Any


def rules_view() -> Json:
    """The rules of the policy set that is installed here, by id: words for what a sealed verdict names."""
    policies = builtin()
    return {
        "digest": policies.digest,
        "rules": {
            each.id: {"title": each.title, "severity": str(each.severity), "owner": each.owner}
            for each in policies.rules.values()
        },
    }


def root_view(root: Root) -> Json:
    return {**root.model_dump(mode="json"), "digest": root.digest}


def listed_since(chain: Iterable[bytes]) -> dict[str, int]:
    """Of a chain that was checked: key -> the version of the root that began to list it for its person."""
    since: dict[str, tuple[str, int]] = {}
    for data in chain:
        root = read_statement(read_envelope(data).payload, (Root,)).predicate
        held = {keyid: key.person for keyid, key in root.keys.items()}
        since = {
            keyid: since[keyid] if since.get(keyid, ("", 0))[0] == person else (person, root.version)
            for keyid, person in held.items()
        }
    return {keyid: version for keyid, (_, version) in since.items()}


def release_view(where: Where, release: str) -> Json:
    """The digests of all envelopes of a release, what is active of its flow, and whether its proof comes out again."""
    manifest = _manifest(where.store, release)
    flow, environment = manifest.flow["id"], manifest.environment["name"]
    active = next((each for each in where.store.activations(environment) if each.flow == flow), None)
    found = approvable(where.store, release, where.root, where.at_ms, where.kernel)
    refused = found if isinstance(found, Refusal) else None
    return {
        "release": release,
        "envelopes": [sha256_hex(each) for each in where.store.envelopes(release)],
        "active": {
            "sequence": active.sequence,
            "envelope": sha256_hex(active.envelope),
            "this": speaks_of(active.envelope, release),
        }
        if active
        else None,
        "aside": _aside(where.store, release),
        "refusal": {"reason": refused.reason, "sentence": refused.sentence} if refused else None,
        "advice": [] if isinstance(found, Refusal) else [each.sentence for each in found.findings],
    }


def master_view(where: Where, master: str) -> Json:
    """The digests of a master's contract and steps, how many signatures the newest one takes, and who says to have
    prepared it."""
    steps = where.store.master_snapshots(master)
    contract = contract_in(where.store, master)
    state = standing(where.store, contract, steps[-1].snapshot, where.root)
    return {
        "master": master,
        "contract": read_snapshot(steps[0].snapshot).contract,
        "steps": [
            {
                "sequence": step.sequence,
                "snapshot": sha256_hex(step.snapshot),
                "envelopes": [sha256_hex(each) for each in step.envelopes],
            }
            for step in steps
        ],
        "needed": state.needed,
        "signed": list(state.signed),
        "prepared": [each.model_dump(mode="json") for each in proposals.read(where.store, state.digest)],
    }


def waiting_view(where: Where) -> Json:
    """What lacks a signature: releases newest first, apart from them what was set aside, and the newest steps of
    masters."""
    releases = [each for name in where.store.releases() if (each := _waiting_release(where, name))]
    releases.sort(key=lambda each: str(each["made"]), reverse=True)
    masters = [each for name in where.store.masters() if (each := _waiting_master(where, name))]
    wanted, aside = [[each for each in releases if bool(each["aside"]) is is_aside] for is_aside in (False, True)]
    return {"releases": wanted[:100], "aside": aside[:20], "masters": masters}


def _waiting_release(where: Where, release: str) -> Json | None:
    try:
        manifest = _manifest(where.store, release)
    except StoreTrouble:
        return None
    said = _said(where, release)
    if where.at_ms >= to_ms(manifest.expires) or manifest.epoch != where.root.epoch or Revocation in said:
        return None
    environment, flow = manifest.environment["name"], manifest.flow["id"]
    active = next((each for each in where.store.activations(environment) if each.flow == flow), None)
    approvers = said.get(Approval, set())
    enough = len(approvers) >= where.root.thresholds.approval.persons
    if active and (speaks_of(active.envelope, release) or (enough and _made_before(where.store, manifest, active))):
        return None
    sealed, aside = Authorship in said, _aside(where.store, release)
    if aside and active and _made_before(where.store, manifest, active):
        return None
    return {
        "release": release,
        "flow": flow,
        "name": manifest.flow["name"],
        "environment": environment,
        "made": manifest.made,
        "authors": list(manifest.authors),
        "approvers": sorted(approvers),
        "needed": where.root.thresholds.approval.persons,
        "waits": "activate" if enough and sealed else "approve" if sealed else "author",
        "aside": aside,
    }


def _aside(store: ReleaseStore, release: str) -> Json | None:
    """Who sent it back or withdrew it, if anybody did."""
    found = objections.read(store, release)
    return found.model_dump(mode="json", include={"how", "person", "at", "words", "review"}) if found else None


def _made_before(store: ReleaseStore, manifest: Manifest, active: Any) -> bool:
    """Whether a release was made before the active one: it was replaced, and waits for nobody."""
    for name in store.releases():
        if speaks_of(active.envelope, name):
            return manifest.made < _manifest(store, name).made  # of one second, it may well be the newer one
    return False


def _waiting_master(where: Where, master: str) -> Json | None:
    try:
        steps = where.store.master_snapshots(master)
        contract = contract_in(where.store, master)
        state = standing(where.store, contract, steps[-1].snapshot, where.root)
    except (Refused, RowRefused, StoreTrouble, IndexError):
        return None
    if state.in_force:
        return None
    return {
        "master": master,
        "title": contract.title,
        "sequence": state.sequence,
        "signed": list(state.signed),
        "needed": state.needed,
    }


def _said(where: Where, release: str) -> dict[type, set[str]]:
    said: dict[type, set[str]] = {}
    for data in where.store.envelopes(release):
        try:
            each = check_statement(data, where.root)
        except Refused:
            continue
        if each.subject == release:
            said.setdefault(type(each.predicate), set()).update(each.persons)
    return said


def _manifest(store: ReleaseStore, release: str) -> Manifest:
    try:
        return _read(store.get(release))
    except (NotCanonical, ValueError):
        raise NoRelease(f"{release[:12]} is not the manifest of a release.") from None


class NoRelease(StoreTrouble):
    """What was asked for is in the store, but is no release."""


@lru_cache(maxsize=64)
def _read(data: bytes) -> Manifest:
    return read_manifest(data)
