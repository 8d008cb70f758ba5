"""What an element of a schema holds, as the reduced JSON Schema that every contract is reduced to.

Names become record names: the first letter small, other signs than letters and digits an underscore. ``xml`` keeps the
name as it is written. What cannot be filled by name (open content, repeated groups) is left out; where it is required,
the shape says so as a problem.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from flows.wsdl.components import Components
from flows.wsdl.documents import Schema
from flows.wsdl.simple import inline, narrowed, simple
from flows.wsdl.standard import XSD
from flows.wsdl.xmltree import Element, Name

Json = Any
DEEPEST = 16
MOST_TYPES = 2_000
"""Types that are opened up for one operation."""
_GROUPS = ("sequence", "all", "choice", "group")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]")
_VALUE = "_value_1"  # what zeep calls the text of an element that has attributes


class Member(NamedTuple):
    """One child or attribute. ``xml`` is its name for the library that writes the XML."""

    xml: str
    schema: dict[str, Json]
    required: bool
    attribute: bool = False


class TooLarge(Exception):
    """What an operation holds has no end within reason."""


class Shape(NamedTuple):
    """The schema of an element, and why its required content cannot be filled ("" where it can)."""

    schema: dict[str, Json]
    problem: str = ""


def record_name(text: str) -> str:
    """The name of a record's field for an element or attribute."""
    name = _NOT_PLAIN.sub("_", text).lstrip("_") or "x"
    return name[:1].lower() + name[1:] if name[0].isalpha() else f"n{name}"


def of_element(components: Components, name: Name) -> tuple[Element, Schema] | None:
    """A global element."""
    found = components.find("element", name)
    return (found.element, found.schema) if found else None


