"""Map to master: look a code up in a master that stewards sign, and count in the item's base unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import ConfigDict, Field, model_validator

from flows.effects import Effect, Effects, Nature, Origin, Verb
from flows.environment import Surroundings
from flows.master_table import day_of
from flows.masters import Column, ColumnContract, MasterRow
from flows.paths import Selector, parse
from flows.vocabulary import S1, S4, Concept, DataClass, Protection
from nodes.contract import Example, Node, NodeConfig, Problem
from nodes.decimals import NotDecimal, exact, plain, product
from nodes.fields import Added, MasterId, Misplaced, Path, only_with, text_at
from nodes.record import Record
from nodes.services import MasterView, Services
from nodes.stop import Stop, Stopped
from nodes.times import day_of_receipt

_ITEMS = {
    "items": [
        {"key": ["A-1"], "values": {"material": "M-100"}, "base_unit": "EA", "units": [{"unit": "BX", "factor": "10"}]},
        {"key": ["B-2"], "values": {"material": "M-200"}, "valid_to": "2026-02-01", "superseded_by": ["C-3"]},
        {"key": ["C-3"], "values": {"material": "M-300"}},
        {"key": ["D-4"], "values": {"material": "M-400"}, "valid_to": "2026-01-01"},
        {"key": ["D-4"], "values": {"material": "M-401"}, "valid_from": "2026-01-01"},
    ]
}
_UNKNOWN = Nature(Concept.UNKNOWN, frozenset({DataClass.UNKNOWN}), S4)
_FACTOR = Nature(Concept.QUANTITY, frozenset({DataClass.OPERATIONAL}), S1)


class Convert(NodeConfig):
    model_config = ConfigDict(populate_by_name=False)

    quantity: Path
    """The quantity, a decimal, for example ``FT1-10``."""

    unit: Path | None = None
    """Where its unit stands. Without one, or where it is empty, it is the unit that the code denotes in the master."""

    as_: Added = Field(alias="as")
    """The name under which the quantity in the base unit goes on."""


class MapConfig(NodeConfig):
    model_config = ConfigDict(populate_by_name=False)

    master: MasterId
    """The master, by its id in the environment."""

    key: tuple[Path, ...] = Field(min_length=1, max_length=16, json_schema_extra={"format": "master-key"})
    """Where the parts of the key stand, in the order of the master's contract."""

    at: Path | None = None
    """The time at which the row must hold. Without it, or where the message leaves it empty: the day of receipt."""

    as_: Mapping[Added, Column] = Field(alias="as", min_length=1, json_schema_extra={"format": "master-columns"})
    """What is added to the record: name -> column of the master."""

    convert: Convert | None = None
    """Count a quantity in the item's base unit, exactly."""

    on_miss: Literal["park", "reject-line", "default"] = "park"
    """A code that the master does not know: ``park`` keeps the line for a person, ``reject-line`` lets it end and
    counts it, ``default`` goes on with the values below."""

    default: Mapping[Added, str] | None = Field(default=None, json_schema_extra=only_with(on_miss="default"))
    """With ``on_miss: default``: a value for each name in ``as``. A quantity is then taken as it stands."""

    @model_validator(mode="after")
    def _default_is_whole(self) -> MapConfig:
        if self.on_miss != "default" and self.default is not None:
            raise Misplaced(
                "values for what is missed go with on_miss 'default': leave 'default' out.",
                "/default",
                superfluous=True,
            )
        if self.on_miss == "default" and (self.default is None or self.default.keys() != self.as_.keys()):
            raise Misplaced("give a value for each name in 'as', and for no other name.", "/default")
        if self.convert is not None and self.convert.as_ in self.as_:
            raise Misplaced("the name of the converted quantity is already taken by 'as'.", "/convert/as")
        return self


class _Conversion(NamedTuple):
    quantity: Selector
    unit: Selector | None
    name: str


