"""What changed between two releases, by consequence: who learns more, then what is done otherwise, then the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from flows.canonical import escape_pointer
from flows.findings import Json, Model
from flows.release import Content, Kernel, declared, node_digests, sent

Direction = Literal["wider", "narrower", "other"]
_MISSING: Json = object()


class Change(Model):
    """One difference. ``wider`` is what a reviewer must look at first: somebody learns what they did not."""

    direction: Direction
    sentence: str
    pointer: str = ""
    """Into the manifest, where the change has one place."""
    sink: str | None = None
    field: str | None = None
    before: Json = None
    after: Json = None


class Difference(NamedTuple):
    """``exposure``: what reaches whom. ``behaviour``: what is done. ``configuration``: what is called or kept how."""

    exposure: tuple[Change, ...]
    behaviour: tuple[Change, ...]
    configuration: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        return not (self.exposure or self.behaviour or self.configuration)


class Seen(Protocol):
    """What is compared: a manifest is one, and so is a ``View`` of what is not sealed yet."""

    @property
    def flow(self) -> Json: ...

    @property
    def environment(self) -> Json: ...

    @property
    def files(self) -> Mapping[str, str]: ...

    @property
    def nodes(self) -> Mapping[str, str]: ...

    @property
    def lineage(self) -> Json: ...

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]: ...


class View(NamedTuple):
    """A flow as it would be sealed, findings or not."""

    flow: Json
    environment: Json
    files: Mapping[str, str]
    nodes: Mapping[str, str]
    lineage: Json
    fields: Mapping[str, tuple[str, ...]]


def view(content: Content, kernel: Kernel) -> View:
    """What ``diff`` compares of a flow that is not sealed."""
    declarations = declared(content, kernel)
    return View(
        flow=content.spelled,
        environment=content.environment,
        files=content.files,
        nodes=node_digests(content.flow, declarations, kernel),
        lineage=kernel.judge(content.flow, content.around, ()).lineage,
        fields=sent(declarations),
    )


def diff(old: Seen | None, new: Seen) -> Difference:
    """What changed from ``old`` to ``new``; everything is new where there is no old one."""
    exposure = [*_reaching(old, new), *_destinations(old, new), *_contracts(old, new)]
    rank: dict[Direction, int] = {"wider": 0, "other": 1, "narrower": 2}
    return Difference(
        exposure=tuple(sorted(exposure, key=lambda change: rank[change.direction])),
        behaviour=tuple(_behaviour(old, new)) if old else (),
        configuration=tuple(_configuration(old, new)) if old else (),
    )


# -- exposure ----------------------------------------------------------------------------------------------------------


def _reaching(old: Seen | None, new: Seen) -> Iterator[Change]:
    """Fields that reach a sink which they did not, no longer do, or do under other protections."""
    before, after = _arrivals(old), _arrivals(new)
    for sink, field in sorted(before.keys() | after.keys()):
        was, now = before.get((sink, field), {}), after.get((sink, field), {})
        for atom in sorted(now.keys() - was.keys()):
            yield Change(
                direction="wider",
                sentence=f"'{sink}' now gets {atom} in '{field}'.",
                sink=sink,
                field=field,
                after=now[atom],
            )
        for atom in sorted(was.keys() - now.keys()):
            yield Change(
                direction="narrower",
                sentence=f"'{sink}' no longer gets {atom} in '{field}'.",
                sink=sink,
                field=field,
                before=was[atom],
            )


def _arrivals(seen: Seen | None) -> dict[tuple[str, str], dict[str, Json]]:
    """(sink, field) -> what arrives there, by its words."""
    if seen is None:
        return {}
    return {
        (sink, field): {_words(atom): atom for atom in atoms}
        for sink, report in seen.lineage.items()
        for field, atoms in report["fields"].items()
    }


def _words(atom: Json) -> str:
    how = " and ".join(atom["protections"]) or "as it is"
    classes = ", ".join(atom["classes"])
    return f"{atom['origin']} ({atom['concept']}, S{atom['sensitivity']} {classes}), {how}"


_REACH = ("domain", "system", "transport", "host", "port", "base_path", "pins", "secret")


def _destinations(old: Seen | None, new: Seen) -> Iterator[Change]:
    """Sinks that are new, gone, or send to another place."""
    before, after = _sinks(old), _sinks(new)
    for sink in sorted(after.keys() - before.keys()):
        where = _place(after[sink])
        yield Change(direction="wider", sentence=f"'{sink}' is a new sink: {where}.", sink=sink, after=after[sink])
    for sink in sorted(before.keys() - after.keys()):
        gone = before[sink]
        yield Change(direction="narrower", sentence=f"'{sink}', {_place(gone)}, is gone.", sink=sink, before=gone)
    for sink in sorted(before.keys() & after.keys()):
        was, now = before[sink], after[sink]
        names = [name for name in ("connection", "operation", *_REACH) if was.get(name) != now.get(name)]
        if names:
            yield Change(
                direction="wider",
                sentence=f"'{sink}' sends elsewhere: {_place(now)} instead of {_place(was)} ({', '.join(names)}).",
                sink=sink,
                before=was,
                after=now,
            )


def _sinks(seen: Seen | None) -> dict[str, dict[str, Json]]:
    """Sink -> how its destination is reached."""
    if seen is None:
        return {}
    steps = {step["id"]: step for step in seen.flow["steps"]}
    found = {}
    for sink in seen.fields:
        step = steps[sink]
        connection = seen.environment["connections"].get(step["connection"]) or {}
        reach = {name: connection.get(name) for name in _REACH}
        found[sink] = {"connection": step["connection"], "operation": step["config"].get("operation"), **reach}
    return found


def _place(reach: Mapping[str, Json]) -> str:
    return f"{reach['system']} at {reach['transport']} {reach['host']}:{reach['port']}{reach['base_path'] or ''}"


def _contracts(old: Seen | None, new: Seen) -> Iterator[Change]:
    """Fields that the contract of a sink takes which it did not, or no longer."""
    for sink in sorted(new.fields if old else ()):
        was, now = set(old.fields.get(sink, ())) if old else set(), set(new.fields[sink])
        if old and sink in old.fields:
            for field in sorted(now - was):
                yield Change(direction="wider", sentence=f"'{sink}' may now be sent '{field}'.", sink=sink, field=field)
            for field in sorted(was - now):
                yield Change(
                    direction="narrower",
                    sentence=f"'{sink}' may no longer be sent '{field}'.",
                    sink=sink,
                    field=field,
                )


# -- behaviour and configuration ---------------------------------------------------------------------------------------

_NAMES_ONLY = frozenset({"name", "owners", "alerts", "criticality", "layer", "notes", "layout", "business_keys"})


def _behaviour(old: Seen, new: Seen) -> Iterator[Change]:
    was, now = _steps(old), _steps(new)
    for name in sorted(now.keys() - was.keys()):
        yield _other(f"Step '{name}' ({now[name]['kind']}) is new.", f"/flow/steps/{name}", None, now[name])
    for name in sorted(was.keys() - now.keys()):
        yield _other(f"Step '{name}' ({was[name]['kind']}) is gone.", f"/flow/steps/{name}", was[name], None)
    for name in [name for name in now if name in was]:
        for part in ("kind", "version", "connection", "config"):
            yield from _changes(was[name].get(part), now[name].get(part), f"/flow/steps/{name}/{part}")
    yield from _wires(old, new)
    for part in sorted((old.flow.keys() | new.flow.keys()) - _NAMES_ONLY - {"steps", "wires", "format"}):
        yield from _changes(old.flow.get(part), new.flow.get(part), f"/flow/{part}")
    yield from _changes(dict(old.nodes), dict(new.nodes), "/nodes")
    yield from _changes(dict(old.files), dict(new.files), "/files")


def _wires(old: Seen, new: Seen) -> Iterator[Change]:
    was = [(wire["from"], wire["to"]) for wire in old.flow["wires"]]
    now = [(wire["from"], wire["to"]) for wire in new.flow["wires"]]
    for wire in now:
        if wire not in was:
            yield _other(f"A wire from '{wire[0]}' to '{wire[1]}' is new.", "/flow/wires", None, list(wire))
    for wire in was:
        if wire not in now:
            yield _other(f"The wire from '{wire[0]}' to '{wire[1]}' is gone.", "/flow/wires", list(wire), None)


def _configuration(old: Seen, new: Seen) -> Iterator[Change]:
    was, now = _steps(old), _steps(new)
    for part in sorted((old.flow.keys() | new.flow.keys()) & _NAMES_ONLY):
        yield from _changes(old.flow.get(part), new.flow.get(part), f"/flow/{part}")
    for name in [name for name in now if name in was]:
        yield from _changes(was[name]["title"], now[name]["title"], f"/flow/steps/{name}/title")
    yield from _changes(old.environment, new.environment, "/environment")


def _steps(seen: Seen) -> dict[str, Json]:
    return {step["id"]: step for step in seen.flow["steps"]}


def _changes(was: Json, now: Json, pointer: str) -> Iterator[Change]:
    """Every place below ``pointer`` at which two JSON values differ; elements of lists are told by their number."""
    if isinstance(was, list | tuple) and isinstance(now, list | tuple):
        was, now = _numbered(was), _numbered(now)
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for name in sorted(was.keys() | now.keys()):
            below = f"{pointer}/{escape_pointer(name)}"
            yield from _changes(was.get(name, _MISSING), now.get(name, _MISSING), below)
    elif was is _MISSING:
        yield _other(f"{pointer} is new: {_short(now)}.", pointer, None, now)
    elif now is _MISSING:
        yield _other(f"{pointer} is gone; it was {_short(was)}.", pointer, was, None)
    elif was != now:
        yield _other(f"{pointer} is {_short(now)} instead of {_short(was)}.", pointer, was, now)


def _numbered(values: Sequence[Json]) -> dict[str, Json]:
    return {str(number): value for number, value in enumerate(values)}


def _other(sentence: str, pointer: str, before: Json, after: Json) -> Change:
    return Change(direction="other", sentence=sentence, pointer=pointer, before=before, after=after)


def _short(value: Json) -> str:
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}...'"
    return f"{len(value)} entries" if isinstance(value, list | tuple | Mapping) else str(value)
