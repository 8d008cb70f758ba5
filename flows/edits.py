"""Carries out the edit operations of a fix on a flow file or an environment file, as JSON values."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from flows.findings import (
    AddStep,
    AddWire,
    Edit,
    RemoveConfig,
    RemoveFlow,
    RemoveStep,
    RemoveWire,
    SetConfig,
    SetConnection,
    SetFlow,
)

Json = Any


class EditError(ValueError):
    """An edit that does not fit the file: its place is not there."""


def apply_edits(flow: Json, edits: Iterable[Edit]) -> Json:
    """A copy of a flow file's value with the edits done. Those of connections are left to ``apply_to_environment``."""
    flow = copy.deepcopy(flow)
    for edit in edits:
        _apply(flow, edit)
    return flow


def apply_to_environment(environment: Json, edits: Iterable[Edit]) -> Json:
    """A copy of an environment file's value with the edits of its connections done."""
    environment = copy.deepcopy(environment)
    for edit in edits:
        if isinstance(edit, SetConnection):
            connection = environment.get("connections", {}).get(edit.connection)
            if connection is None:
                raise EditError(f"there is no connection '{edit.connection}'.")
            set_at(connection, edit.pointer, edit.value)
    return environment


def set_at(document: Json, pointer: str, value: Json) -> None:
    """Sets the value at a JSON pointer; ``-`` appends to a list; objects on the way are made."""
    holder, last = _holder(document, pointer, make=True)
    if isinstance(holder, list):
        if last == "-":
            holder.append(value)
        else:
            holder[_index(holder, last)] = value
    else:
        holder[last] = value


def remove_at(document: Json, pointer: str) -> None:
    """Removes what stands at a JSON pointer."""
    holder, last = _holder(document, pointer, make=False)
    if isinstance(holder, list):
        del holder[_index(holder, last)]
    elif last in holder:
        del holder[last]
    else:
        raise EditError(f"nothing stands at {pointer}.")


def _apply(flow: Json, edit: Edit) -> None:
    match edit:
        case AddStep():
            _add_step(flow, edit)
        case RemoveStep():
            _remove_step(flow, edit.step)
        case SetConfig():
            set_at(_step(flow, edit.step).setdefault("config", {}), edit.pointer, edit.value)
        case RemoveConfig():
            remove_at(_step(flow, edit.step).get("config", {}), edit.pointer)
        case SetFlow():
            set_at(flow, edit.pointer, edit.value)
        case RemoveFlow():
            remove_at(flow, edit.pointer)
        case AddWire():
            flow["wires"].append({"from": edit.wire[0], "to": edit.wire[1]})
        case RemoveWire():
            _remove_wire(flow, edit.wire)
        case SetConnection():
            pass


def _add_step(flow: Json, edit: AddStep) -> None:
    """The wire is replaced by two. A second edit with the same step puts it on another wire too."""
    name = edit.step["id"]
    begin, end = edit.wire
    at = _remove_wire(flow, edit.wire)
    if all(step.get("id") != name for step in flow["steps"]):
        flow["steps"].insert(_before(flow, end), dict(edit.step))
    for number, wire in enumerate(((begin, f"{name}.in"), (f"{name}.out", end))):
        new = {"from": wire[0], "to": wire[1]}
        if new not in flow["wires"]:
            flow["wires"].insert(at + number, new)


def _before(flow: Json, end: str) -> int:
    names = [step.get("id") for step in flow["steps"]]
    return names.index(end.split(".")[0]) if end.split(".")[0] in names else len(names)


def _remove_step(flow: Json, name: str) -> None:
    into = [wire["from"] for wire in flow["wires"] if wire["to"].split(".")[0] == name]
    out = [wire["to"] for wire in flow["wires"] if wire["from"].split(".")[0] == name]
    flow["steps"] = [step for step in flow["steps"] if step.get("id") != name]
    flow["wires"] = [
        wire for wire in flow["wires"] if name not in (wire["to"].split(".")[0], wire["from"].split(".")[0])
    ]
    flow["wires"].extend({"from": begin, "to": end} for begin in into for end in out)
    flow.get("layout", {}).pop(name, None)


def _remove_wire(flow: Json, ends: tuple[str, str]) -> int:
    """Removes the last wire of these ends; gives where it stood."""
    for number in range(len(flow["wires"]) - 1, -1, -1):
        if (flow["wires"][number]["from"], flow["wires"][number]["to"]) == tuple(ends):
            del flow["wires"][number]
            return number
    raise EditError(f"there is no wire from '{ends[0]}' to '{ends[1]}'.")


def _step(flow: Json, name: str) -> Json:
    for step in flow["steps"]:
        if step.get("id") == name:
            return step
    raise EditError(f"there is no step '{name}'.")


def _holder(document: Json, pointer: str, *, make: bool) -> tuple[Json, str]:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if not parts:
        raise EditError("the whole document cannot be replaced.")
    here = document
    for part in parts[:-1]:
        if isinstance(here, list):
            here = here[_index(here, part)]
        elif isinstance(here, dict) and (part in here or make):
            if here.get(part) is None:
                here[part] = {}
            here = here[part]
        else:
            raise EditError(f"nothing stands at {pointer}.")
    if not isinstance(here, dict | list):
        raise EditError(f"nothing stands at {pointer}.")
    return here, parts[-1]


def _index(holder: list[Json], part: str) -> int:
    if not part.isdigit() or int(part) >= len(holder):
        raise EditError(f"the list has no place '{part}'.")
    return int(part)
