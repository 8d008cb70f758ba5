"""The picture of a flow is drawn from the model: no wire under a foreign step, no markup from a title."""

from __future__ import annotations

import itertools
import random
from xml.etree import ElementTree

import pytest

from flows.graph import Flow, read_flow
from flows.render import BOX_H, BOX_W, Point, WireLoad, place, svg


def flow_of(edges: list[tuple[str, str]], title: str = "Step") -> Flow:
    names = sorted({name for edge in edges for name in edge})
    flow, findings = read_flow(
        {
            "format": "lockgate/flow/1",
            "id": "drawn",
            "name": title,
            "purpose": "supply-consumption",
            "steps": [{"id": name, "kind": "filter", "version": 1, "title": title, "config": {}} for name in names],
            "wires": [{"from": f"{start}.out", "to": f"{end}.in"} for start, end in edges],
        }
    )
    assert flow is not None, findings
    return flow


def passes(one: Point, other: Point, box: Point) -> bool:
    """Whether an axis-parallel stretch touches the inside of a box."""
    left, right = sorted((one.x, other.x))
    top, bottom = sorted((one.y, other.y))
    return left < box.x + BOX_W and right > box.x and top < box.y + BOX_H and bottom > box.y


@pytest.mark.parametrize("seed", range(200))
def test_no_wire_runs_under_a_foreign_step_on_random_graphs(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.randrange(3, 26)
    edges = [(f"s{chance.randrange(end)}", f"s{end}") for end in range(1, count)]
    edges += [(f"s{min(pair)}", f"s{max(pair)}") for _ in range(count // 2) if (pair := chance.sample(range(count), 2))]
    flow = flow_of(list(dict.fromkeys(edges)))
    picture = place(flow)
    for wire, route in zip(flow.wires, picture.routes, strict=True):
        for one, other in itertools.pairwise(route):
            for name, box in picture.boxes.items():
                if name not in (wire.source.step, wire.target.step):
                    assert not passes(one, other, box), (wire.ends, name)


def test_the_same_flow_gives_the_same_bytes() -> None:
    flow = flow_of([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "d")])
    assert svg(flow) == svg(flow)


def test_text_of_people_is_text_and_never_markup() -> None:
    flow = flow_of([("a", "b")], title="<img src=x onerror=alert(1)>&\"'")
    drawn = svg(flow, {("a.out", "b.in"): WireLoad(4, 23)})
    root = ElementTree.fromstring(drawn)
    assert not [element for element in root.iter() if element.tag.endswith("img")]
    assert root[0].text == "<img src=x onerror=alert(1)>&\"'"


def test_sensitivity_is_told_in_words_beside_the_colour() -> None:
    drawn = svg(flow_of([("a", "b")]), {("a.out", "b.in"): WireLoad(4, 23)})
    assert "S4 \u00b7 23" in drawn
    assert "carrying 23 fields up to S4" in drawn


def test_a_cycle_is_drawn_too() -> None:
    assert "<svg" in svg(flow_of([("a", "b"), ("b", "c"), ("c", "a")]))


def test_a_long_flow_goes_on_in_rows_so_that_a_page_shows_all_of_it() -> None:
    picture = place(flow_of([(f"s{number}", f"s{number + 1}") for number in range(7)]))
    assert len({box.y for box in picture.boxes.values()}) > 1
    assert all(box.x + BOX_W <= picture.width and box.y + BOX_H <= picture.height for box in picture.boxes.values())
    corners = [corner for route in picture.routes for corner in route]
    assert all(0 <= corner.x <= picture.width and 0 <= corner.y <= picture.height for corner in corners)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Item to material", ["Item to material"]),
        ("Patient becomes a case reference", ["Patient becomes a", "case reference"]),
        ("WWWWWWWWWWWWWWWWWWWW", ["WWWWWWWWWWWW\u2026"]),
        ("One record for each line of what was charged today", ["One record for each", "line of what was\u2026"]),
    ],
)
def test_a_title_stays_inside_its_box_in_as_many_lines_as_there_is_room(title: str, lines: list[str]) -> None:
    root = ElementTree.fromstring(svg(flow_of([("a", "b")], title=title)))
    spans = [each.text for each in root.iter() if each.tag.endswith("tspan")]
    assert spans == lines * 2