class MapToMaster(Node[MapConfig]):
    kind, title, Config = "map_to_master", "Look up in a master", MapConfig
    examples = (
        Example(
            "A code becomes the material that holds on the day of use; two boxes of ten are twenty",
            config={
                "master": "items",
                "key": ["code"],
                "at": "used",
                "as": {"material": "material"},
                "convert": {"quantity": "amount", "unit": "unit", "as": "quantity"},
            },
            given={"code": "A-1", "used": "20260301", "amount": "2", "unit": "BX"},
            gives=({"material": "M-100", "quantity": "20", "code": "A-1"},),
            masters=_ITEMS,
        ),
        Example(
            "A superseded code leads to its successor",
            config={"master": "items", "key": ["FT1-7.1"], "at": "FT1-4.1", "as": {"material": "material"}},
            given="MSH|^~\\&|OR|HOSP|||20260301||DFT^P03^DFT_P03|C7|P|2.5\rFT1|1|||20260301||CG|B-2|||2\r",
            gives=({"material": "M-300", "FT1-7.1": "B-2"},),
            masters=_ITEMS,
        ),
        Example(
            "Of two rows with one code, the one that holds on the day of use is taken",
            config={"master": "items", "key": ["code"], "at": "used", "as": {"material": "material"}},
            given={"code": "D-4", "used": "20260301"},
            gives=({"material": "M-401", "code": "D-4"},),
            masters=_ITEMS,
        ),
        Example(
            "An unknown code waits for a person; a steward adds the row, and the line is replayed",
            config={"master": "items", "key": ["code"], "as": {"material": "material"}},
            given={"code": "Z-9"},
            stops="master-miss",
            masters=_ITEMS,
        ),
        Example(
            "An unknown code goes on under the values that the flow names",
            config={
                "master": "items",
                "key": ["code"],
                "as": {"material": "material"},
                "on_miss": "default",
                "default": {"material": "M-000"},
            },
            given={"code": "Z-9"},
            gives=({"material": "M-000"},),
            masters=_ITEMS,
        ),
    )

    @classmethod
    def effects(cls, config: MapConfig, around: Surroundings) -> Effects:
        return Effects(
            named=(*(_looked_up(config, name, around) for name in config.as_), *_converted(config)),
            control=(*_by(config), *_counted(config)),
        )

    @classmethod
    def check(cls, config: MapConfig, around: Surroundings) -> Iterator[Problem]:
        contract = around.masters.get(config.master)
        if contract is None:
            yield Problem("LG-NODE-MASTER", f"There is no master '{config.master}' in this environment.", "/master")
            return
        if len(config.key) != len(contract.key):
            parts = ", ".join(contract.key)
            yield Problem("LG-NODE-MASTER-KEY", f"The key of master '{config.master}' has the parts {parts}.", "/key")
        for name, column in config.as_.items():
            held = contract.columns.get(column)
            if held is None:
                sentence = f"Master '{config.master}' has no column '{column}'."
                yield Problem("LG-NODE-MASTER-COLUMN", sentence, f"/as/{name}")
            elif config.default is not None:
                yield from _default_fits(name, config.default[name], held)

    def __init__(self, config: MapConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._master = config.master
        self._key = tuple(parse(path) for path in config.key)
        self._at = parse(config.at) if config.at else None
        self._columns = tuple(config.as_.items())
        self._conversion = None if config.convert is None else _conversion(config.convert)

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        master = self.services.master(self._master)
        key = tuple([text_at(record, part) or "" for part in self._key])
        at = (self._at and text_at(record, self._at)) or day_of_receipt(record)
        row = master.find(key, at)
        if row is None:
            return (("out", self._missed(record, key, at)),)
        values = row.values
        out = record
        for name, column in self._columns:
            out = out.with_value(name, values[column])
        if self._conversion is not None:
            out = out.with_value(self._conversion.name, self._count(self._conversion, record, master, row, key, at))
        return (("out", out),)

    def _missed(self, record: Record, key: tuple[str, ...], at: str) -> Record:
        config = self.config
        if day_of(at) is None:
            raise Stop(
                Stopped.PARK,
                "unreadable-time",
                f"{config.at} holds no date, so no row of master '{config.master}' can be chosen. "
                "The line is held; correct it at its source.",
                place=config.at or "",
            )
        if config.default is None:
            raise self._miss(key)
        for name, value in config.default.items():
            record = record.with_value(name, value)
        if self._conversion is None:
            return record
        return record.with_value(self._conversion.name, plain(self._quantity(self._conversion, record)))

    def _miss(self, key: tuple[str, ...]) -> Stop:
        config, place = self.config, ", ".join(self.config.key)
        if config.on_miss == "reject-line":
            sentence = (
                f"Master '{config.master}' has no row for the code at {place}. The line ends here and is counted."
            )
            return self._stop(Stopped.REJECT_LINE, "master-miss", sentence, place, key, config.key)
        sentence = (
            f"Master '{config.master}' has no row for the code at {place} at that time. "
            "The line is held; a steward adds the row, then it can be replayed."
        )
        return self._stop(Stopped.PARK, "master-miss", sentence, place, key, config.key)

    def _stop(
        self, how: Stopped, reason: str, sentence: str, place: str, subject: tuple[str, ...], reads: tuple[str, ...]
    ) -> Stop:
        return Stop(how, reason, sentence, place=place, master=self._master, subject=subject, reads=reads)

    def _quantity(self, conversion: _Conversion, record: Record) -> str:
        path = conversion.quantity.text
        text = text_at(record, conversion.quantity)
        if text is None:
            raise Stop(
                Stopped.PARK, "no-quantity", f"{path} holds no quantity. The line is held; correct it.", place=path
            )
        try:
            exact(text)
        except NotDecimal as error:
            sentence = f"{path} holds no quantity: {error.sentence}. The line is held; correct it at its source."
            raise Stop(Stopped.PARK, "not-a-decimal", sentence, place=path) from None
        return text

    def _count(
        self,
        conversion: _Conversion,
        record: Record,
        master: MasterView,
        row: MasterRow,
        key: tuple[str, ...],
        at: str,
    ) -> str:
        quantity = exact(self._quantity(conversion, record))
        unit = (conversion.unit and text_at(record, conversion.unit)) or row.unit
        factor = Decimal(1) if unit is None else master.factor(key, unit, at)
        if factor is None:
            where = conversion.unit.text if conversion.unit else ", ".join(self.config.key)
            sentence = (
                f"Master '{self.config.master}' has no conversion from the unit at {where} to the item's base unit. "
                "The line is held; a steward adds the factor, then it can be replayed."
            )
            given = conversion.unit.text if conversion.unit else ""
            raise self._stop(
                Stopped.PARK, "unit-unknown", sentence, where, (*key, unit or ""), (*self.config.key, given)
            )
        return product(quantity, factor)


def _conversion(convert: Convert) -> _Conversion:
    return _Conversion(parse(convert.quantity), parse(convert.unit) if convert.unit else None, convert.as_)


def _looked_up(config: MapConfig, name: str, around: Surroundings) -> Effect:
    column = config.as_[name]
    contract = around.masters.get(config.master)
    held = contract.columns.get(column) if contract else None
    origin = Origin(f"master:{config.master}.{column}", held.nature if held else _UNKNOWN)
    return Effect(Verb.DERIVE, name, reads=_by(config), protection=Protection.MAPPED, origins=(origin,))


def _by(config: MapConfig) -> tuple[str, ...]:
    """What a row is found by: a looked-up value tells of each, of the time too where rows hold at different times."""
    return (*config.key, *((config.at,) if config.at else ()))


def _converted(config: MapConfig) -> tuple[Effect, ...]:
    if config.convert is None:
        return ()
    name, factor = config.convert.as_, Origin(f"master:{config.master}.unit-factor", _FACTOR)
    counted = Effect(Verb.DERIVE, name, reads=_counted(config), origins=(factor,))
    # The factor is looked up too: a converted quantity tells of it as every looked-up value does.
    return (counted, Effect(Verb.DERIVE, name, reads=_by(config), protection=Protection.MAPPED))


def _counted(config: MapConfig) -> tuple[str, ...]:
    """What a quantity is made of; it holds the line back too where it is no decimal or has no conversion."""
    convert = config.convert
    return () if convert is None else (convert.quantity, *((convert.unit,) if convert.unit else ()))


def _default_fits(name: str, value: str, held: ColumnContract) -> Iterator[Problem]:
    if held.pattern is not None and not re.fullmatch(held.pattern, value):
        sentence = f"The default for '{name}' does not match the pattern of its column."
        yield Problem("LG-NODE-DEFAULT", sentence, f"/default/{name}")
