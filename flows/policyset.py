"""A policy set: Cedar texts loaded with every check that Cedar leaves out, and asked in a way that fails closed.

From the same texts come four sets for each action. Permits and forbids are asked apart, for a set with both hides which
permits held when a forbid hits. Probes are the conditions of each permit, each alone: they tell what was missing. The
authority decides: permits, hard forbids, and soft forbids unless they are waived.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import cedarpy

from flows.canonical import dumps, sha256_hex
from flows.facts import Ask, Entity
from flows.findings import Severity
from flows.policytext import ACTIONS, PolicyError, Rule, check_vocabularies, read_policy

__all__ = ["ACTIONS", "Judgement", "Near", "PolicyError", "PolicySet", "Rule", "builtin"]

_BASE = "base"
_EVERYTHING: dict[str, Any] = {
    "effect": "permit",
    "principal": {"op": "All"},
    "action": {"op": "All"},
    "resource": {"op": "All"},
    "conditions": [],
    "annotations": {"id": _BASE},
}
_CACHED = 50_000
Est = dict[str, Any]


class Near(NamedTuple):
    """A permit that nearly held, and which of its conditions (1, 2, ...) did not."""

    rule: Rule
    missing: tuple[int, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(self.rule.needs[number - 1] for number in self.missing)


class Judgement(NamedTuple):
    """The answer to one request. ``allowed`` is the authority's: Allow, without any error, under the schema."""

    allowed: bool
    permits: tuple[str, ...]
    forbids: tuple[Rule, ...]
    near: tuple[Near, ...]
    failed: bool
    """A policy could not be evaluated. That is a refusal: an erroring forbid would otherwise fail open."""


class _Sets(NamedTuple):
    authority: cedarpy.PolicySet
    permits: cedarpy.PolicySet
    forbids: cedarpy.PolicySet
    probes: cedarpy.PolicySet
    ranked: tuple[Rule, ...]


class PolicySet:
    """Made by ``load`` alone."""

    def __init__(self, rules: Mapping[str, Rule], sets: Mapping[str, _Sets], schema: Any, digest: str) -> None:
        self.rules, self.digest = rules, digest
        self._sets, self._schema = sets, schema
        self._answers: dict[str, Judgement] = {}

    @classmethod
    def load(cls, files: Mapping[str, str], schema: str) -> PolicySet:
        """The set of ``files`` (name -> Cedar text, one policy each) under a Cedar schema; PolicyError otherwise."""
        try:
            parsed = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise PolicyError("lockgate.cedarschema", f"is no Cedar schema: {error}") from None
        check_vocabularies(schema)
        rules: dict[str, Rule] = {}
        policies: dict[str, Est] = {}
        for name in sorted(files):
            rule, policy = read_policy(name, files[name], schema)
            if rule.id in rules:
                raise PolicyError(name, f"the id '{rule.id}' is taken by {rules[rule.id].file}.")
            rules[rule.id], policies[rule.id] = rule, policy
        sets = {action: _sets_of(action, rules, policies) for action in ACTIONS}
        named = {name: sha256_hex(text.encode()) for name, text in files.items()}
        return cls(rules, sets, parsed, sha256_hex(dumps({"files": named, "schema": sha256_hex(schema.encode())})))

    def judge(self, asked: Sequence[Ask], waived: Sequence[frozenset[str]]) -> tuple[Judgement, ...]:
        """The answer to each request; ``waived`` are the soft rules that need not hold for it."""
        keys = [_key(ask, off) for ask, off in zip(asked, waived, strict=True)]
        if len(self._answers) > _CACHED:
            self._answers.clear()
        for action in ACTIONS:
            new = {
                key: (ask, off)
                for key, ask, off in zip(keys, asked, waived, strict=True)
                if ask.action == action and key not in self._answers
            }
            if new:
                found = self._ask(
                    self._sets[action], [ask for ask, _ in new.values()], [off for _, off in new.values()]
                )
                self._answers.update(zip(new, found, strict=True))
        return tuple(self._answers[key] for key in keys)

    def _ask(self, sets: _Sets, asked: list[Ask], waived: list[frozenset[str]]) -> list[Judgement]:
        entities = json.dumps([_cedar(each) for each in _distinct(asked)])
        handle = cedarpy.Entities.from_json_str(entities)
        requests = [_request(ask, off) for ask, off in zip(asked, waived, strict=True)]
        authority = self._batch(requests, sets.authority, handle)
        permits = self._batch(requests, sets.permits, handle)
        forbids = self._batch(requests, sets.forbids, handle)
        denied = [n for n, answer in enumerate(permits) if not _allows(answer)]
        probes = dict(zip(denied, self._batch([requests[n] for n in denied], sets.probes, handle), strict=True))
        return [
            Judgement(
                allowed=_allows(authority[n]),
                permits=tuple(sorted(permits[n].diagnostics.reasons)) if _allows(permits[n]) else (),
                forbids=tuple(self.rules[rule] for rule in sorted(forbids[n].diagnostics.reasons) if rule != _BASE),
                near=_nearest(sets.ranked, set(probes[n].diagnostics.reasons)) if n in probes else (),
                failed=any(_failed(each[n]) for each in (authority, permits, forbids)),
            )
            for n in range(len(asked))
        ]

    def _batch(self, requests: list[Est], policies: Any, entities: Any) -> list[cedarpy.AuthzResult]:
        # Always with the schema: without it a forgotten context is an error, and an erroring forbid is skipped.
        return cedarpy.is_authorized_batch(requests, policies, entities, self._schema) if requests else []


