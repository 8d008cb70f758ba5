"""Simple types of XML Schema as the few keywords that a contract is checked by."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flows.wsdl.components import Components
from flows.wsdl.documents import Schema
from flows.wsdl.standard import ENCODING, XSD
from flows.wsdl.xmltree import Element, Name

Json = Any
_TEXT: dict[str, Json] = {"type": "string"}
_NUMBER: dict[str, Json] = {"type": "string", "format": "decimal"}
_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 65535),
    "unsignedByte": (0, 255),
}
_FORMATS = {"dateTime": "xsd-date-time", "date": "xsd-date", "time": "xsd-time"}
_DEEPEST = 16
_COUNT = re.compile(r"\d{1,9}")


def builtin(local: str) -> dict[str, Json]:
    """A type of XML Schema itself."""
    if local in _INTEGERS:
        least, most = _INTEGERS[local]
        bounds = {"minimum": least, "maximum": most}
        return {"type": "integer", **{key: value for key, value in bounds.items() if value is not None}}
    if local == "boolean":
        return {"type": "boolean"}
    if local in ("decimal", "float", "double"):
        return dict(_NUMBER)
    return {"type": "string", "format": _FORMATS[local]} if local in _FORMATS else dict(_TEXT)


def simple(components: Components, name: Name, schema: Schema, depth: int = 0) -> dict[str, Json] | None:
    """The simple type of a name; None where it is none, or not known."""
    if name.space in (XSD, ENCODING):
        return builtin(name.local)
    found = components.find("type", name, schema)
    if found is None or found.element.name.local != "simpleType" or depth > _DEEPEST:
        return None
    return inline(components, found.element, found.schema, depth + 1)


def inline(components: Components, element: Element, schema: Schema, depth: int = 0) -> dict[str, Json]:
    """The simple type that an ``xsd:simpleType`` spells."""
    restriction = element.one(XSD, "restriction")
    if restriction is None:  # a list or a union: a text with blanks, or one of several kinds
        return dict(_TEXT)
    inner = restriction.one(XSD, "simpleType")
    if inner is not None:
        base: dict[str, Json] | None = inline(components, inner, schema, depth + 1) if depth < _DEEPEST else None
    else:
        base = simple(components, restriction.qualified(restriction.get("base")), schema, depth)
    return narrowed(dict(_TEXT) if base is None else base, restriction)


def narrowed(base: dict[str, Json], restriction: Element) -> dict[str, Json]:
    """``base`` with the facets of a restriction that are checked here; the schema itself checks the rest."""
    made = dict(base)
    values = [each.get("value") for each in restriction.all(XSD, "enumeration")]
    if values and made["type"] == "string" and "format" not in made:
        made["enum"] = values
    for each in restriction.all(XSD, "minLength", "maxLength", "length", "minInclusive", "maxInclusive"):
        _narrow(made, each.name.local, each.get("value").strip())
    return made


def _narrow(made: dict[str, Json], facet: str, value: str) -> None:
    if made["type"] == "string" and "format" not in made and _COUNT.fullmatch(value):
        if facet in ("minLength", "length"):
            made["minLength"] = int(value)
        if facet in ("maxLength", "length"):
            made["maxLength"] = int(value)
    if made["type"] == "integer" and facet.endswith("Inclusive"):
        try:
            bound = int(Decimal(value))
        except (InvalidOperation, ValueError, OverflowError):
            return
        made["minimum" if facet == "minInclusive" else "maximum"] = bound
