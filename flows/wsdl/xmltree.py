"""XML as a small tree, read with the interpreter's own expat: no document type, no entity, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat

MAX_BYTES = 16 << 20
MAX_DEPTH = 128
MAX_ELEMENTS = 500_000


class NotXml(ValueError):
    """Bytes that are no XML of the kind that is read here; the sentence says why and where."""


class Name(NamedTuple):
    """A qualified name; ``space`` is "" where it is in no namespace."""

    space: str
    local: str


class Element:
    """One element: its name, attributes (namespaced ones as ``{space}local``), children, and the prefixes in force."""

    __slots__ = ("attributes", "children", "line", "name", "scope")

    def __init__(self, name: Name, attributes: Mapping[str, str], scope: Mapping[str, str], line: int) -> None:
        self.name, self.attributes, self.scope, self.line = name, attributes, scope, line
        self.children: list[Element] = []

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def all(self, space: str, *locals_: str) -> Iterator[Element]:
        """Its children of these names, in order."""
        return (child for child in self.children if child.name.space == space and child.name.local in locals_)

    def one(self, space: str, *locals_: str) -> Element | None:
        return next(self.all(space, *locals_), None)

    def qualified(self, text: str) -> Name:
        """What the prefixed name ``text`` means here."""
        prefix, colon, local = text.strip().rpartition(":")
        if colon and prefix not in self.scope:
            raise NotXml(f"the prefix of '{text[:80]}' in line {self.line} is not declared")
        return Name(self.scope.get(prefix, ""), local)


def read(data: bytes) -> Element:
    """The root of the document that ``data`` spells, or NotXml."""
    if len(data) > MAX_BYTES:
        raise NotXml(f"it has {len(data)} bytes; {MAX_BYTES} are allowed")
    return _Reader().read(data)


class _Reader:
    def __init__(self) -> None:
        self._root: Element | None = None
        self._open: list[Element] = []
        self._scopes: list[Mapping[str, str]] = [{"xml": "http://www.w3.org/XML/1998/namespace"}]
        self._declared: dict[str, str] = {}
        self._count = 0

    def read(self, data: bytes) -> Element:
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise NotXml(f"it is no well-formed XML: {expat.ErrorString(error.code)} in line {error.lineno}") from None
        except (LookupError, ValueError) as error:
            if isinstance(error, NotXml):
                raise
            raise NotXml("its encoding is none that is read here; save it as UTF-8") from None
        assert self._root is not None  # noqa: S101 - expat refuses a document without an element
        return self._root

    def _doctype(self, *_: object) -> None:
        raise NotXml("it has a document type declaration, which is not read; remove it")

    def _declare(self, prefix: str | None, space: str | None) -> None:
        self._declared[prefix or ""] = space or ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise NotXml(f"it is nested deeper than {MAX_DEPTH} or has more than {MAX_ELEMENTS} elements")
        scope = self._scopes[-1]
        if self._declared:
            scope, self._declared = {**scope, **self._declared}, {}
        self._scopes.append(scope)
        named = {_attribute(key): value for key, value in attributes.items()}
        element = Element(_name(name), named, scope, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()
        self._scopes.pop()


def _name(text: str) -> Name:
    space, _, local = text.rpartition(" ")
    return Name(space, local)


def _attribute(text: str) -> str:
    space, _, local = text.rpartition(" ")
    return f"{{{space}}}{local}" if space else local
