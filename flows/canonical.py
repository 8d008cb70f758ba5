"""Canonical form: one spelling for every document that is signed, and a reader that takes nothing else for granted.

RFC 8785 (JCS) without floats: decimals are strings, integers stay within 2^53, strings are NFC. The strict reader
refuses what JSON parsers commonly let pass: duplicate keys, NaN, huge numbers, lone surrogates, deep nesting.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import unicodedata
from typing import Any, NoReturn

import rfc8785

Json = Any

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
_MAX_INT = 2**53 - 1
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{\]}]', re.DOTALL)
_ONE_BRACKET = bytes.maketrans(b"[]{}", b"()()")
_NO_BRACKET = bytes(set(range(256)) - set(b'[]{}"'))
_BELOW_E000 = bytes(range(0xEE))
_ODD = re.compile("[\ud800-\udfff]")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class NotCanonical(ValueError):
    """A document that cannot be read strictly. ``pointer`` is where (RFC 6901), as far as it is known."""

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(f"{sentence} (at {pointer})" if pointer else sentence)
        self.sentence, self.pointer = sentence, pointer


def loads_strict(data: bytes, *, limit: int = MAX_BYTES, depth: int = MAX_DEPTH) -> Json:
    """The JSON value that ``data`` (UTF-8) spells, or NotCanonical with sentence and place."""
    value = loads_plain(data, limit=limit, depth=depth)
    # Quotation marks join with no mark beside them: texts without escapes are NFC where all of the document is.
    if b"\\u" in data or not (data.isascii() or unicodedata.is_normalized("NFC", data.decode())):
        _refuse_strings(value, "")
    return value


def loads_plain(data: bytes, *, limit: int = MAX_BYTES, depth: int = MAX_DEPTH) -> Json:
    """As ``loads_strict``, for what is not signed: its texts need not be NFC."""
    if len(data) > limit:
        raise NotCanonical(f"The document has {len(data)} bytes; {limit} are allowed.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotCanonical(f"Byte {error.start} is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise NotCanonical("The document starts with a byte order mark: save it as UTF-8 without one.")
    if not _pairs_off(data, depth):
        _refuse_depth(text, depth)
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_constant,
            parse_int=_small_int,
        )
    except json.JSONDecodeError as error:
        raise NotCanonical(f"Not JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from None


def dumps(value: Json) -> bytes:
    """The canonical bytes of ``value``; NotCanonical for what has none (floats, huge integers, not-NFC text)."""
    if _is_simple(value):
        return _spelled(value)
    _refuse_strings(value, "")
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(f"No canonical form: {error}.") from None


def load_canonical(data: bytes, *, limit: int = MAX_BYTES) -> Json:
    """As ``loads_strict``, and the bytes must be the canonical ones: another spelling of the same value is refused."""
    value = loads_strict(data, limit=limit)
    if not (_sorts_as_utf16(data) and _spelled(value) == data) and dumps(value) != data:
        raise NotCanonical("The document is not in canonical form (RFC 8785).")
    return value


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hex: how everything is named by content."""
    return hashlib.sha256(data).hexdigest()


def b64encode(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def b64decode(text: str) -> bytes:
    """The bytes of strict base64: no line breaks, no other alphabet, no loose bits at the end."""
    if not _BASE64.fullmatch(text):
        raise NotCanonical("Not strict base64.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotCanonical("Not strict base64.") from None
    if b64encode(data) != text:
        raise NotCanonical("Not strict base64: bits are left over.")
    return data


def escape_pointer(part: str) -> str:
    """One part of a JSON pointer, escaped (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def _spelled(value: Json) -> bytes:
    """The canonical bytes of a value whose names sort alike either way: as the standard encoder writes it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _sorts_as_utf16(data: bytes) -> bool:
    """Whether no character from U+E000 on stands in UTF-8: below, names sort alike by code point and by UTF-16."""
    return data.isascii() or not data.translate(None, _BELOW_E000)


def _is_simple(value: Json) -> bool:
    """Whether a value holds nothing but ASCII names, texts in NFC, small integers, truth values and nulls."""
    kind = value.__class__
    if kind is str:
        simple: bool = value.isascii() or (_ODD.search(value) is None and unicodedata.is_normalized("NFC", value))
        return simple
    if kind is dict:
        return all(name.__class__ is str and name.isascii() and _is_simple(item) for name, item in value.items())
    if kind is list or kind is tuple:
        return all(_is_simple(item) for item in value)
    return value is None or kind is bool or (kind is int and -_MAX_INT <= value <= _MAX_INT)


def _refuse_depth(text: str, depth: int) -> None:
    """Counts brackets outside strings before the recursive parser sees them."""
    level = 0
    for token in _BRACKETS.finditer(text):
        char = token[0][0]
        if char in "[{":
            level += 1
            if level > depth:
                raise NotCanonical(f"The document is nested deeper than {depth} levels.")
        elif char != '"':
            level -= 1


def _pairs_off(data: bytes, depth: int) -> bool:
    """Whether the brackets outside texts vanish by pairs, from the inside, in ``depth`` rounds. False where that is
    not easily told."""
    if b"\\" in data:
        return False
    brackets = b"".join(data.translate(_ONE_BRACKET, _NO_BRACKET).split(b'"')[::2])
    for _ in range(depth):
        if not brackets:
            break
        brackets = brackets.replace(b"()", b"")
    return not brackets


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise NotCanonical(f"The key '{name[:80]}' stands twice in one object.")
            seen.add(name)
    return result


def _no_float(text: str) -> NoReturn:
    raise NotCanonical("A number with a fraction or an exponent: write decimals as strings.")


def _no_constant(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is not JSON.")


def _small_int(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _MAX_INT:
        raise NotCanonical("An integer beyond 2^53 - 1: write large numbers as strings.")
    if text == "-0":
        raise NotCanonical("-0 is not a number here.")
    return int(text)


def _refuse_strings(value: Json, pointer: str) -> None:
    """Every string, keys included, must be NFC and free of lone surrogates."""
    if isinstance(value, str):
        _refuse_text(value, pointer)
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_text(name, pointer)
            _refuse_strings(item, f"{pointer}/{escape_pointer(name)}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _refuse_strings(item, f"{pointer}/{number}")
    elif isinstance(value, float):
        raise NotCanonical("A float: write decimals as strings.", pointer)


def _refuse_text(text: str, pointer: str) -> None:
    if text.isascii():
        return
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise NotCanonical("A lone surrogate is no text.", pointer)
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical("Text must be in Unicode NFC.", pointer)