@cache
def builtin() -> PolicySet:
    """The set that is shipped under flows/policies."""
    folder = resources.files("flows.policies")
    files = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".cedar")}
    return PolicySet.load(files, folder.joinpath("lockgate.cedarschema").read_text("utf-8"))


def _allows(answer: cedarpy.AuthzResult) -> bool:
    """Allow and nothing else: NoDecision is a third value, and an error anywhere makes an Allow worthless."""
    return answer.decision is cedarpy.Decision.Allow and not answer.diagnostics.errors


def _failed(answer: cedarpy.AuthzResult) -> bool:
    return bool(answer.diagnostics.errors) or answer.decision is cedarpy.Decision.NoDecision


def _sets_of(action: str, rules: Mapping[str, Rule], policies: Mapping[str, Est]) -> _Sets:
    own = [rule for rule in rules.values() if action in rule.actions]
    permits = {rule.id: policies[rule.id] for rule in own if rule.effect == "permit"}
    forbids = {rule.id: policies[rule.id] for rule in own if rule.effect == "forbid"}
    binding = {rule.id: _authority(rule, policies[rule.id]) for rule in own if rule.severity is not Severity.ADVISORY}
    probes = {
        f"{name}/{n}": _probe(policy, name, n)
        for name, policy in permits.items()
        for n in range(1, len(policy["conditions"]) + 1)
    }
    ranked = tuple(rule for rule in own if rule.effect == "permit")
    return _Sets(_set(binding), _set(permits), _set({**forbids, _BASE: _EVERYTHING}), _set(probes), ranked)


def _authority(rule: Rule, policy: Est) -> Est:
    """A soft forbid does not bind where its own id is waived; everything else stands as written."""
    if rule.effect == "permit" or rule.severity is Severity.HARD:
        return policy
    softened = copy.deepcopy(policy)
    waived = {".": {"left": {"Var": "context"}, "attr": "waived"}}
    softened["conditions"].append(
        {"kind": "unless", "body": {"contains": {"left": waived, "right": {"Value": rule.id}}}}
    )
    return softened


def _probe(policy: Est, name: str, number: int) -> Est:
    """One condition of a permit as a permit of its own. The types stay, so that it never sees a foreign one."""
    probe = copy.deepcopy(_EVERYTHING)
    probe["action"] = policy["action"]
    for part in ("principal", "resource"):
        if policy[part]["op"] == "is":
            probe[part] = policy[part]
    probe["conditions"] = [policy["conditions"][number - 1]]
    probe["annotations"] = {"id": f"{name}/{number}"}
    return probe


def _set(policies: Mapping[str, Est]) -> cedarpy.PolicySet:
    document = {"templates": {}, "staticPolicies": dict(policies), "templateLinks": []}
    return cedarpy.PolicySet.from_json_str(json.dumps(document))


def _nearest(permits: Iterable[Rule], held: set[str]) -> tuple[Near, ...]:
    """The two nearest permits: of the purpose (condition 1), of the concept (condition 2), with the fewest missing."""
    found = [Near(r, tuple(n for n in range(1, len(r.needs) + 1) if f"{r.id}/{n}" not in held)) for r in permits]
    found.sort(key=lambda near: (1 in near.missing, 2 in near.missing, len(near.missing), near.rule.id))
    return tuple(found[:2])


def _distinct(asked: Iterable[Ask]) -> Iterable[Entity]:
    return {(e.type, e.id): e for ask in asked for e in (ask.principal, ask.resource)}.values()


def _cedar(entity: Entity) -> Est:
    return {"uid": entity.uid, "attrs": entity.attributes, "parents": []}


def _request(ask: Ask, waived: frozenset[str]) -> Est:
    # Ids as objects, never as text: Cedar would parse it, and a quote in an id would be syntax.
    return {
        "principal": ask.principal.uid,
        "action": {"type": "Lockgate::Action", "id": ask.action},
        "resource": ask.resource.uid,
        "context": {"waived": sorted(waived)},
    }


def _key(ask: Ask, waived: frozenset[str]) -> str:
    return json.dumps([ask.action, ask.principal, ask.resource, sorted(waived)], sort_keys=True)
