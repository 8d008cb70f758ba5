"""One policy file: its rule as people read it, its policy as Cedar takes it apart, and what Cedar does not check."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any, NamedTuple

import cedarpy

from flows.findings import Severity
from flows.vocabulary import Concept, DataClass, DataLabel, Domain, Protection, Purpose, Transport

ACTIONS = ("seal", "connect", "receive")
_ANNOTATIONS = ("id", "title", "severity", "owner", "why", "fix")
_ID = re.compile(r"LG-[A-Z]{3}-\d{3}")
_ENUM = re.compile(r"entity\s+(\w+)\s+enum\s*\[([^\]]*)\]")
_VOCABULARIES: dict[str, type[StrEnum]] = {
    "Purpose": Purpose,
    "Domain": Domain,
    "Transport": Transport,
    "Label": DataLabel,
    "Concept": Concept,
    "DataClass": DataClass,
    "Protection": Protection,
}
Est = dict[str, Any]


class PolicyError(ValueError):
    """A policy set that cannot be loaded: the file and what is wrong in it."""

    def __init__(self, file: str, sentence: str) -> None:
        super().__init__(f"{file}: {sentence}")
        self.file, self.sentence = file, sentence


class Rule(NamedTuple):
    """What a policy says of itself. ``needs`` are the conditions of a permit as sentences, in order."""

    id: str
    title: str
    severity: Severity
    owner: str
    why: str
    fix: str
    effect: str
    actions: tuple[str, ...]
    needs: tuple[str, ...]
    file: str


def read_policy(name: str, text: str, schema: str) -> tuple[Rule, Est]:
    """The one policy of a file, re-keyed by our own id so that Cedar's reasons are rule ids."""
    try:
        verdict = cedarpy.validate_policies(text, schema)
        errors = [each.error for each in verdict.errors]
        document = json.loads(cedarpy.policies_to_json_str(text)) if not errors else {}
    except ValueError as error:
        raise PolicyError(name, f"is no Cedar policy: {error}") from None
    if errors:
        raise PolicyError(name, errors[0])
    found = list(document["staticPolicies"].values())
    if document.get("templates") or len(found) != 1:
        raise PolicyError(name, "holds one policy, and no template.")
    policy: Est = found[0]
    return _rule(name, policy), policy


def check_vocabularies(schema: str) -> None:
    """The schema's enums are the kernel's vocabularies: a word that only one of them knows would never match."""
    enums = {kind: set(re.findall(r'"([^"]*)"', words)) for kind, words in _ENUM.findall(schema)}
    for kind, words in _VOCABULARIES.items():
        if enums.get(kind) != {each.value for each in words}:
            raise PolicyError("lockgate.cedarschema", f"'{kind}' is not the vocabulary of the kernel.")


def _rule(name: str, policy: Est) -> Rule:
    notes = policy.get("annotations", {})
    for key in _ANNOTATIONS:
        if not notes.get(key):
            raise PolicyError(name, f"lacks @{key}.")
    if not _ID.fullmatch(notes["id"]):
        raise PolicyError(name, f"the id '{notes['id']}' is not of the form LG-ABC-001.")
    if notes["severity"] not in list(Severity):
        raise PolicyError(name, f"the severity is one of {', '.join(Severity)}.")
    if policy["effect"] == "permit" and notes["severity"] != Severity.HARD:
        raise PolicyError(name, "a permit is hard: it cannot be waived that nothing permits a field.")
    return Rule(
        id=notes["id"],
        title=notes["title"],
        severity=Severity(notes["severity"]),
        owner=notes["owner"],
        why=notes["why"],
        fix=notes["fix"],
        effect=policy["effect"],
        actions=_actions(name, policy),
        needs=_needs(name, policy, notes),
        file=name,
    )


def _actions(name: str, policy: Est) -> tuple[str, ...]:
    scope = policy["action"]
    named = [scope["entity"]] if "entity" in scope else scope.get("entities", [])
    actions = tuple(each["id"] for each in named)
    if not actions or set(actions) - set(ACTIONS):
        raise PolicyError(name, f"names the actions it is about: {', '.join(ACTIONS)}.")
    return actions


def _needs(name: str, policy: Est, notes: dict[str, str]) -> tuple[str, ...]:
    """A sentence for each condition of a permit: without it, a default deny could not be explained."""
    if policy["effect"] != "permit":
        return ()
    if any(condition["kind"] != "when" for condition in policy["conditions"]):
        raise PolicyError(name, "a permit has 'when' blocks only, one for each condition.")
    needs = tuple(notes.get(f"needs_{n}", "") for n in range(1, len(policy["conditions"]) + 1))
    if not all(needs) or f"needs_{len(needs) + 1}" in notes:
        raise PolicyError(name, "has one @needs_n for each 'when' block.")
    return needs
