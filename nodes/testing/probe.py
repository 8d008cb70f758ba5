"""Probes effects: changes one leaf of an input at a time and watches which outputs move.

It is as strong as the examples: a branch that no example takes is not probed. The guard of the runtime is the second
defence. What it sees also proposes a declaration to the author of a new node.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flows.effects import Effects, Verb
from flows.paths import Selector, parse
from flows.values import Value
from nodes.contract import Node
from nodes.formats.plain import PlainRecord
from nodes.record import Envelope, Mask, Record
from nodes.stop import Stop
from nodes.testing.examples import record_of, results

CANARY = "Qprobe"
"""Stands nowhere else: where it comes out, a value got through."""


class Observed(NamedTuple):
    """What a probe saw. Paths are schema paths.

    ``depends`` are, for each output, the inputs that moved it; ``carried`` those whose very value came out there;
    ``decides`` are the inputs that changed whether, or how many, records went on.
    """

    depends: Mapping[str, frozenset[str]]
    carried: Mapping[str, frozenset[str]]
    decides: frozenset[str]

    def suggestion(self) -> tuple[str, ...]:
        """A declaration to start from, one line an output, for the author of a new node."""
        moved = {target: sources - {target} for target, sources in self.depends.items()}
        lines = [f"{target} <- {', '.join(sorted(sources))}" for target, sources in sorted(moved.items()) if sources]
        return (*lines, *(f"control <- {path}" for path in sorted(self.decides)))


def observed_effects(node: Node[Any], given: str | Mapping[str, Value]) -> Observed:
    """Changes each leaf of ``given`` in turn and compares what comes out."""
    paths = [path for path, _ in _leaves(given)]
    before = _outputs(node, given, paths)
    depends: dict[str, set[str]] = {}
    carried: dict[str, set[str]] = {}
    decides: set[str] = set()
    for path, value in _leaves(given):
        source = parse(path).schema_path
        for changed in _other_values(value):
            after = _outputs(node, _poked(given, path, changed), paths)
            if after is None or before is None or len(after) != len(before):
                if after is not before:
                    decides.add(source)
                continue
            for target, texts in _moved(before, after):
                depends.setdefault(target, set()).add(source)
                if changed == CANARY and CANARY in texts:
                    carried.setdefault(target, set()).add(source)
    return Observed(_frozen(depends), _frozen(carried), frozenset(decides))


def dishonest(effects: Effects, observed: Observed, *, ends: bool = False) -> list[str]:
    """Every way in which what was observed goes beyond what is declared; empty for an honest node.

    ``ends``: nothing follows (a sink), so that what decides whether the record goes on needs no declaration.
    """
    found = [
        f"whether the record goes on depends on '{source}', which is not declared as control"
        for source in sorted(observed.decides)
        if not ends and not _covered(source, effects.control)
    ]
    for target, sources in sorted(observed.depends.items()):
        for source in sorted(sources):
            carried = source in observed.carried.get(target, ())
            if not _allowed(effects, target, source, carried=carried):
                how = "carries" if carried else "depends on"
                found.append(f"'{target}' {how} '{source}' but does not declare it")
    return found


def _allowed(effects: Effects, target: str, source: str, *, carried: bool) -> bool:
    derived = [each for each in effects.named if each.verb is Verb.DERIVE and each.field == target]
    if derived:  # what decides between values that are written is data, not control
        return any(_covered(source, each.reads) and not (carried and each.protection is not None) for each in derived)
    if not carried and _covered(source, effects.control):
        return True
    verb = Verb.KEEP if effects.sends is not None else effects.rest
    for effect in effects.named:
        if effect.verb in (Verb.DROP, Verb.MASK, Verb.KEEP) and _covered(target, (effect.field,)):
            verb = effect.verb
    if verb is Verb.UNKNOWN:
        return True
    return source == target and (verb is Verb.KEEP or (verb is Verb.MASK and not carried))


def _covered(path: str, selectors: Sequence[str]) -> bool:
    """Whether ``path`` is, or is part of, what one of the selectors names."""
    return any(_is_part(path, parse(text).schema_path.rpartition("/")[2]) for text in selectors)


def _is_part(path: str, whole: str) -> bool:
    path = path.rpartition("/")[2]
    whole = whole.removesuffix(".1") if whole == f"{path}.1" else whole  # .1 of a primitive is the primitive
    return path == whole or path.startswith((f"{whole}.", f"{whole}-", f"{whole}/"))


def _other_values(value: str) -> Iterator[str]:
    yield CANARY
    yield ""
    if value.isdigit():
        yield f"{value[:-1]}{(int(value[-1]) + 1) % 10}"
    if value[:8].isdigit() and len(value) >= 8 and value[:4] > "1950":
        yield f"{int(value[:4]) - 50}{value[4:]}"  # a day on which other rows of a master hold


def _frozen(found: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return {target: frozenset(sources) for target, sources in found.items()}


def _outputs(node: Node[Any], given: str | Mapping[str, Value], paths: Sequence[str]) -> list[dict[str, str]] | None:
    """The leaves of each record that comes out; None when the record stops."""
    try:
        outs = results(node, _Watched(record_of(given), frozenset()))
    except Stop:
        return None
    return [dict(_read(record, paths)) for record in outs]


def _read(record: Record, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    if isinstance(record, _Watched) and not isinstance(record.inner, PlainRecord):
        for path in (*paths, *record.names):
            yield path, str(record.every(parse(path)))
        return
    yield from _leaves(record.fields())


def _moved(before: Sequence[Mapping[str, str]], after: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for one, other in zip(before, after, strict=True):
        for path in one.keys() | other.keys():
            if one.get(path) != other.get(path):
                yield parse(path).schema_path, other.get(path, "")


class _Watched:
    """A record that remembers which names were added to it."""

    def __init__(self, inner: Record, names: frozenset[str]) -> None:
        self.inner, self.names = inner, names

    @property
    def envelope(self) -> Envelope:
        return self.inner.envelope

    def first(self, selector: Selector) -> Value:
        return self.inner.first(selector)

    def every(self, selector: Selector) -> tuple[Value, ...]:
        return self.inner.every(selector)

    def with_value(self, name: str, value: Value) -> Record:
        return _Watched(self.inner.with_value(name, value), self.names | {name})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        return _Watched(self.inner.with_masked(selector, mask), self.names)

    def without(self, selector: Selector) -> Record:
        return _Watched(self.inner.without(selector), self.names)

    def split(self, group: str) -> Iterator[Record]:
        return (_Watched(each, self.names) for each in self.inner.split(group))

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        return _Watched(self.inner.fresh(fields), frozenset(fields))

    def fields(self) -> Mapping[str, Value]:
        return self.inner.fields()


def _leaves(given: str | Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Every leaf with its instance path. Of HL7 without MSH-1 and MSH-2, the way in which all else is written; of FHIR
    without the types of resources."""
    if isinstance(given, str) and given.startswith("{"):
        for place, resource in _fhir_resources(json.loads(given)):
            bare = {name: value for name, value in resource.items() if name != "resourceType"}
            yield from _plain_leaves(place, bare)
    elif isinstance(given, str):
        yield from _hl7_leaves(given)
    else:
        for name, value in given.items():
            yield from _plain_leaves(name, value)


