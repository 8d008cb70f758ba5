"""A flow drawn as SVG from the model alone: the same picture for review, print, catalogue and screen reader.

Steps stand in layers from left to right, and go on in the row below as a text does; a wire that passes a layer gets
a slot of its own there, so that no wire ever runs under a foreign step. Deterministic: the same flow gives the same
bytes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape as escape_markup
from xml.sax.saxutils import quoteattr

from flows.graph import Flow, Step, Wire
from flows.merged import Ends, Kind

BOX_W, BOX_H = 208, 64
GAP_X, GAP_Y = 128, 36
MARGIN = 32
COLUMNS = 3
"""So many layers stand side by side; what follows goes on in the row below, so that a page shows all of it."""
ROW_GAP, SIDE = 96, 104
"""Room between two rows, and beside them, for the wires that go on below."""
TITLE_WIDTH, TITLE_LINES = 182, 2
NARROW, BROAD, FULL_WIDTH = frozenset(" iljtfrI.,:;'|!()[]/-"), frozenset("mwMW@%\u2026"), 0x2E80
SWEEPS = 4


class WireLoad(NamedTuple):
    """What a wire carries: the highest sensitivity (0 to 4) and the number of fields."""

    sensitivity: int
    fields: int


class _Look(NamedTuple):
    colour: str
    width: float
    dash: str


LOOKS = (
    _Look("#88919a", 1.5, ""),
    _Look("#1c82c5", 2, ""),
    _Look("#5d3ecf", 2.5, "7 3"),
    _Look("#842d07", 3.5, ""),
    _Look("#48062b", 4.5, "2 3"),
)
"""Colour, width and dash by sensitivity: told apart by each of them alone, and by the text beside the wire."""


class _Slot(NamedTuple):
    """A place in a layer: a step, or the passage of a long wire (``wire`` is its number)."""

    name: str
    wire: int = -1


class Point(NamedTuple):
    x: int
    y: int


class Picture(NamedTuple):
    """Where everything stands: step boxes by their top left corner, wires as corner points."""

    width: int
    height: int
    boxes: Mapping[str, Point]
    routes: tuple[tuple[Point, ...], ...]


class Marks(NamedTuple):
    """What to mark in a picture of two versions, and what its wires carried before."""

    steps: Mapping[str, Kind] = {}
    wires: Mapping[Ends, Kind] = {}
    before: Mapping[Ends, WireLoad] = {}


class _MarkLook(NamedTuple):
    sign: str
    colour: str
    dash: str


MARKS: Mapping[Kind, _MarkLook] = {
    "added": _MarkLook("+", "#0b57d0", ""),
    "removed": _MarkLook("\u2013", "#57606a", "6 4"),
    "changed": _MarkLook("~", "#8a5a00", ""),
}
"""Sign, colour and dash: told apart by each of them alone, and by the word beside the sign."""


def svg(flow: Flow, loads: Mapping[Ends, WireLoad] | None = None, marks: Marks | None = None) -> str:
    """The flow as one SVG document; ``loads`` by wire ends (``Wire.ends``) where the lineage is known."""
    picture = place(flow)
    loads, marks = loads or {}, marks or Marks()
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}"'
            f' width="{picture.width}" height="{picture.height}" role="img" aria-labelledby="title desc"'
            ' font-family="Inter, system-ui, sans-serif">'
        ),
        f'<title id="title">{escape(flow.name)}</title>',
        f'<desc id="desc">{escape(describe(flow, loads, marks))}</desc>',
        f'<rect width="{picture.width}" height="{picture.height}" fill="#ffffff"/>',
    ]
    for wire, route in zip(flow.wires, picture.routes, strict=True):
        parts.append(_wire(wire, route, loads.get(wire.ends), marks))
    parts += [_box(step, picture.boxes[step.id], marks.steps.get(step.id)) for step in flow.steps]
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def describe(flow: Flow, loads: Mapping[Ends, WireLoad] | None = None, marks: Marks | None = None) -> str:
    """The picture in words: what is marked, then wire by wire."""
    titles = {step.id: step.title for step in flow.steps}
    loads, marks = loads or {}, marks or Marks()
    sentences = [f"{titles[name]} is {kind}." for name, kind in marks.steps.items() if name in titles]
    for wire in flow.wires:
        load = loads.get(wire.ends)
        carried = f" carrying {load.fields} fields up to S{load.sensitivity}" if load else ""
        ends = (titles.get(end.step, end.step) for end in (wire.source, wire.target))
        kind = f", {marks.wires[wire.ends]}" if wire.ends in marks.wires else ""
        sentences.append(" to ".join(ends) + carried + kind + ".")
    return " ".join(sentences)


def place(flow: Flow) -> Picture:
    """Positions of all boxes and the corner points of all wires, in the order of ``flow.wires``."""
    layers, passages = _layers(flow)
    _settle(layers, _neighbours(flow, passages))
    rows = [layers[first : first + COLUMNS] for first in range(0, len(layers), COLUMNS)]
    side = SIDE if len(rows) > 1 else MARGIN
    spots: dict[_Slot, Point] = {}
    top = MARGIN
    for row in rows:
        tall = max(1, *(len(layer) for layer in row))
        for column, layer in enumerate(row):
            first = top + (tall - len(layer)) * (BOX_H + GAP_Y) // 2
            for line, slot in enumerate(layer):
                spots[slot] = Point(side + column * (BOX_W + GAP_X), first + line * (BOX_H + GAP_Y))
        top += tall * BOX_H + (tall - 1) * GAP_Y + ROW_GAP
    boxes = {slot.name: spot for slot, spot in spots.items() if slot.wire < 0}
    channels = _channels(rows, spots)
    routes = tuple(_route(number, wire, spots, passages, channels) for number, wire in enumerate(flow.wires))
    wide = min(COLUMNS, len(layers))
    width = 2 * side + wide * BOX_W + max(0, wide - 1) * GAP_X
    return Picture(max(width, 240), top - ROW_GAP + MARGIN, boxes, routes)


def _channels(rows: list[list[list[_Slot]]], spots: Mapping[_Slot, Point]) -> Mapping[_Slot, int]:
    """For every slot that begins a row: the height at which wires come to it from the row above."""
    return {
        slot: min(spots[each].y for layer in row for each in layer) - ROW_GAP // 2
        for row in rows[1:]
        for slot in row[0]
    }


_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What XML cannot hold, and what turns text around so that it reads as another one."""


