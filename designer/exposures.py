"""The exposure diff as a table: which system gets which field otherwise, from where, and by which way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from designer import releases
from designer.compared import Compared, system
from designer.errors import DesignerError
from designer.http.models import reviews as shapes
from flows.diff import Change
from flows.explain import ExplainError
from flows.explain import explain as explain_field
from flows.findings import Hop

if TYPE_CHECKING:
    from designer.context import Designer

MOST_ROWS = 500
MOST_PATHS = 40
"""Ways are looked for one by one; a first release may expose very many values."""
_RANK = {"wider": 0, "other": 1, "narrower": 2}


def rows(designer: Designer, release: str, compared: Compared) -> tuple[shapes.ExposureRow, ...]:
    """One row a system and field, the gravest first."""
    grouped: dict[tuple[str, str | None], list[Change]] = {}
    for change in compared.difference.exposure:
        grouped.setdefault((change.sink or "", change.field), []).append(change)
    found = [_row(compared, sink, field, changes) for (sink, field), changes in grouped.items()]
    found.sort(key=lambda row: (_RANK[row.direction], -row.sensitivity, row.system, row.field or ""))
    shown = found[:MOST_ROWS]
    ways = dict(_ways(designer, release, [row for row in shown if row.direction == "wider"][:MOST_PATHS]))
    return tuple(row.model_copy(update={"path": ways.get((row.sink, row.field), ())}) for row in shown)


def _row(compared: Compared, sink: str, field: str | None, changes: Sequence[Change]) -> shapes.ExposureRow:
    before, after = tuple(_values(each.before for each in changes)), tuple(_values(each.after for each in changes))
    wider = any(each.direction == "wider" for each in changes)
    known = compared.now if any(step["id"] == sink for step in compared.now.flow["steps"]) else compared.base
    return shapes.ExposureRow(
        direction="other" if before and after else "wider" if wider else "narrower",
        sink=sink,
        system=system(known or compared.now, sink),
        field=field,
        before=before,
        after=after,
        sensitivity=max((each.sensitivity for each in (*after, *before)), default=-1),
        sentences=tuple(each.sentence for each in changes if not _is_value(each)),
        path=(),
    )


def _is_value(change: Change) -> bool:
    return any(isinstance(side, dict) and "origin" in side for side in (change.before, change.after))


def _values(sides: Iterator[Any]) -> Iterator[shapes.ExposedValue]:
    for side in sides:
        if isinstance(side, dict) and "origin" in side:
            yield shapes.ExposedValue(
                origin=side["origin"],
                concept=side["concept"],
                sensitivity=side["sensitivity"],
                protections=tuple(side["protections"]),
            )


def _ways(
    designer: Designer, release: str, wanted: Sequence[shapes.ExposureRow]
) -> Iterator[tuple[tuple[str, str | None], tuple[Hop, ...]]]:
    """The way that the first new value of a row takes."""
    try:
        seen = releases.looked(designer, release) if wanted else None
    except DesignerError:
        return
    for row in wanted:
        if seen is None or not row.after:
            continue
        value = row.after[0]
        try:
            with seen.lock:
                arrivals = explain_field(seen.analysis, value.origin, row.sink).arrivals
        except (ExplainError, KeyError):
            continue
        way = next((each.path for each in arrivals if each.field == row.field and each.path), ())
        yield (row.sink, row.field), way
