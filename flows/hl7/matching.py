"""What a selector means in a schema: the places it matches, the versions in which it matches none, paths as text."""

from __future__ import annotations

from collections.abc import Iterator

from flows.hl7.schema import Path, SchemaNode, SchemaTree, open_node
from flows.paths import Selector


def stands_in(wanted: Path, groups: Path) -> bool:
    """Whether a place in ``groups`` is meant by a selector that names the groups ``wanted``: each of them is around
    it, in order; others may stand between. ``ORDER`` means ``ORDER#1`` and ``ORDER#2`` too."""
    rest = iter(groups)
    return all(any(_same(name, label) for label in rest) for name in wanted)


def _same(name: str, label: str) -> bool:
    return name in (label, label.partition("#")[0])


def matches(tree: SchemaTree, selector: Selector) -> list[tuple[Path, SchemaNode]]:
    """Every place that the selector means, at any depth of groups.

    A site's own segment (``ZPM-3``) always matches, at the top, and is unknown. ``.1`` of a primitive is the primitive.
    """
    if selector.form != "hl7":
        return []
    if selector.segment.startswith("Z") and selector.segment not in tree.places and not tree.any_type:
        return _below((selector.segment,), open_node(selector.segment, "segment", tree.accepted), selector)
    found: list[tuple[Path, SchemaNode]] = []
    for path in tree.places.get(selector.segment, ()):
        if stands_in(selector.groups, path):
            parent = tree.node(path)
            for name, node in parent.children.items() if parent else ():
                if name.partition("#")[0] == selector.segment and node.kind == "segment":
                    found += _below((*path, name), node, selector)
    return list(dict(found).items())


def _below(path: Path, node: SchemaNode, selector: Selector) -> list[tuple[Path, SchemaNode]]:
    here: SchemaNode | None = node
    for number in (selector.field, selector.component, selector.sub):
        if number is None or here is None:
            break
        if number == 1 and here.kind in ("field", "part") and here.is_leaf and not here.open:
            continue
        here, path = here.child(str(number)), (*path, str(number))
    return [] if here is None else [(path, here)]


def matching_groups(tree: SchemaTree, name: str) -> list[tuple[Path, SchemaNode]]:
    """The groups that ``FINANCIAL`` or ``PATIENT_RESULT/ORDER_OBSERVATION`` names, at any depth."""
    wanted = tuple(name.split("/"))
    return [
        (path, node)
        for path, node in _groups(tree.root, ())
        if _same(wanted[-1], path[-1]) and stands_in(wanted[:-1], path[:-1])
    ]


def _groups(node: SchemaNode, path: Path) -> Iterator[tuple[Path, SchemaNode]]:
    for name, child in node.children.items():
        if child.kind == "group":
            yield (*path, name), child
            yield from _groups(child, (*path, name))


def versions_missing(tree: SchemaTree, selector: Selector) -> tuple[str, ...]:
    """The accepted ``STRUCTURE@version`` in which the selector means nothing."""
    present = frozenset().union(*(node.versions for _, node in matches(tree, selector)))
    return tuple(sorted(tree.accepted - present))


def schema_path(path: Path, tree: SchemaTree | None = None) -> str:
    """A path as text: ``PID-3.1``. Groups stand before it where the segment stands at more than one place of ``tree``
    (without a tree: wherever there are groups)."""
    end = next((i for i, name in enumerate(path) if name.isdigit()), len(path))
    names, numbers = path[:end], path[end:]
    if not names:
        return ""
    alone = tree is not None and numbers and len(tree.places.get(names[-1].partition("#")[0], ())) <= 1
    text = names[-1] if alone else "/".join(names)
    return text + ("-" + ".".join(numbers) if numbers else "")
