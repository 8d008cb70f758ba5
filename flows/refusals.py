"""What a model refuses, as findings: each with its place, and the rest of the document read on without it."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows.canonical import escape_pointer
from flows.findings import Address, Finding, Fix, Json, RemoveFlow, SetFlow, Severity

M = TypeVar("M", bound=BaseModel)
Loc = tuple[int | str, ...]
_ASKED = {
    "string_type": "this must be text in quotes",
    "int_type": "this must be a whole number",
    "bool_type": "this must be true or false",
    "tuple_type": "this must be a list, in [ ]",
    "list_type": "this must be a list, in [ ]",
    "dict_type": "this must be an object, in { }",
    "mapping_type": "this must be an object, in { }",
    "model_type": "this must be an object, in { }",
    "model_attributes_type": "this must be an object, in { }",
}
"""What was asked for, in the words of JSON."""


_SPELT = {
    r"^[a-z][a-z0-9-]{0,62}$": "lower-case letters, digits and hyphens, starting with a letter, 63 at most",
    r"^[a-z][a-z0-9_]{0,62}$": "lower-case letters, digits and underscores, starting with a letter, 63 at most",
    r"^[a-z][A-Za-z0-9_]{0,62}$": "letters, digits and underscores, starting with a lower-case letter, 63 at most",
    r"^[a-z][a-z0-9-]{0,62}@[1-9]\d{0,3}$": "a name and a version, such as 'utilisation-event@1'",
}
"""What a pattern asks for, in words."""


class Salvage(NamedTuple, Generic[M]):
    """The model without the offending values, where it can do without them, and all findings."""

    value: M | None
    findings: tuple[Finding, ...]


def salvage(model: type[M], document: Json, what: str) -> Salvage[M]:
    """``document`` as ``model``; what it refuses is reported and left out, twice at most."""
    findings: list[Finding] = []
    rest, left_out = document, set[Loc]()
    for _ in range(3):
        try:
            return Salvage(model.model_validate(rest), tuple(findings))
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            news = [each for each in details if each["loc"] not in left_out]  # what was left out is not missing too
            findings.extend(_finding(each, rest, model, what) for each in news)
            left_out.update(each["loc"] for each in details)
            shorter = _without([each["loc"] for each in details], rest)
            if shorter == rest:
                break
            rest = shorter
    return Salvage(None, tuple(findings))


def pointer(loc: Iterable[int | str]) -> str:
    """The JSON pointer (RFC 6901) of a place."""
    return "".join(f"/{escape_pointer(str(part))}" for part in loc)


def sentence(error: ErrorDetails, known: Sequence[str] = ()) -> str:
    """One pydantic error for the person who must act; never with the value."""
    name = str(error["loc"][-1]) if error["loc"] else "the whole"
    match error["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(name, known, 1)
            return f"the key '{name[:80]}' is not known here" + (f"; did you mean '{near[0]}'?" if near else ".")
        case "missing":
            return f"'{name}' is missing."
        case "string_pattern_mismatch" if name in ("id", "business", "technical", "cases", "connection"):
            return f"'{name}' must be lower-case letters, digits and hyphens, starting with a letter, 63 at most."
        case kind if kind in _ASKED:
            return f"{_ASKED[kind]}." if name == "the whole" else f"'{name}': {_ASKED[kind]}."
        case "string_pattern_mismatch" if "ctx" in error:
            asked = _SPELT.get(error["ctx"]["pattern"])
            return f"'{name}' must be {asked}." if asked else f"'{name}' holds a character that may not stand here."
        case "string_too_short" | "too_short" if "ctx" in error:
            least = error["ctx"]["min_length"]
            return f"'{name}' is empty." if least == 1 else f"'{name}' needs {least} {_things(error)} at least."
        case "string_too_long" | "too_long" if "ctx" in error:
            return f"'{name}' has more than {error['ctx']['max_length']} {_things(error)}."
        case "greater_than_equal" if "ctx" in error:
            return f"'{name}' must be {error['ctx']['ge']} at least."
        case "less_than_equal" if "ctx" in error:
            return f"'{name}' must be {error['ctx']['le']} at most."
        case "literal_error" | "enum" if "ctx" in error:
            return f"'{name}' must be {error['ctx']['expected']}."
        case _:
            said = error["msg"].removeprefix("Value error, ")
            return f"'{name}': {said[:1].lower()}{said[1:]}."


def _things(error: ErrorDetails) -> str:
    return "characters" if error["type"].startswith("string_") else "entries"


def _finding(error: ErrorDetails, document: Json, model: type[BaseModel], what: str) -> Finding:
    loc = error["loc"]
    extra = error["type"] == "extra_forbidden"
    known = _known(model, loc[:-1]) if extra else ()
    step = _step(document, loc)
    where = f"step '{step}'" if step else what
    return Finding(
        rule="LG-FILE-002" if extra else "LG-FILE-003",
        severity=Severity.HARD,
        sentence=f"In {where}, at {pointer(loc) or '/'}: {sentence(error, known)}",
        address=Address(pointer=pointer(loc), step=step),
        why="A key that nobody reads looks like a setting that holds." if extra else "",
        fixes=_fixes(loc, document, known) if extra else (),
    )


def _fixes(loc: Loc, document: Json, known: Sequence[str]) -> tuple[Fix, ...]:
    remove = RemoveFlow(pointer=pointer(loc))
    gone = Fix(title=f"Remove the key '{str(loc[-1])[:80]}'", edits=(remove,))
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    holder = _at(document, loc[:-1])
    if not near or not isinstance(holder, dict) or near[0] in holder:
        return (gone,)
    put = SetFlow(pointer=pointer((*loc[:-1], near[0])), value=holder.get(str(loc[-1])))
    return (Fix(title=f"Rename it to '{near[0]}'", edits=(remove, put)), gone)


def _known(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """The keys that the model at ``loc`` knows; empty where the place is no model."""
    schema = model.model_json_schema()
    here = schema
    for part in loc:
        here = _resolve(here, schema)
        here = here.get("items", {}) if isinstance(part, int) else here.get("properties", {}).get(part, {})
    return tuple(_resolve(here, schema).get("properties", {}))


def _resolve(here: Json, schema: Json) -> Json:
    for option in here.get("anyOf", ()):
        if "$ref" in option:
            here = option
    name = here.get("$ref", "").rsplit("/", 1)[-1]
    return schema.get("$defs", {}).get(name, here)


def _step(document: Json, loc: Loc) -> str | None:
    if len(loc) < 2 or loc[0] != "steps":
        return None
    step = _at(document, loc[:2])
    name = step.get("id") if isinstance(step, dict) else None
    return name[:63] if isinstance(name, str) else None


def _at(document: Json, loc: Loc) -> Json:
    here = document
    for part in loc:
        inside = part in here if isinstance(here, dict) else isinstance(here, list) and part in range(len(here))
        if not inside:
            return None
        here = here[part]
    return here


def _without(locs: Iterable[Loc], document: Json) -> Json:
    """A copy without the values at ``locs``; the last elements of a list go first, so that indices hold."""
    rest = copy.deepcopy(document)
    for loc in sorted(locs, key=lambda loc: [(isinstance(p, int), p) for p in loc], reverse=True):
        holder = _at(rest, loc[:-1]) if loc else None
        if isinstance(holder, dict):
            holder.pop(str(loc[-1]), None)
        elif isinstance(holder, list) and isinstance(loc[-1], int) and loc[-1] < len(holder):
            del holder[loc[-1]]
    return rest
