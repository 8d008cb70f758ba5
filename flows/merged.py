"""Two versions of a flow as one: every step and wire of either, each marked as added, removed, changed or as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from flows.graph import Flow

Kind = Literal["added", "removed", "changed"]
Ends = tuple[str, str]


class Merged(NamedTuple):
    """The union of two versions. What is not marked is the same in both."""

    flow: Flow
    steps: Mapping[str, Kind]
    wires: Mapping[Ends, Kind]


def merge(before: Flow, after: Flow) -> Merged:
    """The later version with what it removed put back. Where steps stand on the canvas does not count."""
    was = {step.id: step for step in before.steps}
    now = {step.id: step for step in after.steps}
    steps: dict[str, Kind] = {name: "added" for name in now if name not in was}
    steps |= {name: "changed" for name, step in now.items() if name in was and was[name] != step}
    steps |= {name: "removed" for name in was if name not in now}
    had, has = {wire.ends for wire in before.wires}, {wire.ends for wire in after.wires}
    wires: dict[Ends, Kind] = dict.fromkeys(has - had, "added")
    wires |= dict.fromkeys(had - has, "removed")
    whole = after.model_copy(
        update={
            "steps": (*after.steps, *(step for step in before.steps if step.id not in now)),
            "wires": (*after.wires, *(wire for wire in before.wires if wire.ends not in has)),
        }
    )
    return Merged(whole, steps, wires)