def escape(text: str) -> str:
    """Text as SVG holds it: no markup, and a sign in the place of everything that cannot be shown."""
    return escape_markup(_UNSHOWABLE.sub("\ufffd", text))


def _depths(flow: Flow) -> dict[str, int]:
    """Longest way from a source; a cycle (a finding elsewhere) stops growing at the number of steps."""
    depth = {step.id: 0 for step in flow.steps}
    for _ in range(len(depth)):
        grown = False
        for wire in flow.wires:
            start, end = wire.source.step, wire.target.step
            if start in depth and end in depth and depth[end] < depth[start] + 1 < len(depth):
                depth[end], grown = depth[start] + 1, True
        if not grown:
            break
    return depth


def _layers(flow: Flow) -> tuple[list[list[_Slot]], dict[int, list[_Slot]]]:
    depth = _depths(flow)
    layers: list[list[_Slot]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for step in flow.steps:
        slot = _Slot(step.id)
        if slot not in layers[depth[step.id]]:
            layers[depth[step.id]].append(slot)
    passages: dict[int, list[_Slot]] = {}
    for number, wire in enumerate(flow.wires):
        first, last = depth.get(wire.source.step), depth.get(wire.target.step)
        if first is None or last is None or last <= first:
            continue  # a wire that leads nowhere, or back: a finding elsewhere
        passages[number] = []
        for column in range(first + 1, last):
            slot = _Slot(f"~{column}", number)
            layers[column].append(slot)
            passages[number].append(slot)
    return layers, passages


def _neighbours(flow: Flow, passages: Mapping[int, list[_Slot]]) -> dict[_Slot, list[_Slot]]:
    near: dict[_Slot, list[_Slot]] = {}
    for number, between in passages.items():
        wire = flow.wires[number]
        chain = [_Slot(wire.source.step), *between, _Slot(wire.target.step)]
        for one, other in itertools.pairwise(chain):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    return near


def _settle(layers: list[list[_Slot]], near: Mapping[_Slot, list[_Slot]]) -> None:
    """Orders each layer by the mean place of its neighbours, to and fro, so that few wires cross."""
    for sweep in range(SWEEPS):
        row = {slot: place for layer in layers for place, slot in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            means = {slot: _mean([row[other] for other in near.get(slot, ())], row[slot]) for slot in layer}
            layer.sort(key=lambda slot, means=means, row=row: (means[slot], row[slot]))  # type: ignore[misc]
            row.update((slot, place) for place, slot in enumerate(layer))


def _mean(rows: list[int], default: int) -> float:
    return sum(rows) / len(rows) if rows else float(default)


def _route(
    number: int,
    wire: Wire,
    spots: Mapping[_Slot, Point],
    passages: Mapping[int, list[_Slot]],
    channels: Mapping[_Slot, int],
) -> tuple[Point, ...]:
    """Right out of the box, through the passages of its own, left into the next box; it turns only between layers."""
    start, end = _Slot(wire.source.step), _Slot(wire.target.step)
    if start not in spots or end not in spots:
        return ()
    between = passages.get(number)
    if between is None:  # a cycle: drawn straight, it is a finding and not a picture to keep
        return (_out(spots[start]), _into(spots[end]))
    shift = (number % 7 - 3) * 8
    corners = [_out(spots[start])]
    for one, other in itertools.pairwise([start, *between, end]):
        corners += _turns(spots[one], spots[other], shift, channels.get(other))
    corners.append(_into(spots[end]))
    return _straightened(corners)


def _turns(one: Point, other: Point, shift: int, channel: int | None) -> list[Point]:
    """Between two layers; where the second begins a row, through the channel above that row."""
    turn, low = other.x - GAP_X // 2 + shift, other.y + BOX_H // 2
    if channel is None:
        return [Point(turn, one.y + BOX_H // 2), Point(turn, low)]
    away, high = one.x + BOX_W + GAP_X // 2 + shift, channel + shift
    return [Point(away, one.y + BOX_H // 2), Point(away, high), Point(turn, high), Point(turn, low)]


def _out(box: Point) -> Point:
    return Point(box.x + BOX_W, box.y + BOX_H // 2)


def _into(box: Point) -> Point:
    return Point(box.x, box.y + BOX_H // 2)


def _straightened(corners: list[Point]) -> tuple[Point, ...]:
    kept: list[Point] = []
    for corner in corners:
        if kept and kept[-1] == corner:
            continue
        if len(kept) > 1 and kept[-2].y == kept[-1].y == corner.y:
            kept.pop()
        kept.append(corner)
    return tuple(kept)


def _wire(wire: Wire, route: tuple[Point, ...], load: WireLoad | None, marks: Marks) -> str:
    if len(route) < 2:
        return ""
    kind, was = marks.wires.get(wire.ends), marks.before.get(wire.ends)
    if kind is None and load != was and was is not None:
        kind = "changed"
    look = LOOKS[load.sensitivity if load else 0]
    if kind == "removed":
        look = _Look(MARKS[kind].colour, 1.5, MARKS[kind].dash)
    line = " ".join(f"{point.x},{point.y}" for point in route)
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    tip = route[-1]
    drawn = (
        f'<polyline points="{line}" fill="none" stroke="{look.colour}" stroke-width="{look.width}"{dash}'
        ' stroke-linejoin="round"/>'
        f'<path d="M{tip.x} {tip.y}l-9 -5v10z" fill="{look.colour}"/>'
    )
    text = _carried(load, kind)
    chip = _chip(route, text, look, at_end=kind == "removed") if text else ""
    return drawn + chip + (_before(route, was) if kind == "changed" and was else "")


def _carried(load: WireLoad | None, kind: Kind | None) -> str:
    """``S4 · 23``: sensitivity and number of fields, in words beside the colour."""
    if kind == "removed":
        return f"{MARKS[kind].sign} removed"
    now = f"S{load.sensitivity} \u00b7 {load.fields}" if load else "unknown" if kind == "changed" else ""
    return f"{MARKS[kind].sign} {now}".rstrip() if kind else now


def _before(route: tuple[Point, ...], was: WireLoad) -> str:
    """Under the wire, what it carried before."""
    x, y = route[0].x + 10, route[0].y + 24
    return f'<text x="{x}" y="{y}" font-size="11" fill="#57606a">was S{was.sensitivity} \u00b7 {was.fields}</text>'


def _chip(route: tuple[Point, ...], text: str, look: _Look, *, at_end: bool) -> str:
    """What a wire carries, on its first stretch; a removed one says so under its end, clear of what begins there."""
    wide = 14 + 7 * len(text)
    x = route[0].x + (GAP_X - wide) // 2 if len(route) == 2 else route[0].x + 4
    y = route[0].y - 11
    if at_end:
        x, y = route[-1].x - wide - 12, route[-1].y + 13
    return (
        f'<rect x="{x}" y="{y}" width="{wide}" height="22" rx="11" fill="#ffffff" stroke="{look.colour}"/>'
        f'<text x="{x + wide // 2}" y="{y + 15}" font-size="12" text-anchor="middle" fill="{look.colour}">{text}</text>'
    )


def _box(step: Step, at: Point, kind: Kind | None) -> str:
    title = _broken(step.title)
    lines = "".join(
        f'<tspan x="{at.x + 14}" y="{at.y + (27 if len(title) == 1 else 20) + 17 * number}">{escape(line)}</tspan>'
        for number, line in enumerate(title)
    )
    kind_y = at.y + (47 if len(title) == 1 else 54)
    mark = MARKS[kind] if kind else None
    edge = f'stroke="{mark.colour}" stroke-width="2.5"' if mark else 'stroke="#334155" stroke-width="1.5"'
    dash = f' stroke-dasharray="{mark.dash}"' if mark and mark.dash else ""
    named = f' data-mark="{kind}"' if kind else ""
    return (
        f'<g data-step={quoteattr(step.id)}{named}><rect x="{at.x}" y="{at.y}" width="{BOX_W}" height="{BOX_H}"'
        f' rx="10" fill="#f8fafc" {edge}{dash}/>{_badge(at, kind) if kind else ""}'
        f'<text font-size="14" font-weight="600" fill="#0f172a">{lines}</text>'
        f'<text x="{at.x + 14}" y="{kind_y}" font-size="12" fill="#475569">{escape(step.kind)}</text></g>'
    )


def _broken(title: str) -> list[str]:
    """A title in lines that stay inside the box in any font; what does not fit ends in an ellipsis."""
    lines = [""]
    for word in title.split():
        joined = f"{lines[-1]} {word}".strip()
        if _wide(joined) <= TITLE_WIDTH or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    kept = lines[:TITLE_LINES]
    if len(lines) > TITLE_LINES:
        kept[-1] += "\u2026"
    return [_cut(line) for line in kept]


def _cut(line: str) -> str:
    while _wide(line) > TITLE_WIDTH:
        line = line.rstrip("\u2026")[:-1].rstrip() + "\u2026"
    return line


def _wide(text: str) -> int:
    """How wide a text is at most, at the size of a title: by the widest of the usual fonts."""
    return sum(6 if sign in NARROW else 14 if sign in BROAD or ord(sign) > FULL_WIDTH else 10 for sign in text)


def _badge(at: Point, kind: Kind) -> str:
    """``+ added`` on the upper edge of a box; a changed one has a bar at its left too."""
    mark = MARKS[kind]
    wide = 22 + 7 * len(kind)
    x, y = at.x + BOX_W - wide - 10, at.y - 11
    bar = f'<rect x="{at.x}" y="{at.y + 8}" width="5" height="{BOX_H - 16}" fill="{mark.colour}"/>'
    return (
        f'{bar if kind == "changed" else ""}<rect x="{x}" y="{y}" width="{wide}" height="22" rx="11" fill="#ffffff"'
        f' stroke="{mark.colour}"/><text x="{x + wide // 2}" y="{y + 15}" font-size="12" font-weight="600"'
        f' text-anchor="middle" fill="{mark.colour}">{mark.sign} {kind}</text>'
    )
