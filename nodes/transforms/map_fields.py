"""Map fields: make a canonical record of exactly the fields that the next system needs; nothing else goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from flows.effects import Effect, Effects, Nature, Origin, Verb
from flows.environment import RecordSchema, SchemaField, Surroundings
from flows.expression import Expression, compile_expression, formula, kind_of, reads
from flows.expression.evaluation import Get
from flows.expression.tree import Constant, FieldOf
from flows.paths import Selector, parse
from flows.values import ABSENT, NULL, Value
from flows.vocabulary import S0, DataClass
from nodes.contract import Example, Node, NodeConfig, Problem
from nodes.decimals import NotDecimal, plain
from nodes.fields import Added, without_problems
from nodes.record import Record
from nodes.services import Services
from nodes.stop import Stop, Stopped

_USE = {
    "format": "lockgate/schema/1",
    "name": "use",
    "version": 1,
    "title": "Use of an item",
    "fields": {
        "material": {"type": "string", "concept": "item-code", "title": "Material"},
        "quantity": {"type": "decimal", "concept": "quantity", "title": "Quantity"},
        "remark": {"type": "string", "concept": "other", "required": False, "title": "Remark"},
    },
}
_CHARGE = "MSH|^~\\&|OR|HOSP|||20260301||DFT^P03^DFT_P03|C7|P|2.5\rFT1|1|||20260301||CG|A-1^Gauze|||2\r"


def _selector_or_tree(value: Any) -> Any:
    """A text is the selector of one field."""
    return {"field": parse(value).text} if isinstance(value, str) else value


Source = Annotated[Expression, BeforeValidator(_selector_or_tree), AfterValidator(without_problems)]


class MapFieldsConfig(NodeConfig):
    model_config = ConfigDict(populate_by_name=False)

    schema_: str = Field(
        alias="schema", pattern=r"^[a-z][a-z0-9-]{0,62}@[1-9]\d{0,3}$", json_schema_extra={"format": "record-schema"}
    )
    """The record that is made, for example ``utilisation-event@1``."""

    fields: Mapping[Added, Source] = Field(min_length=1, json_schema_extra={"format": "record-fields"})
    """Its fields: each from a selector such as ``FT1-13.1``, or from an expression."""


class _Job(NamedTuple):
    name: str
    selector: Selector | None
    """Of a field that is taken over as it is; what is made of several goes through ``value``."""
    value: Callable[[Get], Value]
    decimal: bool
    required: bool
    source: str


class MapFields(Node[MapFieldsConfig]):
    kind, title, Config = "map_fields", "Make a record", MapFieldsConfig
    examples = (
        Example(
            "A charge line becomes a record of its own",
            config={"schema": "use@1", "fields": {"material": "FT1-7.1", "quantity": "FT1-10"}},
            given=_CHARGE,
            gives=({"material": "A-1", "quantity": "2"},),
            schemas={"use@1": _USE},
        ),
        Example(
            "An expression joins two fields; what has no value and is not required stays out",
            config={
                "schema": "use@1",
                "fields": {
                    "material": {"fn": "concat", "args": [{"text": "M-"}, {"field": "code"}]},
                    "quantity": "amount",
                    "remark": "note",
                },
            },
            given={"code": "7", "amount": "+02.50"},
            gives=({"material": "M-7", "quantity": "2.50"},),
            schemas={"use@1": _USE},
        ),
        Example(
            "A quantity with a thousands comma waits for a person",
            config={"schema": "use@1", "fields": {"material": "FT1-7.1", "quantity": "FT1-10"}},
            given=_CHARGE.replace("|||2\r", "|||1,000.50\r"),
            stops="not-a-decimal",
            schemas={"use@1": _USE},
        ),
        Example(
            "A required field without a value waits for a person",
            config={"schema": "use@1", "fields": {"material": "code", "quantity": "amount"}},
            given={"code": "7"},
            stops="missing-value",
            schemas={"use@1": _USE},
        ),
    )

    @classmethod
    def effects(cls, config: MapFieldsConfig, around: Surroundings) -> Effects:
        schema = around.schemas.get(config.schema_)
        deciding = [reads(tree) for name, tree in config.fields.items() if _decides(name, schema)]
        return Effects(
            named=tuple(_derived(name, tree, schema) for name, tree in config.fields.items()),
            rest=Verb.DROP,
            control=tuple(dict.fromkeys(path for paths in deciding for path in paths)),
            produces=f"record/{config.schema_}",
        )

    @classmethod
    def check(cls, config: MapFieldsConfig, around: Surroundings) -> Iterator[Problem]:
        schema = around.schemas.get(config.schema_)
        if schema is None:
            known = ", ".join(sorted(around.schemas)) or "none"
            yield Problem(
                "LG-NODE-SCHEMA", f"There is no record schema '{config.schema_}'; there are: {known}.", "/schema"
            )
            return
        for name, field in schema.fields.items():
            if field.required and name not in config.fields:
                sentence = f"'{config.schema_}' requires '{name}' ({field.title}), which nothing fills."
                yield Problem("LG-NODE-SCHEMA-REQUIRED", sentence, "/fields")
        for name, tree in config.fields.items():
            misfit = _misfit(name, tree, schema)
            if misfit is not None:
                yield Problem("LG-NODE-SCHEMA-FIELD", misfit, f"/fields/{name}")

    def __init__(self, config: MapFieldsConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        schema = around.schemas[config.schema_]
        self._jobs = tuple(_job(name, tree, schema.fields[name]) for name, tree in config.fields.items())

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        get = record.first
        fields: dict[str, Value] = {}
        for name, selector, value_of, decimal, required, source in self._jobs:
            value = value_of(get) if selector is None else get(selector)
            if value is ABSENT or value is NULL or value == "":
                if required:
                    raise _missing(name, source)
            elif decimal:
                fields[name] = _decimal(value, name, source)
            else:
                fields[name] = value
        return (("out", record.fresh(fields)),)


def _job(name: str, tree: Expression, field: SchemaField) -> _Job:
    selector = parse(tree.field) if isinstance(tree, FieldOf) else None
    return _Job(name, selector, compile_expression(tree), field.type == "decimal", field.required, formula(tree))


def _missing(name: str, source: str) -> Stop:
    sentence = f"'{name}' must have a value, and {source} has none. The record is held; correct it at its source."
    return Stop(Stopped.PARK, "missing-value", sentence, place=source)


def _decimal(value: Value, name: str, source: str) -> str:
    try:
        return plain(value if isinstance(value, str) else "")
    except NotDecimal as error:
        sentence = (
            f"'{name}' must be a decimal, and {source} is none: {error.sentence}. The record is held; correct it."
        )
        raise Stop(Stopped.PARK, "not-a-decimal", sentence, place=source) from None


def _decides(name: str, schema: RecordSchema | None) -> bool:
    """Whether a value can hold the record back: it is required, or must be a decimal."""
    field = schema.fields.get(name) if schema else None
    return field is None or field.required or field.type == "decimal"


def _derived(name: str, tree: Expression, schema: RecordSchema | None) -> Effect:
    paths = reads(tree)
    field = schema.fields.get(name) if schema else None
    if paths or field is None:
        return Effect(Verb.DERIVE, name, reads=paths)
    constant = Nature(field.concept, frozenset({DataClass.OPERATIONAL}), S0)
    return Effect(Verb.DERIVE, name, origins=(Origin("constant", constant),))


def _misfit(name: str, tree: Expression, schema: RecordSchema) -> str | None:
    field = schema.fields.get(name)
    if field is None:
        return f"'{schema.name}@{schema.version}' has no field '{name}'; it has: {', '.join(schema.fields)}."
    if field.type in ("object", "array"):
        return f"'{name}' is an {field.type}; an expression gives one value."
    if (field.type == "boolean") != (kind_of(tree) == "boolean"):
        return f"'{name}' must be a {field.type}; {formula(tree)} gives a {kind_of(tree)}."
    if field.type == "decimal" and isinstance(tree, Constant):
        return f"'{name}' must be a decimal; write a fixed one as a number."
    return None