class Shapes:
    """Makes shapes out of one contract's components; each named type once."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._types: dict[Name, Shape] = {}
        self._open: list[Name] = []
        self._cut = False
        self._made = 0

    def begin(self) -> None:
        """The next operation: it may be as large as any."""
        self._made = 0

    def element(self, element: Element, schema: Schema) -> Shape:
        """What an element holds: of its named type, or of the type inside it."""
        made = self._element(element, schema)
        if element.get("nillable") in ("true", "1"):
            made.schema["nullable"] = True
        return made

    def type(self, name: Name, schema: Schema) -> Shape:
        """What a named type holds."""
        plain = simple(self._components, name, schema)
        if plain is not None:
            return Shape(plain)
        found = self._components.find("type", name, schema)
        if found is None:
            return Shape({"type": "string"}, f"its type '{name.local[:80]}' stands in none of the contract's files")
        if name in self._types:
            known = self._types[name]
            return Shape(dict(known.schema), known.problem)
        if name in self._open or len(self._open) >= DEEPEST:
            self._cut = True
            return Shape({"type": "object", "properties": {}, "required": []}, "it holds itself, without an end")
        return self._named(name, found.element, found.schema)

    def _named(self, name: Name, element: Element, schema: Schema) -> Shape:
        before, self._cut = self._cut, False
        self._open.append(name)
        made = self.complex(element, schema)
        self._open.pop()
        if not self._cut or not self._open:
            self._types[name] = made  # one that was cut short hangs on where it stood
        self._cut = self._cut or before
        return Shape(dict(made.schema), made.problem)

    def complex(self, element: Element, schema: Schema) -> Shape:
        """What an ``xsd:complexType`` spells."""
        self._made += 1
        if self._made > MOST_TYPES:
            raise TooLarge
        if element.get("abstract") in ("true", "1"):
            return Shape({"type": "object", "properties": {}, "required": []}, "its type is abstract")
        content = _Content(self, self._components)
        content.of(element, schema)
        return content.shape()

    def _element(self, element: Element, schema: Schema) -> Shape:
        if element.get("type"):
            return self.type(element.qualified(element.get("type")), schema)
        inside = element.one(XSD, "simpleType", "complexType")
        if inside is None:
            return Shape({"type": "string"})  # any type: a text
        if inside.name.local == "simpleType":
            return Shape(inline(self._components, inside, schema))
        if len(self._open) >= DEEPEST:
            self._cut = True
            return Shape({"type": "object", "properties": {}, "required": []}, "it is nested too deeply")
        self._open.append(Name("", f"{schema.path}#{inside.line}"))
        made = self.complex(inside, schema)
        self._open.pop()
        return made


class _Content:
    """The members of one complex type, base types first."""

    def __init__(self, shapes: Shapes, components: Components) -> None:
        self._shapes, self._components = shapes, components
        self._members: list[Member] = []
        self._problem = ""
        self._depth = 0

    def shape(self) -> Shape:
        children = {member.xml for member in self._members if not member.attribute}
        properties: dict[str, Json] = {}
        required = []
        for member in self._members:
            xml = f"attr__{member.xml}" if member.attribute and member.xml in children else member.xml
            name = _free(record_name("value" if xml == _VALUE else xml), properties)
            properties[name] = {**member.schema, "xml": xml}
            if member.required:
                required.append(name)
        return Shape({"type": "object", "properties": properties, "required": required}, self._problem)

    def of(self, element: Element, schema: Schema) -> None:
        complex_, plain = element.one(XSD, "complexContent"), element.one(XSD, "simpleContent")
        if plain is not None:
            self._text(plain, schema)
        elif complex_ is not None:
            self._derived(complex_, schema)
        else:
            self._own(element, schema, required=True)

    def _derived(self, content: Element, schema: Schema) -> None:
        """An extension holds what its base holds and more; a restriction spells out what is left."""
        derivation = content.one(XSD, "extension", "restriction")
        if derivation is None:
            return
        base = derivation.qualified(derivation.get("base"))
        if derivation.name.local == "extension" and base.space != XSD:
            self._base(base, schema)
        self._own(derivation, schema, required=True)

    def _base(self, name: Name, schema: Schema) -> None:
        found = self._components.find("type", name, schema)
        self._depth += 1
        if found is None or self._depth > DEEPEST:
            self._trouble(f"its base '{name.local[:80]}' stands in none of the contract's files")
        elif found.element.name.local == "complexType":
            self.of(found.element, found.schema)

    def _text(self, content: Element, schema: Schema) -> None:
        """Text with attributes."""
        derivation = content.one(XSD, "extension", "restriction")
        if derivation is None:
            return
        base = derivation.qualified(derivation.get("base"))
        plain = simple(self._components, base, schema)
        if plain is None:
            self._base(base, schema)
        else:
            self._add(Member(_VALUE, plain, required=True))
        if derivation.name.local == "restriction":
            self._members = [
                each._replace(schema=narrowed(each.schema, derivation)) if each.xml == _VALUE else each
                for each in self._members
            ]
        self._attributes(derivation, schema)

    def _own(self, element: Element, schema: Schema, *, required: bool) -> None:
        for group in element.all(XSD, *_GROUPS):
            self._group(group, schema, required=required)
        self._attributes(element, schema)

    def _group(self, group: Element, schema: Schema, *, required: bool) -> None:
        needed = required and group.get("minOccurs", "1") != "0"
        if group.name.local == "group":
            self._referred(group, schema, required=needed)
            return
        particles = list(group.all(XSD, "element", "any", *_GROUPS))
        if group.get("maxOccurs", "1") not in ("0", "1"):
            if needed and particles:
                self._trouble(f"it needs a repeated {group.name.local}, whose parts have no names of their own")
            return
        alternative = group.name.local == "choice" and len(particles) > 1
        for each in particles:
            self._particle(each, schema, required=needed and not alternative)

    def _particle(self, each: Element, schema: Schema, *, required: bool) -> None:
        if each.name.local in _GROUPS:
            self._group(each, schema, required=required)
        elif each.name.local == "element":
            self._child(each, schema, required=required)

    def _referred(self, group: Element, schema: Schema, *, required: bool) -> None:
        if not group.get("ref"):
            self._own(group, schema, required=required)
            return
        name = group.qualified(group.get("ref"))
        found = self._components.find("group", name, schema)
        self._depth += 1
        if found is None or self._depth > DEEPEST:
            self._trouble(f"its group '{name.local[:80]}' stands in none of the contract's files, or holds itself")
        elif group.get("maxOccurs", "1") in ("0", "1"):
            for each in found.element.all(XSD, *_GROUPS):
                self._group(each, found.schema, required=required)
        elif required:
            self._trouble(f"it needs the group '{name.local[:80]}' repeatedly, whose parts have no names of their own")

    def _child(self, element: Element, schema: Schema, *, required: bool) -> None:
        needed = required and element.get("minOccurs", "1") != "0"
        most = element.get("maxOccurs", "1")
        if most == "0":
            return
        name = element.get("name")
        if element.get("ref"):
            qualified = element.qualified(element.get("ref"))
            found = self._components.find("element", qualified, schema)
            if found is None:
                self._left_out(qualified.local, "it stands in none of the contract's files", needed)
                return
            element, schema, name = found.element, found.schema, qualified.local
        if element.get("abstract") in ("true", "1"):
            self._left_out(name, "it is abstract", needed)
            return
        made = self._shapes.element(element, schema)
        if made.problem and not needed:
            if not made.schema.get("properties"):
                return
        elif made.problem:
            self._trouble(f"'{name[:80]}': {made.problem}")
        inner = made.schema if most == "1" else {"type": "array", "items": made.schema}
        self._add(Member(name, inner, needed))

    def _left_out(self, name: str, why: str, needed: bool) -> None:
        if needed:
            self._trouble(f"'{name[:80]}': {why}")

    def _attributes(self, element: Element, schema: Schema) -> None:
        for each in element.all(XSD, "attribute", "attributeGroup"):
            if each.name.local == "attribute":
                self._attribute(each, schema)
            elif each.get("ref"):
                name = each.qualified(each.get("ref"))
                found = self._components.find("attributeGroup", name, schema)
                self._depth += 1
                if found is not None and self._depth <= DEEPEST:
                    self._attributes(found.element, found.schema)

    def _attribute(self, each: Element, schema: Schema) -> None:
        use, name = each.get("use", "optional"), each.get("name")
        if each.get("ref"):
            qualified = each.qualified(each.get("ref"))
            found = self._components.find("attribute", qualified, schema)
            name = qualified.local
            if found is not None:
                each, schema = found.element, found.schema
        inside = each.one(XSD, "simpleType")
        if inside is not None:
            plain: dict[str, Json] | None = inline(self._components, inside, schema)
        else:
            plain = simple(self._components, each.qualified(each.get("type")), schema) if each.get("type") else None
        if use != "prohibited":
            self._add(Member(name, plain or {"type": "string"}, use == "required", attribute=True))

    def _add(self, member: Member) -> None:
        if any(each.xml == member.xml and each.attribute == member.attribute for each in self._members):
            return  # the same name in two branches of a choice, or again in a restriction
        self._members.append(member)

    def _trouble(self, problem: str) -> None:
        self._problem = self._problem or problem


def _free(name: str, taken: dict[str, Json]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
