"""Objections: what the catalogue has against a step, as findings. Pointers are relative to the step."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flows.environment import Connection, Surroundings
from flows.findings import Address, Finding, Fix, RemoveConfig, SetConfig, SetFlow, Severity
from flows.graph import Step
from flows.paths import PathError
from flows.refusals import pointer, sentence
from nodes.contract import Node, Problem
from nodes.fields import Misplaced
from nodes.source import Source

Kind = type[Node[Any]]
Loc = tuple[int | str, ...]


def unknown_kind(step: Step, known: Collection[tuple[str, int]]) -> Finding:
    """A kind or version that the catalogue does not have."""
    versions = [str(version) for kind, version in known if kind == step.kind]
    if versions:
        what = f"there is no version {step.version} of '{step.kind}'; there is {', '.join(versions)}."
        return _finding(step, "LG-NODE-KIND", what, "/version")
    near = get_close_matches(step.kind, [kind for kind, _ in known], 1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(sorted({k for k, _ in known}))}."
    return _finding(step, "LG-NODE-KIND", f"there is no node kind '{step.kind}'{hint}", "/kind")


def wrong_connection(step: Step, node: Kind, around: Surroundings) -> Iterator[Finding]:
    """A connection that is missing or unknown, has no use, or is no place for this source to listen."""
    known = around.environment.connections
    if node.category == "transform":
        if step.connection is not None:
            yield _finding(step, "LG-NODE-CONNECTION", f"a '{node.kind}' step has no connection.", "/connection")
    elif step.connection is None:
        yield _unfinished(step, [("connection",)], "LG-NODE-CONNECTION")
    elif step.connection not in known:
        names = ", ".join(sorted(known)) or "none"
        what = (
            f"there is no connection '{step.connection}' in environment {around.environment.name}; there are: {names}."
        )
        yield _finding(step, "LG-NODE-CONNECTION", what, "/connection")
    elif issubclass(node, Source):
        yield from _elsewhere(step, node, known)


def _elsewhere(step: Step, node: type[Source[Any]], known: Mapping[str, Connection]) -> Iterator[Finding]:
    """A connection at which this source cannot listen: one of a system to post to, or of another protocol."""
    name = step.connection or ""
    there, wanted = known[name], node.listens.upper()
    if there.contract is None and there.spoken == node.listens:
        return
    fit = [each for each, c in sorted(known.items()) if c.contract is None and c.spoken == node.listens]
    is_ = f"speaks {there.spoken.upper()}" if there.contract is None else "is there to post to, by its contract"
    yield _finding(
        step,
        "LG-SOURCE-PROTOCOL",
        f"'{name}' ({there.system}) {is_}, and this step listens by {wanted}: no message would ever come in. Choose a "
        f"connection that speaks {wanted}.",
        "/connection",
        fixes=tuple(
            Fix(title=f"Listen at '{each}'", edits=(SetFlow(pointer="/connection", value=each),)) for each in fit[:3]
        ),
    )


def problem_found(step: Step, problem: Problem) -> Finding:
    """What the node itself has against its config in these surroundings."""
    what = problem.sentence[:1].lower() + problem.sentence[1:]
    return _finding(step, problem.rule, what, f"/config{problem.pointer}", severity=Severity(problem.severity))


def refusals(step: Step, node: Kind, error: ValidationError) -> tuple[Finding, ...]:
    """A config that cannot be read: one finding for all that is not filled in yet, and every other refusal."""
    details = error.errors(include_url=False, include_input=False)
    lacking = [each for each in details if _lacks(step.config, each)]
    places: list[Loc] = [("config", *_place(_existing(step.config, each))) for each in lacking]
    if places and node.category != "transform" and step.connection is None:
        places.insert(0, ("connection",))
    return (
        *((_unfinished(step, places),) if places else ()),
        *(_refused(step, node, each) for each in details if each not in lacking and not _follows(each, lacking)),
    )


def _lacks(config: Any, error: ErrorDetails) -> bool:
    """Whether nothing stands where something must: left out, or empty."""
    if error["type"] == "missing" or error["loc"][-2:] == ("", "[key]"):
        return True
    cause = error.get("ctx", {}).get("error")
    value: Any = config
    for part in _existing(config, error):
        if not _has(value, part):
            return part == ""
        value = value[part]
    return not isinstance(cause, Misplaced) and value in ("", None, [], {}, ())


def _follows(error: ErrorDetails, lacking: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because an entry of it is not filled in."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(each["loc"][: len(loc)] == loc for each in lacking)


def _place(loc: Loc) -> Loc:
    """Where it is filled in: an entry without a name is filled in at its table."""
    return loc[: loc.index("")] if "" in loc else loc


def _unfinished(step: Step, places: Sequence[Loc], rule: str = "LG-NODE-UNFINISHED") -> Finding:
    """What is still missing in a step, in one sentence; it points at the first."""
    names = list(dict.fromkeys(_named(place) for place in places))
    listed = f"{', '.join(names[:-1])} and {names[-1]} are" if len(names) > 1 else f"{names[0]} is"
    return Finding(
        rule=rule,
        severity=Severity.HARD,
        sentence=f"Step '{step.id}' is not finished: {listed} missing.",
        address=Address(pointer=pointer(places[0]), step=step.id),
    )


def _named(place: Loc) -> str:
    """As the form calls it: ``as`` is As, ``convert/quantity`` is Convert: quantity."""
    words = [str(part).replace("_", " ") for part in place[1:] if isinstance(part, str)] or [str(place[0])]
    text = ": ".join(words)
    return text[:1].upper() + text[1:]


def _refused(step: Step, node: Kind, error: ErrorDetails) -> Finding:
    """One refusal of pydantic, at the place where it stands in the config; never with the value."""
    cause = error.get("ctx", {}).get("error")
    loc = _existing(step.config, error)
    place = pointer(loc)
    if isinstance(cause, Misplaced):
        fixes = _taken_out(step, f"{place}{cause.pointer}") if cause.superfluous else ()
        return _finding(step, "LG-NODE-CONFIG", cause.sentence, f"/config{place}{cause.pointer}", fixes=fixes)
    if isinstance(cause, PathError):
        fixes = _respelt(step, place, cause)
        return _finding(step, "LG-NODE-PATH", cause.sentence, f"/config{place}", fixes=fixes)
    named: ErrorDetails = {**error, "loc": loc}
    extra = error["type"] == "extra_forbidden"
    fixes = _taken_out(step, place) if extra else ()
    if error["type"] == "literal_error":
        fixes = _meant(step, loc, place, str(error.get("ctx", {}).get("expected", "")))
    known = [field.alias or name for name, field in node.Config.model_fields.items()] if len(loc) == 1 else []
    return _finding(step, "LG-NODE-CONFIG", sentence(named, known), f"/config{place}", fixes=fixes)


def _taken_out(step: Step, place: str) -> tuple[Fix, ...]:
    return (Fix(title="Remove it", edits=(RemoveConfig(step=step.id, pointer=place),)),)


def _respelt(step: Step, place: str, error: PathError) -> tuple[Fix, ...]:
    if error.suggestion is None:
        return ()
    edit = SetConfig(step=step.id, pointer=place, value=error.suggestion)
    return (Fix(title=f"Write '{error.suggestion}'", edits=(edit,)),)


def _meant(step: Step, loc: Loc, place: str, expected: str) -> tuple[Fix, ...]:
    """The near one of the words that may stand here."""
    given: Any = step.config
    for part in loc:
        given = given[part] if _has(given, part) else None
    near = get_close_matches(given, re.findall(r"'([^']*)'", expected), 1) if isinstance(given, str) else ()
    return tuple(
        Fix(title=f"Write '{each}'", edits=(SetConfig(step=step.id, pointer=place, value=each),)) for each in near
    )


def _existing(config: Any, error: ErrorDetails) -> Loc:
    """The error's place without the names that pydantic puts in for the branches of a union."""
    loc, absent = error["loc"], error["type"] == "missing"
    whole = _walked(config, loc, absent=absent, whole=True)
    return whole if whole is not None else _walked(config, loc, absent=absent, whole=False) or ()


def _walked(here: Any, loc: Loc, *, absent: bool, whole: bool) -> Loc | None:
    """``loc`` as far as it exists below ``here``, names between left out; ``whole``: None unless its end exists too.

    A branch can be called like a key of its own object: both readings are tried.
    """
    if not loc:
        return ()
    part, rest = loc[0], loc[1:]
    if _has(here, part):
        tail = _walked(here[part], rest, absent=absent, whole=whole)
        if tail is not None:
            return (part, *tail)
    if rest:
        return _walked(here, rest, absent=absent, whole=whole)
    if absent:
        return (part,)
    return None if whole else ()


def _has(here: Any, part: int | str) -> bool:
    if isinstance(here, Mapping):
        return part in here
    return isinstance(here, list | tuple) and isinstance(part, int) and part < len(here)


def _finding(
    step: Step,
    rule: str,
    what: str,
    place: str,
    *,
    severity: Severity = Severity.HARD,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        sentence=f"In step '{step.id}', at {place}: {what}",
        address=Address(pointer=place, step=step.id),
        fixes=fixes,
    )
