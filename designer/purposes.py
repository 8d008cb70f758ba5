"""What a flow may be for, and which kinds of data may leave for it: told by the permits of the policies themselves."""

from __future__ import annotations

from collections.abc import Mapping

from designer.http.models.catalogue import PurposeChoice
from flows.policyset import builtin
from flows.policytext import Rule
from flows.vocabulary import Purpose

_SERVES, _FIELD, _IT = "the flow serves ", "the field is ", "it is "
NOTHING = "Nothing may leave for it: no policy permits any kind of data for this purpose yet."


def purposes(rules: Mapping[str, Rule] | None = None) -> tuple[PurposeChoice, ...]:
    """Every purpose with what may leave for it."""
    known = builtin().rules if rules is None else rules
    permits = [rule for rule in known.values() if rule.effect == "permit" and "receive" in rule.actions]
    return tuple(_choice(purpose, permits) for purpose in Purpose)


def _choice(purpose: Purpose, permits: list[Rule]) -> PurposeChoice:
    words = str(purpose).replace("-", " ")
    own = [rule for rule in permits if serves(rule) in ("", words)]
    parts = [_leaves(rule) for rule in own]
    return PurposeChoice(
        id=str(purpose),
        title=words.capitalize(),
        permitted=bool(own),
        sentence=f"May leave: {'; '.join(parts)}." if parts else NOTHING,
    )


def serves(rule: Rule) -> str:
    """The purpose that a permit asks for, in words; "" where it asks for none."""
    asked = next((need for need in rule.needs if need.startswith(_SERVES)), "")
    return asked.removeprefix(_SERVES)


def _leaves(rule: Rule) -> str:
    """``a patient identifier (pseudonymised)``; its title where a permit does not speak of a field."""
    field = next((need.removeprefix(_FIELD) for need in rule.needs if need.startswith(_FIELD)), "")
    held = [need.removeprefix(_IT) for need in rule.needs if not need.startswith((_SERVES, _FIELD))]
    told = f" ({', '.join(held)})" if held else ""
    return f"{field or rule.title}{told}"
