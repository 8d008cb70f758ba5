"""The published FHIR structures as fhir.resources has them (R4B: for the resources that are ruled, the same as R4)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from fhir.resources import R4B

_COMPLEX = re.compile(r"abc\.(\w+)Type\b")
_PRIMITIVE = re.compile(r"\b(Base64Binary|[A-Z]\w+)\(|types\.(Xhtml)\b")
_CODED = "EncodedBytes"
_EVERYWHERE = frozenset({"id", "extension", "modifierExtension"})
_OF_RESOURCES = frozenset({"contained"})


class Element(NamedTuple):
    """One element as published. A choice (``occurrence[x]``) is an element for each of its types."""

    name: str
    datatype: str
    repeats: bool
    backbone: bool


def elements(name: str) -> list[Element]:
    """The elements of a resource, a backbone or a datatype, without what every element has."""
    return [each for each in _elements(name) if each.name not in _EVERYWHERE | _OF_RESOURCES]


def is_datatype(name: str) -> bool:
    """Whether a type has elements of its own."""
    return name in _models()


def names() -> list[str]:
    """The name of every element of every type: what may stand in an answer without telling a value."""
    every = {each.name for name in _models() for each in _elements(name)}
    return sorted(every | {"resourceType"})


@cache
def _elements(name: str) -> list[Element]:
    found = []
    for attribute, field in _models()[name].model_fields.items():
        if not (field.json_schema_extra or {}).get("element_property"):
            continue
        text = str(field.annotation)
        datatype = _datatype(text)
        backbone = datatype.startswith(name) and datatype != name and not _is_general(datatype)
        found.append(Element(field.alias or attribute, datatype, "List[" in text, backbone or _shared(name, datatype)))
    return found


def _datatype(text: str) -> str:
    complex_ = _COMPLEX.search(text)
    if complex_:
        return complex_[1]
    if "bool" in text:
        return "boolean"
    for match in _PRIMITIVE.finditer(text):
        found = match[1] or match[2]
        if found not in (_CODED, "Optional"):
            return found[0].lower() + found[1:]
    raise LookupError(f"{text} is no type that is known here")


def _is_general(datatype: str) -> bool:
    """Whether a type stands in a module of its own, and so belongs to no one resource."""
    return datatype.lower() in _modules()


def _shared(owner: str, datatype: str) -> bool:
    """``Bundle.entry.link`` is a ``BundleLink``: a backbone that two backbones of one resource share."""
    model = _models().get(datatype)
    return model is not None and model.__module__ == _models()[owner].__module__ and not _is_general(datatype)


@cache
def _modules() -> frozenset[str]:
    return frozenset(found.name for found in pkgutil.iter_modules(R4B.__path__))


@cache
def _models() -> dict[str, Any]:
    """Every type by its name in FHIR."""
    return dict(_found())


def _found() -> Iterator[tuple[str, Any]]:
    for name in sorted(_modules()):
        module = importlib.import_module(f"{R4B.__name__}.{name}")
        for member in vars(module).values():
            if isinstance(member, type) and member.__module__ == module.__name__ and hasattr(member, "model_fields"):
                yield member.__name__, member
