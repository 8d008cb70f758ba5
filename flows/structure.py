"""Structural rules of a graph: what must hold before anything can be said of fields. No policy; plain sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import networkx as nx

from flows.declaration import Declaration
from flows.findings import Address, AddWire, Finding, Fix, RemoveStep, RemoveWire, SetFlow, Severity
from flows.graph import Flow, Port, Step, Wire
from flows.lineage import Lineage
from flows.paths import is_group

Declarations = Mapping[str, Declaration]
UNREAD = "?"
"""The kind of a declaration that stands in for a step that could not be read: it may have any port."""


class Link(NamedTuple):
    """A wire taken apart."""

    wire: Wire
    source: Port
    target: Port


class Shape(NamedTuple):
    """A flow without what is broken: the first step of each id, the wires between known ports, no cycle."""

    steps: Mapping[str, Step]
    wires: tuple[Wire, ...]
    order: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    """Step -> the steps that feed it, each once."""
    out: Mapping[str, tuple[Link, ...]]
    """Step -> the wires that leave it."""


def structure(flow: Flow, declarations: Declarations) -> tuple[Finding, ...]:
    """Everything that is wrong with the graph itself."""
    whole = shape(flow, declarations)
    return (
        *_twice_named(flow),
        *_wires(flow, declarations),
        *_cycles(flow, declarations),
        *_sources(whole, declarations),
        *_reach(whole, declarations),
        *_posted_twice(whole, declarations),
    )


def shape(flow: Flow, declarations: Declarations) -> Shape:
    """What of the flow can be followed; the rest is what ``structure`` has findings for."""
    steps: dict[str, Step] = {}
    for step in flow.steps:
        steps.setdefault(step.id, step)
    sound = [wire for wire in _once(flow) if _holds(wire, steps, declarations)]
    back = {ring.wire.ends for ring in _rings(tuple(steps), sound)}
    wires = tuple(wire for wire in sound if wire.ends not in back)
    graph = _graph(tuple(steps), wires)
    place = {name: number for number, name in enumerate(steps)}
    order = tuple(nx.lexicographical_topological_sort(graph, key=place.__getitem__))
    inputs: dict[str, dict[str, None]] = {name: {} for name in steps}
    out: dict[str, list[Link]] = {name: [] for name in steps}
    for wire in wires:
        link = Link(wire, wire.source, wire.target)
        inputs[link.target.step][link.source.step] = None
        out[link.source.step].append(link)
    return Shape(
        steps,
        wires,
        order,
        {name: tuple(each) for name, each in inputs.items()},
        {name: tuple(each) for name, each in out.items()},
    )


def type_findings(whole: Shape, declarations: Declarations, line: Lineage) -> Iterator[Finding]:
    """Steps into which records of a type come that they do not take."""
    for name in whole.order:
        declaration, state = declarations[name], line.before.get(name)
        types = state.types if state is not None else frozenset()
        for each in sorted(types):
            if each.split("/")[0] not in declaration.takes and declaration.kind != UNREAD and each != UNREAD:
                takes = " or ".join(declaration.takes)
                yield Finding(
                    rule="LG-GRAPH-TYPE",
                    severity=Severity.HARD,
                    sentence=f"Step '{name}' takes {takes}, but '{each}' comes in. Map its fields to a record.",
                    address=Address(step=name, wire=next((w.ends for w in whole.wires if w.target.step == name), None)),
                    why="A sink sends records of fields that were named one by one, never a message as it came.",
                )


def _graph(steps: tuple[str, ...], wires: tuple[Wire, ...] | list[Wire]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(steps)
    graph.add_edges_from((wire.source.step, wire.target.step) for wire in wires)
    return graph


def _once(flow: Flow) -> list[Wire]:
    return list({wire.ends: wire for wire in flow.wires}.values())


def _holds(wire: Wire, steps: Mapping[str, Step], declarations: Declarations) -> bool:
    source, target = wire.source, wire.target
    return (
        source.step in steps
        and target.step in steps
        and source.port in _outputs(declarations.get(source.step), source.port)
        and target.port in _inputs(declarations.get(target.step), target.port)
    )


def _outputs(declaration: Declaration | None, asked: str) -> tuple[str, ...]:
    """The output ports; a step that could not be read is given the benefit of the doubt."""
    if declaration is None or declaration.kind == UNREAD:
        return (asked,)
    return () if declaration.category == "sink" else declaration.outputs


def _inputs(declaration: Declaration | None, asked: str) -> tuple[str, ...]:
    if declaration is None or declaration.kind == UNREAD:
        return (asked,)
    return () if declaration.category == "source" else declaration.inputs


class Ring(NamedTuple):
    """A cycle, and the wire that closes it."""

    steps: tuple[str, ...]
    wire: Wire


def _rings(steps: tuple[str, ...], wires: list[Wire]) -> list[Ring]:
    """The wires that lead back, met on a walk from where nothing comes in; without them no cycle is left."""
    after: dict[str, list[Wire]] = {name: [] for name in steps}
    for wire in wires:
        after[wire.source.step].append(wire)
    fed = {wire.target.step for wire in wires}
    rings: list[Ring] = []
    done: set[str] = set()
    for start in sorted(steps, key=lambda name: (name in fed, steps.index(name))):
        trail: dict[str, list[Wire]] = {start: list(after[start])} if start not in done else {}
        while trail:
            name = next(reversed(trail))
            if not trail[name]:
                done.add(name)
                del trail[name]
                continue
            wire = trail[name].pop(0)
            target = wire.target.step
            if target in trail:
                way = list(trail)
                rings.append(Ring(tuple(way[way.index(target) :]), wire))
            elif target not in done:
                trail[target] = list(after[target])
    return rings


def _twice_named(flow: Flow) -> Iterator[Finding]:
    counts = Counter(step.id for step in flow.steps)
    seen: Counter[str] = Counter()
    for number, step in enumerate(flow.steps):
        seen[step.id] += 1
        if seen[step.id] > 1:
            new = _free(f"{step.id[:58]}-{seen[step.id]}", set(counts))
            yield Finding(
                rule="LG-GRAPH-ID",
                severity=Severity.HARD,
                sentence=f"The id '{step.id}' is given to {counts[step.id]} steps; wires to it could mean any of them.",
                address=Address(pointer=f"/steps/{number}/id", step=step.id),
                why="A step is known by its id in wires, findings, cases and audit.",
                fixes=(
                    Fix(
                        title=f"Call the later one '{new}'", edits=(SetFlow(pointer=f"/steps/{number}/id", value=new),)
                    ),
                ),
            )


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while name in taken:
        number += 1
        name = f"{name.rsplit('-', 1)[0]}-{number}"
    return name


def _wires(flow: Flow, declarations: Declarations) -> Iterator[Finding]:
    steps = {step.id for step in flow.steps}
    seen: set[tuple[str, str]] = set()
    for number, wire in enumerate(flow.wires):
        if wire.ends in seen:
            yield _wire(
                wire, number, "LG-GRAPH-WIRE-TWICE", "stands twice; one is enough.", "it would copy each record"
            )
            continue
        seen.add(wire.ends)
        for end, port, ports in (
            ("begins", wire.source, _outputs(declarations.get(wire.source.step), wire.source.port)),
            ("ends", wire.target, _inputs(declarations.get(wire.target.step), wire.target.port)),
        ):
            if port.step not in steps:
                what = f"{end} at step '{port.step}', which does not exist."
                yield _wire(wire, number, "LG-GRAPH-WIRE", what, "")
            elif port.port not in ports:
                has = f"it has {', '.join(ports)}" if ports else "it has none there"
                side = "output" if end == "begins" else "input"
                what = f"{end} at '{port.step}.{port.port}', but that step has no such {side}; {has}."
                yield _wire(wire, number, "LG-GRAPH-PORT", what, "")


def _wire(wire: Wire, number: int, rule: str, what: str, why: str) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.HARD,
        sentence=f"The wire from '{wire.from_}' to '{wire.to}' {what}",
        address=Address(pointer=f"/wires/{number}", wire=wire.ends),
        why=why,
        fixes=(Fix(title="Remove this wire", edits=(RemoveWire(wire=wire.ends),)),),
    )


def _cycles(flow: Flow, declarations: Declarations) -> Iterator[Finding]:
    steps = {step.id: step for step in flow.steps}
    wires = [wire for wire in _once(flow) if _holds(wire, steps, declarations)]
    for ring, last in _rings(tuple(steps), wires):
        yield Finding(
            rule="LG-GRAPH-CYCLE",
            severity=Severity.HARD,
            sentence=f"A record would go in a circle: {' → '.join((*ring, ring[0]))}.",
            address=Address(wire=last.ends, step=ring[0]),
            why="A flow ends: a record that comes round again would be posted without end.",
            fixes=(Fix(title=f"Remove the wire back to '{ring[0]}'", edits=(RemoveWire(wire=last.ends),)),),
        )


def _sources(whole: Shape, declarations: Declarations) -> Iterator[Finding]:
    names = [name for name in whole.steps if (d := declarations.get(name)) is not None and d.category == "source"]
    if len(names) == 1:
        return
    if not names:
        yield Finding(
            rule="LG-GRAPH-SOURCE",
            severity=Severity.HARD,
            sentence="This flow has no source: nothing ever comes in.",
            why="A flow takes records from exactly one source.",
        )
    for name in names[1:]:
        yield Finding(
            rule="LG-GRAPH-SOURCE",
            severity=Severity.HARD,
            sentence=f"This flow has {len(names)} sources; '{name}' is one too many. Give it a flow of its own.",
            address=Address(step=name),
            why="A flow takes records from exactly one source.",
            fixes=(_removed(name),),
        )


def _removed(name: str) -> Fix:
    return Fix(title=f"Remove '{name}'", edits=(RemoveStep(step=name),), costs="The step goes, with all its settings.")


def _reach(whole: Shape, declarations: Declarations) -> Iterator[Finding]:
    graph = _graph(tuple(whole.steps), whole.wires)
    known = {name: d.category for name in whole.steps if (d := declarations.get(name)) is not None}
    starts = [name for name, category in known.items() if category == "source"]
    reached = set(starts).union(*(nx.descendants(graph, name) for name in starts))
    sinks = [name for name, category in known.items() if category == "sink"]
    ends = [name for name in whole.steps if not graph.out_degree(name) and known.get(name) != "sink"]
    useful = set(sinks).union(*(nx.ancestors(graph, name) for name in sinks))
    for name in whole.steps:
        if starts and name not in reached and known.get(name) != "source" and not whole.inputs[name]:
            begin = _nearest(whole, name, (each for each in ends if each in reached))
            fixes = _wired(declarations, begin, name)
            yield _loose(name, "LG-GRAPH-UNREACHED", Severity.HARD, "is never reached from the source.", fixes)
        elif name in reached and name not in useful and not graph.out_degree(name):
            end = next((each for each in whole.steps if each not in reached and not whole.inputs[each]), None)
            what = "leads to no sink: what enters it is never posted."
            fixes = _wired(declarations, name, end)
            yield _loose(name, "LG-GRAPH-DEAD-END", Severity.SOFT, what, fixes)


def _nearest(whole: Shape, name: str, ends: Iterable[str]) -> str | None:
    """Of the steps from which nothing goes on, the last one that the file has before ``name``; else the first."""
    order = list(whole.steps)
    found = sorted(ends, key=order.index)
    return next((each for each in reversed(found) if order.index(each) < order.index(name)), next(iter(found), None))


def _wired(declarations: Declarations, begin: str | None, end: str | None) -> tuple[Fix, ...]:
    """A wire from one loose end to the other."""
    out, into = declarations.get(begin or ""), declarations.get(end or "")
    if begin is None or end is None or out is None or into is None or not out.outputs or not into.inputs:
        return ()
    if out.category == "sink" or into.category == "source" or out.kind == UNREAD or into.kind == UNREAD:
        return ()
    wire = (f"{begin}.{out.outputs[0]}", f"{end}.{into.inputs[0]}")
    return (Fix(title=f"Wire '{begin}' to '{end}'", edits=(AddWire(wire=wire),)),)


def _loose(name: str, rule: str, severity: Severity, what: str, first: tuple[Fix, ...]) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        sentence=f"Step '{name}' {what}",
        address=Address(step=name),
        why="What is drawn is what runs; a step without effect misleads its reviewers.",
        fixes=(*first, _removed(name)),
    )


def _posted_twice(whole: Shape, declarations: Declarations) -> Iterator[Finding]:
    """A (connection, operation) that one item could reach twice: paths that meet again, or two sinks of one target."""
    targets: dict[tuple[str, str], list[str]] = {}
    for name in whole.steps:
        declaration = declarations.get(name)
        if declaration is not None and declaration.category == "sink":
            operation = declaration.operation.operation if declaration.operation else name
            targets.setdefault((declaration.connection or name, operation), []).append(name)
    for (connection, operation), sinks in targets.items():
        counts = _postings(whole, declarations, set(sinks))
        for name in reversed(whole.order):
            for item in [item for item, count in counts[name].items() if count > 1]:
                made = item and item == _items(declarations, name)
                ways = {
                    link.wire.ends: counts[link.target.step][item] + (counts[link.target.step][""] if made else 0)
                    for link in whole.out[name]
                }
                if ways and all(each <= 1 for each in ways.values()):
                    used = tuple(wire for wire, each in ways.items() if each)
                    yield _twice(whole, name, connection, operation, used)


def _postings(whole: Shape, declarations: Declarations, sinks: set[str]) -> dict[str, Counter[str]]:
    """How often one record at a step can reach one of the sinks, by the type of the resources into which it is split
    last on the way (FHIR; "" for none): what is split by different types is different items. Ports of an exclusive step
    count once."""
    counts: dict[str, Counter[str]] = {}
    for name in reversed(whole.order):
        by_port: dict[str, Counter[str]] = {}
        for link in whole.out[name]:
            by_port.setdefault(link.source.port, Counter()).update(counts[link.target.step])
        below: Counter[str] = Counter()
        for each in by_port.values():
            below = below | each if name in declarations and declarations[name].exclusive else below + each
        found = Counter({"": 1}) if name in sinks else Counter[str]()
        for item, count in below.items() if name not in sinks else ():
            found[item or _items(declarations, name)] += count
        counts[name] = Counter({item: min(count, 1_000) for item, count in found.items()})
    return counts


def _items(declarations: Declarations, name: str) -> str:
    """The type of resources into which a step splits; "" for what splits nothing, or by groups."""
    each = declarations[name].effects.each if name in declarations else None
    return each if each and not is_group(each) else ""


def _twice(whole: Shape, name: str, connection: str, operation: str, wires: tuple[tuple[str, str], ...]) -> Finding:
    fixes = tuple(
        Fix(title=f"Remove the wire to '{to}'", edits=(RemoveWire(wire=(begin, to)),)) for begin, to in wires[1:]
    )
    return Finding(
        rule="LG-GRAPH-POSTED-TWICE",
        severity=Severity.HARD,
        sentence=(
            f"One item reaches operation '{operation}' of '{connection}' on {len(wires)} ways from step '{name}': "
            "it would be posted once and then parked. Let the ways part at a filter or route."
        ),
        address=Address(step=name, wire=wires[-1] if wires else None),
        why="One posting an item: a second one with the same key is never sent.",
        fixes=fixes,
    )
