"""Strict JSON: what two programs could read differently is refused with its place. Numbers stay as they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, NoReturn

from flows.fhir import tables

Json = str | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""A JSON value. A number is the text of its digits: no float ever, and 72.50 keeps its zero."""

_BOM = b"\xef\xbb\xbf"
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Unreadable(NamedTuple):
    """Why bytes are no document. ``place`` holds no value."""

    code: str
    place: str


class _Twice(Exception):
    """An object with one name twice."""


class _NotANumber(Exception):
    """NaN or an infinity."""


def read_json(data: bytes) -> Json | Unreadable:
    """The JSON value that ``data`` spells."""
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable("not-utf-8", f"byte {error.start + 1}")
    try:
        value: Json = _DECODER.decode(text)
    except (_Twice, _NotANumber) as error:
        code = "duplicate-name" if isinstance(error, _Twice) else "not-a-number"
        return Unreadable(code, _where(text))
    except RecursionError:
        return Unreadable("too-deep", "document")
    except json.JSONDecodeError as error:
        return Unreadable("not-json", f"line {error.lineno} column {error.colno}")
    return value


def invisible(text: str) -> bool:
    """Whether a text holds a control character or half a surrogate pair."""
    return _INVISIBLE.search(text) is not None


class Link(NamedTuple):
    """A step from a value to what it stands in."""

    above: Link | None
    step: str | int


def place_text(link: Link | None) -> str:
    """``Bundle.entry[3].resource``. A name that no table has is ``?``: it may be a value."""
    names, texts = tables().names | tables().types, []
    while link is not None:
        step = link.step
        texts.append(f"[{step}]" if isinstance(step, int) else f".{step if step in names else '?'}")
        link = link.above
    return "".join(reversed(texts)).removeprefix(".")


def _object(pairs: list[tuple[str, Json]]) -> Mapping[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice
    return made


def _constant(name: str) -> NoReturn:
    raise _NotANumber


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_constant)


class _Pairs(list[tuple[str, Json]]):
    """An object with its names as often as they stand there."""


class _NoNumber(str):
    """Stands where NaN or an infinity was."""


_PLACES = json.JSONDecoder(object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=_NoNumber)


def _where(text: str) -> str:
    """The first name that stands twice, or number that is none; read again, with everything kept."""
    try:
        waiting: list[tuple[Json, Link | None]] = [(_PLACES.decode(text), None)]
    except (RecursionError, json.JSONDecodeError):
        return ""
    while waiting:
        value, link = waiting.pop()
        if isinstance(value, _NoNumber):
            return place_text(link)
        seen: set[str] = set()
        below: list[tuple[Json, Link | None]] = []
        for step, inner in _members(value):
            if isinstance(step, str) and step in seen:
                return place_text(Link(link, step))
            seen.add(str(step)) if isinstance(step, str) else None
            below.append((inner, Link(link, step)))
        waiting.extend(reversed(below))
    return ""


def _members(value: Json) -> Iterator[tuple[str | int, Json]]:
    if isinstance(value, _Pairs):
        yield from value
    elif isinstance(value, list):
        yield from enumerate(value)
