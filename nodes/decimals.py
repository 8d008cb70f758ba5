"""Decimals as texts, exactly: read strictly, multiplied without rounding, written plainly. No float ever."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

_SHAPE = re.compile(r"[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))")
_PLAIN = re.compile(r"(?:0|-?[1-9]\d{0,17})(?:\.\d{1,12})?")
_MOST_WHOLE, _MOST_FRACTION = 18, 12
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, Overflow])


class NotDecimal(ValueError):
    """A text that is no decimal. The sentence says how it is wrong and never what it says."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def exact(text: str) -> Decimal:
    """The number that ``text`` spells in plain notation; NotDecimal otherwise (1e309, NaN, 1,000.50, 400 digits)."""
    if len(text) > 64:
        raise NotDecimal(f"it is longer than any number here ({_MOST_WHOLE} digits, {_MOST_FRACTION} decimals)")
    match = _SHAPE.fullmatch(text)
    if match is None or not text.isascii():
        raise NotDecimal(_why(text))
    whole, fraction = match[1] or "", match[2] or match[3] or ""
    if len(whole.lstrip("0")) > _MOST_WHOLE or len(fraction) > _MOST_FRACTION:
        raise NotDecimal(f"it has more than {_MOST_WHOLE} digits or {_MOST_FRACTION} decimals")
    return Decimal(text)


def plain(text: str) -> str:
    """The same number as JSON spells it, its trailing zeros kept: ``+07.50`` is ``7.50``."""
    return text if _PLAIN.fullmatch(text) else _written(exact(text))


def product(one: Decimal, other: Decimal) -> str:
    """``one`` times ``other`` to the last digit, without trailing zeros."""
    result = _written(_EXACT.multiply(one, other))
    return result.rstrip("0").rstrip(".") if "." in result else result


def _written(number: Decimal) -> str:
    return format(abs(number) if number.is_zero() else number, "f")


def _why(text: str) -> str:
    if not text.strip():
        return "it is empty"
    if "," in text or " " in text:
        return "it holds a comma or a blank; write digits with one point at most"
    if re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+", text):
        return "it is written with an exponent"
    return "it is no plain number: a sign, digits and one point at most"
