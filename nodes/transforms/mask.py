"""Mask: drop, redact, pseudonymise or generalise fields in place, so that what goes on names nobody."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from flows.effects import Effect, Effects, Verb
from flows.environment import Surroundings
from flows.paths import Selector, parse
from flows.vocabulary import Protection
from nodes.contract import Example, Node, NodeConfig, Problem
from nodes.fields import Misplaced, Path, only_with
from nodes.record import Mask, Record
from nodes.services import Services

_PATIENT = "MSH|^~\\&|OR|HOSP|||20260301101500||ADT^A08|C7|P|2.5\rPID|1||4711^^^H||Rivera^Ana||19310704|F\r"
_REDACTED = "***"
_DATE = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:[T\d].*|[+-]\d{4})?", re.DOTALL)
_AGE_LIMIT = 90
_PROTECTS = {
    "redact": Protection.REDACTED,
    "pseudonym": Protection.PSEUDONYMISED,
    "generalise": Protection.GENERALISED,
}


class MaskedField(NodeConfig):
    path: Path
    """The field, for example ``PID-3.1``. All its repetitions and parts are masked."""

    method: Literal["drop", "redact", "pseudonym", "generalise"]
    """``drop`` removes it, ``redact`` puts ``***`` in its place, ``pseudonym`` keeps equal values equal under a key
    that only the runtime has, ``generalise`` keeps a coarser value."""

    to: Literal["year", "year-month", "birth-year", "age", "postcode-prefix"] | None = Field(
        default=None, json_schema_extra=only_with(method="generalise")
    )
    """How coarse ``generalise`` makes it: the year or month of a date; the year of a birth date, or ``90+`` where it
    tells an age of 90 or more; an age in years, or ``90+``; the first three characters of a postcode. The day of a
    time is no coarser value, since most dates are just that: take it with ``iso-date`` where a record is made."""

    @model_validator(mode="after")
    def _coarseness_fits(self) -> MaskedField:
        if self.method == "generalise" and self.to is None:
            raise Misplaced("choose how coarse 'generalise' makes the value.", "/to")
        if self.method != "generalise" and self.to is not None:
            raise Misplaced(f"'{self.method}' makes nothing coarser: leave 'to' out.", "/to", superfluous=True)
        return self


class MaskConfig(NodeConfig):
    fields: tuple[MaskedField, ...] = Field(max_length=1000)
    """What is masked, in this order. A field that the message lacks stays absent."""


class _Job(NamedTuple):
    selector: Selector
    mask: Mask | None
    """None: dropped."""
    ages: bool
    """The mask depends on the year of receipt."""


class MaskFields(Node[MaskConfig]):
    kind, title, Config = "mask", "Mask fields", MaskConfig
    examples = (
        Example(
            "The patient's number becomes a pseudonym, the name goes, the birth date becomes 90+",
            config={
                "fields": [
                    {"path": "PID-3.1", "method": "pseudonym"},
                    {"path": "PID-5", "method": "drop"},
                    {"path": "PID-7", "method": "generalise", "to": "birth-year"},
                ]
            },
            given=_PATIENT,
            gives=({"PID-3.1": "E746SSPLO3D34S4VTYX3ENUFFU", "PID-5.1": "", "PID-7.1": "90+", "PID-8.1": "F"},),
        ),
        Example(
            "A record's postcode keeps its first three characters, its remark is redacted",
            config={
                "fields": [
                    {"path": "postcode", "method": "generalise", "to": "postcode-prefix"},
                    {"path": "remark", "method": "redact"},
                    {"path": "used", "method": "generalise", "to": "year-month"},
                ]
            },
            given={"postcode": "8400 Winterthur", "remark": "see Ana", "used": "2026-03-01", "unit": "4410"},
            gives=({"postcode": "840", "remark": "***", "used": "2026-03", "unit": "4410"},),
        ),
    )

    @classmethod
    def effects(cls, config: MaskConfig, around: Surroundings) -> Effects:
        return Effects(named=tuple(_effect(field) for field in config.fields))

    @classmethod
    def check(cls, config: MaskConfig, around: Surroundings) -> Iterator[Problem]:
        if not config.fields:
            yield Problem(
                "LG-NODE-EMPTY-MASK", "This step masks nothing: it has no fields.", "/fields", severity="advisory"
            )

    def __init__(self, config: MaskConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._jobs = tuple(_job(field, services) for field in config.fields)

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        for selector, mask, ages in self._jobs:
            if mask is None:
                record = record.without(selector)
            else:
                record = record.with_masked(selector, _in_year(mask, record) if ages else mask)
        return (("out", record),)


def _effect(field: MaskedField) -> Effect:
    if field.method == "drop":
        return Effect(Verb.DROP, field.path)
    return Effect(Verb.MASK, field.path, protection=_PROTECTS[field.method])


def _job(field: MaskedField, services: Services) -> _Job:
    masks: dict[str, Mask | None] = {"drop": None, "redact": _redact, "pseudonym": services.pseudonym}
    mask = _GENERALISERS[field.to] if field.to else masks[field.method]
    return _Job(parse(field.path), mask, field.to == "birth-year")


# Masks are total: what cannot be made coarser is redacted. A mask that raised would depend on who reads it when.


def _redact(value: str) -> str:
    return _REDACTED


def _year(value: str) -> str:
    date = _date(value)
    return date[0] if date else _REDACTED


def _year_month(value: str) -> str:
    date = _date(value)
    if date is None or not date[1]:
        return date[0] if date else _REDACTED
    return f"{date[0]}-{date[1]}" if "-" in value[:5] else date[0] + date[1]


def _age(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 3):
        return _REDACTED
    return f"{_AGE_LIMIT}+" if int(value) >= _AGE_LIMIT else value


def _postcode_prefix(value: str) -> str:
    return value[:3] if len(value) > 3 and value[:3].isalnum() else _REDACTED


def _in_year(mask: Mask, record: Record) -> Mask:
    year = datetime.datetime.fromtimestamp(record.envelope.received_ms / 1000, datetime.UTC).year

    def birth_year(value: str) -> str:
        born = mask(value)
        return f"{_AGE_LIMIT}+" if born.isdigit() and year - int(born) >= _AGE_LIMIT else born

    return birth_year


_GENERALISERS: dict[str, Callable[[str], str]] = {
    "year": _year,
    "year-month": _year_month,
    "birth-year": _year,
    "age": _age,
    "postcode-prefix": _postcode_prefix,
}


def _date(value: str) -> tuple[str, str] | None:
    """Year and month (or ``""``) of an HL7 or ISO date that is in the calendar."""
    match = _DATE.fullmatch(value)
    if match is None or not value.isascii():
        return None
    year, month, day = match[1], match[2] or "", match[3] or ""
    try:
        datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return year, month
