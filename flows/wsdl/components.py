"""The named parts of a contract's schemas: elements, types, groups and attributes by qualified name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flows.wsdl.documents import Contract, Schema
from flows.wsdl.standard import XSD
from flows.wsdl.xmltree import Element, Name

_KINDS = {
    "element": "element",
    "complexType": "type",
    "simpleType": "type",
    "group": "group",
    "attributeGroup": "attributeGroup",
    "attribute": "attribute",
}


class Component(NamedTuple):
    """A named part and the schema that it stands in."""

    element: Element
    schema: Schema


class Components(NamedTuple):
    """All named parts. The first of a name counts."""

    known: Mapping[tuple[str, Name], Component]

    @classmethod
    def of(cls, contract: Contract) -> Components:
        known: dict[tuple[str, Name], Component] = {}
        for schema in contract.schemas:
            for each in schema.root.children:
                kind = _KINDS.get(each.name.local) if each.name.space == XSD else None
                if kind is not None:
                    known.setdefault((kind, Name(schema.target, each.get("name"))), Component(each, schema))
        return cls(known)

    def find(self, kind: str, name: Name, schema: Schema | None = None) -> Component | None:
        """The part of a name. A schema without a namespace that was included finds the parts of the one around it."""
        found = self.known.get((kind, name))
        if found is None and not name.space and schema is not None:
            found = self.known.get((kind, Name(schema.target, name.local)))
        return found
