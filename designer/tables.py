"""The field table of a wire: one row a field, with its origin, what was done to it, and which sinks it reaches.

A part of the message that no step touched is told by its schema; nothing of it is taken apart for the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

import networkx as nx

from designer.drawing import Found
from designer.errors import NotThere
from designer.http.models import drafts as shapes
from flows.analysis import Analysis, let_through, load
from flows.atoms import Atom, held
from flows.effects import Nature
from flows.environment import Surroundings
from flows.explain import ExplainError
from flows.explain import explain as explain_field
from flows.hl7.tables import field_name
from flows.lineage import State
from flows.paths import is_group
from flows.trees import ELSEWHERE, STRAY, Path, Place, Tree
from flows.vocabulary import Concept, Protection

_NOWHERE = (STRAY, ELSEWHERE)
_SEGMENT = 3
"""So long is the name of a segment; a longer one is a group's."""


class _Spot(NamedTuple):
    """A field in a tree, and where that is in the source's schema."""

    path: Path
    tree: Tree
    place: Place | None


def wire(found: Found, begin: str, end: str, query: shapes.WireQuery) -> shapes.FieldTable:
    """A page of the table of one wire."""
    analysis = _analysed(found)
    if found.flow is None or all(each.ends != (begin, end) for each in found.flow.wires):
        raise NotThere("no-wire", f"The draft has no wire from '{begin}' to '{end}'.")
    step = begin.partition(".")[0]
    with found.lock:
        state = analysis.lineage.after.get(step)
        sinks = _sinks_after(analysis, end.partition(".")[0])
        return _page(found, analysis, state, sinks, _matching(query.q, query.least), query.after, query.limit)


def into(found: Found, step: str, query: shapes.StepFieldsQuery) -> shapes.FieldTable:
    """The fields that come into a step, for the field picker of its form; below a field its parts.

    A step before it that is not finished yet is taken to let everything through: who builds a flow goes on behind it.
    """
    analysis = let_through(_analysed(found))
    if found.flow is None or found.flow.step(step) is None:
        raise NotThere("no-step", f"The draft has no step '{step}'.")
    with found.lock:
        state, sinks = analysis.lineage.before.get(step), _sinks_after(analysis, step)
        page = _page(found, analysis, state, sinks, _matching(query.q, 0), 0, 1 << 20)
        parts = tuple(_parts_of(found.around, analysis, state, sinks, query.q.casefold())) if state is not None else ()
        near = sorted(page.rows, key=partial(_far, query.q.casefold()))
        typed = [row for row in near[:1] if row.path.casefold() == query.q.casefold()]
        rows = (*typed, *parts, *near[len(typed) :])
        update = {
            "rows": rows[: query.limit],
            "total": page.total + len(parts),
            "groups": tuple(_groups(analysis, state)),
        }
        return page.model_copy(update=update)


def _parts_of(
    around: Surroundings, analysis: Analysis, state: State, sinks: frozenset[str], typed: str
) -> Iterator[shapes.FieldRow]:
    """The parts of a field whose path was typed, or begun: of ``pid-3`` and ``pid-3.`` its components, of ``pid-3.1``
    those that begin so, and what is below it."""
    readers, titles = _readers(analysis, sinks), _titles(around, state)
    for spot in _spots(analysis, _Spot((), state.tree, analysis.lineage.offer.root)):
        for part in _below(analysis, spot, typed):
            yield _row(analysis, part, readers, titles)


def _below(analysis: Analysis, spot: _Spot, typed: str) -> Iterator[_Spot]:
    """The parts of one field that ``typed`` asks for, each followed by its own."""
    text = analysis.lineage.offer.text(spot.path).casefold() if spot.place is not None else ""
    if not text or not f"{typed}.".startswith(f"{text}."):
        return
    for name, tree in analysis.lineage.trees.kids(spot.tree).items():
        part = _Spot((*spot.path, name), tree, spot.place.children.get(name) if spot.place is not None else None)
        if part.place is None or not analysis.lineage.trees.exists(tree):
            continue
        if analysis.lineage.offer.text(part.path).casefold().startswith(typed):
            yield part
        yield from _below(analysis, part, typed)


