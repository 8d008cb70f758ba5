"""Validate: let a record go on only if it holds what the flow relies on; the others are held or counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from flows.effects import Effects
from flows.environment import Surroundings
from flows.master_table import day_of
from flows.paths import Selector, parse
from flows.values import Value
from nodes.contract import Example, Node, NodeConfig, Problem
from nodes.decimals import NotDecimal, exact
from nodes.fields import MasterId, Path, text_at
from nodes.record import Record
from nodes.services import Services
from nodes.stop import Stop, Stopped
from nodes.times import day_of_receipt

_VISIT = "MSH|^~\\&|OR|HOSP|||20260301101500||ADT^A08|C7|P|2.5\rPV1|1|I|OR^2^1^H||||||||||||||||V-1\r"
_WARDS = {"locations": [{"key": ["OR", "2"], "values": {"plant": "1000"}, "valid_to": "2026-07-01"}]}
_TIME = re.compile(r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,4})?)?)?(?:[+-](?:0\d|1[0-4])[0-5]\d)?")
_ISO_TIME = re.compile(r"T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?")
_HOW = {"park": Stopped.PARK, "reject-line": Stopped.REJECT_LINE, "filter": Stopped.FILTER}
_HELD = {
    "park": "The record is held; correct it at its source, then it can be replayed.",
    "reject-line": "The line ends here and is counted.",
    "filter": "The record ends here and is counted.",
}


class Active(NodeConfig):
    master: MasterId
    """The master in which the key must stand."""

    key: tuple[Path, ...] = Field(min_length=1, max_length=16, json_schema_extra={"format": "master-key"})
    """Where the parts of the key stand, in the order of the master's contract."""

    at: Path | None = None
    """The time at which its row must hold. Without it, or where the message leaves it empty: the day of receipt."""


class WellFormed(NodeConfig):
    path: Path
    """The field. What is absent is well-formed; ``present`` asks for it."""

    shape: Literal["date", "time", "decimal", "integer"]
    """``date`` is a day, ``time`` a day with or without time of day, both as HL7 or ISO write them and in the
    calendar; ``decimal`` and ``integer`` are plain digits with one sign and point at most."""


class ValidateConfig(NodeConfig):
    present: tuple[Path, ...] = Field(default=(), max_length=200)
    """Fields that must have a value."""

    active: tuple[Active, ...] = Field(default=(), max_length=50)
    """Keys that must stand in a master at a time."""

    well_formed: tuple[WellFormed, ...] = Field(default=(), max_length=200)
    """Fields whose every value must have a shape."""

    conformance: Literal["off", "structure"] = "off"
    """``structure`` asks that segments and groups stand as HL7's own tables have them for the message's version."""

    on_fail: Literal["park", "reject-line", "filter"] = "park"
    """What happens to a record that fails: it waits for a person, its line ends, or it is filtered; all are counted."""


class _Key(NamedTuple):
    master: str
    parts: tuple[Selector, ...]
    at: Selector | None
    place: str


