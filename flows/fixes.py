"""Ways out of what policies forbid, as edits. Each built-in rule names one; tests apply it and see the rule pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import networkx as nx

from flows.atoms import Atom
from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.findings import AddStep, Edit, Fix, Hop, RemoveConfig, SetConfig, SetConnection, SetFlow, harmless_first
from flows.graph import Flow, Wire
from flows.lineage import Lineage
from flows.paths import PathError, Selector, parse
from flows.refusals import pointer
from flows.selections import config_pointers
from flows.structure import Shape
from flows.vocabulary import Concept

_OWNER = {"cases": "case"}


class Fixes:
    """Builds the fixes of one flow's findings."""

    def __init__(
        self,
        flow: Flow,
        around: Surroundings,
        declarations: Mapping[str, Declaration],
        line: Lineage,
        whole: Shape,
    ) -> None:
        self.flow, self.around, self.declarations, self.line, self.whole = flow, around, declarations, line, whole

    # -- whole-flow rules and connections

    def of_flow(self, code: str, step: str, facts: Mapping[str, Any]) -> tuple[Fix, ...]:
        """The fixes of a rule about the flow or one of its connections."""
        declaration = self.declarations.get(step)
        connection = (declaration.connection if declaration else None) or ""
        match code:
            case "set-owners":
                return self._owners("business", "technical")
            case "set-case-owner":
                return self._owners("cases")
            case "set-alerts" if self.around.environment.alert_routes:
                route = self.around.environment.alert_routes[0]
                return (_one(f"Raise alerts by '{route}'", SetFlow(pointer="/alerts", value=[route])),)
            case "set-retention":
                return (_one("Keep payloads for 30 days", SetFlow(pointer="/retention", value={"payload_days": 30})),)
            case "shorten-retention":
                return (_one("Keep payloads for 90 days", SetFlow(pointer="/retention/payload_days", value=90)),)
            case "allow-purpose":
                allow = SetConnection(connection=connection, pointer="/purposes", value=self._purposes(connection))
                return (_one(f"Ask the owner of '{connection}' to allow this purpose", allow),)
            case "protect-transport":
                tls = SetConnection(connection=connection, pointer="/transport", value="mtls")
                return (_one(f"Reach '{connection}' by mutual TLS", tls),)
            case "set-throttle":
                value = {"per_second": 10, "burst": 10, "in_flight": 2}
                slow = SetConnection(connection=connection, pointer="/throttle", value=value)
                return (_one(f"Send '{connection}' ten a second at most", slow),)
            case _:
                return ()

    def _owners(self, *kinds: str) -> tuple[Fix, ...]:
        roles = self.around.environment.roles
        held = {kind: role for kind, role in self.flow.owners if role in roles}
        free = [role for role in roles if role not in held.values()]
        lacking = [kind for kind in kinds if kind not in held]
        if len(free) < len(lacking):
            return ()  # one role for everything would be nobody's decision
        named = list(zip(lacking, free, strict=False))
        title = " and ".join(f"'{role}' as {_OWNER.get(kind, kind)} owner" for kind, role in named)
        edits = tuple(SetFlow(pointer=f"/owners/{kind}", value=role) for kind, role in named)
        return (Fix(title=f"Name {title}", edits=edits),)

    def _purposes(self, connection: str) -> list[str]:
        known = self.around.environment.connections.get(connection)
        return [*(str(each) for each in (known.purposes if known else ())), str(self.flow.purpose)]

    # -- fields at a sink

    def of_field(
        self, code: str, sink: str, field: str, atom: Atom, bit: int, path: tuple[Hop, ...]
    ) -> tuple[Fix, ...]:
        """The fixes of a rule about one atom at one field of a sink; the likeliest first, leaving it out last."""
        found: list[Fix] = []
        if code == "pseudonymise":
            found.extend(self._masked(atom, bit, path))
        elif code == "map":
            found.extend(self._mapped(atom, path))
        elif code == "raise-highest":
            found.extend(self._accepted(sink, atom))
        found.extend(self._left_out(field, atom, path))
        return harmless_first(found)

    def _accepted(self, sink: str, atom: Atom) -> Iterator[Fix]:
        name = self.declarations[sink].connection or ""
        known = self.around.environment.connections.get(name)
        if known is None:
            return
        low = [c for c in sorted(atom.nature.classes) if known.highest.get(c, -1) < atom.nature.sensitivity]
        edits = tuple(
            SetConnection(connection=name, pointer=f"/highest/{each}", value=atom.nature.sensitivity) for each in low
        )
        what = f"S{atom.nature.sensitivity} of {' and '.join(low)}"
        costs = "The system is then sent graver data than its owner accepted so far."
        yield Fix(title=f"Ask the owner of '{name}' to accept {what}", edits=edits, costs=costs)

    def _masked(self, atom: Atom, bit: int, path: tuple[Hop, ...]) -> Iterator[Fix]:
        """A mask where every way of the value passes: one that is there, or a new one before the step that reads it."""
        where = _bare(atom.origin)
        reader = _reader(path)
        if where is None or reader is None:
            return
        entry = {"path": where, "method": "pseudonym"}
        for hop in path:
            step = self.whole.steps.get(hop.step)
            if step is not None and step.kind == "mask" and self._only_way(hop.step, reader):
                edit = SetConfig(step=hop.step, pointer="/fields/-", value=entry)
                yield _one(f"Let '{hop.step}' make a pseudonym of {where}", edit)
                return
        name = self._free("mask-" + "".join(c if c.isalnum() else "-" for c in where.lower()))
        step_json = {
            "id": name,
            "kind": "mask",
            "version": 1,
            "title": f"{where} becomes a pseudonym",
            "config": {"fields": [entry]},
        }
        wires = [wire for wire in self.whole.wires if wire.target.step == reader and self._carries(wire, where, bit)]
        edits = tuple(AddStep(step=step_json, wire=wire.ends) for wire in wires)
        if edits:
            yield Fix(title=f"Make a pseudonym of {where} before '{reader}'", edits=edits)

    def _carries(self, wire: Wire, where: str, bit: int) -> bool:
        """Whether the value comes along. A part that is as it came says so only where it is looked at."""
        state = self.line.after.get(wire.source.step)
        if state is None:
            return False
        return bool((self.line.trees.everything(state.tree) | self.line.read(state.tree, where)) & bit)

    def _only_way(self, step: str, reader: str) -> bool:
        """Whether every way from the source to ``reader`` passes ``step``."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.whole.steps)
        graph.add_edges_from((w.source.step, w.target.step) for w in self.whole.wires)
        graph.remove_node(step)
        sources = [name for name, d in self.declarations.items() if d.category == "source" and name in graph]
        return reader in graph and not any(nx.has_path(graph, source, reader) for source in sources)

    def _free(self, name: str) -> str:
        name = name[:58].strip("-")
        number, found = 1, name
        while found in self.whole.steps:
            number += 1
            found = f"{name}-{number}"
        return found

    def _mapped(self, atom: Atom, path: tuple[Hop, ...]) -> Iterator[Fix]:
        """A look-up in a master that has item codes, on the wire into the step that reads the hospital's code."""
        where, reader = _bare(atom.origin), _reader(path)
        step = self.whole.steps.get(reader or "")
        if where is None or step is None:
            return
        wanted = parse(where)
        spelt = [text for text in _spellings(where, step.config) if config_pointers(step.config, text)]
        places = [place for text in spelt for place in config_pointers(step.config, text)]
        into = [wire for wire in self.whole.wires if wire.target.step == step.id]
        for name, contract in self.around.masters.items():
            column = next((c for c, held in contract.columns.items() if held.concept is Concept.ITEM_CODE), None)
            if column is None or not places or not into:
                continue
            new = self._free(f"to-{column.replace('_', '-')}")
            key = _key(spelt[0] if wanted.form == "fhir" else where, len(contract.key))
            config = {"master": name, "key": key, "as": {column: column}, "on_miss": "park"}
            look_up = {
                "id": new,
                "kind": "map_to_master",
                "version": 1,
                "title": f"Look up in {name}",
                "config": config,
            }
            edits: tuple[Edit, ...] = (
                *(AddStep(step=look_up, wire=wire.ends) for wire in into),
                *(SetConfig(step=step.id, pointer=place, value=column) for place in places),
            )
            yield Fix(title=f"Look {where} up in master '{name}' first", edits=edits)

    def _left_out(self, field: str, atom: Atom, path: tuple[Hop, ...]) -> Iterator[Fix]:
        """The field taken out of the step nearest to the sink that writes it."""
        top = field.split(".")[0]
        for hop in reversed(path[:-1]):
            step = self.whole.steps.get(hop.step)
            if step is None or hop.field.split(".")[0] != top:
                break
            place = _key_in(step.config, top)
            if place is not None:
                yield _one(f"Leave '{top}' out of '{step.id}'", RemoveConfig(step=step.id, pointer=place))
                return