def _far(wanted: str, row: shapes.FieldRow) -> tuple[bool, ...]:
    """How far a row is from what somebody typed: exact, then at the beginning; what a step made comes first of each."""
    path, name = row.path.casefold(), row.name.casefold()
    made = row.path[:1].islower()
    if not wanted:
        return (not made,)
    begins = path.startswith(wanted) or name.startswith(wanted)
    return (wanted not in (path, name), not begins, not made)


def _groups(analysis: Analysis, state: State | None) -> Iterator[str]:
    """What of a message comes several times and can be taken apart, in the order of its structure."""
    if state is None or not any(each.partition("/")[0] in ("hl7v2", "fhir") for each in state.types):
        return
    offer = analysis.lineage.offer
    seen: set[str] = set()
    edge = list(offer.root.children.items())
    while edge:
        name, place = edge.pop(0)
        if place.field or name in seen or not (is_group(name) or offer.groups(name)):
            continue
        seen.add(name)
        if len(name) > _SEGMENT and offer.groups(name) and (place.repeats or not is_group(name)):
            yield name
        if is_group(name):
            edge.extend(place.children.items())


def explained(found: Found, field: str, sink: str) -> shapes.Explained:
    """Why a field may, or may not, reach a sink."""
    analysis = _analysed(found)
    try:
        with found.lock:
            return shapes.Explained(sentences=explain_field(analysis, field, sink).sentences)
    except ExplainError as error:
        raise NotThere("no-such-field", str(error)) from None


def _analysed(found: Found) -> Analysis:
    if found.analysis is None:
        raise NotThere("unreadable", "This draft cannot be read as a flow: its findings say why.")
    return found.analysis


def _page(
    found: Found,
    analysis: Analysis,
    state: State | None,
    sinks: frozenset[str],
    matches: Callable[[shapes.FieldRow], bool],
    after: int,
    limit: int,
) -> shapes.FieldTable:
    rows = [row for row in _rows(found.around, analysis, state, sinks) if matches(row)]
    return shapes.FieldTable(
        rows=tuple(rows[after : after + limit]),
        total=len(rows),
        fields=load(analysis, state).fields,
        beyond=state is not None and _beyond(analysis, state.tree),
    )


def _matching(wanted: str, least: int) -> Callable[[shapes.FieldRow], bool]:
    words = wanted.casefold().split()

    def matches(row: shapes.FieldRow) -> bool:
        text = f"{row.path} {row.name} {row.origin}".casefold()
        return row.sensitivity >= least and all(word in text for word in words)

    return matches


def _rows(
    around: Surroundings, analysis: Analysis, state: State | None, sinks: frozenset[str]
) -> Iterator[shapes.FieldRow]:
    if state is None:
        return
    readers, titles = _readers(analysis, sinks), _titles(around, state)
    for spot in _spots(analysis, _Spot((), state.tree, analysis.lineage.offer.root)):
        yield _row(analysis, spot, readers, titles)


def _spots(analysis: Analysis, at: _Spot) -> Iterator[_Spot]:
    """The fields here and below, in the order of the schema. What may be anything, as a whole, is no field."""
    trees = analysis.lineage.trees
    if not at.path and at.tree.folded is None and not trees.kids(at.tree):
        return
    if (at.place is not None and at.place.field) or (at.tree.own and not at.tree.kids and at.tree.folded is None):
        yield at
        return
    for name, child in trees.kids(at.tree).items():
        if trees.exists(child) and not (not at.path and name in _NOWHERE):
            below = at.place.children.get(name) if at.place is not None else None
            yield from _spots(analysis, _Spot((*at.path, name), child, below))


