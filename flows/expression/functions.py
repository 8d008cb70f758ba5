"""The functions of expressions: total, exact, without clock or locale. Texts in, text out; ABSENT when they cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import reduce
from types import MappingProxyType
from typing import Literal, NamedTuple

from flows.values import ABSENT, Absent

Kind = Literal["text", "decimal", "boolean"]
Result = str | Absent

_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{0,12})?|[+-]?\.[0-9]{1,12}")
_HL7_TIME = re.compile(
    r"(?P<Y>[0-9]{4})(?:(?P<M>[0-9]{2})(?:(?P<D>[0-9]{2})"
    r"(?:(?P<h>[0-9]{2})(?P<m>[0-9]{2})(?:(?P<s>[0-9]{2})(?P<f>\.[0-9]{1,4})?)?)?)?)?(?P<z>[+-][0-9]{4})?"
)
_EXACT = Context(prec=60)
_MAX_TEXT = 100_000


class Function(NamedTuple):
    """``takes`` says what each argument is (the last holds for all further ones)."""

    name: str
    title: str
    takes: tuple[Kind, ...]
    gives: Kind
    least: int
    most: int
    run: Callable[..., Result]
    absent_ok: bool = False
    """It is asked even when an argument is ABSENT."""


def decimal(text: str) -> Decimal | None:
    """The decimal that ``text`` spells (no exponent, no thousands), or None."""
    if not _DECIMAL.fullmatch(text.strip()):
        return None
    return Decimal(text.strip())


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _numbers(compute: Callable[..., Decimal]) -> Callable[..., Result]:
    def run(*texts: str) -> Result:
        values = [decimal(text) for text in texts]
        known = [value for value in values if value is not None]
        if len(known) != len(values):
            return ABSENT
        try:
            result = compute(*known)
        except (InvalidOperation, ZeroDivisionError):
            return ABSENT
        return plain(result) if result.is_finite() and abs(result) < 10**30 else ABSENT

    return run


def _divide(a: Decimal, b: Decimal) -> Decimal:
    return _EXACT.divide(a, b).quantize(Decimal("1e-12"), ROUND_HALF_EVEN, _EXACT)


def _round(value: Decimal, places: Decimal) -> Decimal:
    digits = max(0, min(12, int(places)))
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN, _EXACT)


def _count(text: str) -> int:
    value = decimal(text)
    return max(0, min(_MAX_TEXT, int(value))) if value is not None else 0


def _substring(text: str, start: str, length: str = str(_MAX_TEXT)) -> Result:
    first = max(1, _count(start)) - 1
    return text[first : first + _count(length)]


def _pad(text: str, length: str, fill: str) -> Result:
    return text.rjust(min(_count(length), 1000), fill[0]) if fill else ABSENT


def _part(text: str, separator: str, number: str) -> Result:
    pieces = text.split(separator) if separator else [text]
    at = _count(number)
    return pieces[at - 1] if 1 <= at <= len(pieces) else ABSENT


def _iso_time(text: str) -> Result:
    """HL7 time to ISO 8601, with the precision and the zone that it has."""
    match = _HL7_TIME.fullmatch(text.strip())
    if not match:
        return ABSENT
    found = match.groupdict()
    day = "-".join(found[part] for part in "YMD" if found[part])
    clock = ":".join(found[part] for part in "hms" if found[part]) + (found["f"] or "")
    zone = f"{found['z'][:3]}:{found['z'][3:]}" if found["z"] and clock else ""
    return f"{day}T{clock}{zone}" if clock else day


def _iso_date(text: str) -> Result:
    iso = _iso_time(text)
    return iso if isinstance(iso, Absent) else iso[:10]


def _translate(text: str, *pairs: str) -> Result:
    table = dict(zip(pairs[::2], pairs[1::2], strict=False))
    return table.get(text, ABSENT)


def _first(*texts: str) -> Result:
    return next((text for text in texts if not isinstance(text, Absent) and text), ABSENT)


def _replace(text: str, old: str, new: str) -> Result:
    return text.replace(old, new)[:_MAX_TEXT] if old else text


_ALL = (
    Function("concat", "one after the other", ("text",), "text", 1, 32, lambda *texts: "".join(texts)[:_MAX_TEXT]),
    Function("first", "the first that has a value", ("text",), "text", 1, 32, _first, absent_ok=True),
    Function("upper", "in upper case", ("text",), "text", 1, 1, lambda text: text.upper()),
    Function("lower", "in lower case", ("text",), "text", 1, 1, lambda text: text.lower()),
    Function("trim", "without space at both ends", ("text",), "text", 1, 1, lambda text: text.strip()),
    Function(
        "substring", "from a position (1 is the first), as long as said", ("text", "decimal"), "text", 2, 3, _substring
    ),
    Function("pad", "filled up on the left to a length", ("text", "decimal", "text"), "text", 3, 3, _pad),
    Function("part", "the n-th piece between separators", ("text", "text", "decimal"), "text", 3, 3, _part),
    Function("replace", "with one text in place of another", ("text",), "text", 3, 3, _replace),
    Function(
        "without-leading-zeros", "without zeros in front", ("text",), "text", 1, 1, lambda text: text.lstrip("0") or "0"
    ),
    Function("length", "the number of characters", ("text",), "decimal", 1, 1, lambda text: str(len(text))),
    Function("translate", "by a small table: value, then pairs", ("text",), "text", 3, 32, _translate),
    Function("iso-time", "an HL7 time as ISO 8601", ("text",), "text", 1, 1, _iso_time),
    Function("iso-date", "the date of an HL7 time as ISO 8601", ("text",), "text", 1, 1, _iso_date),
    Function("add", "the sum", ("decimal",), "decimal", 2, 32, _numbers(lambda *n: reduce(_EXACT.add, n))),
    Function("subtract", "the difference", ("decimal",), "decimal", 2, 2, _numbers(_EXACT.subtract)),
    Function("multiply", "the product", ("decimal",), "decimal", 2, 2, _numbers(_EXACT.multiply)),
    Function("divide", "the quotient to 12 places", ("decimal",), "decimal", 2, 2, _numbers(_divide)),
    Function("round", "rounded half to even to so many places", ("decimal",), "decimal", 2, 2, _numbers(_round)),
    Function("absolute", "without its sign", ("decimal",), "decimal", 1, 1, _numbers(_EXACT.abs)),
    Function("smallest", "the smallest", ("decimal",), "decimal", 1, 32, _numbers(lambda *n: min(n))),
    Function("largest", "the largest", ("decimal",), "decimal", 1, 32, _numbers(lambda *n: max(n))),
)
FUNCTIONS: Mapping[str, Function] = MappingProxyType({each.name: each for each in _ALL})