def _one(title: str, edit: Edit) -> Fix:
    return Fix(title=title, edits=(edit,))


def _reader(path: tuple[Hop, ...]) -> str | None:
    """The step that reads the value under its first name and writes it under another; else the last one."""
    for hop, following in itertools.pairwise(path):
        if following.field != hop.field:
            return following.step
    return path[-1].step if len(path) > 1 else None


@lru_cache(maxsize=65536)
def _bare(origin: str) -> str | None:
    """The origin as a selector that matches it wherever it stands; None for what is no field of the message."""
    try:
        wanted: Selector = parse(origin)
    except PathError:
        return None
    if wanted.form == "fhir":
        return wanted.schema_path
    if wanted.form != "hl7" or wanted.field is None:
        return None
    return wanted._replace(groups=(), segment=wanted.segment).schema_path


@lru_cache(maxsize=65536)
def whole_field(origin: str) -> str:
    """The field of which an origin is a part: ``PID-5`` of ``PID-5.1.1``, ``Patient.name`` of its ``given``."""
    where = _bare(origin)
    if where is None:
        return origin
    return ".".join(where.split(".")[:2]) if parse(where).form == "fhir" else where.split(".")[0]


def _spellings(where: str, config: Any) -> tuple[str, ...]:
    """How a config can have asked for a leaf: by itself, with indices (FHIR), or by the composite of which it is the
    first (HL7)."""
    if parse(where).form == "fhir":
        return tuple(dict.fromkeys(text for text in _texts(config) if _bare(text) == where))
    found = [where]
    while found[-1].endswith(".1"):
        found.append(found[-1][:-2])
    if "." not in where:
        found.append(f"{where}.1")
    return tuple(found)


def _texts(config: Any) -> Iterator[str]:
    if isinstance(config, str):
        yield config
    elif isinstance(config, Mapping | list | tuple):
        for each in config.values() if isinstance(config, Mapping) else config:
            yield from _texts(each)


def _key(where: str, parts: int) -> list[str]:
    """A look-up's key: the code alone, or behind its coding system where the master asks for more."""
    if parts == 1:
        return [where]
    if parse(where).form == "fhir":
        return [f"{where.rpartition('.')[0]}.system", where][:parts]
    field = where.split(".")[0]
    return [f"{field}.3", f"{field}.1", f"{field}.2", f"{field}.4"][:parts]


def _key_in(config: Any, name: str) -> str | None:
    """Where ``name`` stands as a key in a config (JSON pointer)."""
    for loc in _keys(config, name, ()):
        return pointer(loc)
    return None


def _keys(value: Any, name: str, loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key == name:
                yield (*loc, key)
            yield from _keys(each, name, (*loc, key))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _keys(each, name, (*loc, number))
