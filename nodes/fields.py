"""Types for the fields of configs, and the reading of one text from a record."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, JsonValue

from flows.expression import Condition, Expression, problems
from flows.fhir import tables
from flows.paths import Selector, is_group, parse
from nodes.record import Record


def _path(text: str) -> str:
    parse(text)
    return text


def _group(text: str) -> str:
    if not is_group(text) and text not in tables().types:
        raise ValueError(
            "a group is written as in 'FINANCIAL' or 'PATIENT_RESULT/ORDER_OBSERVATION', a type of resources as in "
            "'SupplyDelivery'"
        )
    return text


Path = Annotated[
    str, Field(min_length=1, max_length=200, json_schema_extra={"format": "field-path"}), AfterValidator(_path)
]
"""A selector. PathError, raised by the check, carries the right spelling to the finding."""

Group = Annotated[
    str, Field(min_length=1, max_length=200, json_schema_extra={"format": "group"}), AfterValidator(_group)
]
"""The name of a group of segments (HL7 v2), or a type of resources (FHIR)."""

MasterId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$", json_schema_extra={"format": "master"})]
"""The id of a master of the environment."""

Added = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9_]{0,62}$")]
"""A name under which a step puts a value at the top of the record: no HL7 segment starts in lower case."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""A reason that people choose and ledgers count by."""


def text_at(record: Record, selector: Selector) -> str | None:
    """The first text at ``selector``; None where there is nothing, or only HL7's ``\"\"``, or no text."""
    value = record.first(selector)
    return value if value.__class__ is str and value else None


class Misplaced(ValueError):
    """Something wrong inside a value: ``pointer`` says where in it. What is ``superfluous`` can be taken out."""

    def __init__(self, sentence: str, pointer: str, *, superfluous: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.pointer, self.superfluous = sentence, pointer, superfluous


def only_with(**choice: str) -> dict[str, JsonValue]:
    """Of a setting that belongs to one choice of another beside it: forms show it with that choice alone."""
    return {"x-only-with": {**choice}}


T = TypeVar("T", bound="Expression | Condition")


def without_problems(tree: T) -> T:
    """An expression or condition as it is; Misplaced where a selector, a function or an argument is wrong."""
    for pointer, sentence in problems(tree):
        raise Misplaced(sentence, pointer)
    return tree
