"""Rights: who may do what, decided by Cedar under designer/policies. What nothing permits is refused.

One action a route and one a socket event. *Allowed* is Allow with no error, under the schema: a policy that cannot be
evaluated permits nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import cedarpy

from flows.trust import Role

_PLACE = {"type": "Designer::Installation", "id": "here"}
_STRANGER = {"type": "Designer::Stranger", "id": "stranger"}
ROLES: tuple[Role, ...] = tuple(Role)


class RightsError(ValueError):
    """Policies that cannot be loaded: the file and what is wrong in it."""


class Policy(NamedTuple):
    """What a policy says of itself."""

    id: str
    title: str
    file: str


class Rights:
    """Made by ``load`` or ``shipped``."""

    def __init__(self, policies: Mapping[str, Policy], handle: Any, schema: Any, actions: tuple[str, ...]) -> None:
        self.policies, self.actions = policies, actions
        self._set, self._schema = handle, schema

    @classmethod
    def load(cls, files: Mapping[str, str], schema: str) -> Rights:
        """The rights that ``files`` (name -> Cedar text, one policy each) give under a schema; RightsError else."""
        policies: dict[str, Policy] = {}
        found: dict[str, Any] = {}
        for name in sorted(files):
            policy, text = _read(name, files[name], schema)
            if policy.id in policies:
                raise RightsError(f"{name}: the id '{policy.id}' is taken by {policies[policy.id].file}.")
            policies[policy.id], found[policy.id] = policy, text
        document = {"templates": {}, "staticPolicies": found, "templateLinks": []}
        return cls(
            policies,
            cedarpy.PolicySet.from_json_str(json.dumps(document)),
            cedarpy.Schema.from_str(schema),
            _actions(schema),
        )

    def may(self, action: str, roles: Iterable[Role] | None, *, demo: bool) -> bool:
        """Whether somebody with these roles (None: nobody is signed in) may do ``action`` here."""
        return self._ask([action], roles, demo)[0]

    def all_of(self, roles: Iterable[Role] | None, *, demo: bool) -> tuple[str, ...]:
        """Every action that these roles may do."""
        answers = self._ask(self.actions, roles, demo)
        return tuple(action for action, allowed in zip(self.actions, answers, strict=True) if allowed)

    def roles_for(self, action: str, *, demo: bool) -> tuple[Role, ...]:
        """The roles that may do ``action``: whom to ask for it."""
        return tuple(role for role in ROLES if self.may(action, (role,), demo=demo))

    def _ask(self, actions: Iterable[str], roles: Iterable[Role] | None, demo: bool) -> list[bool]:
        asked = list(actions)
        known = [action for action in asked if action in self.actions]
        principal = _STRANGER if roles is None else {"type": "Designer::Person", "id": "somebody"}
        entities = [_entity(_PLACE, {"demo": demo}), _entity(principal, {}, _parents(roles))]
        requests = [
            {
                "principal": principal,
                "action": {"type": "Designer::Action", "id": action},
                "resource": _PLACE,
                "context": {},
            }
            for action in known
        ]
        answers = cedarpy.is_authorized_batch(requests, self._set, entities, self._schema) if requests else []
        allowed = {action for action, answer in zip(known, answers, strict=True) if _allows(answer)}
        return [action in allowed for action in asked]


@cache
def shipped() -> Rights:
    """The rights of designer/policies."""
    folder = resources.files("designer.policies")
    files = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".cedar")}
    return Rights.load(files, folder.joinpath("designer.cedarschema").read_text("utf-8"))


def _read(name: str, text: str, schema: str) -> tuple[Policy, Any]:
    """The one policy of a file, re-keyed by its own id."""
    errors = [each.error for each in cedarpy.validate_policies(text, schema).errors]
    if errors:
        raise RightsError(f"{name}: {errors[0]}")
    document = json.loads(cedarpy.policies_to_json_str(text))
    found = list(document["staticPolicies"].values())
    if document.get("templates") or len(found) != 1:
        raise RightsError(f"{name}: holds one policy, and no template.")
    notes = found[0].get("annotations", {})
    if not notes.get("id") or not notes.get("title"):
        raise RightsError(f"{name}: a policy needs an @id and a @title.")
    return Policy(notes["id"], notes["title"], name), found[0]


def _actions(schema: str) -> tuple[str, ...]:
    """The actions of the schema, in its order: Cedar does not give them back."""
    lines = " ".join(line.split("//")[0] for line in schema.splitlines())
    statements = [part.split("appliesTo")[0] for part in lines.split("action ")[1:]]
    return tuple(name.strip().strip('"') for names in statements for name in names.split(","))


def _entity(uid: Mapping[str, str], attributes: Mapping[str, Any], parents: Iterable[Mapping[str, str]] = ()) -> Any:
    return {"uid": uid, "attrs": attributes, "parents": list(parents)}


def _parents(roles: Iterable[Role] | None) -> list[dict[str, str]]:
    return [{"type": "Designer::Role", "id": str(role)} for role in roles or ()]


def _allows(answer: cedarpy.AuthzResult) -> bool:
    return answer.decision is cedarpy.Decision.Allow and not answer.diagnostics.errors