def _fhir_resources(root: Any) -> Iterator[tuple[str, Any]]:
    """Each resource of a message with the path of its type; a Bundle without what it holds."""
    seen: dict[str, int] = {}
    entries = root.get("entry", [])
    bare = {**root, "entry": [{name: value for name, value in e.items() if name != "resource"} for e in entries]}
    yield root["resourceType"] + "[0]", bare if entries else root
    for resource in (entry["resource"] for entry in entries if "resource" in entry):
        kind = resource["resourceType"]
        seen[kind] = nth = seen.get(kind, -1) + 1
        yield f"{kind}[{nth}]", resource


def _plain_leaves(path: str, value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _plain_leaves(f"{path}.{name}", inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from _plain_leaves(f"{path}[{number}]", inner)
    else:
        yield path, str(value)


def _hl7_leaves(text: str) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for segment in text.rstrip("\r").split("\r"):
        name, *fields = segment.split("|")
        seen[name] = nth = seen.get(name, 0) + 1
        for number, field in enumerate(fields, 2 if name == "MSH" else 1):
            if field and (name, number) != ("MSH", 2):
                yield from _field_leaves(f"{name}[{nth}]-{number}", field)


def _field_leaves(place: str, field: str) -> Iterator[tuple[str, str]]:
    for rep, repetition in enumerate(field.split("~"), 1):
        for number, component in enumerate(repetition.split("^"), 1):
            if component:
                yield f"{place}[{rep}].{number}", component


def _poked(given: str | Mapping[str, Value], path: str, value: str) -> str | Mapping[str, Value]:
    """``given`` with one leaf changed."""
    if isinstance(given, str) and not given.startswith("{"):
        return _hl7_poked(given, parse(path), value)
    text = given if isinstance(given, str) else json.dumps(given)
    poked: dict[str, Any] = json.loads(text, parse_float=str, parse_int=str)  # a number keeps its digits
    here: Any = poked
    way = [key for part in parse(path).parts for key in (part.name, part.at) if key is not None]
    if isinstance(given, str):
        here, way = _fhir_resource(poked, f"{way[0]}[{way[1]}]"), way[2:]
    for key in way[:-1]:
        here = here[key]
    here[way[-1]] = value
    return json.dumps(poked) if isinstance(given, str) else poked


def _fhir_resource(root: Any, place: str) -> Any:
    """The resource itself, where ``_fhir_resources`` gives a Bundle without its entries' resources."""
    return root if place == f"{root['resourceType']}[0]" else dict(_fhir_resources(root))[place]


def _hl7_poked(text: str, at: Selector, value: str) -> str:
    segments = text.split("\r")
    places = [number for number, segment in enumerate(segments) if segment.startswith(at.segment)]
    place = places[(at.nth or 1) - 1]
    fields = segments[place].split("|")
    number = (at.field or 1) - (at.segment == "MSH")
    repetitions = fields[number].split("~")
    components = repetitions[(at.rep or 1) - 1].split("^")
    components[(at.component or 1) - 1] = value
    repetitions[(at.rep or 1) - 1] = "^".join(components)
    fields[number] = "~".join(repetitions)
    segments[place] = "|".join(fields)
    return "\r".join(segments)