def _row(
    analysis: Analysis, spot: _Spot, readers: Mapping[str, frozenset[str]], titles: Mapping[str, str]
) -> shapes.FieldRow:
    text = analysis.lineage.offer.text(spot.path) if spot.place is not None else ".".join(spot.path)
    atoms = _atoms(analysis, spot, text)
    highest = max((atom.nature.sensitivity for atom in atoms), default=-1)
    gravest = [atom for atom in atoms if atom.nature.sensitivity == highest]
    origins = {text if f"{atom.origin}.".startswith(f"{text}.") else atom.origin for atom in atoms}
    return shapes.FieldRow(
        path=text,
        name=_name(spot, text, titles),
        origin=_listed(origins),
        concept=_concept(spot, gravest),
        sensitivity=highest,
        bare=max((atom.nature.sensitivity for atom in atoms if not atom.protections), default=-1),
        classes=tuple(sorted(frozenset().union(*(atom.nature.classes for atom in atoms)))),
        protections=_common(gravest),
        parts=len(spot.place.children) if spot.place is not None else 0,
        read_by=tuple(sorted(frozenset().union(*(readers.get(origin, frozenset()) for origin in origins)))),
    )


def _atoms(analysis: Analysis, spot: _Spot, text: str) -> tuple[Atom, ...]:
    """What can stand in a field. Of a part that is as it came, the schema says it."""
    folded, line = spot.tree.folded, analysis.lineage
    if folded is None:
        return line.atoms.members(line.trees.leaves(spot.tree))
    return tuple(Atom(text, nature, held(folded.protections)) for nature in folded.place.natures)


def _concept(spot: _Spot, gravest: list[Atom]) -> Concept:
    """Of the gravest values; of the first part of the field, where that is one of them."""
    leading = _leading(spot.place)
    for nature in sorted((atom.nature for atom in gravest), key=lambda each: (each not in leading, each.concept)):
        return nature.concept
    return Concept.UNKNOWN


def _leading(place: Place | None) -> frozenset[Nature]:
    """The natures of a field's first part."""
    while place is not None and place.children:
        place = next(iter(place.children.values()))
    return place.natures if place is not None else frozenset()


def _common(gravest: list[Atom]) -> tuple[Protection, ...]:
    if not gravest:
        return ()
    return tuple(sorted(frozenset.intersection(*(atom.protections for atom in gravest))))


def _name(spot: _Spot, text: str, titles: Mapping[str, str]) -> str:
    place: Any = spot.place
    versions = getattr(place, "versions", None)
    if versions:
        return _hl7_name(versions, spot.path)
    if place is not None:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", ": ".join(spot.path[1:])).lower() or text
    return titles.get(text, text)


@lru_cache(maxsize=65536)
def _hl7_name(versions: frozenset[str], path: Path) -> str:
    numbers = [int(part) for part in path if part.isdigit()]
    segment = path[len(path) - len(numbers) - 1].partition("#")[0]
    newest = max((each.rpartition("@")[2] for each in versions), key=lambda each: [int(n) for n in each.split(".")])
    return field_name(newest, segment, *numbers)


def _titles(around: Surroundings, state: State) -> dict[str, str]:
    """What the fields of a canonical record are called."""
    names = [each.partition("/")[2] for each in state.types if each.startswith("record/")]
    return {
        field: entry.title
        for name in names
        if name in around.schemas
        for field, entry in around.schemas[name].fields.items()
    }


def _readers(analysis: Analysis, sinks: frozenset[str]) -> dict[str, frozenset[str]]:
    """Origin, or what it is a part of -> the sinks among ``sinks`` that something of it reaches."""
    found: dict[str, set[str]] = {}
    for name, report in analysis.sinks.items():
        origins = {atom.origin for field in report.fields for atom in field.atoms} if name in sinks else set()
        for parts in (origin.split(".") for origin in origins):
            for end in range(1, len(parts) + 1):
                found.setdefault(".".join(parts[:end]), set()).add(name)
    return {origin: frozenset(each) for origin, each in found.items()}


def _sinks_after(analysis: Analysis, step: str) -> frozenset[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(analysis.shape.steps)
    graph.add_edges_from((wire.source.step, wire.target.step) for wire in analysis.shape.wires)
    reached = nx.descendants(graph, step) | {step} if step in graph else {step}
    return frozenset(reached) & frozenset(analysis.sinks)


def _beyond(analysis: Analysis, tree: Tree) -> bool:
    kids = analysis.lineage.trees.kids(tree)
    return bool(tree.wild or tree.own or any(name in kids for name in _NOWHERE))


def _listed(origins: set[str]) -> str:
    names = sorted(origins)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
