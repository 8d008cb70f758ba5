"""CSV contracts: which columns a file has, where each comes from, and how it is written. A small schema of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from flows.canonical import NotCanonical, loads_strict
from flows.environment import ContractField, OperationContract
from flows.findings import Model
from flows.refusals import pointer, sentence

Json = Any
FORMAT = "lockgate/csv/1"
_TYPES: Mapping[str, dict[str, Json]] = {
    "text": {"type": "string"},
    "decimal": {"type": "string", "format": "decimal"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "xsd-date"},
    "time": {"type": "string", "format": "xsd-date-time"},
}


class NotCsvContract(ValueError):
    """A CSV contract that cannot be used; the sentence names the place."""


class Column(Model):
    """One column. Exactly one of ``field``, ``fixed`` and ``value`` says what stands in it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    field: Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9_]{0,62}$")] | None = None
    """The record's field."""
    fixed: Annotated[str, Field(pattern=r"^[^\x00-\x1f]{0,200}$")] | None = None
    """The same in every line."""
    value: Literal["posting-key"] | None = None
    """``posting-key``: the posting's own key, by which the reader tells a repetition."""
    type: Literal["text", "decimal", "integer", "boolean", "date", "time"] = "text"
    required: bool = True
    max_length: Annotated[int, Field(ge=1, le=10_000)] | None = None
    allowed: tuple[str, ...] = ()
    """Of a text: nothing but these."""

    @model_validator(mode="after")
    def _one_source(self) -> Column:
        if sum(each is not None for each in (self.field, self.fixed, self.value)) != 1:
            raise ValueError("a column has exactly one of 'field', 'fixed' and 'value'")
        return self


class CsvContract(Model):
    """``lockgate/csv/1``: the one operation of a connection that takes files."""

    format: Literal["lockgate/csv/1"]
    operation: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$")]
    title: str
    delimiter: Literal[",", ";", "\t", "|"] = ","
    quoting: Literal["where-needed", "all"] = "where-needed"
    header: bool = True
    line_end: Literal["crlf", "lf"] = "crlf"
    escape_formulas: bool = True
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _each_once(self) -> CsvContract:
        fields = [column.field for column in self.columns if column.field]
        for names in ([column.name for column in self.columns], fields):
            if len(set(names)) != len(names):
                raise ValueError("each column, and each field of a record, stands once")
        if not fields:
            raise ValueError("at least one column comes from a field")
        return self


def read_csv_contract(data: bytes) -> CsvContract:
    """The contract that ``data`` spells; NotCsvContract otherwise."""
    try:
        return CsvContract.model_validate(loads_strict(data))
    except NotCanonical as error:
        raise NotCsvContract(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise NotCsvContract(f"at {pointer(first['loc']) or '/'}: {sentence(first)}") from None


def csv_operation(path: str, data: bytes) -> OperationContract:
    """Its one operation: a record's fields in, nothing answered."""
    contract = read_csv_contract(data)
    columns = [column for column in contract.columns if column.field]
    properties = {column.field or "": _schema(column) for column in columns}
    needed = [column.field or "" for column in columns if column.required]
    return OperationContract(
        operation=contract.operation,
        method="PUT",
        path="",
        fields=tuple(ContractField(name, _kind(each), name in needed) for name, each in properties.items()),
        request={"type": "object", "properties": properties, "required": needed},
        answer=None,
        success=(0,),
        document=hashlib.sha256(data).hexdigest(),
        kind="csv",
        files=((path, data),),
    )


def _schema(column: Column) -> dict[str, Json]:
    made = dict(_TYPES[column.type])
    if column.type == "text" and column.max_length is not None:
        made["maxLength"] = column.max_length
    if column.type == "text" and column.allowed:
        made["enum"] = list(column.allowed)
    return made


def _kind(schema: Mapping[str, Json]) -> Literal["string", "integer", "boolean"]:
    kind = schema["type"]
    return kind if kind in ("integer", "boolean") else "string"
