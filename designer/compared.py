"""What a candidate changes against the live version: exposure, behaviour, configuration, graph; and how grave it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from designer.http.models import reviews as shapes
from designer.words import counted, listed
from flows.diff import Change, Difference, diff
from flows.findings import Json
from flows.release import Manifest
from flows.vocabulary import S3

MOST_CHANGES = 500


class Risk(NamedTuple):
    """How closely people should look, and why."""

    tier: shapes.Tier
    why: tuple[str, ...]


class Compared(NamedTuple):
    """A candidate beside its base; None: a first release."""

    base: Manifest | None
    now: Manifest
    difference: Difference


def compare(base: Manifest | None, now: Manifest) -> Compared:
    return Compared(base, now, diff(base, now))


def bodies(changes: Sequence[Change]) -> tuple[shapes.ChangeBody, ...]:
    """Differences as they are shown."""
    return tuple(
        shapes.ChangeBody(
            direction=each.direction,
            sentence=each.sentence,
            pointer=each.pointer,
            step=_step(each.pointer) or each.sink,
            sink=each.sink,
            field=each.field,
            before=each.before,
            after=each.after,
        )
        for each in changes[:MOST_CHANGES]
    )


def graph(compared: Compared) -> shapes.GraphDiff:
    """The difference by steps and wires; where they stand on the canvas does not count."""
    was, now = _steps(compared.base), _steps(compared.now)
    before, after = _wires(compared.base), _wires(compared.now)
    return shapes.GraphDiff(
        added=tuple(name for name in now if name not in was),
        removed=tuple(name for name in was if name not in now),
        changed=tuple(name for name in now if name in was and now[name] != was[name]),
        wires_added=tuple(wire for wire in after if wire not in before) if compared.base else (),
        wires_removed=tuple(wire for wire in before if wire not in after),
        before=compared.base.flow if compared.base else None,
        after=compared.now.flow,
    )


def headline(compared: Compared) -> str:
    """What newly leaves, to whom, in one sentence."""
    if compared.base is None:
        return f"First release: {_all_sent(compared.now)}."
    wider = [each for each in compared.difference.exposure if each.direction == "wider"]
    narrower = [each for each in compared.difference.exposure if each.direction == "narrower"]
    if not wider and not narrower:
        return "No change in exposure: nobody learns anything new."
    parts = []
    sinks = dict.fromkeys(each.sink or "" for each in wider)
    for sink in sinks:
        fields = [each for each in wider if each.sink == sink]
        parts.append(f"newly exposes {_fields(fields)} to {system(compared.now, sink)}")
    if narrower:
        count = len(narrower)
        parts.append(f"sends {count} {'value' if count == 1 else 'values'} less")
    return f"This change {'; '.join(parts)}."


def risk(compared: Compared) -> Risk:
    """The tier, computed from what changes; the sentences say from what."""
    high, medium = _high(compared), _medium(compared)
    if high:
        return Risk("high", (*high, *medium))
    if medium:
        return Risk("medium", tuple(medium))
    return Risk("low", ("Nothing that is sent and nothing that is done changes: only names, titles or the layout.",))


def system(known: Manifest, sink: str) -> str:
    """What people call the system behind a sink."""
    step = next((each for each in known.flow["steps"] if each["id"] == sink), None)
    connection = known.environment["connections"].get(step.get("connection")) if step else None
    return f"{connection['system']}" if connection else f"'{sink}'"


def _high(compared: Compared) -> list[str]:
    found = []
    if compared.base is None:
        found.append("It is the first release of this flow: everything that it sends is new.")
    grave = [each for each in compared.difference.exposure if each.direction == "wider" and _level(each) >= S3]
    if grave and compared.base is not None:
        leaves = "leaves" if len({_atom(each) for each in grave}) == 1 else "leave"
        found.append(f"{_fields(grave)} newly {leaves}: S3 or S4.")
    moved = [each for each in compared.difference.exposure if each.direction == "wider" and each.field is None]
    if moved and compared.base is not None:
        found.append(f"A destination is new or another one: {moved[0].sentence}")
    if compared.now.waivers:
        found.append(f"{counted(len(compared.now.waivers), 'rule is', 'rules are')} set aside.")
    if compared.base is not None and compared.now.flow.get("purpose") != compared.base.flow.get("purpose"):
        found.append("Its purpose is another one.")
    return found


def _medium(compared: Compared) -> list[str]:
    found = []
    wider = [each for each in compared.difference.exposure if each.direction == "wider" and each.field is not None]
    if wider and compared.base is not None:
        level = max(_level(each) for each in wider)
        reach = counted(len(wider), "value newly reaches", "values newly reach")
        found.append(f"{reach} another system, at most S{max(level, 0)}.")
    count = len(compared.difference.behaviour)
    if count:
        found.append(f"{counted(count, 'change', 'changes')} in what is done.")
    return found


def _level(change: Change) -> int:
    after = change.after
    return int(after["sensitivity"]) if isinstance(after, dict) and "sensitivity" in after else -1


def _fields(changes: Sequence[Change]) -> str:
    """``2 fields (PV1-3.1 S1, PV1-19.1 S3 pseudonymised)``."""
    told = list(dict.fromkeys(_atom(each) for each in changes))
    shown = ", ".join(told[:4]) + (f" and {len(told) - 4} more" if len(told) > 4 else "")
    return f"{len(told)} {'value' if len(told) == 1 else 'values'} ({shown})"


def _atom(change: Change) -> str:
    after = change.after
    if not isinstance(after, dict) or "origin" not in after:
        return change.field or "a destination"
    held = f" {' and '.join(after['protections'])}" if after["protections"] else ""
    return f"{after['origin']} S{after['sensitivity']}{held}"


def _all_sent(known: Manifest) -> str:
    parts = []
    for sink, report in sorted(known.lineage.items()):
        atoms = [atom for atoms in report["fields"].values() for atom in atoms]
        bare = max((a["sensitivity"] for a in atoms if not a["protections"]), default=0)
        graver = [a for a in atoms if a["sensitivity"] > bare and a["protections"]]
        protected = f", and graver ones only under protection: {_held(graver)}" if graver else ""
        reach = counted(len(report["fields"]), "field reaches", "fields reach")
        parts.append(f"{reach} {system(known, sink)}, up to S{bare} as they are{protected}")
    return "; ".join(parts) or "it sends nothing"


def _held(atoms: Sequence[Mapping[str, Json]]) -> str:
    """``PID-3.1 (S4, pseudonymised) and PV1-19.1 (S3, pseudonymised)``."""
    told = dict.fromkeys(f"{a['origin']} (S{a['sensitivity']}, {' and '.join(a['protections'])})" for a in atoms)
    return listed([*list(told)[:3], *([f"{len(told) - 3} more"] if len(told) > 3 else [])])


def _steps(known: Manifest | None) -> dict[str, Json]:
    return {step["id"]: step for step in known.flow["steps"]} if known else {}


def _wires(known: Manifest | None) -> list[tuple[str, str]]:
    return [(wire["from"], wire["to"]) for wire in known.flow["wires"]] if known else []


def _step(pointer: str) -> str | None:
    parts = pointer.split("/")
    return parts[3] if parts[:3] == ["", "flow", "steps"] and len(parts) > 3 else None
