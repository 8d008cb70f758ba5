"""The library: shipped flows to begin from, and which of them this environment has the systems for."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from designer.drawing import Drawing
from designer.errors import DesignerError, NotThere
from flows.environment import Surroundings
from flows.graph import Flow, read_flow


class Shipped(NamedTuple):
    """A flow of the library."""

    id: str
    document: dict[str, Any]
    flow: Flow
    sentence: str
    cases: int


@cache
def shipped() -> dict[str, Shipped]:
    """All of them, by id."""
    found = {}
    for folder in sorted(resources.files("flows.library").iterdir(), key=lambda each: each.name):
        file = folder.joinpath("flow.json")
        if not file.is_file():
            continue
        document = json.loads(file.read_text("utf-8"))
        flow, _ = read_flow(document)
        if flow is not None:
            cases = folder.joinpath("cases")
            count = sum(each.name.endswith(".json") for each in cases.iterdir()) if cases.is_dir() else 0
            found[flow.id] = Shipped(flow.id, document, flow, _sentence(folder), count)
    return found


def pattern(name: str) -> Shipped:
    """The shipped flow of that id."""
    try:
        return shipped()[name]
    except KeyError:
        raise NotThere("no-pattern", f"The library has no flow '{name}'.") from None


def lacks(flow: Flow, around: Surroundings) -> tuple[str, ...]:
    """Connections and masters that a flow names and an environment has not."""
    connections = {step.connection for step in flow.steps if step.connection}
    masters = {str(step.config["master"]) for step in flow.steps if isinstance(step.config.get("master"), str)}
    return (
        *(f"connection '{name}'" for name in sorted(connections - set(around.environment.connections))),
        *(f"master '{name}'" for name in sorted(masters - set(around.masters))),
    )


def warm(drawing: Drawing) -> None:
    """Analyses every shipped flow once, so that the first draft does not wait for tables to be read."""
    for each in shipped().values():
        try:
            drawing.analysed(each.document)
        except DesignerError:
            return


def _sentence(folder: Any) -> str:
    """The first paragraph of its README."""
    readme = folder.joinpath("README.md")
    if not readme.is_file():
        return ""
    lines = [line.strip() for line in readme.read_text("utf-8").splitlines()]
    text = "\n".join(line for line in lines if not line.startswith("#"))
    return plain(" ".join(text.strip().split("\n\n")[0].split()))[:400]


def plain(text: str) -> str:
    """Markdown as people read it: a link by its words, no backticks and no emphasis."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`|\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", text)
