"""JSON by contract: writes the bytes of a body that has exactly the contract's fields, and looks an answer over.

Reads the keywords that flows.contracts keeps of a JSON Schema. A number is written from its decimal text; no float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import orjson

from flows.values import ABSENT, NULL, Value
from nodes.decimals import NotDecimal, exact, plain

Json = Any
Schema = Mapping[str, Json]
Writer = Callable[[Value], bytes]


class Unfit(ValueError):
    """A record that is not what its contract takes. ``place`` is a record path; the sentence holds no value."""

    def __init__(self, place: str, sentence: str, reason: Literal["not-in-contract", "contract"] = "contract") -> None:
        super().__init__(sentence)
        self.place, self.sentence, self.reason = place, sentence, reason


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    sentence: str


_ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
_CLOCK = r"\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?"
_FORMS = {
    "xsd-date-time": _Form(
        re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}T{_CLOCK}{_ZONE}"), "the contract takes a time such as 2026-03-01T10:15:00"
    ),
    "xsd-date": _Form(re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}{_ZONE}"), "the contract takes a date such as 2026-03-01"),
    "xsd-time": _Form(re.compile(_CLOCK + _ZONE), "the contract takes a time of day such as 10:15:00"),
}
"""What contracts of SOAP services and CSV files say of dates and times."""


class _Member(NamedTuple):
    name: str
    key: bytes
    write: Writer
    required: bool
    nullable: bool


def writer(schema: Schema, place: str = "") -> Writer:
    """Writes values of ``schema`` as canonical JSON: sorted members, no blanks. Raises Unfit."""
    match schema.get("type", "string"):
        case "object":
            return _object(schema, place)
        case "array":
            return _array(schema, place)
        case "integer" | "number" as kind:
            return _number(schema, place, whole=kind == "integer")
        case "boolean":
            return lambda value: _boolean(value, place)
        case _:
            return _text(schema, place)


def misfit(value: Json, schema: Schema, place: str = "") -> str | None:
    """Where a parsed answer is not what ``schema`` promises, as a sentence without any value; None where it is."""
    kind = schema.get("type")
    if value is None and schema.get("nullable"):
        return None
    if kind is not None and not _is(value, kind):
        return f"{place or 'the body'} is no {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place or 'the body'} is none of the values of the contract"
    if kind == "object":
        return _member_misfit(value, schema, place)
    if kind == "array":
        inner = schema.get("items", {})
        return next((found for n, each in enumerate(value) if (found := misfit(each, inner, f"{place}[{n}]"))), None)
    return None


def _member_misfit(value: Mapping[str, Json], schema: Schema, place: str) -> str | None:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{_below(place, name)} is missing"
    for name, inner in properties.items():
        if name in value and (found := misfit(value[name], inner, _below(place, name))):
            return found
    return None


def _is(value: Json, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "object": (dict,),
        "array": (list,),
    }
    return isinstance(value, kinds.get(kind, ()))


def _object(schema: Schema, place: str) -> Writer:
    required = schema.get("required", ())
    members = tuple(
        _Member(
            name,
            orjson.dumps(name) + b":",
            writer(each, _below(place, name)),
            name in required,
            each.get("nullable", False),
        )
        for name, each in sorted(schema.get("properties", {}).items(), key=_canonical_order)
    )
    names = frozenset(member.name for member in members)

    def write(value: Any) -> bytes:
        if value.__class__ is not MappingProxyType and not isinstance(value, Mapping):
            raise Unfit(place, "it is no object")
        parts = []
        for name, key, put, needed, nullable in members:
            held = value.get(name, ABSENT)
            if held is not ABSENT and held is not NULL:
                parts.append(key + put(held))
            elif held is NULL and nullable:
                parts.append(key + b"null")
            elif needed:
                raise Unfit(_below(place, name), "the contract requires it, and it has no value")
        if len(value) > len(parts) and (beyond := value.keys() - names):
            raise Unfit(_below(place, min(beyond)), "the contract does not take it", "not-in-contract")
        return b"{" + b",".join(parts) + b"}"

    return write


def _array(schema: Schema, place: str) -> Writer:
    put = writer(schema.get("items", {}), place)

    def write(value: Value) -> bytes:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise Unfit(place, "it is no list")
        return b"[" + b",".join([put(each) for each in value]) + b"]"

    return write


def _text(schema: Schema, place: str) -> Writer:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 1 << 20)
    members = frozenset(schema["enum"]) if "enum" in schema else None
    encode = _quoted_decimal if schema.get("format") == "decimal" else orjson.dumps
    form = _FORMS.get(schema.get("format", ""))

    special = members is not None or form is not None

    def check(value: str) -> None:
        if members is not None and value not in members:
            raise Unfit(place, "it is none of the values of the contract")
        if form is not None and not form.pattern.fullmatch(value):
            raise Unfit(place, form.sentence)

    def write(value: Value) -> bytes:
        if value.__class__ is not str:
            raise Unfit(place, "it is no text")
        if not least <= len(value) <= most:
            raise Unfit(place, f"the contract takes {least} to {most} characters")
        if special:
            check(value)
        try:
            return encode(value)
        except NotDecimal as error:
            raise Unfit(place, error.sentence) from None
        except orjson.JSONEncodeError:
            raise Unfit(place, "it holds half a surrogate pair") from None

    return write


def _quoted_decimal(text: str) -> bytes:
    return b'"%s"' % plain(text).encode("ascii")


def _number(schema: Schema, place: str, *, whole: bool) -> Writer:
    least, most = schema.get("minimum"), schema.get("maximum")

    def write(value: Value) -> bytes:
        try:
            text = plain(value if value.__class__ is str else "")
            number = exact(text)
        except NotDecimal as error:
            raise Unfit(place, error.sentence) from None
        if whole and number != number.to_integral_value():
            raise Unfit(place, "the contract takes whole numbers")
        if (least is not None and number < Decimal(least)) or (most is not None and number > Decimal(most)):
            raise Unfit(place, "it is beyond the contract's bounds")
        return text.partition(".")[0].encode() if whole else text.encode()

    return write


def _boolean(value: Value, place: str) -> bytes:
    if value is True:
        return b"true"
    if value is False:
        return b"false"
    raise Unfit(place, "it is no boolean")


def _canonical_order(member: tuple[str, Schema]) -> bytes:
    return member[0].encode("utf-16-be", "surrogatepass")  # RFC 8785 sorts by UTF-16 units


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
