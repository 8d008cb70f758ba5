"""What a step does to fields, in a few words for its card: ``drops 2, pseudonymises 1, keeps the rest``."""

from __future__ import annotations

from collections import Counter

from flows.declaration import Declaration
from flows.effects import Effects, Verb
from flows.vocabulary import Protection

_DONE = {
    Protection.PSEUDONYMISED: "pseudonymises",
    Protection.REDACTED: "redacts",
    Protection.GENERALISED: "generalises",
    Protection.SHIFTED: "shifts",
    Protection.MAPPED: "maps",
}


def of(declaration: Declaration) -> str:
    """A declared step in words."""
    return sentence(declaration.effects, declaration.category)


def sentence(effects: Effects, category: str) -> str:
    """Effects in words. What is unknown is said to be."""
    if effects.emits is not None:
        return f"Receives {', '.join(effects.emits.types[:3])}{_more(len(effects.emits.types) - 3)}"
    if category == "sink":
        return "Sends what its contract takes" if effects.sends is None else f"Sends {_fields(len(effects.sends))}"
    said = [f"One record for each {effects.each}"] if effects.each else []
    counted: Counter[str] = Counter()
    for effect in effects.named:
        if effect.verb is Verb.DROP:
            counted["drops"] += 1
        elif effect.verb is Verb.MASK and effect.protection:
            counted[_DONE[effect.protection]] += 1
        elif effect.verb is Verb.DERIVE:
            counted["maps" if effect.protection is Protection.MAPPED else "writes"] += 1
    said += [f"{verb} {count}" for verb, count in counted.items()]
    if effects.control and not said:
        said.append(f"checks {_fields(len(effects.control))}")
    if effects.rest is Verb.UNKNOWN or any(effect.verb is Verb.UNKNOWN for effect in effects.named):
        said.append("may do anything with the rest")
    elif effects.rest is Verb.DROP:
        said.append("drops the rest")
    elif not effects.each or effects.named:
        said.append("keeps the rest")
    text = ", ".join(said)
    return text[:1].upper() + text[1:]


def _fields(count: int) -> str:
    return f"{count} field" if count == 1 else f"{count} fields"


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