class Validate(Node[ValidateConfig]):
    kind, title, Config = "validate", "Check what the flow relies on", ValidateConfig
    examples = (
        Example(
            "A visit at a known location goes on",
            config={
                "present": ["PV1-19.1"],
                "active": [{"master": "locations", "key": ["PV1-3.1", "PV1-3.2"], "at": "MSH-7.1"}],
                "well_formed": [{"path": "MSH-7.1", "shape": "time"}],
            },
            given=_VISIT,
            gives=({"PV1-19.1": "V-1", "PV1-3.1": "OR"},),
            masters=_WARDS,
        ),
        Example(
            "A visit without number waits for a person",
            config={"present": ["PV1-19.1"]},
            given=_VISIT.replace("V-1", ""),
            stops="missing-value",
        ),
        Example(
            "A location that was closed on that day waits for a person",
            config={"active": [{"master": "locations", "key": ["PV1-3.1", "PV1-3.2"], "at": "MSH-7.1"}]},
            given=_VISIT.replace("20260301101500", "20260801101500"),
            stops="not-active",
            masters=_WARDS,
        ),
        Example(
            "A line with an impossible date is rejected and counted",
            config={"well_formed": [{"path": "used", "shape": "date"}], "on_fail": "reject-line"},
            given={"used": "20260230"},
            stops="not-well-formed",
        ),
        Example(
            "A record with a date and a quantity goes on",
            config={
                "present": ["quantity"],
                "well_formed": [{"path": "used", "shape": "date"}, {"path": "quantity", "shape": "decimal"}],
            },
            given={"used": "2026-02-28", "quantity": "2.5"},
            gives=({"used": "2026-02-28", "quantity": "2.5"},),
        ),
    )

    @classmethod
    def effects(cls, config: ValidateConfig, around: Surroundings) -> Effects:
        keys = [path for each in config.active for path in (*each.key, *((each.at,) if each.at else ()))]
        shapes = [each.path for each in config.well_formed]
        # Conformance looks at the names of the segments, at type and version; at no other value.
        structure = ["MSH-9", "MSH-12.1"] if config.conformance == "structure" else []
        return Effects(control=tuple(dict.fromkeys([*config.present, *keys, *shapes, *structure])))

    @classmethod
    def check(cls, config: ValidateConfig, around: Surroundings) -> Iterator[Problem]:
        for number, each in enumerate(config.active):
            contract = around.masters.get(each.master)
            if contract is None:
                sentence = f"There is no master '{each.master}' in this environment."
                yield Problem("LG-NODE-MASTER", sentence, f"/active/{number}/master")
            elif len(each.key) != len(contract.key):
                sentence = f"The key of master '{each.master}' has the parts {', '.join(contract.key)}."
                yield Problem("LG-NODE-MASTER-KEY", sentence, f"/active/{number}/key")

    def __init__(self, config: ValidateConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._present = tuple(parse(path) for path in config.present)
        self._active = tuple(_key(each) for each in config.active)
        self._shapes = tuple((parse(each.path), each.shape, _SHAPES[each.shape]) for each in config.well_formed)
        self._structure = config.conformance == "structure"

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        for selector in self._present:
            if text_at(record, selector) is None:
                raise self._failed("missing-value", f"{selector.text} has no value.", selector.text)
        for selector, shape, fits in self._shapes:
            if not all(fits(value) for value in record.every(selector)):
                raise self._failed("not-well-formed", f"{selector.text} is no {shape}.", selector.text)
        for key in self._active:
            self._check_active(record, key)
        if self._structure:
            self._check_structure(record)
        return (("out", record),)

    def _check_active(self, record: Record, key: _Key) -> None:
        values = tuple(text_at(record, part) or "" for part in key.parts)
        at = (key.at and text_at(record, key.at)) or day_of_receipt(record)
        if self.services.master(key.master).find(values, at) is None:
            if day_of(at) is None:
                place = key.at.text if key.at else ""
                raise self._failed("unreadable-time", f"{place} holds no date.", place)
            sentence = f"The key at {key.place} does not stand in master '{key.master}' at that time."
            reads = tuple(part.text for part in key.parts)
            raise self._failed("not-active", sentence, key.place, master=key.master, subject=values, reads=reads)

    def _check_structure(self, record: Record) -> None:
        found = self.services.conformance(record.envelope)
        if found is None:
            raise Stop(
                Stopped.PARK,
                "conformance-unanswered",
                "The conformance check gave no answer in time. The record is held and can be replayed.",
            )
        if found:
            code, place = found[0]
            more = f" ({len(found)} departures in all)" if len(found) > 1 else ""
            raise self._failed(code, f"The message departs from its HL7 structure at {place}: {code}{more}.", place)

    def _failed(
        self,
        reason: str,
        sentence: str,
        place: str,
        *,
        master: str = "",
        subject: tuple[str, ...] = (),
        reads: tuple[str, ...] = (),
    ) -> Stop:
        on_fail = self.config.on_fail
        whole = f"{sentence} {_HELD[on_fail]}"
        return Stop(_HOW[on_fail], reason, whole, place=place, master=master, subject=subject, reads=reads)


def _key(each: Active) -> _Key:
    parts = tuple(parse(path) for path in each.key)
    return _Key(each.master, parts, parse(each.at) if each.at else None, ", ".join(each.key))


def _is_date(value: Value) -> bool:
    return isinstance(value, str) and (not value or (value[-1].isdigit() and len(value) in (8, 10) and _day(value)))


def _is_time(value: Value) -> bool:
    if not isinstance(value, str) or not value:
        return isinstance(value, str)
    length = 10 if "-" in value[4:5] else 8
    day, rest = value[:length], value[length:]
    shape = _TIME if length == 8 else _ISO_TIME
    return _day(day) and (not rest or shape.fullmatch(rest) is not None)


def _day(text: str) -> bool:
    return text.isascii() and day_of(text) is not None


def _is_decimal(value: Value) -> bool:
    try:
        exact(value if isinstance(value, str) else "")
    except NotDecimal:
        return value == ""
    return True


def _is_integer(value: Value) -> bool:
    return _is_decimal(value) and isinstance(value, str) and "." not in value


_SHAPES: dict[str, Callable[[Value], bool]] = {
    "date": _is_date,
    "time": _is_time,
    "decimal": _is_decimal,
    "integer": _is_integer,
}
